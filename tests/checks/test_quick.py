"""The short way to a verdict says nothing that the long way would not."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.arrays import Numbers, from_numpy
from grader.checks.judge import judge_function
from grader.checks.observed import Observed
from grader.checks.quick import SMALL, passes, sure
from grader.model.check import Check
from grader.model.exercise import Exercise, Function, Input
from grader.model.kinds import CHECKS
from grader.model.observation import Differentiated, Evidence, Outcome, Raised, Returned
from grader.model.report import CheckResult
from grader.model.text import EMPTY, Text
from grader.model.values import Nothing, Number, Sequence, Tensor, Value
from tests.premises import bites, premise

T = Text("title", "标题")
EXERCISE = Exercise(
    slug="made-up", section="1", order=1, title=T, summary=T, prompt=T, starter="", digest="d",
    inputs=(Input("x"),), functions=(Function("f", ("x",)),), checks=(), cases=(),
)  # fmt: skip
KINDS = ("value", "gradient", "prediction", "vjp", "jacobian", "higher-order")
SHAPES = [(), (0,), (1,), (2,), (5,), (2, 3), (SMALL,), (SMALL + 1,)]


def check_of(kind: str, **more: Any) -> Check:
    needed = {"cotangent": "v"} if kind == "vjp" else {}
    return CHECKS[kind]("c", 1, T, function="f", **needed | more)


def both(check: Check, points: list[Observed]) -> tuple[bool, CheckResult]:
    """What the short way says, and the long one."""
    seen = [(sure(p.expected), None if p.value is None else p.value.shape, p.outcome) for p in points]
    return passes(check, seen), judge_function(EXERCISE, check, points)


def point(expected: Numbers | None, outcome: Outcome, value: Numbers | None = None) -> Observed:
    return Observed("case", True, {}, expected, outcome, value=value)


def tensor(values: Any, dtype: str = "float64") -> Value:
    return Tensor(from_numpy(values, dtype))


FINITE = st.one_of(st.integers(-4, 4).map(float), st.floats(-1e3, 1e3, allow_subnormal=False))
ENTRY = st.one_of(
    FINITE,
    st.sampled_from([0.0, -0.0, 1e-300, 5e-324, 1e308, -1e308, float("nan"), float("inf"), float("-inf")]),
)
ERROR = st.sampled_from([0.0, 1e-16, 1e-13, 1.9e-13, 2e-13, 2.1e-13, 1e-11, 1e-8, 9.9e-7, 1.01e-6, 1e-3, 2.0])


@st.composite
def expectations(draw: st.DrawFn, plain: bool) -> Numbers | None:
    """What may be right: mostly a few float64 numbers; only a few finite ones where ``plain``."""
    shape = draw(st.sampled_from(SHAPES[:-1] if plain else SHAPES))
    entries = draw(st.lists(FINITE if plain else ENTRY, min_size=1, max_size=6))
    values = np.resize(np.array(entries), shape)
    other = [] if plain else ["float32", "int64", "bool", "none"]
    kind = draw(st.sampled_from(["float64"] * 6 + other))
    if kind == "none":
        return None
    with np.errstate(all="ignore"):
        return np.asarray(
            np.nan_to_num(values, posinf=7, neginf=-7) if kind in ("int64", "bool") else values
        ).astype(kind)


@st.composite
def near(draw: st.DrawFn, expected: Numbers) -> Value:
    """The right numbers in double precision, as far off as an answer may be that passes, or a little more."""
    size = draw(st.sampled_from([0.0, 0.0, 1e-16, 2e-13, 1e-8, 9.9e-7, 1.01e-6]))
    return Tensor(from_numpy(expected * (1 + size) + draw(st.sampled_from([0.0, 0.0, 5e-10])), "float64"))


@st.composite
def answers(draw: st.DrawFn, expected: Numbers | None) -> Value:
    """What may come: the right numbers, nearly the right ones, or something else."""
    if expected is None or draw(st.integers(0, 15)) == 0:
        return draw(
            st.sampled_from([Nothing(), tensor([1.0]), Sequence("list", (tensor(1.0),)), tensor(0.0)])
        )
    with np.errstate(all="ignore"):
        size = draw(ERROR)
        signs = np.resize(
            np.array(draw(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=5))),
            expected.shape,
        )
        off = expected.astype(np.float64) * (1 + size * signs) + draw(
            st.sampled_from([0.0] * 4 + [5e-10, 2e-9])
        )
        shape = draw(st.sampled_from(["same"] * 8 + ["flat", "longer"]))
        if shape == "flat":
            off = off.reshape(-1)
        elif shape == "longer":
            off = off[None]
        dtype = draw(st.sampled_from(["float64"] * 8 + ["float32", "float16", "int64"]))
        if dtype == "int64":
            off = np.nan_to_num(np.clip(off, -1e6, 1e6))
        array = from_numpy(off.astype(dtype), dtype)
    if array.shape == () and draw(st.booleans()):
        return Number("float" if dtype.startswith("f") else "int", array)
    return Tensor(array)


@st.composite
def situations(draw: st.DrawFn, plain: bool = False) -> tuple[Check, list[Observed]]:
    """A check and what was seen at its cases; no prediction and nothing unusual where ``plain``."""
    kind = draw(st.sampled_from(KINDS[:2] if plain else KINDS))
    more: dict[str, Any] = {}
    if not plain and draw(st.integers(0, 9)) == 0:
        own = CHECKS[kind].__struct_fields__
        more = draw(st.sampled_from([more for more in [
            {"rtol": 1e-3}, {"rtol": 1e-9}, {"item": 0}, {"item": "w"}, {"output": 0},
            {"autograd_allowed": True}, {"kinks": "any-subgradient"},
        ] if set(more) <= set(own)]))  # fmt: skip
    check = check_of(kind, **more)
    points = []
    all_near = plain and draw(st.integers(0, 3)) > 0
    for _ in range(draw(st.integers(1, 4))):
        expected = draw(expectations(plain))
        answer = draw(near(expected) if all_near and expected is not None else answers(expected))
        mutated = (0,) if draw(st.integers(0, 19)) == 0 else ()
        value = np.zeros(draw(st.sampled_from([(), (2,)])))
        if kind in ("value", "gradient"):
            own: Value = tensor(
                value if draw(st.integers(0, 5)) else np.zeros(draw(st.sampled_from([(), (2,), (1,)])))
            )
            problem = draw(st.sampled_from([""] * 15 + ["no-graph", "raised", "not-a-tensor"]))
            error = Raised("RuntimeError", "no") if problem == "raised" else None
            grads = () if problem else (answer,)
            if kind == "value":
                own, grads = answer, () if problem else (tensor(1.0),)
            outcome: Outcome = Differentiated(own, grads, problem, error, mutated=mutated)  # type: ignore[arg-type]
            if kind == "value" and draw(st.booleans()):
                outcome = Returned(answer, mutated)
        else:
            evidence = draw(st.sampled_from([None, *[Evidence()] * 9, Evidence(2), Evidence(nearby=1)]))
            outcome = Returned(answer, mutated, evidence)
        if draw(st.integers(0, 30)) == 0:
            outcome = Raised("ValueError", "no", 3)
        points.append(point(expected, outcome, value))
    return check, points


@bites(25)
@settings(max_examples=600)
@given(st.one_of(situations(), situations(plain=True)))
def test_what_passes_the_short_way_passes_the_long_one_without_a_remark(
    situation: tuple[Check, list[Observed]],
) -> None:
    check, points = situation
    short, long = both(check, points)
    if premise(short):
        assert (long.verdict, long.points, long.message, long.diagnosis) == ("passed", 1, EMPTY, None)
        assert long.counterexample is None


@bites(30)
@settings(max_examples=300)
@given(situations(plain=True))
def test_what_is_plain_and_passes_does_so_the_short_way(situation: tuple[Check, list[Observed]]) -> None:
    """It would be of no use if it looked away too often: few finite float64 numbers, nothing to remark."""
    check, points = situation
    short, long = both(check, points)
    plain = all(float64(check, p.outcome) for p in points)
    if premise(long.verdict == "passed" and long.message == EMPTY and plain):
        assert short


def float64(check: Check, outcome: Outcome) -> bool:
    """Whether an answer came in double precision, and autograd had something to say of it."""
    if isinstance(outcome, Differentiated) and outcome.problem:
        return False
    value = outcome.value if isinstance(outcome, Returned | Differentiated) else None
    if isinstance(outcome, Differentiated) and check.kind == "gradient":
        value = outcome.grads[0]
    return isinstance(value, Tensor | Number) and value.array.dtype == "float64"


@pytest.mark.parametrize("kind", KINDS)
def test_the_common_case_is_taken(kind: str) -> None:
    right = np.array([1.5, -2.0])
    answer = tensor(right * (1 + 1e-15))
    outcome: Outcome = Returned(answer, (), Evidence())
    if kind == "gradient":
        outcome = Differentiated(tensor(right), (answer,))
    short, long = both(check_of(kind), [point(right, outcome, right)] * 3)
    assert short and long.verdict == "passed"


class TestItLooksAway:
    """Whatever needs a word, or a closer look, is left to the judge."""

    RIGHT = np.array([1.5, -2.0, 0.25])

    def short(self, check: Check, outcome: Outcome, expected: Any = RIGHT) -> bool:
        return both(check, [point(expected, outcome, self.RIGHT)] * 2)[0]

    @pytest.mark.parametrize(
        "value",
        [
            tensor(RIGHT, "float32"), tensor(RIGHT[None]), tensor(RIGHT * (1 + 2e-6)), tensor(RIGHT * np.nan),
            Sequence("list", tuple(tensor(r) for r in RIGHT)), Nothing(), tensor(np.inf * RIGHT),
        ],
    )  # fmt: skip
    def test_from_another_answer(self, value: Value) -> None:
        assert not self.short(check_of("prediction"), Returned(value, (), Evidence()))

    @pytest.mark.parametrize(
        "expected",
        [
            None,
            RIGHT.astype(np.float32),
            np.array([1.5, -2.0, np.inf]),
            np.zeros(SMALL + 1),
            np.array([1, 2, 3]),
        ],
    )
    def test_from_another_truth(self, expected: Any) -> None:
        assert sure(expected) is None
        answer = tensor(np.zeros(3) if expected is None else expected)
        assert not self.short(check_of("value"), Returned(answer), expected)

    @pytest.mark.parametrize("evidence", [Evidence(2), Evidence(1, True)])
    def test_from_a_quotient(self, evidence: Evidence) -> None:
        outcome = Returned(tensor(self.RIGHT), (), evidence)
        assert not self.short(check_of("prediction"), outcome)

    @pytest.mark.parametrize("evidence", [Evidence(), Evidence(1), Evidence(0, True)])
    def test_but_not_from_a_call_of_f(self, evidence: Evidence) -> None:
        assert self.short(check_of("prediction"), Returned(tensor(self.RIGHT), (), evidence))

    def test_from_a_changed_input(self) -> None:
        assert not self.short(check_of("value"), Returned(tensor(self.RIGHT), (0,)))
        changed = Differentiated(tensor(self.RIGHT), (tensor(self.RIGHT),), mutated=(0,))
        assert not self.short(check_of("gradient"), changed)

    @pytest.mark.parametrize(
        "value", [tensor(1.0), tensor(RIGHT[None]), Nothing(), Number("float", from_numpy(1.0))]
    )
    def test_from_a_gradient_of_another_value(self, value: Value) -> None:
        """With a cotangent of ones, a sum inside f has the right gradient and the wrong shape."""
        check, outcome = check_of("gradient"), Differentiated(value, (tensor(self.RIGHT),))
        assert not self.short(check, outcome)
        assert both(check, [point(self.RIGHT, outcome, self.RIGHT)])[1].verdict == "failed"

    @pytest.mark.parametrize("more", [{"rtol": 1e-3}, {"item": 0}])
    def test_from_an_unusual_check(self, more: dict[str, Any]) -> None:
        assert not self.short(check_of("prediction", **more), Returned(tensor(self.RIGHT), (), Evidence()))

    @pytest.mark.parametrize("outcome", [None, Raised("ValueError", "no")])
    def test_from_what_brought_no_answer(self, outcome: Outcome | None) -> None:
        assert not passes(check_of("value"), [(sure(self.RIGHT), (3,), outcome)])

    def test_from_a_gradient_that_is_not_there(self) -> None:
        lost = Differentiated(tensor(self.RIGHT), (Nothing(),))
        assert not self.short(check_of("gradient"), lost)
        problem = msgspec.structs.replace(lost, grads=(), problem="no-graph")
        assert not self.short(check_of("gradient"), problem)

    def test_nothing_asked_is_nothing_wrong(self) -> None:
        assert passes(check_of("value"), [])
