"""A process without automatic differentiation: torch's autograd kernels fall through.

Predictions are made where autograd does not exist, so that nothing has to be found out about how an answer
was made. Each operator of ``aten`` has one kernel under the dispatch key ``Autograd`` (an alias of
``AutogradCPU``, ``AutogradMeta`` and the rest): it records the backward graph, or the tangent of forward
mode, and then calls the kernel that computes the numbers. Here it is replaced by a fallthrough, which does
nothing but go on to the numbers. What remains of autograd has nothing to work on: ``backward``,
``torch.autograd.grad``, ``torch.func``, dual numbers and the tapes of ``make_fx`` find no graph.

A student's own ``autograd.Function`` still runs: its ``backward`` is arithmetic of their own. So are complex
and dual numbers, and ``aten``'s own ``…_backward`` operators, written out by hand: a derivation, like any
formula.

TorchScript differentiates by formulas of its own, beside the kernels. Its compiler's switches are taken
away, and ``torch.jit.script`` leaves a function as it is.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import torch

_KEYS: Final = ("Autograd", "AutogradNestedTensor")
"""Where ``aten`` has autograd kernels; the second has some twenty of its own."""
_SCRIPT: Final = (
    "_jit_", "_create_function_from", "_create_graph", "_debug_set_autodiff", "_set_graph_executor",
    "import_ir_module", "_import_ir_module", "parse_ir", "_ivalue_",
)  # fmt: skip
"""How names of torch's native module begin that build, transform or switch TorchScript."""
_KEPT: Final = frozenset(
    {"_jit_get_operation", "_jit_get_schemas_for_operator", "_jit_resolve_packet", "_jit_get_all_schemas"}
)
"""Of these, what ``torch.ops`` finds an operator with."""
_COMPILED: Final = (
    "CompilationUnit", "ScriptFunction", "ScriptMethod", "ScriptModule", "GraphExecutorState", "Gradient",
)  # fmt: skip
"""The classes of compiled TorchScript."""


def remove() -> int:
    """Take autograd out of this process, for good; how many kernels fall through now (0.07 s)."""
    native: Any = torch._C
    fallthrough = torch.library.fallthrough_kernel
    count = 0
    names = [name for name in native._dispatch_get_all_op_names() if name.startswith("aten::")]
    for key in _KEYS:
        library = native._dispatch_library("IMPL", "aten", key, __file__, 0)
        for name in names:
            if native._dispatch_has_kernel_for_dispatch_key(name, key):
                library.impl(name.removeprefix("aten::"), key, fallthrough)
                count += 1
        # As long as this object lives, the kernels are gone. No name leads to it, and it lives for ever.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))
    _remove_script(native)
    return count


def _remove_script(native: Any) -> None:
    torch.jit.script = torch.jit.trace = _as_it_is  # type: ignore[assignment]
    for name in list(vars(native)):
        if name.startswith(_SCRIPT) and name not in _KEPT:
            delattr(native, name)
    for name in _COMPILED:
        kind = vars(native).get(name)
        for attribute, value in list(vars(kind).items()) if isinstance(kind, type) else ():
            if callable(value) and attribute not in ("__init__", "__new__"):
                delattr(kind, attribute)


def _as_it_is(function: Any, *_: object, **__: object) -> Any:
    """In place of ``torch.jit.script`` and ``torch.jit.trace``."""
    return function
