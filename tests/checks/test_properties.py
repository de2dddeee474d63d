"""What holds of the comparison and of the relation finder, whatever the numbers are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes

from grader.checks.arrays import Numbers, from_numpy
from grader.checks.compare import ATOL, FLOAT32_BUDGET, RTOL, Aspect, compare, same, within
from grader.checks.diagnoses.finder import find
from grader.checks.diagnoses.samples import Relation, Sample
from grader.checks.judge import judge_function
from grader.checks.observed import Observed
from grader.checks.quick import passes, sure
from grader.model.check import Check
from grader.model.exercise import Exercise, Function, Input
from grader.model.kinds import Prediction, Value
from grader.model.observation import Evidence, Returned
from grader.model.report import CheckResult
from grader.model.text import Text
from grader.model.values import Tensor
from grader.model.wrong_gradients import NO_LABEL
from tests.premises import bites, premise

from .notation import known, labels, mistake
from .planted import CUTS, FACTORS, MISTAKES, PATHS, answer, changed, permuted, questions, wrong_gradients

T = Text("title", "标题")
PREDICTION = Prediction("prediction", 1, T, function="grad_f", of="f")
VALUE = Value("value", 1, T, function="f")
EXERCISE = Exercise(
    slug="any", section="1", order=1, title=T, summary=T, prompt=T, starter="", digest="d",
    inputs=(Input("x"),), functions=(Function("f", ("x",)), Function("grad_f", ("x",))),
    checks=(PREDICTION, VALUE), cases=(),
)  # fmt: skip
Test = Callable[..., None]


def for_all(*strategies: Any, examples: int = 100) -> Callable[[Test], Test]:
    """``given`` without a deadline: how fast an example is depends on who else is at work here."""

    def decorate(test: Test) -> Test:
        asked: Test = settings(deadline=None, max_examples=examples)(given(*strategies)(test))  # type: ignore[no-untyped-call]
        return asked

    return decorate


SPECIAL = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.0])
ANY = st.one_of(st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True), SPECIAL)
FINITE = st.floats(-1e6, 1e6)
NOT_TINY = FINITE.map(lambda x: 0.0 if abs(x) < 1e-200 else x)
LARGE = st.floats(1.0, 1e6).flatmap(lambda x: st.sampled_from([x, -x]))
"""Where the tolerance is relative throughout."""
SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
SEEDS = st.integers(0, 2**32 - 1)
OFF = st.one_of(
    st.sampled_from([0.0, 0.5, 0.99, 0.999999, 1.000001, 1.01, 2.0, 100.0]),
    st.floats(0, 3),
)
"""How far off, in tolerances."""


def tensor(values: Any, dtype: str = "float64") -> Tensor:
    return Tensor(from_numpy(values, dtype))


def agrees(right: Numbers, answer: Numbers) -> bool:
    return compare(right, tensor(answer)) is None


def allowed(right: Numbers) -> Numbers:
    size = float(np.max(np.abs(right), initial=0.0, where=np.isfinite(right)))
    most: Numbers = ATOL * max(1.0, size) + RTOL * np.abs(right)
    return most


@st.composite
def pairs(draw: st.DrawFn, elements: Any = FINITE) -> tuple[Numbers, Numbers]:
    """A right gradient and an answer that is off by nothing, by about a tolerance, or by a lot."""
    right = draw(arrays(np.float64, draw(SHAPES), elements=elements))
    answer = right.copy()
    finite = np.flatnonzero(np.isfinite(right) & (np.abs(right) < 1e300))
    for i in draw(st.lists(st.sampled_from(list(finite)), max_size=3)) if finite.size else []:
        answer.flat[i] += draw(st.sampled_from([-1.0, 1.0])) * draw(OFF) * allowed(right).flat[i]
    if answer.size and elements is ANY and draw(st.integers(0, 3)) == 0:
        answer.flat[draw(st.integers(0, answer.size - 1))] = draw(SPECIAL)
    return right, answer


def by_the_book(right: Numbers, answer: Numbers) -> bool | None:
    """The documented rule, entry by entry, in exact arithmetic; None on the edge of the tolerance."""
    numbers = [abs(g) for g in right.ravel().tolist() if math.isfinite(g)]
    atol = Fraction(ATOL) * max(Fraction(1), *map(Fraction, numbers), Fraction(0))
    for p, g in zip(answer.ravel().tolist(), right.ravel().tolist(), strict=True):
        if math.isnan(p) or math.isnan(g):
            if math.isnan(p) != math.isnan(g):
                return False
        elif math.isinf(p) or math.isinf(g):
            if p != g:
                return False
        else:
            gap, most = abs(Fraction(p) - Fraction(g)), atol + Fraction(RTOL) * abs(Fraction(g))
            if abs(gap - most) <= most * Fraction(1, 10**9):
                return None
            if gap > most:
                return False
    return True


class TestComparison:
    @for_all(pairs(ANY))
    def test_it_is_the_documented_rule(self, pair: tuple[Numbers, Numbers]) -> None:
        """Computed once more, exactly."""
        due = by_the_book(*pair)
        assume(due is not None)
        assert agrees(*pair) is due

    @for_all(arrays(np.float64, 4, elements=ANY), arrays(np.float64, 4, elements=ANY))
    def test_two_numbers_picked_at_random_are_judged_by_it_too(self, right: Numbers, answer: Numbers) -> None:
        due = by_the_book(right, answer)
        assume(due is not None)
        assert agrees(right, answer) is due

    @for_all(pairs(ANY))
    def test_the_fast_way_and_the_long_way_agree(self, pair: tuple[Numbers, Numbers]) -> None:
        """A large array is judged by another piece of code than a small one."""
        right, answer = (np.concatenate([a.ravel(), np.zeros(80)]) for a in pair)
        assert agrees(right, answer) is agrees(*pair) is same(pair[1], pair[0])

    @for_all(pairs())
    def test_which_of_the_two_is_right_does_not_matter_but_on_the_edge(
        self, pair: tuple[Numbers, Numbers]
    ) -> None:
        """The tolerance is a part of the right number, and the two differ by a millionth."""
        right, answer = pair
        nearer = right + (answer - right) * (1 - 1e-5)
        assert not agrees(right, answer) or agrees(nearer, right)

    @for_all(pairs(LARGE), st.integers(0, 300), st.sampled_from([1.0, -1.0]))
    def test_scaling_both_alike_changes_nothing(
        self, pair: tuple[Numbers, Numbers], power: int, sign: float
    ) -> None:
        """From one upwards; below it the absolute tolerance stays what it is."""
        scale = sign * 2.0**power
        assert agrees(*pair) is agrees(pair[0] * scale, pair[1] * scale)

    @for_all(pairs(ANY), SEEDS)
    def test_permuting_both_alike_changes_nothing(self, pair: tuple[Numbers, Numbers], seed: int) -> None:
        order = np.random.default_rng(seed).permutation(pair[0].size)
        moved = [a.ravel()[order].reshape(a.shape[::-1]) for a in pair]
        assert agrees(*pair) is agrees(*moved) is agrees(pair[0].T, pair[1].T)

    @for_all(pairs(ANY), SEEDS)
    def test_permuting_one_of_two_is_seen(self, pair: tuple[Numbers, Numbers], seed: int) -> None:
        right = pair[0]
        other = right.ravel()[np.random.default_rng(seed).permutation(right.size)].reshape(right.shape)
        due = by_the_book(right, other)
        assume(due is not None)
        assert agrees(right, other) is due

    @for_all(st.data())
    def test_two_different_shapes_never_agree(self, data: st.DataObject) -> None:
        """Not even where numpy would stretch the one to the other, and all numbers are equal."""
        shapes = data.draw(
            st.one_of(
                mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=0).map(
                    lambda found: found.input_shapes
                ),
                st.tuples(SHAPES, SHAPES),
            )
        )
        a, b = (np.full(shape, 2.5) for shape in shapes)
        assume(a.shape != b.shape)
        for right, other in ((a, b), (b, a)):
            found = compare(right, tensor(other))
            assert found is not None and found.aspect is Aspect.SHAPE
            assert not same(right, other)
            outcome = Returned(tensor(other))
            assert not passes(VALUE, [(sure(right), right.shape, outcome)])
            said = judge(VALUE, [(right, other)])
            assert said.verdict == "failed" and said.points == 0

    @for_all(arrays(np.float64, SHAPES, elements=ANY))
    def test_what_is_equal_agrees_whatever_it_is(self, right: Numbers) -> None:
        assert agrees(right, right) and within(right, right).all()

    @for_all(arrays(np.float64, array_shapes(max_dims=2, max_side=4), elements=ANY), st.data())
    def test_nan_and_infinity_only_where_they_are_due(self, right: Numbers, data: st.DataObject) -> None:
        answer = right.copy()
        place = data.draw(st.integers(0, right.size - 1))
        answer.flat[place] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e300]))
        p, g = float(answer.flat[place]), float(right.flat[place])
        assume(not (math.isfinite(p) and math.isfinite(g)))
        found = compare(right, tensor(answer))
        if p == g or (math.isnan(p) and math.isnan(g)):
            assert found is None
        else:
            assert found is not None
            both = not math.isfinite(p) and not math.isfinite(g)
            assert found.aspect is (Aspect.VALUES if both else Aspect.FINITE)
            assert found.worst == np.unravel_index(place, right.shape)

    @for_all(pairs(), st.floats(1.05, 100))
    def test_single_precision_widens_the_tolerance_to_its_budget_and_no_further(
        self, pair: tuple[Numbers, Numbers], times: float
    ) -> None:
        right = pair[0]
        short = right.astype(np.float32)
        assert compare(right, tensor(short, "float32")) is None
        if right.size:
            size = max(1.0, float(np.abs(right).max()))
            place = int(np.abs(right).argmax())
            budget = FLOAT32_BUDGET * (abs(float(right.flat[place])) + 1e-2 * size)
            short.flat[place] += np.float32(times * budget * 1.01)
            assert compare(right, tensor(short, "float32")) is not None

    @pytest.mark.filterwarnings("ignore:Casting complex values")
    def test_a_complex_value_is_compared_with_its_imaginary_part(self) -> None:
        found = compare(np.array([1 + 2j]), tensor([1 + 5j], "complex128"))
        assert found is not None and found.aspect is Aspect.VALUES


# The judge, at one case each.


def judge(check: Check, rows: list[tuple[Numbers, Numbers]], dtype: str = "float64") -> CheckResult:
    """The verdict on answers (second) where something else (first) may be right, one case for each row."""
    points = []
    for n, (right, came) in enumerate(rows):
        value = np.where(np.isfinite(right), right, 1.0)
        seen = Returned(tensor(came, dtype))
        points.append(Observed(f"case-{n}", True, {}, right, seen, value=value, size=right.size))
    return judge_function(EXERCISE, check, points)


def sigmoid(x: Numbers) -> Numbers:
    y: Numbers = 1 / (1 + np.exp(-x))
    return y


class TestJudge:
    @bites(10)
    @for_all(
        st.one_of(
            st.tuples(st.just(VALUE), st.lists(pairs(ANY), min_size=1, max_size=4)),
            st.tuples(st.just(PREDICTION), st.lists(pairs(NOT_TINY), min_size=1, max_size=4)),
        )
    )
    def test_all_or_nothing(self, asked: tuple[Check, list[tuple[Numbers, Numbers]]]) -> None:
        """Every case right, and all the points; one wrong, and none, with a word about it."""
        check, rows = asked
        said = judge(check, rows)
        right = all(agrees(*row) for row in rows)
        if premise(said.verdict == "passed"):
            assert right and said.points == said.max_points
        else:
            assert said.verdict == "failed" and said.points == 0 and said.message.en and said.message.zh
            quotient = said.diagnosis is not None and said.diagnosis.code == "finite-difference"
            assert not right or (quotient and check is PREDICTION)

    @bites(10)
    @for_all(st.lists(pairs(ANY), min_size=1, max_size=4), st.sampled_from([VALUE, PREDICTION]))
    def test_what_passes_in_haste_passes_at_leisure_without_a_remark(
        self, rows: list[tuple[Numbers, Numbers]], check: Check
    ) -> None:
        seen = [(sure(right), right.shape, Returned(tensor(answer))) for right, answer in rows]
        if premise(passes(check, seen)):
            said = judge(check, rows)
            assert (said.verdict, said.points, said.message.en) == ("passed", 1.0, "")

    @for_all(st.lists(pairs(ANY), min_size=1, max_size=4))
    def test_what_is_wrong_never_passes_in_haste(self, rows: list[tuple[Numbers, Numbers]]) -> None:
        assume(not all(agrees(*row) for row in rows))
        seen = [(sure(right), right.shape, Returned(tensor(answer))) for right, answer in rows]
        assert not passes(VALUE, seen)
        assert judge(VALUE, rows).verdict == "failed"

    @for_all(
        st.lists(arrays(np.float64, array_shapes(max_dims=2), elements=FINITE), min_size=1, max_size=4), SEEDS
    )
    def test_a_few_roundings_are_never_taken_for_a_difference_quotient(
        self, rights: list[Numbers], seed: int
    ) -> None:
        """A formula in float64 errs so."""
        rng = np.random.default_rng(seed)
        rows = [(right, right * (1 + rng.integers(-8, 9, right.shape) * 2.0**-52)) for right in rights]
        assert judge(PREDICTION, rows).verdict == "passed"

    @pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
    def test_a_difference_quotient_beside_a_pole_is_judged(self, value: float) -> None:
        """Of Σ 1/x with a zero among the x, say: infinite, but most of its gradient is a number."""
        rng = np.random.default_rng(0)
        points = []
        for n in range(4):
            right = rng.uniform(1.0, 2.0, 4)
            seen = Returned(tensor(right + rng.normal(size=4) * 10.0 ** rng.uniform(-11.0, -8.0, 4)))
            points.append(Observed(f"case-{n}", True, {}, right, seen, value=np.asarray(value), size=4))
        assert judge_function(EXERCISE, PREDICTION, points).verdict in ("passed", "failed")

    @pytest.mark.parametrize(
        ("value", "gradient", "answer"),
        [
            (np.tanh, lambda x: 1 - np.tanh(x) ** 2, lambda x: 1 / np.cosh(x) ** 2),
            (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)), lambda x: sigmoid(x) * sigmoid(-x)),
        ],
        ids=["tanh", "sigmoid"],
    )
    def test_a_formula_better_than_torchs_is_not_taken_for_one_either(
        self, value: Any, gradient: Any, answer: Any
    ) -> None:
        """Where tanh and sigmoid are flat, the rounding of f is what is left of torch's own formula."""
        points = []
        for n, x in enumerate(np.random.default_rng(0).uniform(8.0, 18.0, (4, 4))):
            assert agrees(gradient(x), answer(x))
            seen = Returned(tensor(answer(x)))
            points.append(Observed(f"case-{n}", True, {}, gradient(x), seen, value=value(x), size=4))
        assert judge_function(EXERCISE, PREDICTION, points).verdict == "passed"


# The finder.


def wrong(kind: str, seed: int, dimensions: int = 0, cases: int = 3) -> list[Sample]:
    """Samples with one mistake planted in every answer."""
    mistake = MISTAKES[kind]
    return [answer(s, mistake.make(s)) for s in questions(seed, dimensions or mistake.fits[0], cases)]


@pytest.mark.parametrize("kind", MISTAKES)
class TestPlanted:
    @for_all(SEEDS, st.integers(2, 4), examples=15)
    def test_the_planted_mistake_is_the_one_that_is_found(self, kind: str, seed: int, cases: int) -> None:
        for dimensions in MISTAKES[kind].fits:
            assert find(wrong(kind, seed, dimensions, cases)) == MISTAKES[kind].found

    @for_all(SEEDS, SEEDS, examples=15)
    def test_the_order_of_cases_and_of_entries_does_not_matter(
        self, kind: str, seed: int, order: int
    ) -> None:
        rng = np.random.default_rng(order)
        samples = wrong(kind, seed)
        moved = [samples[i] for i in rng.permutation(len(samples))]
        if kind not in ("transposed", "backwards"):
            moved = [permuted(s, rng) for s in moved]
        assert find(moved) == MISTAKES[kind].found

    @for_all(SEEDS, st.integers(0, 40), st.sampled_from([1.0, -1.0]), examples=15)
    def test_the_unit_of_measurement_does_not_matter(
        self, kind: str, seed: int, power: int, sign: float
    ) -> None:
        """Function, gradient and answer in other units: the mistake is the same."""
        scale = sign * 2.0**power
        assert find([changed(s, lambda a: a * scale) for s in wrong(kind, seed)]) == MISTAKES[kind].found

    @for_all(SEEDS, st.floats(-4.0, 1.0), st.data(), examples=15)
    def test_one_entry_of_one_answer_changed_and_it_is_no_longer_found(
        self, kind: str, seed: int, power: float, data: st.DataObject
    ) -> None:
        samples = wrong(kind, seed)
        case = data.draw(st.integers(0, len(samples) - 1))
        spoilt = samples[case].given.copy()
        # The slope of a quotient's error is only known roughly.
        by = max(10.0**power, 4e-3 if kind == "quotient" else 0.0)
        spoilt.flat[data.draw(st.integers(0, spoilt.size - 1))] += by * (1 + 1e-3 * math.pi)
        samples[case] = answer(samples[case], spoilt)
        # The shape is wrong as it was, whatever the numbers are.
        left = Relation("shape") if spoilt.shape != samples[case].right.shape else None
        assert find(samples) == left

    @for_all(SEEDS, st.integers(0, 2), examples=15)
    def test_one_case_that_is_another_mistake_and_there_is_no_reason(
        self, kind: str, seed: int, case: int
    ) -> None:
        samples = wrong(kind, seed)
        right = samples[case].right
        samples[case] = answer(
            samples[case], right[::-1] * (np.sqrt(2.0) + np.arange(right.size).reshape(right.shape))
        )
        assert find(samples) is None

    @for_all(SEEDS, examples=15)
    def test_the_judge_says_what_the_finder_finds(self, kind: str, seed: int) -> None:
        """Through points and observations. (A quotient is only named where it is one of what f gave.)"""

        def called(given: Numbers) -> Evidence | None:
            return Evidence(2, quotients=(from_numpy(given),)) if kind == "quotient" else None

        points = [
            Observed(
                f"case-{n}", True, {}, s.right, Returned(tensor(s.given), (), called(s.given)), value=s.value,
                size=s.size, sizes=s.sizes, wrong_gradients=s.wrong_gradients,
                misconceptions=s.misconceptions or {},
            )
            for n, s in enumerate(wrong(kind, seed))
        ]  # fmt: skip
        said = judge_function(EXERCISE, PREDICTION, points)
        assert said.verdict == "failed" and said.diagnosis is not None
        due = MISTAKES[kind].found
        assert (said.diagnosis.code, said.diagnosis.factor) == (due.code, due.factor)

    @for_all(SEEDS, examples=15)
    def test_in_single_precision_it_is_the_same_mistake_or_none(self, kind: str, seed: int) -> None:
        samples = [answer(s, s.given.astype(np.float32)) for s in wrong(kind, seed)]
        assert find(samples) in (MISTAKES[kind].found, None)

    @for_all(SEEDS, examples=15)
    def test_the_authors_own_word_goes_first(self, kind: str, seed: int) -> None:
        samples = [
            replace(s, misconceptions={"ours": s.given, "other": s.right + 1}) for s in wrong(kind, seed)
        ]
        assert find(samples) == Relation("author:ours")


class TestAmbiguous:
    @for_all(st.permutations(("second-derivative", "diagonal-only", "transpose", CUTS[0])), SEEDS)
    def test_where_two_stories_fit_none_is_told(self, stories: list[str], seed: int) -> None:
        """Both hold the same wrong numbers."""
        one, other = stories[:2]
        samples = [
            answer(s, wrong_gradients(s)[one])
            for s in (
                replace(s, wrong_gradients=known({**wrong_gradients(s), other: wrong_gradients(s)[one]}))
                for s in questions(seed, 1, 3)
            )
        ]
        assert find(samples) is None

    @for_all(SEEDS)
    def test_where_two_places_of_the_graph_fit_none_is_named(self, seed: int) -> None:
        for one, other in ((PATHS[0], PATHS[1]), FACTORS, CUTS):
            samples = [
                answer(s, wrong_gradients(s)[one])
                for s in (
                    replace(s, wrong_gradients=known({**wrong_gradients(s), other: wrong_gradients(s)[one]}))
                    for s in questions(seed, 1, 3)
                )
            ]
            assert find(samples) == Relation(one.partition(":")[0], labels=labels("|"))


class TestNothingToFind:
    @for_all(SEEDS, SEEDS, st.sampled_from([1, 2]), st.integers(1, 5))
    def test_a_wrong_answer_at_random_gets_no_code(
        self, seed: int, other: int, dimensions: int, cases: int
    ) -> None:
        rng = np.random.default_rng((other, 1))
        samples = [
            answer(s, np.asarray(rng.normal(size=s.right.shape))) for s in questions(seed, dimensions, cases)
        ]
        assert find(samples) is None
        assert find(samples, gradients=False) is None and find(samples, predicted=False) is None

    @for_all(SEEDS, SEEDS, st.integers(1, 4))
    def test_nor_does_one_of_a_single_number(self, seed: int, other: int, cases: int) -> None:
        """Where coincidences are nearest."""
        rng = np.random.default_rng((other, 1))
        samples = [
            answer(changed(s, lambda a: a[0]), np.asarray(rng.normal())) for s in questions(seed, 1, cases)
        ]
        assert find(samples) is None

    @for_all(SEEDS, SEEDS, st.integers(1, 4))
    def test_another_shape_at_random_is_a_shape(self, seed: int, other: int, cases: int) -> None:
        rng = np.random.default_rng((other, 1))
        shape = ((), (1,), (7, 2), (1, 9))[other % 4]
        samples = [answer(s, np.asarray(rng.normal(size=shape))) for s in questions(seed, 2, cases)]
        assert find(samples) == Relation("shape")

    @for_all(SEEDS, st.integers(1, 5), st.floats(-0.9, 0.9), st.sampled_from([np.float64, np.float32]))
    def test_a_right_answer_never_gets_one(self, seed: int, cases: int, off: float, dtype: Any) -> None:
        """Anywhere within the tolerance."""
        samples = [answer(s, (s.right * (1 + off * RTOL)).astype(dtype)) for s in questions(seed, 2, cases)]
        assert all(s.correct for s in samples)
        assert find(samples) is None and find(samples, gradients=False) is None

    @for_all(SEEDS)
    def test_what_could_have_been_done_wrong_but_changes_nothing_is_no_reason(self, seed: int) -> None:
        """Every wrong gradient is the right one, and the answer is wrong at one case for no reason at all."""
        samples = [
            replace(
                s,
                wrong_gradients=known(dict.fromkeys(wrong_gradients(s), s.right)),
                value=s.right,
                misconceptions={"author": s.right},
            )
            for s in questions(seed, 1, 3)
        ]
        assert find(samples) is None
        samples[1] = answer(samples[1], samples[1].right + 0.1 * math.pi)
        assert find(samples) is None

    def test_cases_at_which_there_is_nothing_to_divide_do_not_tell_a_mean(self) -> None:
        """Twice the right gradient of two entries, and zeros at a case of another size."""
        zero = np.zeros(3)
        samples = [Sample(np.array([3.0, 4.0]), np.array([6.0, 8.0]), size=2)]
        samples.append(Sample(zero, zero, size=3, correct=True))
        assert find(samples) is None

    def test_one_entry_where_two_came_is_no_sum(self) -> None:
        samples = [Sample(np.array([1.0, 2.0]), np.array(3.0), size=2)]
        samples.append(Sample(np.array([4.0]), np.array([4.0, 77.0])))
        assert find(samples) == Relation("shape")


# Coincidences: small whole numbers, in which nearly everything holds of nearly everything.

ENTRY = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([np.nan, np.inf, -np.inf, 1e308, 5e-324]))
WHOLE = st.integers(-3, 3).map(float)
KEYS = (*PATHS, *FACTORS, *CUTS, "second-derivative", "diagonal-only", "transpose", "value-not-gradient")


@st.composite
def coincidences(draw: st.DrawFn, elements: st.SearchStrategy[float] = WHOLE) -> list[Sample]:
    """A few cases of a few small numbers each."""
    shape: tuple[int, ...] = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 2)]))
    keys = sorted(draw(st.sets(st.sampled_from(KEYS))))
    kind = draw(st.sampled_from(["anything", "relative", "path", "sign", "double", "sum"]))
    grows = draw(st.booleans())
    samples = []
    for n in range(draw(st.integers(1, 4))):
        here = (shape[0] + n, *shape[1:]) if shape and grows else shape
        right, value, other, *blocks = (
            draw(arrays(np.float64, here, elements=elements)) for _ in range(3 + len(keys))
        )
        with np.errstate(all="ignore"):
            wrong = {"sign": -right, "double": 2 * right, "sum": right.sum(), "anything": other}
            wrong |= {"relative": blocks[0], "path": 2 * right - blocks[0]} if keys else {}
        given_ = right if draw(st.integers(0, 3)) == 0 else np.array(wrong.get(kind, other))
        s = Sample(right, given_, value, max(1, right.size), draw(st.sampled_from(["", "up", "down"])))
        s = replace(
            s, wrong_gradients=known(dict(zip(keys, blocks, strict=True))), sizes=(*here, max(1, right.size))
        )
        samples.append(answer(s, given_))
    return samples


def codes(samples: list[Sample]) -> list[Relation | None]:
    return [find(samples), find(samples, gradients=False), find(samples, predicted=False)]


class TestCoincidences:
    @bites(50)
    @for_all(coincidences(), SEEDS)
    def test_the_order_of_cases_does_not_matter(self, samples: list[Sample], seed: int) -> None:
        moved = [samples[i] for i in np.random.default_rng(seed).permutation(len(samples))]
        before, after = codes(samples), codes(moved)
        # A running total over the cases is the one relation that is about their order.
        if premise(not any(r is not None and r.code == "accumulated" for r in (*before, *after))):
            assert before == after

    @for_all(coincidences(), st.integers(1, 20), st.sampled_from([1.0, -1.0]))
    def test_the_unit_of_measurement_does_not_matter(
        self, samples: list[Sample], power: int, sign: float
    ) -> None:
        scale = sign * 2.0**power
        scaled = [changed(s, lambda a: a * scale) for s in samples]
        assert codes(scaled) == codes(samples)

    @for_all(coincidences(), SEEDS)
    def test_the_order_of_entries_does_not_matter(self, samples: list[Sample], seed: int) -> None:
        assume(all(s.right.ndim < 2 and s.given.ndim < 2 for s in samples))
        rng = np.random.default_rng(seed)
        assert codes([permuted(s, rng) for s in samples]) == codes(samples)

    @bites(15)
    @for_all(coincidences())
    def test_what_is_said_is_true_at_every_case(self, samples: list[Sample]) -> None:
        for found in codes(samples):
            if premise(found is not None):
                assert found is not None and not all(s.correct for s in samples)
                assert all(true_of(found, s) for s in samples), found

    @for_all(coincidences(ENTRY))
    def test_whatever_the_numbers_are_there_is_an_answer_without_a_warning(
        self, samples: list[Sample]
    ) -> None:
        codes(samples)


def true_of(found: Relation, s: Sample) -> bool:
    """Whether what ``found`` says holds at one case, by its plain meaning."""
    wrong = wrong_gradients(s)
    family = [v for key, v in wrong.items() if key.startswith(f"{found.code}:") and _is_at(key, found)]
    told = [wrong[found.code]] if found.code in wrong else []
    at_term = [s.right - v for key, v in wrong.items() if key.startswith("missing-path:")]
    factor = -1.0 if found.code == "sign" else found.factor or 0.0
    match found.code:
        case "sign" | "scale" if found.labels:
            candidates = [s.right + (factor - 1.0) * term for term in at_term]
        case "sign" | "scale":
            candidates = [factor * s.right]
        case "mean-for-sum":
            power = 1.0 if found.variant else -1.0
            candidates = [s.right * float(max(1, n)) ** power for n in (s.size, *s.sizes)]
        case "off-by-one" if found.labels == labels("|count"):
            counts = [max(2, n) for n in (s.size, *s.sizes)]
            candidates = [s.right * (n / (n - 1)) ** power for n in counts for power in (1.0, -1.0)]
        case "reversed":
            candidates = [np.flip(s.right, axis) for axis in (None, *range(s.right.ndim))]
        case "by-another-input" | "off-by-one" | "by-an-intermediate" | "factor-order":
            candidates = family
        case "value-not-gradient":
            candidates = told if s.value is None else [s.value, *told]
        case "transpose":
            candidates = [s.right.T, *told]
        case "missing-path" if len(found.labels) > 1:
            candidates = [a + b - s.right for a in family for b in family]
        case "missing-path" | "missing-factor" | "undetached" | "second-derivative" | "diagonal-only":
            candidates = family + told
        case "reduced":
            candidates = [np.full(s.given.shape, s.right.sum())]
        case "cut-graph":
            candidates = [np.zeros_like(s.right)]
        case "not-reduced":
            return any(
                same(np.asarray(s.given.sum(axis=axis)), s.right) for axis in (None, *range(s.given.ndim))
            )
        case "shape":
            return s.correct or s.given.shape != s.right.shape
        case "one-branch":
            return s.correct is (s.branch not in found.branches)
        case "finite-difference":
            bend = np.abs(wrong["second-derivative"])
            return bool((np.abs(s.given - s.right) <= 0.061 * bend + 1e-6 * (1 + np.abs(s.right))).all())
        case _:
            return found.code == "accumulated"  # of all cases together
    nothing_there = s.correct and not any(key.startswith(f"{found.code}:") for key in wrong)
    return nothing_there or any(same(s.given, candidate) for candidate in candidates)


def _is_at(key: str, found: Relation) -> bool:
    """Whether a wrong gradient's place is the one that was named, if one was."""
    named = set(found.labels) - {NO_LABEL}
    return not named or mistake(key).label in named
