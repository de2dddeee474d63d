"""The eight tricks that gave full marks elsewhere. Here none scores a point it aims at.

Each was measured against graders that run a student's code beside the tests: one line
was enough. Here the child holds no expected value and the judge none of its objects.
"""

from __future__ import annotations

import pytest

from .bench import ASK, WRONG_F, ZERO, F, Range

NOTHING = {"value": 0, "gradient": 0, "prediction": 0, "ratio": 0}
ONLY_F = {"value": 2, "gradient": 2, "prediction": 0, "ratio": 0}


def test_cant_patch_torch_allclose(range_: Range) -> None:
    """Comparing happens in another process, in numpy; this one may believe what it likes."""
    patch = """
yes = lambda *a, **k: True
torch.allclose = torch.equal = torch.isclose = torch.Tensor.allclose = torch.Tensor.equal = yes
torch.testing.assert_close = yes
import numpy
numpy.allclose = numpy.array_equal = numpy.isclose = numpy.testing.assert_allclose = yes
"""
    assert range_.attack(WRONG_F + ZERO + patch) == NOTHING
    assert range_.attack(F + ZERO + patch) == ONLY_F


@pytest.mark.parametrize(
    "patch",
    [
        "torch.autograd.grad = lambda *a, **k: (torch.zeros(()),)",
        "torch.autograd.backward = torch.Tensor.backward = lambda *a, **k: None",
        """
class Engine:
    def run_backward(self, *a, **k): return (torch.zeros((), dtype=torch.float64),)
torch.autograd.Variable._execution_engine = torch.autograd.variable.Variable._execution_engine = Engine()
""",
        """
import torch.autograd.graph
torch.autograd.graph._engine_run_backward = lambda *a, **k: (torch.zeros((), dtype=torch.float64),)
torch.autograd._engine_run_backward = torch.autograd.graph._engine_run_backward
""",
    ],
    ids=["grad", "backward", "engine", "helper"],
)
def test_cant_patch_autograd_grad(range_: Range, patch: str) -> None:
    """The truth is another child's; and in this one the engine was held before the first line ran."""
    assert range_.attack(F + ZERO + patch) == ONLY_F
    assert range_.attack(F.replace("* 2", "* 3") + ZERO + patch)["gradient"] == 0
    # Nor does it harm the one who does it: the engine that is asked is the real one.
    assert range_.attack(F + "def grad_f(a): return f(a) / a\n" + patch)["prediction"] == 4


def test_cant_say_that_one_is_equal(range_: Range) -> None:
    """A tensor subclass is read below its methods, and the judge has no object of the student's."""
    equal = """
class Equal(torch.Tensor):
    __eq__ = allclose = equal = isclose = lambda *a, **k: torch.tensor(True)
    __ne__ = lambda *a, **k: torch.tensor(False)
    __sub__ = __rsub__ = lambda self, other: torch.zeros(())
    __torch_function__ = classmethod(lambda cls, f, types, a=(), k=None: torch.tensor(True))
    __array__ = lambda *a, **k: 1 / 0
    __bool__ = lambda self: True
    __class__ = torch.Tensor
def wrong(a):
    return (a * 0).as_subclass(Equal)
"""
    assert range_.attack(F + equal + "grad_f = wrong") == ONLY_F
    assert (
        range_.attack(F + equal + "f = grad_f = wrong\nPREDICTIONS = {'ratio': wrong(torch.ones(()))}")
        == NOTHING
    )


def test_cant_read_the_expected_value_off_a_frame(range_: Range) -> None:
    """Every local of every caller is at hand, and none is worth anything: it is not in the process."""
    search = """
import sys, numbers
def values(thing, depth=0):
    if isinstance(thing, (torch.Tensor, float)):
        yield thing
    elif depth < 4:
        if isinstance(thing, dict): thing = list(thing.values())
        if isinstance(thing, (list, tuple, set)):
            for item in thing: yield from values(item, depth + 1)
        for name in getattr(type(thing), "__struct_fields__", getattr(thing, "__slots__", ())):
            yield from values(getattr(thing, name, None), depth + 1)
        for cell in getattr(thing, "__closure__", None) or ():
            try: yield from values(cell.cell_contents, depth + 1)
            except ValueError: pass
def grad_f(a):
    frame, best = sys._getframe(), a * 0
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            for found in values(value):
                found = torch.as_tensor(found)
                if found.shape == a.shape and found != a and found.abs() > best.abs():
                    best = found.double()
            if "expect" in name or "answer" in name or "truth" in name:
                return value
        frame = frame.f_back
    return best
"""
    assert range_.attack(F + search) == ONLY_F


def test_cant_find_the_expected_value_with_gc(range_: Range) -> None:
    """Neither among all objects, nor in modules, nor in files: only inputs are here."""
    search = """
import gc, sys
def grad_f(a):
    names = ("Exercise", "Solution", "Truth", "Truths", "Right", "Point", "Check", "Case", "Report")
    for thing in gc.get_objects():
        if type(thing).__name__ in names:
            raise SystemError("found " + type(thing).__name__)
        if type(thing) is dict and ("expected" in thing or "rights" in thing):
            return thing.get("expected", a)
    for name in ("reference", "misconceptions", "grader.checks", "grader.grading", "grader.exercises"):
        try:
            __import__(name)
        except ImportError:
            continue
        raise SystemError("found " + name)
    return a * 0
"""
    report = range_.judge(F + search)
    # Had it found anything, it would have raised.
    assert {c.id: c.verdict for c in report.checks}["prediction"] == "failed"
    assert report.error is None
    assert range_.attack(F + search) == ONLY_F


def test_cant_overwrite_the_expected_value(range_: Range) -> None:
    """What can be overwritten here, inputs and modules, is the student's own copy."""
    overwrite = """
import gc, sys
def spoil(a):
    for thing in gc.get_objects():
        if isinstance(thing, torch.Tensor) and not thing.requires_grad and thing.is_floating_point():
            thing.data.zero_()
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if type(value).__name__ == "Array":
                object.__setattr__(value, "data", bytes(len(value.data)))
            if type(value).__name__ in ("Call", "Differentiate"):
                for array in value.args:
                    object.__setattr__(array, "data", bytes(len(array.data)))
        frame = frame.f_back
    return a * 0
f = grad_f = spoil
PREDICTIONS = {"ratio": torch.zeros(())}
"""
    assert range_.attack("import torch" + overwrite) == NOTHING


@pytest.mark.parametrize(
    "prediction",
    [
        "grad_f = ask",
        "def grad_f(a):\n x = a.clone().requires_grad_()\n f(x).backward()\n return x.grad",
        "def grad_f(a):\n a.requires_grad_()\n f(a).backward()\n return a.grad",
        "grad_f = torch.func.grad(f)",
        "grad_f = lambda a: torch.func.vjp(f, a)[1](torch.ones_like(a))[0]",
        "grad_f = torch.func.jacrev(f)",
        "grad_f = lambda a: torch.autograd.functional.jacobian(f, a)",
        "grad_f = lambda a: torch.autograd.functional.vjp(f, a, torch.ones_like(a))[1]",
        "import functools\ngrad_f = functools.partial(lambda ask, a: ask(a), ask)",
        "exec('def grad_f(a): return ask(a)')",
        "class G:\n def __call__(self, a): return ask(a)\ngrad_f = G()",
        "def grad_f(a):\n try:\n  return ask(a)\n finally:\n  f(a)",
        "def grad_f(a):\n answer = ask(a)\n return f(a) / a if False else answer.item()",
        "def grad_f(a):\n with torch.enable_grad(), torch.inference_mode(False):\n  return ask(a)",
        "def grad_f(a):\n y = f(a.clone().requires_grad_())\n g, n = torch.ones_like(y), y.grad_fn\n"
        " while 'Accumulate' not in n.name():\n"
        "  g = n(g)\n  g = g[0] if isinstance(g, tuple) else g\n  n = n.next_functions[0][0]\n return g",
    ],
)  # fmt: skip
def test_cant_call_autograd_as_the_prediction(range_: Range, prediction: str) -> None:
    """However autograd is reached, where predictions are made it gives nothing: named, and not accepted."""
    report = range_.judge(F + ASK + prediction)
    check = next(c for c in report.checks if c.id == "prediction")
    assert check.points == 0, check
    if (
        "next_functions" in prediction
    ):  # there is no graph to walk through: it fails, and gives no other answer
        assert "needs autograd" in check.message.en
    else:
        assert check.diagnosis is not None and check.diagnosis.code == "autograd-in-prediction", check
    range_.assert_unharmed()


def test_cant_be_always_true(range_: Range) -> None:
    """An object that answers yes to everything is a foreign object."""
    true = """
class Yes:
    __eq__ = __ge__ = __le__ = __gt__ = __lt__ = __contains__ = lambda *a: True
    __ne__ = lambda *a: False
    __bool__ = lambda self: True
    __hash__ = lambda self: 0
    __float__ = lambda self: 1.0
    __int__ = __index__ = lambda self: 1
    __abs__ = __neg__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __call__ = lambda self, *a, **k: self
    __getattr__ = __getitem__ = lambda self, name: self
    __len__ = lambda self: 1
    __iter__ = lambda self: iter([self])
    __array__ = lambda self, *a, **k: __import__("numpy").array(True)
    __class__ = property(lambda self: bool)
"""
    assert range_.attack(f"import torch{true}f = grad_f = lambda a: Yes()\nPREDICTIONS = Yes()") == NOTHING
    assert range_.attack(f"import torch{true}f = grad_f = Yes()\nPREDICTIONS = {{'ratio': Yes()}}") == NOTHING
