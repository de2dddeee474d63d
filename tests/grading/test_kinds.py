"""Every kind of check, on exercises made up here: what passes, what does not, and what is said of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest

from grader.errors import TruthFailed
from grader.grading.plan import make_plan
from grader.grading.published import publish
from grader.model.report import CheckResult

from .made import NAMED, Made, Make, make

__all__ = ["make"]
Table = dict[str, Any]


def told(result: CheckResult) -> tuple[str, str | None]:
    """The verdict, and the code of the reason."""
    return result.verdict, result.diagnosis.code if result.diagnosis else None


PREDICTED = {"kind": "prediction", "of": "f", "cotangent": "sum"}
PASSED = ("passed", None)
FAILED = ("failed", None)


class TestOwnPrediction:
    """The student designs f and predicts its gradient."""

    CHECK: ClassVar[Table] = {"kind": "own-prediction", "function": "grad_f", "of": "f", "cotangent": "sum"}
    LYING = """
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x ** 3
        @staticmethod
        def backward(ctx, g):
            return 5 * g
    """

    @pytest.fixture
    def own(self, make: Make) -> Made:
        return make("", self.CHECK, case_seconds=0.5)

    @pytest.mark.parametrize(
        "source",
        [
            "def f(x): return x ** 3 - 2 * x\ndef grad_f(x): return 3 * x ** 2 - 2",
            "def f(x): return (x * x.sin()).sum()\ndef grad_f(x): return x.sin() + x * x.cos()",
            "def f(x): return x.abs() * 7\ndef grad_f(x): return 7 * torch.sign(x)",
            "def f(x): return 1e6 + x\ndef grad_f(x): return torch.ones_like(x)",
            "def f(x): return (x.float() ** 3).sum()\ndef grad_f(x): return 3 * x.float() ** 2",
            "def f(x): return torch.relu(x - 1.5)\ndef grad_f(x): return (x > 1.5).double()",
            "def f(x):\n    return x.norm() if x.sum() > 0 else 100 * x.norm()\n"
            "def grad_f(x):\n    return (1 if x.sum() > 0 else 100) * x / x.norm()",
        ],
        ids=["polynomial", "scalar", "abs", "large", "float32 inside", "at a kink", "branches"],
    )
    def test_a_function_that_is_differentiated_rightly_passes(self, own: Made, source: str) -> None:
        assert told(own.ask(source)) == PASSED

    def test_its_own_custom_function_may_be_right(self, own: Made) -> None:
        source = textwrap.dedent(self.LYING).replace("5 * g", "3 * ctx.saved_tensors[0] ** 2 * g")
        assert (
            told(own.ask(source + "\ndef f(x): return Cube.apply(x)\ndef grad_f(x): return 3 * x ** 2"))
            == PASSED
        )

    def test_a_wrong_prediction_has_its_reason(self, own: Made) -> None:
        result = own.ask("def f(x): return x ** 3\ndef grad_f(x): return 1.5 * x ** 2")
        assert told(result) == ("failed", "scale") and result.counterexample is not None
        assert result.counterexample.expected == [6.75, 18.75, 0.75]

    def test_a_backward_that_lies_is_refused(self, own: Made) -> None:
        source = (
            textwrap.dedent(self.LYING) + "\ndef f(x): return Cube.apply(x)\ndef grad_f(x): return 5 + 0 * x"
        )
        result = own.ask(source)
        assert told(result) == FAILED and "not how f really changes" in result.message.en

    @pytest.mark.parametrize(
        "f",
        [
            "return Cube.apply(x) if x.requires_grad else x * float('nan')",
            "if not x.requires_grad:\n        raise ValueError\n    return Cube.apply(x)",
            "while not x.requires_grad:\n        pass\n    return Cube.apply(x)",
            "return Cube.apply(x) if x.requires_grad else torch.rand(3, 3)",
            "return Cube.apply(x) if x.requires_grad else None",
        ],
        ids=["NaN", "raises", "never ends", "noise", "None"],
    )
    def test_it_cannot_hide_from_being_looked_at(self, own: Made, f: str) -> None:
        """A function that tells a look from a differentiation shows nothing of how it changes."""
        source = textwrap.dedent(self.LYING) + f"\ndef f(x):\n    {f}\ndef grad_f(x): return 5 + 0 * x"
        assert own.ask(source).verdict == "failed"

    @pytest.mark.parametrize(
        ("f", "gradient"),
        [
            ("x.detach() * x", "x"),
            ("x + torch.sin(x.data)", "torch.ones_like(x)"),
            ("x * float(x.sum())", "x.sum() + 0 * x"),
            ("x + (torch.round(x) - x).detach()", "torch.ones_like(x)"),
        ],
        ids=["detach", "data", "float", "straight-through"],
    )
    def test_a_cut_is_refused(self, own: Made, f: str, gradient: str) -> None:
        result = own.ask(f"def f(x): return {f}\ndef grad_f(x): return {gradient}")
        assert told(result) == FAILED and "the graph is cut" in result.message.en

    @pytest.mark.parametrize(
        ("f", "gradient"),
        [
            ("x * (2.0 + torch.floor(x.detach() * 100) % 2)", "2.0 + torch.floor(x * 100) % 2 + 0 * x"),
            ("torch.sin(3000 * x)", "3000 * torch.cos(3000 * x)"),
        ],
        ids=["jumps at the cases themselves", "fast"],
    )
    def test_a_function_that_jumps_or_wiggles_where_it_is_looked_at_is_accused_of_nothing(
        self, own: Made, f: str, gradient: str
    ) -> None:
        """The values of one side of a jump agree; a bend at one width is a smaller one at the other."""
        assert told(own.ask(f"def f(x): return {f}\ndef grad_f(x): return {gradient}")) == PASSED

    def test_one_whose_values_tell_nothing_is_told_that(self, own: Made) -> None:
        """And not that something is cut."""
        wild = "def f(x): return torch.sin(1e7 * x)\ndef grad_f(x): return 1e7 * torch.cos(1e7 * x)"
        result = own.ask(wild)
        assert result.verdict == "failed" and "changes very fast" in result.message.en
        hidden = (
            "def f(x): return x * 2 if x.requires_grad else x * float('nan')\ndef grad_f(x): return 2 + 0 * x"
        )
        result = own.ask(hidden)
        assert result.verdict == "failed" and "no finite number" in result.message.en

    def test_cutting_off_what_does_not_change_passes(self, own: Made) -> None:
        source = "def f(x): return x ** 2 + torch.round(x * 0).detach()\ndef grad_f(x): return 2 * x"
        assert told(own.ask(source)) == PASSED

    def test_no_gradient_at_all_is_said(self, own: Made) -> None:
        result = own.ask("def f(x): return x.detach() ** 2\ndef grad_f(x): return 2 * x")
        assert result.verdict == "failed" and "no gradient through your own f" in result.message.en

    def test_nothing_that_is_not_finite_can_be_predicted(self, own: Made) -> None:
        result = own.ask("def f(x): return x * float('nan')\ndef grad_f(x): return x * float('nan')")
        assert result.verdict == "failed" and "NaN or infinity" in result.message.en

    def test_autograd_is_no_prediction_here_either(self, own: Made) -> None:
        source = """
        def f(x): return x ** 3
        def grad_f(x):
            x = x.clone().requires_grad_()
            return torch.autograd.grad(f(x).sum(), x)[0]
        """
        assert told(own.ask(source)) == ("failed", "autograd-in-prediction")

    @pytest.mark.parametrize(
        ("source", "verdict"),
        [
            ("def grad_f(x): return x", "missing"),
            ("def f(x): return x", "missing"),
            ("def f(x): return x\ndef grad_f(x): raise ValueError", "error"),
            ("def f(x):\n    while True: pass\ndef grad_f(x): return x", "timeout"),
        ],
    )
    def test_what_is_missing_or_breaks_has_its_own_verdict(
        self, own: Made, source: str, verdict: str
    ) -> None:
        assert own.ask(source).verdict == verdict

    def test_single_precision_is_looked_at_too(self, make: Make) -> None:
        own = make("", self.CHECK, dtypes={"x": "float32"})
        right = "def f(x): return x ** 3\ndef grad_f(x): return 3 * x ** 2"
        assert own.ask(right).verdict == "passed"
        assert own.ask("def f(x): return x.detach() * x\ndef grad_f(x): return x").verdict == "failed"

    def test_one_of_two_inputs(self, make: Make) -> None:
        own = make(
            "",
            self.CHECK | {"wrt": "w"},
            inputs="x w",
            functions="f(x,w) grad_f(x,w)",
            at=[([[1.0, 2.0], [3.0, 4.0]], [1.5, 2.5])],
            hidden=[([[0.5, -1.0], [2.0, 0.25]], [3.0, -2.0])],
        )
        assert told(own.ask("def f(x, w): return x @ w\ndef grad_f(x, w): return x.sum(0)")) == PASSED
        cut = own.ask("def f(x, w): return x @ w + w.detach() ** 2\ndef grad_f(x, w): return x.sum(0)")
        assert told(cut) == FAILED


class TestJvp:
    """A direction pushed forward."""

    REFERENCE = """
    A = torch.tensor([[1.0, 2.0], [-0.5, 3.0]], dtype=torch.float64)
    def f(x): return (A @ x) ** 2
    """
    CHECK: ClassVar[Table] = {"kind": "jvp", "function": "jvp_f", "of": "f", "tangent": "v", "wrt": "x"}

    @pytest.fixture
    def jvp(self, make: Make) -> Made:
        return make(
            self.REFERENCE,
            self.CHECK,
            inputs="x (v)",
            functions="f(x) jvp_f(x,v)",
            at=[([1.0, 2.0], [0.5, -1.5]), ([-0.5, 3.0], [2.0, 1.0])],
            hidden=[([4.0, 0.25], [-1.0, 0.75])],
        )

    @pytest.mark.parametrize(
        ("answer", "due"),
        [
            ("2 * (A @ x) * (A @ v)", PASSED),
            ("A.T @ (2 * (A @ x) * v)", ("failed", "transpose")),
            ("2 * (A @ x) * torch.diag(A) * v", ("failed", "diagonal-only")),
            ("-2 * (A @ x) * (A @ v)", ("failed", "sign")),
            ("(A @ x) * (A @ v)", ("failed", "scale")),
            ("(2 * (A @ x) * (A @ v)).sum()", ("failed", "reduced")),
            ("torch.autograd.functional.jvp(f, x, v)[1]", ("failed", "autograd-in-prediction")),
            ("(f(x + 1e-6 * v) - f(x)) / 1e-6", ("failed", "finite-difference")),
        ],
    )  # fmt: skip
    def test_right_and_classic_wrong_answers(self, jvp: Made, answer: str, due: tuple[str, str]) -> None:
        source = textwrap.dedent(self.REFERENCE) + f"\ndef jvp_f(x, v): return {answer}"
        assert told(jvp.ask(source)) == due

    def test_two_directions_are_two_questions(self, make: Make) -> None:
        """One reference, one point, two tangents: neither is taken for the other."""
        both = make(
            "def f(x): return x ** 2",
            [
                self.CHECK | {"id": "along-v", "function": "along_v"},
                self.CHECK | {"id": "along-w", "function": "along_w", "tangent": "w"},
            ],
            inputs="x (v) (w)",
            functions="f(x) along_v(x,v) along_w(x,w)",
            at=[([1.0, 2.0], [0.5, -1.5], [3.0, 4.0])],
            hidden=[([4.0, 0.25], [-1.0, 0.75], [2.0, 2.0])],
        )
        report = both.grade("def along_v(x, v): return 2 * x * v\ndef along_w(x, w): return 2 * x * w")
        assert [c.verdict for c in report.checks] == ["passed", "passed"]

    def test_a_direction_may_come_in_another_precision(self, make: Make) -> None:
        single = make(
            "def f(x): return x ** 2",
            self.CHECK,
            inputs="x (v)",
            functions="f(x) jvp_f(x,v)",
            at=[([1.0, 2.0], [0.5, -1.5])],
            hidden=[],
            dtypes={"x": "float32"},
        )
        assert single.ask("def jvp_f(x, v): return 2 * x * v.float()").verdict == "passed"


class TestJacobian:
    """All partial derivatives, in the shape of the output and then of the input."""

    CHECK: ClassVar[Table] = {"kind": "jacobian", "function": "jac_f", "of": "f"}
    REFERENCE = "def f(x): return x * x.sum()"

    @pytest.mark.parametrize(
        ("answer", "due"),
        [
            ("torch.eye(len(x), dtype=x.dtype) * x.sum() + x[:, None]", PASSED),
            ("torch.eye(len(x), dtype=x.dtype) * x.sum() + x[None]", ("failed", "transpose")),
            ("torch.diag(x.sum() + x)", ("failed", "diagonal-only")),
            ("x.sum() + x", ("failed", "shape")),
            ("(torch.eye(len(x), dtype=x.dtype) * x.sum() + x[:, None]).tolist()", FAILED),
            ("torch.autograd.functional.jacobian(f, x)", ("failed", "autograd-in-prediction")),
        ],
    )
    def test_right_and_classic_wrong_answers(self, make: Make, answer: str, due: tuple[str, str]) -> None:
        result = make(self.REFERENCE, self.CHECK, functions="f(x) jac_f(x)").ask(
            f"{self.REFERENCE}\ndef jac_f(x): return {answer}"
        )
        assert told(result) == due

    def test_of_a_matrix_it_has_the_axes_of_both(self, make: Make) -> None:
        at = [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]
        made = make("def f(x): return x.sum(1)", self.CHECK, functions="jac_f(x)", at=at, hidden=[])
        right = "def jac_f(x): return torch.eye(2, dtype=x.dtype)[:, :, None].expand(2, 2, 3)"
        assert told(made.ask(right)) == PASSED
        result = made.ask("def jac_f(x): return torch.ones_like(x)")
        assert told(result) == ("failed", "shape") and "should have shape (2, 2, 3)" in result.message.en


class TestHvp:
    """The hessian of a number, times a vector."""

    REFERENCE = "def f(x): return (x ** 3).sum() + x[0] * x[1]"
    RIGHT = "6 * x * v + torch.cat([v[1:2], v[0:1], 0 * v[2:]])"

    @pytest.mark.parametrize(
        ("answer", "due"),
        [
            (RIGHT, PASSED),
            ("6 * x * v", ("failed", "diagonal-only")),
            (f"-({RIGHT})", ("failed", "sign")),
            (f"({RIGHT}).sum()", ("failed", "reduced")),
        ],
    )
    def test_right_and_classic_wrong_answers(self, make: Make, answer: str, due: tuple[str, str]) -> None:
        made = make(
            self.REFERENCE,
            {"kind": "hvp", "function": "hvp_f", "of": "f", "tangent": "v"},
            inputs="x (v)",
            functions="f(x) hvp_f(x,v)",
            at=[([1.0, 2.0], [0.5, -1.5]), ([-0.5, 3.0, 0.25], [2.0, 1.0, 4.0])],
            hidden=[([4.0, 0.25, -1.0], [-1.0, 0.75, 3.0])],
        )
        assert told(made.ask(f"def hvp_f(x, v): return {answer}")) == due


class TestHigherOrder:
    """One derivative after the other, each of the sum."""

    CHECK: ClassVar[Table] = {"kind": "higher-order", "function": "grad_f", "of": "f", "order": 2}

    @pytest.mark.parametrize(
        ("answer", "due", "words"),
        [
            ("12 * x ** 2", PASSED, ""),
            ("4 * x ** 3", ("failed", "value-not-gradient"), "too low an order"),
            ("24 * x", ("failed", "second-derivative"), "too high an order"),
            ("x ** 4", ("failed", "value-not-gradient"), "too low an order"),
            ("-12 * x ** 2", ("failed", "sign"), "wrong sign"),
        ],
    )
    def test_too_few_and_too_many(self, make: Make, answer: str, due: tuple[str, str], words: str) -> None:
        """The second derivative is the right one here, and must not be called one too many."""
        result = make("def f(x): return x ** 4", self.CHECK).ask(f"def grad_f(x): return {answer}")
        assert told(result) == due and words in result.message.en

    def test_of_third_order(self, make: Make) -> None:
        made = make("def f(x): return x ** 4", self.CHECK | {"order": 3})
        assert told(made.ask("def grad_f(x): return 24 * x")) == PASSED

    def test_a_polynomial_runs_out_of_derivatives(self, make: Make) -> None:
        made = make("def f(x): return x ** 2", self.CHECK | {"order": 4})
        assert told(made.ask("def grad_f(x): return torch.zeros_like(x)")) == PASSED

    def test_the_gradient_of_the_gradient_through_the_students_f(self, make: Make) -> None:
        check = {"kind": "gradient", "function": "f", "order": 2}
        made = make("def f(x): return x ** 4", check, functions="f(x)")
        assert told(made.ask("def f(x): return x * x * x * x")) == PASSED
        once = made.ask("def f(x): return x ** 3 * x.detach()")
        assert once.verdict == "failed", "right in value and cut off in the gradient"


QUOTIENTS: dict[str, tuple[Table, str, str]] = {
    "vjp": (
        {"kind": "vjp", "function": "g", "of": "f", "cotangent": "v"},
        "x, v",
        "torch.stack([((f(x + h * e) - f(x - h * e)) * v).sum() / (2 * h) for e in torch.eye(len(x))])",
    ),
    "jacobian": (
        {"kind": "jacobian", "function": "g", "of": "f"},
        "x",
        "torch.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in torch.eye(len(x))], 1)",
    ),
    "second derivative": (
        {"kind": "higher-order", "function": "g", "of": "f", "order": 2},
        "x",
        "(f(x + 100 * h) - 2 * f(x) + f(x - 100 * h)) / (100 * h) ** 2",
    ),
}


@pytest.mark.parametrize(("check", "arguments", "answer"), QUOTIENTS.values(), ids=QUOTIENTS)
def test_a_quotient_is_found_whatever_derivative_it_approaches(
    make: Make, check: Table, arguments: str, answer: str
) -> None:
    """It errs by a billionth, which no tolerance sees."""
    f = "def f(x): return torch.exp(x) * x" if "order" in check else "def f(x): return torch.softmax(x, 0)"
    given = "x (v)" if "v" in arguments else "x"
    at = (
        [([1.0, 2.0], [0.5, -1.5]), ([-0.5, 0.75], [2.0, 1.0])]
        if "v" in arguments
        else [[1.0, 2.0], [-0.5, 0.75]]
    )
    made = make(
        f, check, inputs=given, functions=f"f(x) g({arguments})".replace(", ", ","), at=at, hidden=at[:1]
    )
    source = f"{f}\ndef g({arguments}):\n    h = 1e-6\n    return {answer}"
    assert told(made.ask(source)) == ("failed", "finite-difference")


class TestRaises:
    """An error that must happen, and that torch must raise."""

    REFERENCE = """
    def f(x):
        x = x.requires_grad_()
        y = (x * x).sum()
        y.backward()
        y.backward()
    """
    CHECK: ClassVar[Table] = {
        "kind": "raises",
        "function": "f",
        "error": "RuntimeError",
        "match": "second time",
    }

    @pytest.fixture
    def raises(self, make: Make) -> Made:
        return make(self.REFERENCE, self.CHECK, functions="f(x)", case_seconds=0.5)

    def test_the_stated_error_passes_and_is_no_error_of_the_report(self, raises: Made) -> None:
        report = raises.grade(self.REFERENCE)
        assert report.passed and report.error is None

    def test_nothing_raised_is_said(self, raises: Made) -> None:
        result = raises.ask("def f(x): return x")
        assert told(result) == FAILED
        assert result.message.en == "f ran to its end without an error; here RuntimeError should be raised."

    def test_another_error_is_shown(self, raises: Made) -> None:
        result = raises.ask("def f(x):\n    return x @ torch.ones(7)")
        assert told(result) == FAILED and "not the error that is asked for" in result.message.en
        assert "Line 3 raised RuntimeError" in result.message.en

    def test_another_type_is_another_error(self, raises: Made) -> None:
        assert "ZeroDivisionError" in raises.ask("def f(x): return 1 / 0").message.en

    @pytest.mark.parametrize(
        "source",
        [
            "def f(x): raise RuntimeError('backward through the graph a second time')",
            "def f(x): assert False, 'a second time'",
            "class Mine(RuntimeError): pass\ndef f(x): raise Mine('a second time')",
            "def fail(): raise RuntimeError('a second time')\ndef f(x): return fail()",
            "def f(x):\n    try: x @ torch.ones(7)\n"
            "    except RuntimeError as e: raise RuntimeError('a second time') from e",
            "def g(): yield\ndef f(x):\n    h = g(); next(h); h.throw(RuntimeError('a second time'))",
            "from concurrent.futures import Future\n"
            "def f(x):\n    h = Future(); h.set_exception(RuntimeError('a second time')); h.result()",
        ],
        ids=["raise", "assert", "a subclass", "a helper", "another one again", "a generator", "a future"],
    )  # fmt: skip
    def test_a_raise_of_ones_own_is_refused(self, raises: Made, source: str) -> None:
        result = raises.ask(source)
        assert result.verdict == "failed" and "own code" in result.message.en, result.message.en

    def test_a_function_of_ones_own_is_autograd_s(self, make: Make) -> None:
        """Its backward runs where predictions are made, too; here what came from there is no formula."""
        check = self.CHECK | {"autograd": "required"}
        source = """
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return (x * x).sum()
            @staticmethod
            def backward(ctx, g):
                return 2 * g * ctx.saved_tensors[0]
        def f(x):
            y = Square.apply(x.clone().requires_grad_())
            y.backward()
            y.backward()
        """
        assert told(make(self.REFERENCE, check, functions="f(x)").ask(source)) == PASSED

    def test_the_name_of_a_base_class_will_do(self, make: Make) -> None:
        check = {"kind": "raises", "function": "f", "error": "LookupError"}
        made = make("def f(x): return x[99]", check, functions="f(x)")
        assert told(made.ask("def f(x): return x[77]")) == PASSED

    @pytest.mark.parametrize(
        ("source", "verdict"),
        [("", "missing"), ("def f(): pass", "error"), ("def f(x):\n    while True: pass", "timeout")],
    )
    def test_what_never_gets_that_far_has_its_own_verdict(
        self, raises: Made, source: str, verdict: str
    ) -> None:
        assert raises.ask(source).verdict == verdict

    def test_a_reference_that_raises_nothing_is_broken(self, make: Make) -> None:
        made = make("def f(x): return x", self.CHECK, functions="f(x)")
        with pytest.raises(TruthFailed, match="raises nothing"):
            made.ask("def f(x): return x")

    def test_one_that_raises_something_else_is_broken_too(self, make: Make) -> None:
        made = make("def f(x): return 1 / 0", self.CHECK, functions="f(x)")
        with pytest.raises(TruthFailed, match="not the error that is asked for"):
            made.ask("def f(x): return x")

    def test_it_may_take_nothing(self, make: Make) -> None:
        source = "def f():\n    x = torch.ones(2, requires_grad=True)\n    x += 1"
        check = {"kind": "raises", "function": "f", "match": "in-place"}
        assert told(make(source, check, functions="f()").ask(source)) == PASSED


class TestGraph:
    """What the graph of a function is like."""

    @pytest.fixture
    def graph(self, make: Make) -> Callable[[str, str], Made]:
        def made(reference: str, about: str) -> Made:
            return make(
                reference,
                {"kind": "graph", "function": "f", "property": about},
                inputs="x w",
                functions="f(x,w)",
                at=[([1.0, -2.0], [0.5, 1.5])],
                hidden=[([-3.0, 1.0], [2.0, -1.0])],
            )

        return made

    @pytest.mark.parametrize(
        ("f", "due", "words"),
        [
            ("x.detach() * w", PASSED, ""),
            ("x.data * w * 3", PASSED, ""),
            ("w * 2", PASSED, ""),
            ("x * w", FAILED, "still connected to x."),
            ("x * w.detach()", FAILED, "not connected to w."),
            ("(x * w).detach()", ("failed", "cut-graph"), "not connected to w."),
            ("None", ("failed", "cut-graph"), "not connected to w."),
        ],
    )
    def test_which_inputs_the_output_reaches(
        self, graph: Callable[[str, str], Made], f: str, due: tuple[str, str], words: str
    ) -> None:
        result = graph("def f(x, w): return x.detach() * w", "reaches").ask(f"def f(x, w): return {f}")
        assert told(result) == due and words in result.message.en

    CUT: ClassVar[list[tuple[str, bool]]] = [
        ("x.detach() * w", True),
        ("x.data * w", True),
        ("x * w.tolist()[0]", True),
        ("x * float(w.sum())", True),
        ("x + torch.tensor(w.detach().numpy())", True),
        ("sum(row.detach() * w.sum() for row in x)", True),
        ("x.long() * w", True),
        ("x * w", False),
        ("x * w if x.sum() > 0 else x - w", False),
        ("x[x.argmax()] * w", False),
        ("torch.where(x > 0, x, w)", False),
        ("x * torch.ones(2).detach()", False),
    ]

    @pytest.mark.parametrize(("f", "cut"), CUT, ids=[f for f, _ in CUT])
    def test_whether_anything_is_cut_off(self, graph: Callable[[str, str], Made], f: str, cut: bool) -> None:
        source = f"def f(x, w): return {f}"
        assert told(graph("def f(x, w): return x.detach() * w", "cuts").ask(source)) == (
            PASSED if cut else FAILED
        )
        result = graph("def f(x, w): return x * w", "cuts").ask(source)
        assert told(result) == (FAILED if cut else PASSED)
        assert not cut or "Something is cut off" in result.message.en

    def test_a_cut_under_no_grad_and_one_after_a_long_way_are_seen(
        self, graph: Callable[[str, str], Made]
    ) -> None:
        made = graph("def f(x, w): return x.detach() * w", "cuts")
        assert (
            told(made.ask("def f(x, w):\n    with torch.no_grad():\n        u = x * x\n    return u * w"))
            == PASSED
        )
        far = "def f(x, w):\n    for _ in range(200):\n        x = x * 1.01\n    return x.detach() * w"
        assert told(made.ask(far)) == PASSED
        assert told(graph("def f(x, w): return x * w", "cuts").ask(far)) == FAILED

    BRANCH: ClassVar[list[tuple[str, bool]]] = [
        ("return x if x.sum() > 0 else w", True),
        ("while x.norm() < 100:\n        x = x * 2\n    return x", True),
        ("return x if torch.equal(x, w) else w", True),
        ("return x if 1.5 in w else w", True),
        ("return torch.where(x > 0, x, w)", False),
        ("for _ in range(3):\n        x = x * w\n    return x", False),
        ("return x if torch.ones(1) > 0 else w", False),
    ]

    @pytest.mark.parametrize(("f", "branch"), BRANCH, ids=[f.splitlines()[0] for f, _ in BRANCH])
    def test_whether_it_branches_on_the_data(
        self, graph: Callable[[str, str], Made], f: str, branch: bool
    ) -> None:
        source = f"def f(x, w):\n    {f}"
        made = graph("def f(x, w): return x if x.sum() > 0 else w", "branches")
        assert told(made.ask(source)) == (PASSED if branch else FAILED)
        made = graph("def f(x, w): return x * w", "branches")
        assert told(made.ask(source)) == (FAILED if branch else PASSED)

    def test_nothing_is_claimed_of_what_python_does_with_a_number(
        self, graph: Callable[[str, str], Made]
    ) -> None:
        made = graph("def f(x, w): return x if x.sum() > 0 else w", "branches")
        assert told(made.ask("def f(x, w): return x if float(x.sum()) > 0 else w")) == PASSED
        made = graph("def f(x, w): return x * w", "branches")
        assert told(made.ask("def f(x, w): return x * float(w.sum())")) == PASSED
        both = "def f(x, w): return x * float(w.sum()) if x.sum() > 0 else w"
        assert told(made.ask(both)) == FAILED, "a branch that is seen is one, whatever else is not"

    def test_an_error_on_the_way_has_its_verdict(self, graph: Callable[[str, str], Made]) -> None:
        made = graph("def f(x, w): return x * w", "reaches")
        assert made.ask("def f(x, w): return x @ torch.ones(9)").verdict == "error"
        assert made.ask("").verdict == "missing"
        assert made.ask("def f(x): return x").verdict == "error"


class TestWords:
    """Choices and edges, in the file and typed beside it."""

    OPTIONS: ClassVar[list[Table]] = [
        {"id": i, "text": {"en": i.title(), "zh": f"{i} 模式"}} for i in ("forward", "reverse", "both")
    ]
    REFERENCE = """
    def answers():
        return {"mode": "reverse", "modes": ["forward", "reverse"], "edges": ["x -> a", "w -> a", "a -> y"]}
    """

    @pytest.fixture
    def words(self, make: Make) -> Made:
        return make(
            self.REFERENCE,
            [{"id": name, "kind": "prediction", "answer": name} for name in ("mode", "modes", "edges")],
            functions="",
            at=[],
            hidden=[],
            answers=[
                {"name": "mode", "type": "choice", "option": self.OPTIONS},
                {"name": "modes", "type": "choice", "option": self.OPTIONS},
                {"name": "edges", "type": "edges"},
            ],
            wrong=[
                {"id": "wrong-way", "checks": ["mode"], "value": "forward"},
                {"id": "no-w", "checks": ["edges"], "value": ["x -> a", "a -> y"]},
                {"id": "both-ways", "checks": ["modes"]},
            ],
            misconceptions="def both_ways(): return ['both', 'both']",
        )

    @pytest.mark.parametrize(
        ("check", "answer", "due"),
        [
            ("mode", "reverse", PASSED),
            ("mode", " Reverse ", PASSED),
            ("mode", "reverse 模式", PASSED),
            ("mode", "forward", ("failed", "author:wrong-way")),
            ("mode", "both", FAILED),
            ("mode", "sideways", ("malformed", None)),
            ("mode", "reverse, reverse", FAILED),
            ("modes", "forward, reverse", PASSED),
            ("modes", "forward reverse", PASSED),
            ("modes", "[forward；reverse]", PASSED),
            ("modes", "reverse, forward", FAILED),
            ("modes", "both both", ("failed", "author:both-ways")),
            ("modes", "forward", FAILED),
            ("edges", "x -> a, w -> a, a -> y", PASSED),
            ("edges", "w→a；x→a→y", PASSED),
            ("edges", "x => a\nw => a\na => y\na => y", PASSED),
            ("edges", "x -> a -> y", ("failed", "author:no-w")),
            ("edges", "a -> x, a -> w, y -> a", FAILED),
            ("edges", "x -> a, w -> y, a -> y", FAILED),
            ("edges", "x a", ("malformed", None)),
            ("edges", "x ->", ("malformed", None)),
            ("edges", "", ("missing", None)),
        ],
    )
    def test_typed_beside_the_file(self, words: Made, check: str, answer: str, due: tuple[str, str]) -> None:
        assert told(words.ask("", check, **{check: answer})) == due

    @pytest.mark.parametrize(
        ("check", "answer", "due"),
        [
            ("mode", '"reverse"', PASSED),
            ("mode", '["reverse"]', PASSED),
            ("mode", "3", ("malformed", None)),
            ("mode", '{"a": 1}', ("malformed", None)),
            ("modes", '("forward", "reverse")', PASSED),
            ("modes", '["forward", "both"]', FAILED),
            ("modes", "[..., ...]", ("missing", None)),
            ("modes", '["forward", ...]', ("missing", None)),
            ("edges", '["x -> a", "w -> a", "a -> y"]', PASSED),
            ("edges", '"x -> a -> y, w -> a"', PASSED),
            ("edges", '[("x", "a"), ("w", "a"), ("a", "y")]', PASSED),
            ("edges", '[("x", "a")]', FAILED),
            ("edges", '[["x"]]', ("malformed", None)),
            ("edges", "[1, 2]", ("malformed", None)),
        ],
    )
    def test_in_the_file(self, words: Made, check: str, answer: str, due: tuple[str, str]) -> None:
        assert told(words.ask(f"PREDICTIONS = {{{check!r}: {answer}}}", check)) == due

    def test_what_is_typed_beside_the_file_wins(self, words: Made) -> None:
        assert told(words.ask('PREDICTIONS = {"mode": "reverse"}', "mode", mode="both")) == FAILED

    def test_what_is_wrong_is_counted(self, words: Made) -> None:
        assert "1 of the 2 choices is not" in words.ask("", "modes", modes="forward both").message.en
        assert "You made 1 choice where 2" in words.ask("", "modes", modes="forward").message.en
        assert "point the other way" in words.ask("", "edges", edges="a -> x, a -> w, y -> a").message.en
        one = words.ask("", "edges", edges="x -> a, w -> y, a -> y").message.en
        assert one == "1 of your edges is not in the graph: w → y; 1 is missing."
        turned = words.ask("", "edges", edges="x -> a, w -> a, y -> a").message.en
        assert turned == "1 of your edges is not in the graph: y → a; 1 is missing."
        assert words.ask("", "edges", edges="a -> y").message.en == "2 edges are missing."

    def test_a_file_that_breaks_costs_nothing_that_is_typed_beside_it(self, words: Made) -> None:
        report = words.grade("1 / 0", mode="reverse")
        assert [c.verdict for c in report.checks] == ["passed", "missing", "missing"]
        report = words.grade("1 +", mode="reverse")
        assert [c.verdict for c in report.checks] == ["passed", "error", "error"]

    def test_an_answer_of_the_reference_that_is_none_is_named(self, make: Make) -> None:
        made = make(
            "def answers(): return {'mode': 'sideways'}",
            {"kind": "prediction", "answer": "mode"},
            functions="",
            at=[],
            hidden=[],
            answers=[{"name": "mode", "type": "choice", "option": self.OPTIONS}],
        )
        with pytest.raises(TruthFailed, match=r"answers\(\)\['mode'\]"):
            made.ask("")


class TestFormula:
    """A gradient that is typed as a formula, and holds at every case."""

    @pytest.fixture
    def formula(self, make: Make) -> Made:
        return make(
            "def f(x): return x ** 3 + x",
            {"kind": "prediction", "answer": "slope", "of": "f", "cotangent": "sum"},
            functions="f(x)",
            answers=[{"name": "slope", "type": "formula"}],
            wrong=[{"id": "kept-exponent", "checks": ["prediction"]}],
            misconceptions="def kept_exponent(x): return 3 * x ** 3 + 1",
        )

    @pytest.mark.parametrize(
        ("text", "due"),
        [
            ("3*x^2 + 1", PASSED),
            ("3x² + 1", PASSED),
            ("df/dx = 3 x**2 + 1", PASSED),
            ("3*x^2 + 1.00000001", PASSED),
            ("f(x)/x + 2*x^2", PASSED),
            ("3x^3 + 1", ("failed", "author:kept-exponent")),
            ("-3x^2 - 1", ("failed", "sign")),
            ("6x^2 + 2", ("failed", "scale")),
            ("x^3 + x", ("failed", "value-not-gradient")),
            ("6x", ("failed", "second-derivative")),
            ("3x^2", ("failed", "missing-path")),
            ("1", ("failed", "shape")),
            ("x", FAILED),
            ("3x^2 +", ("malformed", None)),
            ("3y^2", ("malformed", None)),
            ("[3, 12]", ("malformed", None)),
            ("grad(f)", ("malformed", None)),
            ("f(x + 0.001)", ("malformed", None)),
            ("", ("missing", None)),
        ],
    )
    def test_typed_beside_the_file(self, formula: Made, text: str, due: tuple[str, str]) -> None:
        assert told(formula.ask("", slope=text)) == due

    @pytest.mark.parametrize(
        ("value", "due"),
        [
            ('"3*x^2 + 1"', PASSED),
            ("4.0", ("failed", "shape")),
            ("[3, 4]", ("malformed", None)),
            ("...", ("missing", None)),
            ("True", ("malformed", None)),
            ("lambda x: 3 * x ** 2 + 1", ("malformed", None)),
        ],
    )
    def test_in_the_file(self, formula: Made, value: str, due: tuple[str, str]) -> None:
        assert told(formula.ask(f"PREDICTIONS = {{'slope': {value}}}")) == due

    def test_what_is_typed_beside_the_file_wins(self, formula: Made) -> None:
        assert told(formula.ask("PREDICTIONS = {'slope': 'x'}", slope="3x^2+1")) == PASSED

    def test_a_formula_is_no_difference_quotient_however_near_it_comes(self, formula: Made) -> None:
        result = formula.ask("", slope="3x^2 + 1 + 0.01*6x/2")
        assert told(result) == FAILED

    def test_of_several_inputs_it_may_use_all(self, make: Make) -> None:
        made = make(
            "def f(x, w): return x * w ** 2",
            {"kind": "prediction", "answer": "slope", "of": "f", "wrt": "w", "cotangent": "sum"},
            inputs="x w",
            functions="f(x,w)",
            at=[([1.0, 2.0], [3.0, -1.0])],
            hidden=[([0.5, -2.0], [1.5, 4.0])],
            answers=[{"name": "slope", "type": "formula"}],
        )
        assert told(made.ask("", slope="2*x*w")) == PASSED
        assert told(made.ask("", slope="w^2")) == ("failed", "by-another-input")
        assert told(made.ask("", slope="x^2")) == FAILED


class TestOutputsAndItems:
    """Functions with several outputs, predictions with one gradient for each input."""

    TUPLE = "def f(x): return x ** 2, x ** 3"
    DICT = "def f(x): return {'square': x ** 2, 'cube': x ** 3}"

    @pytest.mark.parametrize(("reference", "output"), [(TUPLE, 1), (TUPLE, -1), (DICT, "cube")])
    def test_one_output_is_meant(self, make: Make, reference: str, output: int | str) -> None:
        made = make(
            reference,
            [
                {"kind": "value", "function": "f", "output": output},
                {"kind": "gradient", "function": "f", "output": output},
                {"kind": "prediction", "function": "grad_f", "of": "f", "output": output, "cotangent": "sum"},
            ],
        )
        right = "\ndef grad_f(x): return 3 * x ** 2"
        assert [told(c) for c in made.grade(reference + right).checks] == [PASSED] * 3
        swapped = (
            reference.replace("x ** 2", "x ** 9").replace("x ** 3", "x ** 2").replace("x ** 9", "x ** 3")
        )
        assert [c.verdict for c in made.grade(swapped + right).checks] == ["failed", "failed", "passed"]

    @pytest.mark.parametrize("f", ["(x ** 3,)", "()", "[x ** 2]"])
    def test_an_output_that_is_not_there_is_named(self, make: Make, f: str) -> None:
        checks = [{"kind": kind, "function": "f", "output": 1} for kind in ("value", "gradient")]
        report = make(self.TUPLE, checks, functions="f(x)").grade(f"def f(x): return {f}")
        for check in report.checks:
            assert check.verdict == "failed" and "has no item 1 (counted from 0)" in check.message.en

    def test_an_output_that_is_a_dicts_is_named_by_its_key(self, make: Make) -> None:
        made = make(self.DICT, {"kind": "value", "function": "f", "output": "cube"}, functions="f(x)")
        assert "has no item cube" in made.ask("def f(x): return {'square': x}").message.en
        assert told(made.ask("def f(x): return x ** 3")) == PASSED, "one output alone needs no name"

    @pytest.mark.parametrize(
        ("items", "answer"),
        [((0, 1), "(w, x)"), ((0, 1), "[w, x]"), (("x", "w"), "{'x': w, 'w': x}")],
    )
    def test_one_gradient_for_each_input(
        self, make: Make, items: tuple[int | str, int | str], answer: str
    ) -> None:
        made = make(
            "def f(x, w): return x * w",
            [
                {"id": name, "kind": "prediction", "function": "grad_f", "of": "f", "wrt": name, "item": item,
                 "cotangent": "sum"}
                for name, item in zip(("x", "w"), items, strict=True)
            ],
            inputs="x w",
            functions="f(x,w) grad_f(x,w)",
            at=[([1.0, 2.0, 4.0], [3.0, -1.0, 0.5])],
            hidden=[([0.5, -2.0], [1.5, 4.0])],
        )  # fmt: skip
        ask = "def grad_f(x, w): return {}"
        assert [told(c) for c in made.grade(ask.format(answer)).checks] == [PASSED, PASSED]
        negated = answer.replace("x", "-x").replace("'-x'", "'x'")
        half = made.grade(ask.format(negated)).checks
        assert [told(c) for c in half] == [PASSED, ("failed", "sign")]
        short = made.grade(ask.format(answer.partition(",")[0] + (",)" if answer[0] == "(" else answer[-1])))
        assert told(short.checks[0]) == PASSED and "has no item" in short.checks[1].message.en
        none = made.grade(
            ask.format("(None, None)" if isinstance(items[0], int) else "{'x': None, 'w': None}")
        )
        assert all(
            "None" in c.message.en and str(item) in c.message.en
            for c, item in zip(none.checks, items, strict=True)
        )


class TestInputs:
    """Several inputs, matrices, single precision, and inputs that do not matter."""

    def test_each_input_has_a_gradient_of_its_own(self, make: Make) -> None:
        made = make(
            "def f(x, w): return x @ w",
            [
                *({"id": f"through-{n}", "kind": "gradient", "wrt": n, "function": "f"} for n in "xw"),
                *(PREDICTED | {"id": n, "wrt": n, "function": f"grad_{n}"} for n in "xw"),
            ],
            inputs="x w",
            functions="f(x,w) grad_x(x,w) grad_w(x,w)",
            at=[([[1.0, 2.0], [3.0, 4.0], [0.5, -1.0]], [1.5, 2.5])],
            hidden=[([[0.25, 2.0]], [1.0, -2.0]), ([[0.5, -1.0], [2.0, 0.25]], [3.0, -2.0])],
        )  # fmt: skip
        report = made.grade(
            """
            def f(x, w): return (x * w).sum(1)
            def grad_x(x, w): return w.expand_as(x)
            def grad_w(x, w): return x.sum(0)
            """
        )
        assert report.passed, report
        wrong = made.grade(
            """
            def f(x, w): return x.detach() @ w
            def grad_x(x, w): return w
            def grad_w(x, w): return x
            """
        )
        assert [told(c) for c in wrong.checks] == [
            ("failed", "cut-graph"), PASSED, ("failed", "shape"), ("failed", "not-reduced")
        ]  # fmt: skip

    def test_a_matrix_has_a_gradient_of_its_own_shape(self, make: Make) -> None:
        check = {"kind": "prediction", "function": "grad_f", "of": "f"}
        at = [[[1.0, 2.0], [3.0, 5.0]], [[0.5, -1.0], [4.0, 0.25]]]
        made = make(
            "def f(x): return torch.trace(x @ x @ x)", check, at=at, hidden=[[[2.0, 1.0], [0.0, -3.0]]]
        )
        assert told(made.ask("def grad_f(x): return 3 * (x @ x).T")) == PASSED
        assert told(made.ask("def grad_f(x): return 3 * x @ x")) == ("failed", "transpose")
        assert told(made.ask("def grad_f(x): return (3 * x @ x).T.flatten()")) == ("failed", "shape")

    def test_single_precision_has_a_tolerance_of_its_own(self, make: Make) -> None:
        checks = [
            {"kind": "value", "function": "f"},
            {"kind": "gradient", "function": "f"},
            {"kind": "prediction", "function": "grad_f", "of": "f", "cotangent": "sum"},
        ]
        made = make("def f(x): return torch.sin(x) ** 3", checks, dtypes={"x": "float32"})
        right = made.grade(
            "def f(x): return torch.sin(x) * (1 - torch.cos(x) ** 2)\n"
            "def grad_f(x): return 3 * torch.sin(x) ** 2 * torch.cos(x)"
        )
        assert right.passed and all("single precision" in c.message.en for c in right.checks)
        wrong = made.grade("def f(x): return torch.sin(x) ** 3 + 0.01\ndef grad_f(x): return torch.cos(x)")
        assert [c.verdict for c in wrong.checks] == ["failed", "passed", "failed"]

    def test_a_value_needs_no_leaf(self, make: Make) -> None:
        """A function of whole numbers has a value to judge, if no gradient."""
        made = make(
            "def f(x): return x * 2",
            {"kind": "value", "function": "f"},
            inputs="(x)",
            functions="f(x)",
            at=[[1, 2]],
            hidden=[[5]],
            dtypes={"x": "int64"},
        )
        assert told(made.ask("def f(x): return x + x")) == PASSED
        assert told(made.ask("def f(x): return x * x")) == FAILED

    def test_a_value_may_be_a_truth_value(self, make: Make) -> None:
        made = make("def f(x): return x > 0", {"kind": "value", "function": "f"}, functions="f(x)")
        assert told(made.ask("def f(x): return x >= 0.1")) == PASSED
        wrong = made.ask("def f(x): return x < 0")
        assert told(wrong) == FAILED
        assert wrong.message.en == "f is False at [0]; True is right."
        assert told(made.ask("def f(x): return (x > 0).all()")) == ("failed", "shape")
        assert told(made.ask("def f(x): return (x > 0).double()")) == ("failed", "dtype")

    @pytest.fixture
    def unused(self, make: Make) -> Made:
        """f(x, w) does not depend on w at all."""
        return make(
            "def f(x, w): return x ** 2",
            [
                {"kind": "gradient", "function": "f", "wrt": "w"},
                {"kind": "prediction", "function": "grad_w", "of": "f", "wrt": "w", "cotangent": "sum"},
            ],
            inputs="x w",
            functions="f(x,w) grad_w(x,w)",
            at=[([1.0, 2.0], [3.0, -1.0])],
            hidden=[([0.5, -2.0], [1.5, 4.0])],
        )

    def test_none_for_an_input_that_is_not_used(self, unused: Made) -> None:
        report = unused.grade("def f(x, w): return x * x\ndef grad_w(x, w): return None")
        assert [told(c) for c in report.checks] == [PASSED, PASSED]

    def test_zeros_are_not_none(self, unused: Made) -> None:
        report = unused.grade(
            "def f(x, w): return x * x + 0 * w\ndef grad_w(x, w): return torch.zeros_like(w)"
        )
        assert [told(c) for c in report.checks] == [("failed", "zero-for-none")] * 2
        through, predicted = report.checks
        assert through.message.en.startswith("The gradient through your f should be None here:")
        assert predicted.message.en.startswith("grad_w should be None here:")
        assert predicted.counterexample is not None and predicted.counterexample.expected is None

    def test_none_is_not_zeros_either(self, make: Make) -> None:
        check = {"kind": "prediction", "function": "grad_f", "of": "f", "cotangent": "sum"}
        made = make("def f(x): return 0 * x", check)
        assert told(made.ask("def grad_f(x): return None")) == FAILED
        assert told(made.ask("def grad_f(x): return 0 * x")) == PASSED

    def test_a_reference_that_reaches_none_of_its_inputs_is_broken(self, make: Make) -> None:
        made = make("def f(x): return x.detach()", {"kind": "gradient", "function": "f"}, functions="f(x)")
        with pytest.raises(TruthFailed, match="no gradient at case 'seen-0': no-graph"):
            made.ask("def f(x): return x")

    def test_a_reference_without_numbers_is_broken(self, make: Make) -> None:
        made = make("def f(x): return 'x'", {"kind": "value", "function": "f"}, functions="f(x)")
        with pytest.raises(TruthFailed, match="no numbers"):
            made.ask("def f(x): return None")

    def test_a_changed_input_is_reported_and_costs_nothing(self, make: Make) -> None:
        checks = [
            {"kind": "value", "function": "f"},
            {"kind": "prediction", "function": "grad_f", "of": "f", "cotangent": "sum"},
        ]
        report = make("def f(x): return x ** 2", checks).grade(
            "def f(x): return x * x\ndef grad_f(x): return x.mul_(2)"
        )
        assert report.passed and report.checks[0].message.en == ""
        assert report.checks[1].message.en == (
            "Note: grad_f changes its input in place; whoever calls it will find other numbers there."
        )


class TestKinks:
    """relu at 0, where torch says 0 and any slope between 0 and 1 is one of the function's."""

    def kink(self, make: Make, kinks: str, kind: str = "prediction") -> Made:
        check = {"kind": kind, "kinks": kinks, "cotangent": "sum"} | (
            {"function": "grad_f", "of": "f"} if kind == "prediction" else {"function": "f"}
        )
        return make("def f(x): return torch.relu(x)", check, at=[[1.5, 0.0, -2.0]], hidden=[[0.0, 0.0, 3.0]])

    @pytest.mark.parametrize(
        ("slope", "torch_says", "any_says"),
        [(0.0, "passed", "passed"), (0.3, "failed", "passed"), (1.0, "failed", "passed"),
         (1.5, "failed", "failed"), (-0.1, "failed", "failed")],
    )  # fmt: skip
    def test_what_passes_at_a_kink(self, make: Make, slope: float, torch_says: str, any_says: str) -> None:
        source = f"def grad_f(x): return torch.where(x == 0, {slope}, (x > 0).double())"
        assert self.kink(make, "torch").ask(source).verdict == torch_says
        assert self.kink(make, "any-subgradient").ask(source).verdict == any_says

    def test_away_from_it_only_the_gradient_passes(self, make: Make) -> None:
        made = self.kink(make, "any-subgradient")
        assert made.ask("def grad_f(x): return torch.full_like(x, 0.5)").verdict == "failed"

    def test_another_way_to_write_f_has_another_slope_there(self, make: Make) -> None:
        made = self.kink(make, "any-subgradient", "gradient")
        assert told(made.ask("def f(x): return (x + x.abs()) / 2")) == PASSED
        assert told(made.ask("def f(x): return torch.where(x >= 0, x, 0 * x)")) == PASSED
        assert made.ask("def f(x): return torch.where(x == 0, 2 * x, torch.relu(x))").verdict == "failed"

    def test_two_checks_of_one_function_may_differ_in_this(self, make: Make) -> None:
        common = {"kind": "prediction", "function": "grad_f", "of": "f", "cotangent": "sum"}
        checks = [
            common | {"id": "lenient", "kinks": "any-subgradient"},
            common | {"id": "strict", "kinks": "torch"},
        ]
        source = "def grad_f(x): return torch.where(x == 0, 0.3, (x > 0).double())"
        for order in (checks, checks[::-1]):
            made = make("def f(x): return torch.relu(x)", order, at=[[1.5, 0.0, -2.0]], hidden=[])
            verdicts = {c.id: c.verdict for c in made.grade(source).checks}
            assert verdicts == {"lenient": "passed", "strict": "failed"}


class TestNonfinite:
    """sqrt at 0 has an infinite slope: right only where the exercise says so."""

    REFERENCE = "def f(x): return torch.sqrt(x)"
    CHECK: ClassVar[Table] = {"kind": "prediction", "function": "grad_f", "of": "f", "cotangent": "sum"}

    def test_undeclared_it_is_a_mistake_of_the_exercise(self, make: Make) -> None:
        made = make(self.REFERENCE, self.CHECK, at=[[4.0, 0.0]], hidden=[[1.0]])
        with pytest.raises(TruthFailed, match=r"not finite at case 'seen-0'.*nonfinite = true"):
            made.ask("def grad_f(x): return x")

    def test_declared_it_is_an_answer_like_any_other(self, make: Make) -> None:
        made = make(
            self.REFERENCE, self.CHECK | {"nonfinite": True}, at=[[4.0, 0.0]], hidden=[[1.0, 9.0, 0.0]]
        )
        assert told(made.ask("def grad_f(x): return 0.5 / torch.sqrt(x)")) == PASSED
        finite = made.ask("def grad_f(x): return torch.where(x > 0, 0.5 / torch.sqrt(x), 0.0)")
        assert told(finite) == FAILED and "is finite at an entry where" in finite.message.en
        lost = made.ask("def grad_f(x): return 0.5 / torch.sqrt(x - 4)")
        assert lost.verdict == "failed"
        scaled = made.ask("def grad_f(x): return 1 / torch.sqrt(x)")
        assert scaled.verdict == "failed"


class TestCotangents:
    """A prediction is told nothing of a drawn cotangent, so none is drawn for it."""

    def test_a_prediction_is_about_the_sum_unless_it_says_otherwise(self, make: Make) -> None:
        made = make(
            "def f(x): return x ** 2",
            [{"kind": "prediction", "function": "grad_f", "of": "f"}, {"kind": "gradient", "function": "f"}],
        )
        report = made.grade("def f(x): return x * x\ndef grad_f(x): return 2 * x")
        assert [told(c) for c in report.checks] == [PASSED, PASSED]

    def test_a_gradient_through_f_is_asked_with_one_that_is_not_all_ones(self, make: Make) -> None:
        """With ones only, a function that adds up inside would pass for one that does not."""
        made = make("def f(x): return x ** 2", {"kind": "gradient", "function": "f"}, functions="f(x)")
        result = made.ask("def f(x): return (x * x).flip(0)")
        assert result.verdict == "failed"

    @pytest.mark.parametrize("cotangent", ["sum", "random"])
    def test_a_sum_inside_f_has_another_shape_and_no_gradient_to_compare(
        self, make: Make, cotangent: str
    ) -> None:
        check = {"kind": "gradient", "function": "f", "cotangent": cotangent}
        result = make("def f(x): return x ** 2", check, functions="f(x)").ask(
            "def f(x): return (x * x).sum()"
        )
        assert told(result) == ("failed", "shape") and "cannot be compared" in result.message.en


class TestPathsThroughF:
    """What a gradient check says when autograd finds less in the student's f than it should."""

    REFERENCE = """
    def f(x):
        u = torch.exp(x / 3)
        w = x ** 2
        return u * w + w
    """

    @pytest.mark.parametrize(
        ("f", "code", "words"),
        [
            ("u.detach() * w + w", "missing-path", "leaves out one of the paths that meet in the product"),
            ("u * w + w.detach()", "missing-path", "leaves out"),
            ("u * w - w", None, ""),
        ],
    )
    def test_the_gradient_through_the_function_leaves_something_out(
        self, make: Make, f: str, code: str | None, words: str
    ) -> None:
        made = make(self.REFERENCE, {"kind": "gradient", "function": "f"}, functions="f(x)")
        result = made.ask(self.REFERENCE.replace("u * w + w", f))
        assert result.verdict == "failed"
        if code is not None:
            assert told(result) == ("failed", code) and words in result.message.en
            assert result.message.en.startswith("The gradient through your function ")

    def test_a_step_replaced_by_its_number(self, make: Make) -> None:
        made = make(self.REFERENCE, {"kind": "gradient", "function": "f"}, functions="f(x)")
        result = made.ask(
            self.REFERENCE.replace("torch.exp(x / 3)", "x / 3 + (torch.exp(x / 3) - x / 3).detach()")
        )
        assert told(result) == ("failed", "missing-factor")
        assert "the derivative of one step: exp" in result.message.en, "u is a name of the reference's own"
        assert result.diagnosis is not None and "autograd does not see it" in result.diagnosis.hint.en


class TestStudentsOwnCopy:
    """Without the solutions, what was published is judged, at the visible cases."""

    def test_each_kind_is_judged_or_says_that_it_is_not(self, make: Make) -> None:
        reference = """
        def f(x, w): return x ** 2
        def sign(x): return x > 0
        def g():
            x = torch.ones(1, requires_grad=True)
            x += 1
        def answers(): return {"number": 3, "mode": "a"}
        """
        option = [{"id": i, "text": NAMED} for i in "ab"]
        made = make(
            reference,
            [
                {"kind": "value", "function": "f"},
                {"id": "truth", "kind": "value", "function": "sign"},
                {"kind": "gradient", "function": "f"},
                {"id": "unused", "kind": "gradient", "function": "f", "wrt": "w"},
                {"kind": "raises", "function": "g"},
                {"kind": "own-prediction", "function": "grad_h", "of": "h", "cotangent": "sum"},
                {"id": "formula", "kind": "prediction", "answer": "formula", "of": "f", "cotangent": "sum"},
                {"kind": "graph", "function": "f"},
                {"id": "number", "kind": "prediction", "answer": "number"},
                {"id": "mode", "kind": "prediction", "answer": "mode"},
            ],
            inputs="x w",
            functions="f(x,w) sign(x) g() h(x) grad_h(x)",
            at=[([1.0, -2.0], [0.5, 1.5])],
            hidden=[([3.0, 1.0], [0.5, 1.5])],
            answers=[
                {"name": "formula", "type": "formula"},
                {"name": "number"},
                {"name": "mode", "type": "choice", "option": option},
            ],
        )
        plan = make_plan(made.exercise, 3)
        sheet = json.loads(publish(plan, made.truths.of(plan, made.pool)))
        made.exercise = msgspec.structs.replace(
            made.exercise, solution=None, published=sheet, digest="own copy"
        )
        right = (
            reference
            + """
        def h(x): return x ** 3
        def grad_h(x): return 3 * x ** 2
        """
        )
        report = made.grade(right, formula="2x", number="3", mode="a")
        verdicts = {check.id: check.verdict for check in report.checks}
        skipped = {"graph", "number", "mode"}
        assert verdicts == {name: "skipped" if name in skipped else "passed" for name in verdicts}
        assert report.visible_only and report.passed
        wrong = made.grade(right.replace("x > 0", "x < 0").replace("x ** 2", "x ** 4 + w"), formula="x")
        assert {c.id for c in wrong.checks if c.verdict == "passed"} == {"raises"}
