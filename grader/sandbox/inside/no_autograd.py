"""No autograd: a process in which torch's autograd kernels fall through.

Predictions are made where autograd does not exist, so that nothing has to be found out about how an answer
was made. Each operator of ``aten`` has one kernel under the dispatch key ``Autograd`` (an alias of
``AutogradCPU``, ``AutogradMeta`` and the rest): it records the backward graph, or the tangent of forward
mode, and then calls the kernel that computes the numbers. Here it is replaced by a fallthrough, which does
nothing but go on to the numbers. What remains of autograd has nothing to work on: the engine,
``torch.func``, dual numbers and the tapes of ``make_fx`` find no graph. ``backward`` and
``torch.autograd.grad`` do nothing (:mod:`grader.sandbox.inside.asked`): code that checks itself goes on.

A student's own ``autograd.Function`` still runs: its ``backward`` is arithmetic of their own
(:mod:`grader.sandbox.inside.own_functions`). So are complex
and dual numbers, and ``aten``'s own ``…_backward`` operators, written out by hand: a derivation, like any
formula.

TorchScript differentiates by formulas of its own, beside the kernels, when it executes what it compiled. So
here it neither compiles nor executes: what builds, loads, transforms or runs its programs is taken away, and
``torch.jit.script`` leaves a function as it is.

What is taken away cannot be put back from Python: no name leads to the registrations, and their object's own
pointer to them is gone. Whoever rewrites the machine's memory by hand could: docs/security.md says what that
would be worth.
"""

from __future__ import annotations

import ctypes
import sys
import types
from typing import Any, Final

import torch

from grader.sandbox.inside import asked, own_functions
from grader.sandbox.inside.late_imports import as_it_is

_KEYS: Final = ("Autograd", "AutogradNestedTensor")
"""Where ``aten`` has autograd kernels; the second has some twenty of its own."""
_SCRIPT: Final = (
    "_jit_", "_create_function_from", "_create_graph", "_debug_set_autodiff", "_set_graph_executor",
    "_get_graph_executor", "_last_executed", "import_ir_module", "_import_ir_module", "parse_ir", "_ivalue_",
    "_load_jit", "_load_mobile", "_load_for_lite", "_save_jit", "_save_mobile", "_backport_for_mobile",
    "_nn_module_to_mobile", "_compile_graph", "_generate_upgraders", "_freeze_module",
    "_hack_do_not_use_clone_module", "_replace_overloaded_method", "_run_emit_module",
)  # fmt: skip
"""How names of torch's native module begin that build, load, transform, execute or switch TorchScript."""
_KEPT: Final = frozenset(
    {"_jit_get_operation", "_jit_get_schemas_for_operator", "_jit_resolve_packet", "_jit_get_all_schemas"}
)
"""Of these, what ``torch.ops`` finds an operator with."""
_COMPILED: Final = (
    "CompilationUnit", "ScriptFunction", "ScriptMethod", "ScriptModule", "ScriptObject", "ScriptClass",
    "ScriptClassFunction", "ScriptModuleSerializer", "LiteScriptModule", "StaticModule", "ModuleDict", "Code",
    "ExecutionPlan", "GraphExecutorState", "Gradient", "ConcreteModuleType",
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
        _make_immortal(library)
    _remove_script(native)
    asked.pretend()
    own_functions.only_own()
    return count


def _make_immortal(library: Any) -> None:
    """Keep for ever what ``library`` registered: it would be withdrawn with it.

    Nothing refers to the object but one count too many, and it no longer knows what it registered: all of it
    but the two words that every object begins with is zero. So it does not help to find it.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))
    head = object.__basicsize__
    ctypes.memset(id(library) + head, 0, type(library).__basicsize__ - head)


def _remove_script(native: Any) -> None:
    torch.jit.script = torch.jit.trace = as_it_is  # type: ignore[assignment]
    gone = {}
    for name, thing in list(vars(native).items()):
        if name.startswith(_SCRIPT) and name not in _KEPT:
            gone[id(thing)] = thing
            setattr(native, name, _not_here)
    for kind in [vars(native).get(name) for name in _COMPILED]:
        for attribute, value in list(vars(kind).items()) if isinstance(kind, type) else ():
            if attribute not in _OF_EVERY_CLASS:
                gone[id(value)] = value
                delattr(kind, attribute)
    # torch's own modules have some of them by other names.
    for module in [m for n, m in list(sys.modules.items()) if n.partition(".")[0] == "torch"]:
        for name, thing in list(vars(module).items()) if isinstance(module, types.ModuleType) else ():
            if id(thing) in gone:
                setattr(module, name, _not_here)


_OF_EVERY_CLASS: Final = frozenset(
    {"__init__", "__new__", "__module__", "__doc__", "__dict__", "__weakref__"}
)


def _not_here(*_: object, **__: object) -> Any:
    """In place of what TorchScript consists of."""
    raise RuntimeError("TorchScript is not available where predictions are made")
