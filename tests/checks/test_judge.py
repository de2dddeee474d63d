"""One check's verdict from what was seen at every case, on points made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from grader.checks.answers.numbers import judge_answer
from grader.checks.arrays import Numbers, from_numpy
from grader.checks.judge import judge_function
from grader.checks.observed import Observed
from grader.checks.results import unjudged
from grader.checks.typed import NotAnAnswer, parse
from grader.exercises import Library
from grader.model import kinds
from grader.model.answer_types import BoolAnswer, NumberAnswer
from grader.model.check import Check
from grader.model.exercise import Branch, Exercise, Function, Input, Misconception, Solution
from grader.model.kinds import FromAutograd, Gradient, Prediction, Vjp
from grader.model.observation import (
    Died,
    Differentiated,
    Evidence,
    Misfit,
    Missing,
    Outcome,
    Raised,
    Returned,
    Skipped,
)
from grader.model.report import CheckResult
from grader.model.text import EMPTY, Text
from grader.model.values import Array, Foreign, Nothing, Number, Sequence, Tensor, Value
from grader.sandbox.inside.quotients import quotients

from .notation import known

T = Text("title", "标题")
VALUE = kinds.Value("value", 2, T, function="f")
GRADIENT = Gradient("gradient", 3, T, function="f")
PREDICTION = Prediction("prediction", 4, T, function="grad_f", of="f")
VJP = Vjp("vjp", 1, T, function="vjp_f", of="f", cotangent="v")
ASKED = Prediction("asked", 1, T, answer="x_grad")
COUNTED = kinds.Value("counted", 1, T, answer="y")
YES = Prediction("yes", 1, T, answer="equal")
WRONG = Misconception(
    "lost", ("prediction", "asked"), Text("You lost 2.", "漏了 2。"), Text("Which?", "哪个？")
)
EXERCISE = Exercise(
    slug="sum-of-cubes", section="1", order=1, title=T, summary=T, prompt=T, starter="", digest="d",
    inputs=(Input("x"), Input("v", differentiable=False)),
    functions=(Function("f", ("x",)), Function("grad_f", ("x",)), Function("vjp_f", ("x", "v"))),
    checks=(VALUE, GRADIENT, PREDICTION, VJP, ASKED, COUNTED, YES),
    cases=(),
    answers=(NumberAnswer("x_grad", T, (4,)), NumberAnswer("y", T), BoolAnswer("equal", T)),
    solution=Solution("", misconceptions=(WRONG,), branches=(Branch("up", Text("x > 0", "x > 0 时")),)),
)  # fmt: skip
X = [np.array([1.5, -2.5, 0.5]), np.array([-0.75, 4.0, 1.0, 2.0]), np.array([3.0, 0.0])]


def tensor(values: Any, dtype: str = "float64") -> Value:
    return Tensor(from_numpy(values, dtype))


def point(n: int, expected: Any, outcome: Outcome | Value | Any, **more: Any) -> Observed:
    """Case ``n``; only the last one is hidden. A plain answer stands for its Returned."""
    if not isinstance(outcome, Outcome):
        outcome = Returned(outcome if isinstance(outcome, Value) else tensor(outcome))
    x, visible = X[n], n < 2
    more = {"value": x**3, "size": x.size} | more
    inputs = {"x": x.tolist(), "v": [1.0]} if visible else {}
    expected = None if expected is None else np.asarray(expected)
    return Observed(f"case-{n}", visible, inputs, expected, outcome, **more)


def predict(*answers: Any, check: Check = PREDICTION, **more: Any) -> CheckResult:
    """The verdict on a prediction of 3x² at the three cases."""
    return judge_function(
        EXERCISE, check, [point(n, 3 * X[n] ** 2, a, **more) for n, a in enumerate(answers)]
    )


def through(*outcomes: Outcome) -> CheckResult:
    """The verdict on the gradient through f."""
    return judge_function(EXERCISE, GRADIENT, [point(n, 3 * X[n] ** 2, o) for n, o in enumerate(outcomes)])


def differentiated(n: int, grad: Any, value: Any = None, *, own: bool = False) -> Differentiated:
    grads = (grad if isinstance(grad, Value) else tensor(grad),)
    return Differentiated(tensor(X[n] ** 3 if value is None else value), grads, own_function=own)


def code(result: CheckResult) -> str | None:
    return None if result.diagnosis is None else result.diagnosis.code


class TestForms:
    def test_none_that_is_the_grad_of_no_leaf_is_said_to_be_that(self) -> None:
        said = predict(*[Returned(Nothing(), unkept=7)] * 3).message
        assert said.en.startswith("grad_f returned None. Line 7 reads .grad of a tensor that is not a leaf")
        assert "第 7 行" in said.zh
        assert predict(*[Nothing()] * 3).message.en.endswith("or is what it returns None?")
        assert (
            "Line 7" in through(*[Differentiated(Nothing(), problem="not-a-tensor", unkept=7)] * 3).message.en
        )

    def test_a_tensor_in_a_tuple_of_its_own_is_to_be_taken_out(self) -> None:
        alone = [Sequence("tuple", (tensor(3 * x**2),)) for x in X]
        said = predict(*alone).message
        assert said.en.startswith("grad_f returned a tuple with one tensor in it;") and "[0]" in said.zh
        assert "For one input, torch.autograd.grad returns such a tuple" in said.en
        through_f = through(*[Differentiated(one, problem="not-a-tensor") for one in alone]).message
        assert through_f.en == said.en.replace("grad_f", "f")
        listed = predict(*[Sequence("list", one.items) for one in alone]).message
        assert "a list with one tensor in it" in listed.en and "autograd" not in listed.en
        several = predict(*[Sequence("tuple", one.items * 2) for one in alone]).message
        assert several.en == "grad_f returned a tuple; return a tensor."

    def test_what_a_function_of_torch_returns_as_several_tensors_is_named_by_its_parts(self) -> None:
        pair = Foreign("torch.return_types.max", parts=("values", "indices"))
        said = predict(*[pair] * 3).message
        assert "the pair (values, indices) that torch.max gives along a dimension" in said.en
        assert ".values" in said.zh
        assert through(*[Differentiated(pair, problem="not-a-tensor")] * 3).message == Text(
            said.en.replace("grad_f", "f"), said.zh.replace("grad_f", "f")
        )
        others = Foreign("torch.return_types.linalg_qr", parts=("Q", "R"))
        assert "several tensors together, (Q, R)" in predict(*[others] * 3).message.en


class TestPredictions:
    def test_right_at_every_case_has_all_the_points(self) -> None:
        result = predict(*(3 * x**2 for x in X))
        assert (result.verdict, result.points, result.max_points) == ("passed", 4, 4)
        assert result.message == EMPTY and result.diagnosis is None and result.counterexample is None

    def test_wrong_at_one_case_has_none_and_shows_the_first_visible_one(self) -> None:
        result = predict(3 * X[0] ** 2, X[1], 3 * X[2] ** 2)
        assert (result.verdict, result.points) == ("failed", 0)
        assert result.counterexample is not None
        assert result.counterexample.actual == X[1].tolist()
        assert result.counterexample.inputs == {"x": X[1].tolist()}, "only what the function is called with"

    def test_as_many_digits_are_shown_as_tell_the_two_numbers_apart(self) -> None:
        off = 3 * X[0] ** 2 + np.array([0.0, 2e-4, 0.0])
        assert "is 18.7502 at [1]; 18.75 is right" in predict(off, X[1], X[2]).message.en
        off = 3 * X[0] ** 2 + np.array([0.0, 2e-5, 0.0])
        assert "is 18.75002 at [1]; 18.75 is right" in predict(off, 3 * X[1] ** 2, 3 * X[2] ** 2).message.en

    def test_a_hidden_case_is_not_shown_and_not_named(self) -> None:
        result = predict(3 * X[0] ** 2, 3 * X[1] ** 2, X[2])
        assert result.verdict == "failed" and result.counterexample is None
        assert "cases you can see" in result.message.en
        assert not any(digit in result.message.en for digit in "0123456789")

    def test_single_precision_is_right_and_is_said(self) -> None:
        result = predict(*(tensor(3 * x**2, "float32") for x in X))
        assert result.verdict == "passed" and "single precision" in result.message.en

    def test_half_precision_is_called_that(self) -> None:
        result = predict(*(tensor(3 * x**2, "float16") for x in X))
        assert result.verdict == "passed" and "half precision" in result.message.en

    def test_a_changed_input_is_said(self) -> None:
        result = predict(*(Returned(tensor(3 * x**2), (0,)) for x in X))
        assert result.verdict == "passed" and "in place" in result.message.en

    @pytest.mark.parametrize(
        ("answer", "due", "words"),
        [
            (lambda x: -3 * x**2, "sign", "wrong sign"),
            (lambda x: 1.5 * x**2, "scale", "0.5 times"),
            (lambda x: 3 * x**2 / x.size, "mean-for-sum", "number of entries"),
            (lambda x: x**3, "value-not-gradient", "value of the function"),
            (lambda x: (3 * x**2).sum(), "reduced", "adds the entries up"),
            (lambda x: np.diag(3 * x**2), "not-reduced", "sum is missing"),
            (lambda x: (3 * x**2)[None], "shape", "grad_f has shape (1, 3), but should have shape (3,)"),
            (lambda x: tensor(3 * x, "int64"), "dtype", "grad_f is int64"),
            (lambda x: 3 * x**2 / np.where(x == 0.5, 0, 1), "nan", "grad_f has ±∞"),
            (lambda x: np.full_like(x, np.nan), "nan", "grad_f has NaN"),
            (lambda x: x + 100, None, "grad_f is 100.5 at [2]; 0.75 is right"),
            (lambda x: Nothing(), None, "grad_f returned None"),
            (lambda x: Sequence("list", ()), None, "grad_f returned a list; return a tensor"),
        ],
    )
    def test_each_reason_end_to_end(self, answer: Any, due: str | None, words: str) -> None:
        with np.errstate(divide="ignore"):
            result = predict(*(answer(x) for x in X))
        assert (result.verdict, code(result)) == ("failed", due)
        assert words in result.message.en
        assert result.diagnosis is None or result.diagnosis.hint.en.endswith("?")

    def test_an_authors_misconception_speaks_in_the_authors_words(self) -> None:
        points = [point(n, 3 * x**2, x**2, misconceptions={"lost": x**2}) for n, x in enumerate(X)]
        result = judge_function(EXERCISE, PREDICTION, points)
        assert (code(result), result.message, result.diagnosis.hint) == (
            "author:lost",
            WRONG.message,
            WRONG.hint,
        )  # type: ignore[union-attr]

    def test_one_branch_is_called_what_its_author_calls_it(self) -> None:
        points = [
            point(n, 3 * x**2, 3 * x**2 if n else 9 * x, branch="down" if n else "up")
            for n, x in enumerate(X)
        ]
        result = judge_function(EXERCISE, PREDICTION, points)
        assert code(result) == "one-branch"
        assert "x > 0" in result.message.en and "x > 0 时" in result.message.zh

    def test_the_sentence_is_about_the_case_that_the_code_is_about(self) -> None:
        result = predict(X[0], np.full(4, np.nan), 3 * X[2] ** 2)
        assert code(result) == "nan" and "NaN" in result.message.en
        assert result.counterexample is not None and result.counterexample.actual == ["nan"] * 4
        result = predict(X[0], tensor(3 * X[1] ** 2, "int64"), 3 * X[2] ** 2)
        assert code(result) == "dtype" and "int64" in result.message.en
        assert result.counterexample is not None and result.counterexample.actual == [1, 48, 3, 12]

    def test_and_where_that_is_hidden_about_the_one_that_is_shown(self) -> None:
        """Finite numbers are shown: that others are not is no reason of theirs."""
        result = predict(X[0], 3 * X[1] ** 2, np.full(2, np.nan))
        assert code(result) is None and result.message.en.startswith("grad_f is -2.5 at [1]")
        assert result.counterexample is not None and result.counterexample.actual == [1.5, -2.5, 0.5]
        result = predict(*(3 * x**2 for x in X[:2]), np.full(2, np.nan))
        assert code(result) == "nan" and result.counterexample is None

    def test_whole_numbers_that_an_author_knows_are_not_put_down_to_their_type(self) -> None:
        known_as = {"misconceptions": {"rows": np.full(3, 4.0)}}
        points = [point(0, 3 * X[0] ** 2, tensor([4, 4, 4], "int64"), **known_as)]
        assert code(judge_function(EXERCISE, PREDICTION, points)) == "author:rows"

    def test_finite_where_infinity_is_due_is_no_nan(self) -> None:
        result = judge_function(EXERCISE, PREDICTION, [point(0, [np.inf, 1.0], [9.0, 1.0])])
        assert (
            code(result) is None and "finite at an entry where the right answer is not" in result.message.en
        )

    def test_none_at_the_zero_gradients_only(self) -> None:
        points = [point(0, np.zeros(3), Nothing()), point(1, X[1], X[1])]
        assert code(judge_function(EXERCISE, PREDICTION, points)) == "none-for-zero"
        points[1] = point(1, X[1], Nothing())
        assert code(judge_function(EXERCISE, PREDICTION, points)) is None

    def test_a_python_number_serves_for_a_scalar(self) -> None:
        points = [point(0, 4.0, Number("int", from_numpy(4, "int64")))]
        assert judge_function(EXERCISE, PREDICTION, points).verdict == "passed"


MORE_X = [*X, *np.random.default_rng(0).uniform(-3, 3, (2, 5))]
FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "square": (np.square, lambda x: 2 * x),
    "sine": (np.sin, np.cos),
    "exponential": (np.exp, np.exp),
    "two terms": (lambda x: np.pi * x**3 / 3 + x * x / 2, lambda x: np.pi * x * x + x),
}
"""Functions of each entry, with their derivatives."""


QUOTIENT = Evidence(nearby=2)


class Watched:
    """A function of which it is noted where it is called, as in the sandbox, and what it gives there."""

    def __init__(self, f: Any) -> None:
        self.f, self.calls = f, []

    def __call__(self, x: Numbers) -> Numbers:
        self.calls.append((np.array(x), np.array(self.f(x))))
        return self.f(x)

    def evidence(self, at: Numbers) -> Evidence:
        """What can be made of the calls near ``at``; they are forgotten."""
        found = [Array("float64", each.shape, each.tobytes()) for each in quotients(at, self.calls)]
        self.calls = []
        return Evidence(2, quotients=tuple(found))


class TestDifferenceQuotients:
    """Answers that are nearly right, and how they were come by."""

    def judged(self, name: str, answer: Any, evidence: Evidence | None = QUOTIENT) -> str | None:
        f, gradient = FUNCTIONS[name]
        points = [
            Observed("case", True, {}, gradient(x), Returned(tensor(answer(x)), (), evidence), value=f(x))
            for x in MORE_X
        ]
        return code(judge_function(EXERCISE, PREDICTION, points))

    def watched(self, name: str, answer: Any) -> str | None:
        """The same for an answer that calls ``f``: the first argument of ``answer``."""
        f, gradient = FUNCTIONS[name]
        watched = Watched(f)
        points = []
        for x in MORE_X:
            given = tensor(answer(watched, x))
            outcome = Returned(given, (), watched.evidence(x))
            points.append(Observed("case", True, {}, gradient(x), outcome, value=f(x)))
        return code(judge_function(EXERCISE, PREDICTION, points))

    @pytest.mark.parametrize("h", [1e-5, 1e-6, 2e-6, 1e-7, 2.0**-20, np.finfo(float).eps ** (1 / 3)])
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_a_central_difference_of_f_is_found_out(self, name: str, h: float) -> None:
        assert self.watched(name, lambda f, x: (f(x + h) - f(x - h)) / (2 * h)) == "finite-difference"

        def of_the_sum(f: Any, x: Numbers) -> Numbers:
            steps = h * np.eye(x.size)
            return np.array([(f(x + e).sum() - f(x - e).sum()) / (2 * h) for e in steps])

        assert self.watched(name, of_the_sum) == "finite-difference"

    @pytest.mark.parametrize(
        "quotient",
        [
            lambda f, x: (f(x + 1e-7) - f(x)) / 1e-7,
            lambda f, x: (f(x + 1e-6 * (1 + np.abs(x))) - f(x)) / (1e-6 * (1 + np.abs(x))),
            lambda f, x: (f(x + (h := 1e-6 * np.maximum(1, np.abs(x)))) - f(x - h)) / (2 * h),
            lambda f, x: (8 * (f(x + 1e-4) - f(x - 1e-4)) - (f(x + 2e-4) - f(x - 2e-4))) / 12e-4,
        ],
        ids=["forward", "a step that follows the input", "relative", "five points"],
    )
    def test_and_so_is_any_other(self, quotient: Any) -> None:
        assert self.watched("sine", quotient) == "finite-difference"

    @pytest.mark.parametrize(
        "formula",
        [
            lambda x: np.sin(x + 1.5707963),
            lambda x: np.round(np.cos(x), 10),
            lambda x: np.cos(x) * (1 + 1e-9),
            np.cos,
        ],
        ids=["a rounded constant", "ten digits", "a billionth off", "exact"],
    )
    @pytest.mark.parametrize("h", [1e-5, 1e-6])
    def test_a_formula_that_checks_itself_by_a_quotient_is_a_formula(self, formula: Any, h: float) -> None:
        """It errs as a quotient does, and ``f`` was called for one; but it is not that one."""

        def checked(f: Any, x: Numbers) -> Numbers:
            assert np.allclose((f(x + h) - f(x - h)) / (2 * h), formula(x), rtol=1e-3)
            return formula(x)  # type: ignore[no-any-return]

        assert self.watched("sine", checked) is None

    @pytest.mark.parametrize(
        ("name", "formula"),
        [
            ("square", lambda x: x + x),
            ("square", lambda x: 1.9999999 * x),
            ("square", lambda x: (2 * x).astype(np.float32).astype(float)),
            ("two terms", lambda x: 3.14159265 * x * x + x),
            ("two terms", lambda x: float(np.float32(np.pi)) * x * x + x),
            ("exponential", lambda x: 2.718281828**x),
            ("sine", lambda x: np.sin(1.5707963268 - x)),
            ("sine", lambda x: np.sqrt(1 - np.sin(x) ** 2) * np.sign(np.cos(x))),
        ],
    )
    def test_a_formula_with_rounded_constants_is_a_formula(self, name: str, formula: Any) -> None:
        for evidence in (None, Evidence(), Evidence(nearby=1), Evidence(at=True)):
            assert self.judged(name, formula, evidence) is None

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_an_exact_answer_is_none_wherever_f_was_called(self, name: str) -> None:
        assert self.judged(name, FUNCTIONS[name][1]) is None

    def test_a_wrong_answer_is_none_either(self) -> None:
        assert self.judged("sine", lambda x: np.cos(x) + 0.25) is None

    def test_where_autograd_is_asked_for_nothing_is_said_of_how(self) -> None:
        check = FromAutograd("p", 1, T, function="grad_f", of="f")
        answers = [Returned(tensor(3 * x**2 * (1 + 1e-9)), (), QUOTIENT) for x in X]
        assert predict(*answers, check=check).verdict == "passed"


class TestThroughTheStudentsFunction:
    def test_right(self) -> None:
        result = through(*(differentiated(n, 3 * x**2) for n, x in enumerate(X)))
        assert (result.verdict, result.points) == ("passed", 3)

    @pytest.mark.parametrize("problem", ["not-a-tensor", "no-graph", "not-floating"])
    def test_no_way_back_is_a_cut_graph(self, problem: Any) -> None:
        result = through(*(Differentiated(tensor(x**3), problem=problem) for x in X))
        assert (result.verdict, code(result)) == ("failed", "cut-graph")

    def test_none_for_the_input_is_too(self) -> None:
        assert code(through(*(differentiated(n, Nothing()) for n in range(3)))) == "cut-graph"

    def test_an_error_in_autograd_is_told_with_its_line_if_it_is_the_students(self) -> None:
        error = Raised("RuntimeError", "a leaf Variable.", 7)
        result = through(Differentiated(tensor(X[0] ** 3), problem="raised", error=error))
        assert (
            result.verdict == "error" and "Line 7 raised RuntimeError: a leaf Variable." in result.message.en
        )
        error = Raised("RuntimeError", "one of the variables has been modified.")
        result = through(Differentiated(tensor(X[0] ** 3), problem="raised", error=error))
        assert result.message.en.startswith("autograd could not differentiate it: RuntimeError: one of")

    def test_a_value_of_another_shape_comes_first(self) -> None:
        result = through(*(differentiated(n, x, value=(x**3).sum()) for n, x in enumerate(X)))
        assert code(result) == "shape" and "Mend the value first" in result.message.en
        assert "definition" in result.diagnosis.hint.en  # type: ignore[union-attr]

    def test_what_stops_where_nobody_sees_it_is_not_told_below_what_is_seen(self) -> None:
        """Of one value of another shape, or none, at a hidden case; the visible ones are wrong, or right."""
        last = (differentiated(2, X[2], value=1.0), Differentiated(Nothing(), problem="not-a-tensor"))
        for stops in last:
            result = through(differentiated(0, X[0]), differentiated(1, X[1]), stops)
            assert code(result) is None and "The gradient through your f is -2.5 at [1]" in result.message.en
            assert result.counterexample is not None
            seen = (differentiated(n, 3 * X[n] ** 2) for n in range(2))
            result = through(*seen, stops)
            assert result.counterexample is None and "your f is" not in result.message.en
        cut = (differentiated(n, Nothing()) for n in range(2))
        assert "f(…) has shape ()" in through(*cut, last[0]).message.en  # and not that f returned None

    def test_none_and_other_objects(self) -> None:
        assert "returned None" in through(Differentiated(Nothing(), problem="not-a-tensor")).message.en
        empty = Sequence("tuple", ())
        assert "a tuple" in through(Differentiated(empty, problem="not-a-tensor")).message.en

    def test_a_gradient_through_single_precision_has_its_budget(self) -> None:
        """Back to an input in double precision it is widened, and as exact as it was."""
        short = [Tensor(from_numpy(x**3, "float32")) for x in X]

        def off(by: float) -> list[Outcome]:
            return [Differentiated(v, (tensor(3 * x**2 * (1 + by)),)) for x, v in zip(X, short, strict=True)]

        result = through(*off(2e-5))
        assert result.verdict == "passed" and "single precision" in result.message.en
        assert through(*off(2e-3)).verdict == "failed"
        double = [differentiated(n, 3 * x**2 * (1 + 2e-5)) for n, x in enumerate(X)]
        assert through(*double).verdict == "failed"

    def test_the_gradient_is_wrong_and_not_f(self) -> None:
        """The incoming gradient is named only where they wrote a backward: torch is right for all or none."""
        for own, said in (
            (True, "the incoming gradient is not all ones."),
            (False, "about the visible ones?"),
        ):
            gradients = 3 * X[0] ** 2, 3 * X[1] ** 2, X[2]
            result = through(*(differentiated(n, g, own=own) for n, g in enumerate(gradients)))
            assert result.message.en.startswith(
                "The gradient through your f is right at the cases you can see"
            )
            assert "autograd 对你的 f 求出的梯度" in result.message.zh
            assert result.message.en.endswith(said)

    def test_where_f_itself_is_wrong_that_is_said(self) -> None:
        """f returns something else at the hidden case: the incoming gradient is not the matter."""
        right = [differentiated(n, 3 * X[n] ** 2) for n in range(2)]
        result = through(*right, differentiated(2, X[2], value=X[2] ** 3 + 7.0))
        assert result.message.en == (
            "The gradient through your f is right at the cases you can see, but wrong at others. "
            "There, f itself returns another value than expected, too."
        )
        assert result.message.zh.endswith("在那些用例上，f 本身返回的值也与预期不同。")

    def test_f_is_wrong_where_the_gradient_is_right_too(self) -> None:
        """Then it is not what is wrong with the gradient: a backward may ignore what comes in."""
        result = through(
            *(differentiated(n, 3 * X[n] ** 2, value=X[n] ** 3 + 7.0) for n in range(2)),
            differentiated(2, X[2], value=X[2] ** 3 + 7.0, own=True),
        )
        assert result.message.en.endswith(" There, the incoming gradient is not all ones.")

    def test_nobody_asks_for_the_values_of_f(self) -> None:
        """Without a check of them it is not said that other values are expected."""
        exercise = msgspec.structs.replace(EXERCISE, checks=(GRADIENT,))
        points = [point(n, 3 * X[n] ** 2, differentiated(n, 3 * X[n] ** 2)) for n in range(2)]
        points.append(point(2, 3 * X[2] ** 2, differentiated(2, X[2], value=X[2] ** 3 + 7.0)))
        message = judge_function(exercise, GRADIENT, points).message.en
        assert message.endswith("wrong at others. What is special about the visible ones?")

    def test_where_f_is_wrong_at_some_of_them_neither_is_said(self) -> None:
        points = [point(0, 3 * X[0] ** 2, differentiated(0, 3 * X[0] ** 2))]
        for value in (X[2] ** 3, X[2] ** 3 + 7.0):
            points.append(point(2, 3 * X[2] ** 2, differentiated(2, X[2], value=value)))
        message = judge_function(EXERCISE, GRADIENT, points).message.en
        assert message.endswith("wrong at others. What is special about the visible ones?")

    def test_a_mean_is_looked_for_in_a_backward_of_ones_own_too(self) -> None:
        for own in (False, True):
            result = through(*(differentiated(n, 3 * x**2 / x.size, own=own) for n, x in enumerate(X)))
            assert code(result) == "mean-for-sum"
            assert ("backward" in result.diagnosis.hint.en) is own  # type: ignore[union-attr]

    def test_where_two_derivatives_are_asked_for_it_is_called_the_second(self) -> None:
        second = msgspec.structs.replace(GRADIENT, order=2)
        points = [point(n, 6 * x, differentiated(n, 6 * x + 1)) for n, x in enumerate(X)]
        said = judge_function(EXERCISE, second, points).message
        assert said.en.startswith("The second derivative through your f is") and "二阶导数" in said.zh

    def test_a_factor_is_looked_for_in_f(self) -> None:
        result = through(*(differentiated(n, 6 * x**2) for n, x in enumerate(X)))
        assert code(result) == "scale" and "Does your function multiply" in result.diagnosis.hint.en  # type: ignore[union-attr]

    def test_one_differentiation_too_far_only_where_f_is_its_own_derivative(self) -> None:
        def told(f: Any) -> str | None:
            points = [
                point(n, 2 * x, differentiated(n, np.full_like(x, 2), value=f(x)), value=x**2,
                      wrong_gradients=known({"second-derivative": np.full_like(x, 2)}))
                for n, x in enumerate(X)
            ]  # fmt: skip
            return code(judge_function(EXERCISE, GRADIENT, points))

        assert told(lambda x: 2 * x) == "second-derivative"
        assert told(lambda x: 2 * x + 1) is None

    def test_values_are_told_nothing_of_gradients(self) -> None:
        points = [point(n, x**3, differentiated(n, x, value=x**3 / x.size)) for n, x in enumerate(X)]
        result = judge_function(EXERCISE, VALUE, points)
        assert code(result) == "mean-for-sum" and "gradient" not in result.message.en


class TestNoAnswer:
    @pytest.mark.parametrize(
        ("outcome", "verdict"),
        [
            (Missing(), "missing"),
            (Misfit("grad_f()", 1), "error"),
            (Raised("ValueError", "no", 3), "error"),
            (Died("timeout"), "timeout"),
            (Died("memory"), "memory"),
            (Died("output", "text"), "output"),
            (Died("crashed", "SIGSEGV"), "crashed"),
            (Died("forbidden", "network"), "forbidden"),
            (Died("malformed"), "malformed"),
            (Skipped(), "skipped"),
        ],
    )
    def test_one_case_without_an_answer_decides(self, outcome: Outcome, verdict: str) -> None:
        result = predict(3 * X[0] ** 2, outcome, 3 * X[2] ** 2)
        assert (result.verdict, result.points) == (verdict, 0) and result.message.en

    def test_unjudged(self) -> None:
        result = unjudged(VALUE, "skipped", T)
        assert (result.verdict, result.points, result.max_points, result.message) == ("skipped", 0, 2, T)


class TestTypedAnswers:
    def ask(
        self, text: str | None, expected: Any = (0.0, 4.0, 8.0, 12.0), check: Check = ASKED, **more: Any
    ) -> CheckResult:
        expected = None if expected is None else np.asarray(expected)
        given = None if text is None else parse(text)
        wrongs: dict[str, Numbers | None] = more.get("wrongs", {})
        return judge_answer(EXERCISE, check, given, expected, known(more.get("wrong", {})), wrongs)

    def test_right(self) -> None:
        assert self.ask("0 4 8 12").points == 1
        assert self.ask("None", None).verdict == "passed"
        assert self.ask("True", True, YES).verdict == "passed"

    @pytest.mark.parametrize(
        ("text", "due", "words"),
        [
            ("0 2 4 6", "scale", "0.5 times"),
            ("0 -4 -8 -12", "sign", "wrong sign"),
            ("24", "reduced", "adds the entries up"),
            ("5", "shape", "x_grad has shape (), but should have shape (4,)"),
            ("[0, 4, 8]", "shape", "x_grad has shape (3,)"),
            ("1 5 9 13", "accumulated", "an earlier one"),
            ("[0, 4, nan, 12]", "nan", "NaN"),
            ("9 9 9 1", None, "is not right"),
            ("None", None, "but it holds numbers"),
            ("True", None, "with numbers"),
        ],
    )
    def test_wrong(self, text: str, due: str | None, words: str) -> None:
        result = self.ask(text, wrong={"accumulated": np.array([1.0, 5.0, 9.0, 13.0])})
        assert (result.verdict, code(result)) == ("failed", due) and words in result.message.en

    def test_a_typed_nan_is_not_asked_about_code(self) -> None:
        result = self.ask("[0, nan, 8, 12]")
        assert result.diagnosis is not None and "logarithm" not in result.diagnosis.hint.en
        assert "no such number" in result.diagnosis.hint.en

    def test_the_authors_wrong_answers_come_first_and_must_be_one(self) -> None:
        doubled = np.array([0.0, 2.0, 4.0, 6.0])
        assert code(self.ask("0 2 4 6", wrongs={"lost": doubled})) == "author:lost"
        assert code(self.ask("0 2 4 6", wrongs={"lost": doubled, "other": doubled})) == "scale"
        assert code(self.ask("None", wrongs={"lost": None})) == "author:lost"

    def test_none_for_zero_and_numbers_for_none(self) -> None:
        assert code(self.ask("None", [0.0, 0.0])) == "none-for-zero"
        zeros = self.ask("0 0", None)
        # That nothing is there would be the answer.
        assert zeros.verdict == "failed" and "None" not in zeros.message.en

    def test_truth_values(self) -> None:
        assert "True or False" in self.ask("1", True, YES).message.en
        assert "is not right" in self.ask("False", True, YES).message.en
        assert code(self.ask("True True", True, YES)) == "shape"
        none = self.ask("None", False, YES)
        assert code(none) is None and "with True or False" in none.message.en

    def test_twice_equal_entries_are_not_said_to_be_their_sum(self) -> None:
        assert code(self.ask("8 8", [4.0, 4.0])) is None
        assert code(self.ask("8", [4.0, 4.0])) == "reduced"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("0.25 0.077", "To two digits"),
            ("0.25 0.078", "is not right"),
            ("0.25 0.08", "is not right"),
            ("0.3 0.077", "is not right"),
        ],
    )
    def test_two_digits_are_too_few_and_not_wrong(self, text: str, words: str) -> None:
        result = self.ask(text, [0.25, 1 / 13])
        assert result.verdict == "failed" and words in result.message.en

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("0.25 0.07691", "Rounded to 3 digits your answer for x_grad is right"),
            ("0.2501 0.0769", "Rounded to 3 digits"),
            ("0.25 0.0768", "is not right"),
            ("0.2508 0.0769", "is not right"),
        ],
    )
    def test_so_many_digits_are_right_and_the_others_not(self, text: str, words: str) -> None:
        result = self.ask(text, [0.25, 1 / 13])
        assert result.verdict == "failed" and words in result.message.en

    def test_a_reason_goes_before_digits_and_whole_numbers_are_not_rounded(self) -> None:
        wrong = {"accumulated": np.array([4804.5, -1596.5])}
        assert code(self.ask("4804.5 -1596.5", [4801.25, -1599.75], wrong=wrong)) == "accumulated"
        assert "is not right" in self.ask("4804 -1596", [4800.0, -1600.0]).message.en

    def test_a_value_is_told_nothing_of_gradients(self) -> None:
        result = self.ask("-28", 28.0, COUNTED)
        assert code(result) == "sign" and "definition" in result.diagnosis.hint.en  # type: ignore[union-attr]

    def test_never_came_and_cannot_be_read(self) -> None:
        assert self.ask(None).verdict == "missing"
        bad = judge_answer(EXERCISE, ASKED, NotAnAnswer("four" * 50), np.zeros(4), {}, {})
        assert bad.verdict == "malformed" and len(bad.message.en) < 200
        ragged = judge_answer(EXERCISE, ASKED, NotAnAnswer("", T), np.zeros(4), {}, {})
        assert "标题" in ragged.message.zh


def test_every_misconception_of_the_course_has_both_languages() -> None:
    root = Path(__file__).resolve().parents[2]
    library = Library(root / "exercises", root / "solutions")
    for exercise in library.all():
        assert exercise.solution is not None
        for wrong in exercise.solution.misconceptions:
            for text in (wrong.message, wrong.hint):
                assert "!" not in text.en and any("\u4e00" <= c <= "\u9fff" for c in text.zh)
            assert wrong.hint.en.endswith("?") and wrong.hint.zh.endswith("？")
