"""Doors to autograd, tried where predictions are made: behind each, the derivative must not be.

Each door is first shown to be one: where autograd exists it yields the derivative of ``f``, unless it says
that it is none there either. Then it is tried where the kernels are gone.
"""

# ruff: noqa: E501 - attacks are one-liners, as they are handed in

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.model.exercise import Limits
from grader.model.job import Call, Job
from grader.model.observation import Returned
from grader.model.values import Sequence
from grader.sandbox.pool import Pool
from tests.sandbox.jobs import array, job, plain

from .bench import Range

F = """
import sys, torch
def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x
def ask(x):
    x = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(f(x).sum(), x)[0]
def leaf(x):
    return x.detach().clone().requires_grad_(True)
def back(y, x):
    return torch.autograd.grad(y.sum(), x)[0]
"""
LONG = Limits(case_seconds=60.0, total_seconds=120.0)
"""Some of what is imported here takes seconds."""
AT = np.array([0.5, -1.2, 2.2])
RIGHT = 2 / AT * np.sin(AT) + np.log(AT**2) * np.cos(AT) - 1 / AT**2

DOORS = {
    # By the front door, and by every name of it.
    "grad": "grad_f = ask",
    "backward": "def grad_f(x):\n l = leaf(x); f(l).sum().backward(); return l.grad",
    "enabled again": "def grad_f(x):\n with torch.enable_grad(), torch.inference_mode(False): return ask(x)",
    "node by node": "def grad_f(x):\n l = leaf(x); y = f(l); n, g = y.grad_fn, torch.ones_like(y)\n return torch.autograd.grad(y, l, g)[0] if n(g) else None",
    "an optimizer": "def grad_f(x):\n p = torch.nn.Parameter(x.clone()); o = torch.optim.SGD([p], lr=1.0)\n f(p).sum().backward(); o.step(); return x - p.detach()",
    "checkpoint": "from torch.utils.checkpoint import checkpoint\ndef grad_f(x):\n l = leaf(x); y = checkpoint(f, l, use_reentrant=False); y.sum().backward(); return l.grad",
    # LRN with alpha 0 is x / k: its derivative is one.
    "a Function of torch's": "def grad_f(x):\n l = leaf(x); y = torch.nn.CrossMapLRN2d(3, alpha=0.0, beta=1.0)(l.reshape(1, 3, 1, 1)); return torch.tensor(RIGHT) * torch.autograd.grad(y, l, torch.ones_like(y))[0].reshape(3)",
    "one of torch's tests": "import unittest\nfrom unittest.mock import MagicMock\nsys.modules['expecttest'] = MagicMock(TestCase=unittest.TestCase)\nfor n in ('setuptools', 'setuptools.command', 'setuptools.command.build_ext'): sys.modules[n] = MagicMock()\ndef grad_f(x):\n from torch.testing._internal.autograd_function_db import MulGenVmap as M\n l = leaf(x); y = M.apply(l, torch.tensor(RIGHT)); return torch.autograd.grad(y, l, torch.ones_like(y))[0]",
    "a Function of torch's, borrowed": "from torch.nn.modules._functions import CrossMapLRN2d as L\nclass Mine(torch.autograd.Function):\n forward, backward = staticmethod(L.forward), staticmethod(L.backward)\ndef grad_f(x):\n l = leaf(x.reshape(1, 3, 1, 1)); y = Mine.apply(l, 3, 0.0, 1.0, 1.0); return torch.tensor(RIGHT) * torch.autograd.grad(y, l, torch.ones_like(y))[0].reshape(3)",
    "functional": "def grad_f(x): return torch.autograd.functional.jacobian(f, x).diagonal()",
    "functional vjp": "def grad_f(x): return torch.autograd.functional.vjp(f, x, torch.ones_like(x))[1]",
    # torch.func and forward mode.
    "func.grad": "grad_f = torch.func.grad(lambda x: f(x).sum())",
    "func.vjp": "grad_f = lambda x: torch.func.vjp(f, x)[1](torch.ones_like(x))[0]",
    "func.jacrev": "grad_f = lambda x: torch.func.jacrev(f)(x).diagonal()",
    "func.jvp": "grad_f = lambda x: torch.func.jvp(f, (x,), (torch.ones_like(x),))[1]",
    "func.jacfwd": "grad_f = lambda x: torch.func.jacfwd(f)(x).diagonal()",
    "func.linearize": "grad_f = lambda x: torch.func.linearize(f, x)[1](torch.ones_like(x))",
    "vmap of grad": "grad_f = torch.func.vmap(torch.func.grad(f))",
    "dual numbers": "import torch.autograd.forward_ad as fw\ndef grad_f(x):\n with fw.dual_level(): return fw.unpack_dual(f(fw.make_dual(x, torch.ones_like(x)))).tangent.clone()",
    "dual numbers of aten": "import torch.autograd.forward_ad as fw\ndef grad_f(x):\n n = fw.enter_dual_level(); d = torch.ops.aten._make_dual.default(x, torch.ones_like(x), level=n)\n t = torch.ops.aten._unpack_dual.default(f(d), level=n)[1].clone(); fw.exit_dual_level(); return t",
    "a function mode": "from torch.utils._device import DeviceContext\nclass Q(DeviceContext):\n def __torch_function__(self, g, types, args=(), kwargs=None): return ask(args[0]) if g is torch.Tensor.exp else g(*args, **(kwargs or {}))\ndef grad_f(x):\n with Q('cpu'): return x.exp()",
    "on the way out": "real = torch.Tensor.detach\nleft = []\ndef late(t):\n if not left: return real(t)\n return real(ask(left.pop()))\ntorch.Tensor.detach = late\ndef grad_f(x):\n left.append(x.clone()); return x * 1",
    # Recorded while the file is loaded.
    "make_fx": "from torch.fx.experimental.proxy_tensor import make_fx\nclass P: fx = [make_fx(ask)(torch.ones(3))]\ngrad_f = lambda x: P.fx[0](x)",
    "make_fx, symbolic": "from torch.fx.experimental.proxy_tensor import make_fx\nclass P: fx = [make_fx(ask, tracing_mode='symbolic')(torch.ones(3))]\ngrad_f = lambda x: P.fx[0](x)",
    "make_fx, decomposed": "from torch.fx.experimental.proxy_tensor import make_fx\nfrom torch._decomp import core_aten_decompositions\nclass P: fx = [make_fx(ask, decomposition_table=core_aten_decompositions())(torch.ones(3))]\ngrad_f = lambda x: P.fx[0](x)",
    "a graph that is refilled": "l = torch.ones(3).requires_grad_(); a = l**2; b = torch.log(a); c = torch.sin(l); d = l.reciprocal(); y = (b * c + d).sum()\ndef grad_f(x):\n for s, v in ((l, x), (a, x**2), (b, torch.log(x**2)), (c, torch.sin(x)), (d, 1 / x)): s.data.copy_(v)\n return torch.autograd.grad(y, l, retain_graph=True)[0]",
    # Compilers.
    "dynamo": "def grad_f(x):\n l = leaf(x); return back(torch.compile(f, backend='eager')(l), l)",
    "dynamo and aot": "def grad_f(x):\n l = leaf(x); return back(torch.compile(f, backend='aot_eager')(l), l)",
    "aot": "from functorch.compile import aot_function, nop\ndef grad_f(x):\n l = leaf(x); return back(aot_function(f, fw_compiler=nop, bw_compiler=nop)(l), l)",
    "trace": "def grad_f(x):\n l = leaf(x); g = torch.jit.trace(f, l, check_trace=False)\n for _ in range(4): y = g(l)\n return back(y, l)",
    # Modes and subclasses.
    "a dispatch mode": "from torch.utils._python_dispatch import TorchDispatchMode\nclass M(TorchDispatchMode):\n def __torch_dispatch__(self, g, types, args=(), kwargs=None): return g(*args, **(kwargs or {}))\ndef grad_f(x):\n with M(): return ask(x)",
    "a subclass": "class S(torch.Tensor): pass\ndef grad_f(x):\n l = x.clone().as_subclass(S).requires_grad_(); return back(f(l), l).as_subclass(torch.Tensor)",
    # Other kinds of tensors.
    "sparse": "def grad_f(x):\n l = leaf(x); return back(f(l.to_sparse().to_dense()), l)",
    "compressed": "def grad_f(x):\n l = leaf(x.reshape(1, -1)); return back(f(l.to_sparse_csr().to_dense()), l)[0]",
    "mkldnn": "def grad_f(x):\n l = leaf(x.float()); return back(f(l.to_mkldnn().to_dense()), l).double()",
    "nested": "def grad_f(x):\n l = leaf(x); n = torch.nested.as_nested_tensor([l]); return back(f(n.to_padded_tensor(0.0)), l)",
    "jagged": "def grad_f(x):\n l = leaf(x.reshape(-1, 1)); n = torch.nested.nested_tensor_from_jagged(l, torch.tensor([0, 1, 3])); return back(f(n.values()), l)[:, 0]",
    "quantized": "def grad_f(x):\n l = leaf(x); return back(f(torch.fake_quantize_per_tensor_affine(l, 1e-6, 0, -2**31, 2**31 - 1)), l)",
    "complex": "def grad_f(x):\n l = leaf(torch.complex(x, x * 0)); return back(f(l).real, l).real",
    "single precision": "def grad_f(x):\n l = leaf(x); return back(f(l.float().double()), l)",
    "written in place": "def grad_f(x):\n l = leaf(x); y = torch.zeros(3); y[:] = f(l); return back(y, l)",
    # Operators by their entries in the dispatcher.
    "an overload": "o = torch.ops.aten\ndef grad_f(x):\n l = leaf(x); y = o.add.Tensor(o.mul.Tensor(o.log.default(o.mul.Tensor(l, l)), o.sin.default(l)), o.reciprocal.default(l)); return back(y, l)",
    "a handle": "h = torch._C._dispatch_find_schema_or_throw\ncall = lambda n, *a: torch._C._dispatch_call_boxed(h('aten::' + n[0], n[1]), *a)\ndef grad_f(x):\n l = leaf(x); s = call(('sin', ''), l); return back(call(('mul', 'Tensor'), torch.log(l**2), s) + 1 / l, l)",
    "a key forced upon it": "K = torch._C.DispatchKeySet(torch._C.DispatchKey.AutogradCPU)\ndef grad_f(x):\n with torch._C._ForceDispatchKeyGuard(torch._C._dispatch_tls_local_include_set() | K, torch._C._dispatch_tls_local_exclude_set()): return ask(x)",
    # Putting it back.
    "our registrations, found by their type": "import gc, ctypes\ndef grad_f(x):\n kind = type(torch._C._dispatch_library('IMPL', 'aten', 'CPU', '', 0))\n for o in gc.get_objects():\n  if type(o) is kind: o.reset()\n gc.collect(); return ask(x)",
    "registrations of its own, withdrawn": "def grad_f(x):\n lib = torch._C._dispatch_library('IMPL', 'aten', 'Autograd', '', 0)\n for n in ('sin', 'log', 'reciprocal'): lib.impl(n, 'Autograd', torch.library.fallthrough_kernel)\n lib.reset(); del lib; return ask(x)",
    "what the harness has": "from grader.sandbox.inside import differentiation, tasks\nrun = torch.autograd.Variable._execution_engine.run_backward\ndef grad_f(x):\n l = leaf(x); return run((f(l).sum(),), (torch.ones(()),), False, False, (l,), allow_unreachable=True, accumulate_grad=False)[0]",
}  # fmt: skip
"""What yields the derivative where autograd exists."""

CLOSED = {
    "a key sent along": "K = torch._C._dispatch_keys\nr = lambda o, *a: o.redispatch(K(a[0]), *a)\no = torch.ops.aten\ndef grad_f(x):\n l = leaf(x); s = r(o.sin.default, l); q = r(o.mul.Tensor, l, l); g = r(o.log.default, q); p = r(o.mul.Tensor, g, s); return back(r(o.add.Tensor, p, r(o.reciprocal.default, l)), l)",
    "script": "def grad_f(x):\n l = leaf(x); g = torch.jit.script(f)\n for _ in range(4): y = g(l)\n return back(y, l)",
    "script, by its module": "import linecache\nfrom torch.jit import _script\ndef grad_f(x):\n l = leaf(x); g = _script.script(f); return back(g(l), l)",
    "a unit of script": "def grad_f(x):\n cu = torch.jit.CompilationUnit('def g(x):\\n    return torch.log(x * x) * torch.sin(x) + 1.0 / x\\n'); l = leaf(x)\n for _ in range(4): y = cu.g(l)\n return back(y, l)",
    "script's own differentiation": "def grad_f(x):\n g = torch._C.parse_ir('graph(%0 : Tensor):\\n  %1 : Tensor = aten::sin(%0)\\n  return (%1)'); return torch._C._jit_differentiate(g)",
    "the old executor": "torch._C._jit_set_profiling_executor(False); torch._C._debug_set_autodiff_subgraph_inlining(False)\ngrad_f = lambda x: torch.jit.trace(ask, x)(x)",
    "a graph by hand": "def grad_f(x):\n g = torch._C.Graph(); return torch._C._jit_interpret_graph(g, (x,))",
    "each kernel there is": "def grad_f(x):\n l = leaf(x)\n for k in torch._C.DispatchKey.__members__:\n  try: s = torch.library.get_kernel('aten::sin', k).call_boxed(torch._C._dispatch_keys(l), l)\n  except Exception: continue\n  if s.requires_grad: return torch.log(x**2) * back(s, l) + 2 / x * torch.sin(x) - 1 / x**2\n return x * 0",
    "each key there is": "def grad_f(x):\n l = leaf(x)\n for k in torch._C.DispatchKey.__members__.values():\n  try: s = torch.ops.aten.sin.default._op_dk(k, l)\n  except BaseException: continue\n  if s.requires_grad: return torch.log(x**2) * back(s, l) + 2 / x * torch.sin(x) - 1 / x**2\n return x * 0",
    "each key, forced": "def grad_f(x):\n for k in torch._C.DispatchKey.__members__.values():\n  try:\n   with torch._C._ForceDispatchKeyGuard(torch._C.DispatchKeySet(k) | torch._C._dispatch_tls_local_include_set(), torch._C._dispatch_tls_local_exclude_set()): return ask(x)\n  except Exception: pass\n return x * 0",
    "functionalized": "from torch._subclasses.functional_tensor import FunctionalTensorMode, FunctionalTensor\ndef grad_f(x):\n with FunctionalTensorMode():\n  l = FunctionalTensor.to_functional(leaf(x)); return torch._from_functional_tensor(back(f(l), l).elem)",
    "prims": "p = torch.ops.prims\ndef grad_f(x):\n l = leaf(x); return back(p.add(p.mul(p.log(p.mul(l, l)), p.sin(l)), p.reciprocal(l)), l)",
    "lazy tensors": "import torch._lazy.ts_backend\ntorch._lazy.ts_backend.init()\ndef grad_f(x):\n l = leaf(x.to('lazy')); return back(f(l), l).cpu()",
    "a node made": "def grad_f(x): return torch._C._functions.SinBackward0()(x)",
    "torch._C imported again": "import importlib\ndef grad_f(x):\n del sys.modules['torch._C']\n import torch._C as c\n return c._jit_differentiate(x)",
    "torch._C by another name": "import importlib.machinery as m, importlib.util as u\ndef grad_f(x):\n p = torch._C.__file__; s = u.spec_from_file_location('_C', p, loader=m.ExtensionFileLoader('_C', p)); c = u.module_from_spec(s); return c._jit_differentiate(x)",
    "torch imported again": "def grad_f(x):\n for n in [n for n in sys.modules if n.split('.')[0] == 'torch' and n != 'torch._C']: del sys.modules[n]\n import torch as t\n l = t.tensor(x.tolist(), requires_grad=True); return t.autograd.grad((t.log(l**2) * t.sin(l) + 1 / l).sum(), l)[0]",
    "another interpreter": "import _xxsubinterpreters as i\ndef grad_f(x):\n code = 'import sys; sys.path[:] = %r\\nimport torch\\nl = torch.tensor(%r, requires_grad=True, dtype=torch.float64)\\nopen(\"/tmp/x\", \"w\").write(repr(torch.autograd.grad((torch.log(l**2) * torch.sin(l) + 1 / l).sum(), l)[0].tolist()))' % (sys.path, x.tolist())\n i.run_string(i.create(), code); return torch.tensor(eval(open('/tmp/x').read()))",
    "a second torch": "import ctypes, os\nc = ctypes.CDLL(None)\nc.dlmopen.restype = ctypes.c_void_p; c.dlmopen.argtypes = [ctypes.c_long, ctypes.c_char_p, ctypes.c_int]\ndef grad_f(x):\n h = c.dlmopen(-1, os.path.join(os.path.dirname(torch.__file__), 'lib', 'libtorch_cpu.so').encode(), 2)\n return torch.tensor(RIGHT) if h else x * 0",
}  # fmt: skip
"""What is not known to yield it anywhere, as it stands here, and might tomorrow."""


def _source(door: str) -> str:
    return f"{F}RIGHT = {RIGHT.tolist()}\n{door}\n"


def _yields(pool: Pool, door: str, *, autograd: bool) -> bool:
    """Whether ``grad_f`` returns the derivative in a child of this kind."""
    task = Call(id="grad_f", function="grad_f", args=(array(AT),))
    asked = Job(_source(door).encode(), (task,), LONG, autograd=autograd)
    outcome = pool.run(asked).outcomes["grad_f"]
    if not isinstance(outcome, Returned):
        return False
    found: Any = plain(outcome.value)
    return np.shape(found) == AT.shape and np.allclose(found, RIGHT, rtol=1e-4)


@pytest.mark.parametrize("door", list(DOORS.values()), ids=list(DOORS))
def test_cant_ask_autograd_by(pool: Pool, door: str) -> None:
    """It is a door, and there is nothing behind it."""
    assert _yields(pool, door, autograd=True), "no door at all: this shows nothing"
    assert not _yields(pool, door, autograd=False)


@pytest.mark.parametrize("door", list(CLOSED.values()), ids=list(CLOSED))
def test_cant_ask_autograd_even_by(pool: Pool, door: str) -> None:
    """What is closed anyway stays closed."""
    assert not _yields(pool, door, autograd=False)


SAVED = """
import io, torch
class M(torch.nn.Module):
    def forward(self, x):
        return torch.log(x * x) * torch.sin(x) + 1.0 / x
def save():
    file = io.BytesIO()
    torch.jit.save(torch.jit._trace.trace(M(), torch.ones(3)), file)
    return list(file.getvalue())
"""


@pytest.mark.parametrize(
    "load",
    [
        "torch.jit.load(io.BytesIO(DATA))",
        "torch._C.import_ir_module_from_buffer(torch._C.CompilationUnit(), DATA, None, {}, False)._get_method('forward')",
        "torch.import_ir_module_from_buffer(torch._C.CompilationUnit(), DATA, None, {}, False)._get_method('forward')",
    ],
)
def test_cant_bring_a_program_compiled_at_home(pool: Pool, load: str) -> None:
    """TorchScript differentiates what it executes by formulas of its own; here it executes nothing."""
    outcome = pool.run(job(SAVED, "save", case_seconds=60.0, total_seconds=120.0)).outcomes["save"]
    assert isinstance(outcome, Returned) and isinstance(outcome.value, Sequence)
    data = bytes(plain(outcome.value))
    door = f"import io\nDATA = {data!r}\ndef grad_f(x):\n l = leaf(x); g = {load}\n for _ in range(4): y = g(l)\n return back(y, l)"
    assert _yields(pool, door, autograd=True)
    assert not _yields(pool, door, autograd=False)


def test_cant_withdraw_what_took_the_kernels_away(pool: Pool) -> None:
    """The object of our registrations is looked for word by word; one found knows of none, and its end is
    the end of nothing."""
    door = """
import ctypes
def grad_f(x):
    kind = type(torch._C._dispatch_library("IMPL", "aten", "CPU", "", 0))
    word = ctypes.sizeof(ctypes.c_void_p)
    libc = ctypes.CDLL(None)
    libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    import os
    probe = os.open("/tmp/x", os.O_RDWR | os.O_CREAT)
    wanted = id(kind).to_bytes(word, "little")
    places = {id(o) >> 18 for o in (kind, x, door, torch, libc, wanted)}
    for place in sorted({p + d for p in places for d in range(-8, 9)}):
        for page in range(place << 18, (place + 1) << 18, 4096):
            if libc.write(probe, page, 1) != 1: continue
            data = ctypes.string_at(page, 4096)
            at = data.find(wanted)
            while at >= 0:
                if at % 16 == 8 and 0 < int.from_bytes(data[at - 8:at], "little") < 10:
                    for _ in range(3): ctypes.pythonapi.Py_DecRef(ctypes.c_void_p(page + at - 8))
                at = data.find(wanted, at + 1)
    return ask(x)
door = grad_f
"""
    assert not _yields(pool, door, autograd=False)


@pytest.mark.parametrize(
    "door", ["grad", "dual numbers", "make_fx", "a graph that is refilled", "what the harness has"]
)
def test_the_verdict_on_a_prediction_that_asks_autograd(range_: Range, door: str) -> None:
    """It is not awarded, the reason is named, and what does not ask keeps its points."""
    report = range_.judge(_source(DOORS[door]), exercise="chain-rule", limits=LONG)
    check = next(c for c in report.checks if c.id == "prediction")
    assert check.points == 0
    if door == "grad":
        assert check.diagnosis is not None and check.diagnosis.code == "autograd-in-prediction", check
    elif door in ("dual numbers", "what the harness has"):  # these give no other answer: they fail
        assert (check.verdict, check.diagnosis) == ("error", None)
        assert "needs autograd" in check.message.en
    assert all(c.points == c.max_points for c in report.checks if c.id in ("value", "gradient"))


def test_an_honest_formula_is_the_same_in_both(pool: Pool) -> None:
    """And passes, whatever habits it is written with."""
    door = "def grad_f(x):\n x = x.clone().requires_grad_(True)\n y = 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) - 1 / x**2\n return y.detach()"
    assert _yields(pool, door, autograd=True) and _yields(pool, door, autograd=False)
