"""Whatever a student's code hands back becomes plain data, and none of its methods is believed."""

from __future__ import annotations

import textwrap
from typing import Any

import msgspec
import numpy as np
import pytest

from grader.model.observation import Differentiated, Evidence, Misfit, Missing, Raised, Returned
from grader.model.values import Foreign, Mapping, Number, Sequence, Tensor, Value
from grader.sandbox.pool import Pool

from .jobs import array, ask, calls, gradient, job, plain, returned

OBJECTS = r"""
import torch, numpy as np
from decimal import Decimal
from fractions import Fraction

def subclass(value=0.0):
    class Equal(torch.Tensor):
        def __eq__(self, other): return torch.tensor(True)
        def __torch_function__(self, *a, **k): return torch.tensor(True)
        __torch_function__ = classmethod(lambda cls, func, types, args=(), kwargs=None: torch.tensor(99.0))
        dtype = property(lambda self: torch.int64)
        shape = property(lambda self: (7, 7))
        requires_grad = property(lambda self: 1 / 0)
        def numpy(self): return np.array([99.0])
        def detach(self): return torch.tensor(99.0)
        def __array__(self, *a): return np.array([99.0])
    return torch.tensor([1.0, value], dtype=torch.float64).as_subclass(Equal)

class Liar:
    __class__ = torch.Tensor
    def __array__(self, *a, **k): return np.array(1.0)
    def __float__(self): return 1.0
    def __index__(self): return 1
    def item(self): return 1.0
    def __torch_function__(self, *a, **k): return torch.tensor(1.0)
    def __eq__(self, other): return True

class Meta(type):
    __name__ = property(lambda cls: "Tensor")
    __class__ = property(lambda cls: torch.Tensor)
    def __subclasscheck__(cls, other): return True
    def __instancecheck__(cls, other): return True
    def __repr__(cls): raise SystemExit
    __mro__ = property(lambda cls: (torch.Tensor,))
class Masked(metaclass=Meta):
    def __repr__(self): raise KeyboardInterrupt
    __str__ = __repr__
class Broken(type):
    __name__ = property(lambda cls: 1 / 0)
class Unnamed(metaclass=Broken): pass

class S(str):
    def __len__(self): return 1 / 0
    def __str__(self): return "lies"
    def encode(self, *a): raise SystemExit
class I(int):
    def __index__(self): return 99
    def __int__(self): return 99
    def __add__(self, other): return 99
    def __float__(self): return 99.0
class F(float):
    def __float__(self): return 99.0
class L(list):
    def __len__(self): return 0
    def __iter__(self): return iter([99])
class D(dict):
    def items(self): return [("x", 99)]
    def __getitem__(self, key): return 99
class A(np.ndarray):
    def __array__(self, *a): return np.array([99.0])
    def __array_finalize__(self, other): pass
    dtype = property(lambda self: 1 / 0)
class Renamed: pass
Renamed.__name__ = S("tr" * 500)

def deep():
    thing = 1.0
    for _ in range(100): thing = [thing]
    return thing
def loop():
    thing = []
    thing.append(thing)
    return thing
def wide():
    return [0.0] * 5000
def emptied():
    half = Fraction(1, 2)
    half._denominator = I(7)
    return half
Fraction.numerator = Fraction.__float__ = property(lambda self: 1 / 0)
"""
"""Definitions; each test adds ``g``."""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("subclass(2.0)", [1.0, 2.0]),
        ("torch.nn.Parameter(torch.ones(2))", [1.0, 1.0]),
        ("torch.ones(2, requires_grad=True) * 3", [3.0, 3.0]),
        ("torch.tensor([1.5], dtype=torch.bfloat16)", [1.5]),
        ("torch.tensor([1.0, 0.0]).to_sparse()", [1.0, 0.0]),
        ("torch.tensor([1 + 2j]).conj()", [1 - 2j]),
        ("torch.tensor([1 + 2j, 3 - 4j], dtype=torch.complex128).conj().imag", [-2.0, 4.0]),
        ("torch._to_functional_tensor(torch.tensor([1.5]))", [1.5]),
        ("torch.arange(6.0).reshape(2, 3).T", [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]),
        ("torch.tensor(1.0).expand(3)", [1.0, 1.0, 1.0]),
        ("np.float32(1.5)", 1.5),
        ("np.array([1.0]).astype('>f8')", [1.0]),
        ("np.array([1.0, 2.0]).view(A)", [1.0, 2.0]),
        ("np.arange(6.0)[::-2]", [5.0, 3.0, 1.0]),
        ("I(3)", 3),
        ("F(1.5)", 1.5),
        ("True", True),
        ("float('nan') != 0", True),
        ("2**62", 2**62),
        ("2**80", float(2**80)),
        ("1 + 2j", 1 + 2j),
        ("Fraction(1, 4)", 0.25),
        ("Decimal('0.1')", 0.1),
        ("range(0, 16, 4)", [0, 4, 8, 12]),
        ("S('as it is')", "as it is"),
        ("{S('k'): 1, 2: 3}", {"k": 1}),
        ("{'k\\n10 / 10': 1}", {"k 10 / 10": 1}),
        ("type('A\\n\\x85B', (), {})()", "<A B>"),
        ("'\\ud800!'", "?!"),
        ("[1, (2.0, None)]", [1, [2.0, None]]),
        # What is none of these keeps only the name of its type.
        ("10**400", "<int, too large>"),
        ("Liar()", "<Liar>"),
        ("Masked()", "<Masked>"),
        ("Masked", "<Meta>"),
        ("Unnamed()", "<Unnamed>"),
        ("L([1.0])", "<L>"),
        ("D(x=1)", {"x": 1}),
        ("lambda: 1", "<function>"),
        ("iter([])", "<list_iterator>"),
        ("np.array([object()])", "<object that cannot be read>"),
        ("np.array([1.0], dtype='f16')", "<object that cannot be read>"),
        ("torch.ones(2, device='meta')", "<object that cannot be read>"),
        ("torch.quantize_per_tensor(torch.ones(1), 1.0, 0, torch.qint8)", "<object that cannot be read>"),
        ("{'x': [deep]}", {"x": ["<function>"]}),
        ("wide()", "<list>"),
        ("range(5000)", "<range>"),
        ("type('Q', (Fraction,), {})(1, 2)", "<Q>"),
        ("emptied()", "<object that cannot be read>"),
    ],
)
def test_an_object_is_reduced_to_what_it_is(pool: Pool, expression: str, expected: Any) -> None:
    """Numbers are read below the methods that would lie about them."""
    assert ask(pool, f"{OBJECTS}\ndef g(): return {expression}") == expected


@pytest.mark.parametrize("expression", ["deep()", "loop()"])
def test_nesting_ends(pool: Pool, expression: str) -> None:
    """Deep and endless lists are cut at a fixed depth."""
    thing = ask(pool, f"{OBJECTS}\ndef g(): return {expression}")
    depth = 0
    while isinstance(thing, list):
        (thing,) = thing
        depth += 1
    assert thing == "<list>" and depth == 8


def test_a_name_of_a_type_is_short(pool: Pool) -> None:
    """Even one whose length raises."""
    name = ask(pool, f"{OBJECTS}\ndef g(): return Renamed()")
    assert name.startswith("<trtr") and len(name) <= 82


def test_predictions_are_read_like_any_object(pool: Pool) -> None:
    """A dict of plain things; of a subclass what it really holds, whatever its methods say."""

    def predictions(expression: str) -> Value | None:
        seen = pool.run(job(f"{OBJECTS}\nPREDICTIONS = {expression}"))
        assert seen.loaded.failure is None
        return seen.loaded.predictions

    assert plain(predictions("{'x': [0, 4.0], 'y': None}")) == {"x": [0, 4.0], "y": None}  # type: ignore[arg-type]
    assert plain(predictions("D(x=1)")) == {"x": 1}  # type: ignore[arg-type]
    assert predictions("Liar()") == Foreign("Liar")
    pair = Foreign("torch.return_types.max", parts=("values", "indices"))
    assert predictions("torch.max(torch.ones(2), 0)") == pair
    assert isinstance(predictions("{'t': subclass(3.0)}"), Mapping)
    assert isinstance(predictions("[1]"), Sequence)
    assert predictions("None") is not None


def raising(pool: Pool, source: str) -> Raised:
    """The error that calling ``g`` raises."""
    outcome = pool.run(job(source, "g")).outcomes["g"]
    assert isinstance(outcome, Raised), outcome
    return outcome


def test_an_error_says_where(pool: Pool) -> None:
    """The last line of the student's own file, not of a library's."""
    error = raising(
        pool, "import torch\ndef h():\n    return torch.ones(2) @ torch.ones(3)\ndef g():\n    return h()\n"
    )
    assert error.type == "RuntimeError" and error.line == 3 and "size" in error.message


HOSTILE_ERRORS = {
    "str raises": ("class E(Exception):\n def __str__(self): raise SystemExit", "E"),
    "str lies": ("class E(Exception):\n def __str__(self): return 7", "E"),
    "str is a str of theirs": (
        "class S(str):\n __len__ = None\nclass E(Exception):\n def __str__(self): return S('x')",
        "E",
    ),
    "no Exception": ("class E(BaseException): pass", "E"),
    "a name that raises": (
        "class M(type):\n __name__ = property(lambda c: 1 / 0)\nclass E(Exception, metaclass=M): pass",
        "E",
    ),
    "an errno that raises": ("class E(OSError):\n errno = property(lambda s: 1 / 0)", "E"),
    "an errno beyond bounds": ("class E(OSError):\n errno = 10**100", "E"),
    "a line that raises": ("class E(SyntaxError):\n lineno = property(lambda s: 1 / 0)", "E"),
    "a line beyond bounds": ("class E(SyntaxError):\n lineno = 10**100", "E"),
    "a traceback that lies": ("class E(Exception):\n __traceback__ = property(lambda s: 1 / 0)", "E"),
    "a very long message": ("class E(Exception):\n def __str__(self): return 'x' * 10**6", "E"),
    "a surrogate": ("class E(Exception):\n def __str__(self): return '\\ud800'", "E"),
}


@pytest.mark.parametrize("source", [s for s, _ in HOSTILE_ERRORS.values()], ids=list(HOSTILE_ERRORS))
def test_an_error_cannot_break_what_reports_it(pool: Pool, source: str) -> None:
    """Raised in a call, and raised while the module is executed."""
    error = raising(pool, f"{source}\ndef g(): raise E()")
    assert error.type == "E" and len(error.message) <= 500
    (note,) = pool.run(job(f"{source}\nraise E()", "g")).loaded.notes
    assert (note.what, note.name) == ("raised", "E") and len(note.message) <= 500


@pytest.mark.parametrize(
    "how", ["raise SystemExit(0)", "raise KeyboardInterrupt", "raise GeneratorExit", "exit()"]
)
def test_an_exit_is_an_error_like_any_other(pool: Pool, how: str) -> None:
    """The next task is run all the same."""
    seen = pool.run(job(f"def g():\n    {how}\ndef h():\n    return 1\n", "g", "h"))
    assert isinstance(seen.outcomes["g"], Raised) and returned(seen.outcomes["h"]) == 1


def test_a_function_that_is_none_is_missing(pool: Pool) -> None:
    """And what stands in its place is named."""
    seen = pool.run(
        job(
            "a = 3\nclass M(type): __name__ = property(lambda c: 1/0)\nclass C(metaclass=M): pass\nb = C()",
            "a",
            "b",
            "c",
        )
    )
    assert [seen.outcomes[t] for t in "abc"] == [Missing("int"), Missing("C"), Missing()]


def test_a_function_with_other_arguments_is_a_misfit(pool: Pool) -> None:
    """It is not called; a signature that cannot be printed does no harm."""
    source = """
    class Evil:
        def __repr__(self): raise SystemExit
    def two(x, y): pass
    def evil(x, y, z=Evil()): pass
    class Odd:
        def __call__(self, x): return x + 1
        __signature__ = property(lambda self: 1 / 0)
    odd = Odd()
    """
    one = (array(1.0),)
    seen = pool.run(job(source, *(calls(name, 1)[0] for name in ("two", "evil", "odd"))))
    assert seen.outcomes["two@0"] == Misfit("two(x, y)", len(one))
    assert seen.outcomes["evil@0"] == Misfit("evil(…)", 1)
    assert returned(seen.outcomes["odd@0"]) == 1.0


def test_inputs_changed_in_place_are_reported(pool: Pool) -> None:
    """Also through ``.data`` and a view."""
    seen = pool.run(
        job(
            "def f(x):\n    x.data[0] = 7\n    return x * 1\ndef g(x):\n    x += 1\n    return x\n",
            *calls("g", 1),
            gradient(),
        )
    )
    called, differentiated = seen.outcomes["g@0"], seen.outcomes["f'"]
    assert isinstance(called, Returned) and called.mutated == (0,)
    assert isinstance(differentiated, Differentiated) and differentiated.mutated == (0,)


def differentiate(pool: Pool, source: str, **more: Any) -> Differentiated:
    """What came of differentiating ``f`` at [1, 2]."""
    seen = pool.run(job(textwrap.dedent(source), gradient(**more)))
    assert seen.loaded.failure is None
    outcome = seen.outcomes["f'"]
    assert isinstance(outcome, Differentiated), outcome
    return outcome


def test_gradients_come_from_the_engine(pool: Pool) -> None:
    """∂(x²)/∂x = 2x, contracted with ones."""
    outcome = differentiate(pool, "def f(x): return x * x")
    assert plain(outcome.value) == [1.0, 4.0] and plain(outcome.grads[0]) == [2.0, 4.0]


def test_a_subclass_is_differentiated_as_the_tensor_it_is(pool: Pool) -> None:
    """Its properties and ``__torch_function__`` choose neither the cotangent nor the answer."""
    outcome = differentiate(
        pool,
        """
        import torch
        class T(torch.Tensor):
            requires_grad = property(lambda self: 1 / 0)
            dtype = property(lambda self: 1 / 0)
            __torch_function__ = classmethod(lambda cls, f, types, a=(), k=None: torch.full((2,), 50.0))
        def f(x):
            return (x * x).as_subclass(T)
        """,
    )
    assert plain(outcome.value) == [1.0, 4.0] and plain(outcome.grads[0]) == [2.0, 4.0]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("return None", "not-a-tensor"),
        ("return x.sum().item()", "not-a-tensor"),
        ("return [x]", "not-a-tensor"),
        ("return x.detach() * 2", "no-graph"),
        ("return x.long()", "not-floating"),
        ("y = x * x; y.sum().backward(); return y", "raised"),
    ],
)
def test_a_result_without_a_gradient_says_why(pool: Pool, body: str, problem: str) -> None:
    """One word for each way in which autograd has nothing to give."""
    outcome = differentiate(pool, f"import torch\ndef f(x):\n    {body}\n")
    assert (
        outcome.problem == problem
        and outcome.grads == ()
        and (outcome.error is None) == (problem != "raised")
    )


def test_no_hidden_input_is_in_the_process_while_the_module_is_executed(pool: Pool) -> None:
    """Looking through every frame and every object finds no array of a task."""
    source = """
    import gc, sys
    from grader.model.values import Array
    found = [o for o in gc.get_objects() if type(o).__module__ == "grader.model.job"]
    found = [o for o in found if getattr(o, "tasks", ()) or getattr(o, "function", "") == "wanted"]
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if type(value).__name__ == "Job":
                found += value.tasks
        frame = frame.f_back
    count = len(found)
    def wanted(x):
        return count
    """
    assert returned(pool.run(job(source, *calls("wanted", 1))).outcomes["wanted@0"]) == 0


def test_cant_draw_the_hidden_inputs_again_from_a_seed(pool: Pool) -> None:
    """What seeds randomness in the child is derived one way from the submission's seed."""
    source = "import torch\ndef g():\n    return torch.initial_seed()\n"
    first = pool.run(job(source, "g", seed=7)).outcomes["g"]
    assert returned(first) != 7
    assert first == pool.run(job(source, "g", seed=7)).outcomes["g"]
    assert first != pool.run(job(source, "g", seed=8)).outcomes["g"]


def evidence(pool: Pool, source: str) -> list[Evidence]:
    """What was noticed during three predictions."""
    seen = pool.run(job(source, *calls("g", 3, watched="f")))
    found = []
    for outcome in seen.outcomes.values():
        assert isinstance(outcome, Returned) and outcome.evidence is not None, outcome
        found.append(outcome.evidence)
    return found


def test_a_formula_leaves_no_evidence_of_a_quotient(pool: Pool) -> None:
    """A call of ``f`` at the input itself is seen, and is none."""
    source = """
    def f(x): return x * x
    def g(x): return 2 * f(x) / x
    """
    assert evidence(pool, source) == [Evidence(0, True)] * 3


@pytest.mark.parametrize(
    "name",
    ["h = f", "h = [f][0]", "def h(x, k=f): return k(x)", "import functools; h = functools.partial(f)"],
)
def test_a_difference_quotient_is_seen_by_whatever_name_f_is_called(pool: Pool, name: str) -> None:
    """It is the function that is watched and not its name; afterwards it is as it was."""
    source = f"""
    def f(x): return x * x
    code = f.__code__
    {name}
    def g(x):
        return (h(x + 1e-6) - h(x - 1e-6)) / 2e-6
    def same(x):
        return f.__code__ is code
    """
    assert [e.quotient for e in evidence(pool, source)] == [True] * 3
    seen = pool.run(job(source, *calls("g", 1, watched="f"), *calls("same", 1)))
    assert returned(seen.outcomes["same@0"]) is True


def test_without_autograd_there_is_none(pool: Pool) -> None:
    """The same job in either kind of child: numbers are the same, a gradient is not to be had."""
    source = """
    import torch
    def g(x):
        return torch.softmax(torch.stack([x, x * 2]), 0)
    def h(x):
        x.requires_grad_()
        return torch.autograd.grad(x * x, x)[0]
    """
    work = job(source, *calls("g", 2), *calls("h", 2))
    with_it = pool.run(work).outcomes
    without = pool.run(msgspec.structs.replace(work, autograd=False)).outcomes
    assert with_it["g@1"] == without["g@1"]
    assert returned(with_it["h@1"]) == 2.0
    asked = without["h@1"]
    assert isinstance(asked, Returned) and np.isnan(returned(asked)) and asked.asked == 7


def test_the_types_that_cross_are_kept(pool: Pool) -> None:
    """A dtype is part of an answer."""
    source = "import torch\ndef g(): return torch.ones(1, dtype=torch.float32)\ndef h(): return 3\n"
    seen = pool.run(job(source, "g", "h"))
    g, h = seen.outcomes["g"], seen.outcomes["h"]
    assert isinstance(g, Returned) and isinstance(g.value, Tensor) and g.value.array.dtype == "float32"
    assert isinstance(h, Returned) and isinstance(h.value, Number) and h.value.type == "int"
