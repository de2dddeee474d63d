"""The relation finder: a reason that holds everywhere and is the only one, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.compare import same
from grader.checks.relations import Relation, Sample, find

Numbers = Any


def sample(right: Numbers, given_: Numbers, **more: Any) -> Sample:
    """A sample as the judge makes them: ``correct`` says whether the answer passed."""
    right, given_ = np.asarray(right, dtype=float), np.asarray(given_)
    if given_.dtype.kind in "iu":
        given_ = given_.astype(float)
    for key in ("relatives", "misconceptions"):
        more[key] = {k: np.asarray(v, dtype=float) for k, v in more.get(key, {}).items()}
    if more.get("value") is not None:
        more["value"] = np.asarray(more["value"], dtype=float)
    return Sample(right, given_, size=more.pop("size", right.size), correct=same(given_, right), **more)


def code(*samples: Sample, gradients: bool = True, predicted: bool = True) -> str | None:
    found = find(list(samples), gradients=gradients, predicted=predicted)
    return None if found is None else found.code


X = [np.array([1.5, -2.5, 0.5]), np.array([-0.75, 4.0]), np.array([3.0, 0.0, -1.5, 0.7])]


def cube(x: Numbers, wrong: Numbers, **more: Any) -> Sample:
    """A sample of Σ x³, with everything the truth knows about it."""
    relatives = {"second-derivative": 6 * x} | more.pop("relatives", {})
    return sample(3 * x**2, wrong, value=x**3, relatives=relatives, **more)


WRONG_CUBES: dict[str, Callable[[Numbers], Numbers]] = {
    "sign": lambda x: -3 * x**2,
    "scale": lambda x: x**2,
    "mean-for-sum": lambda x: 3 * x**2 / x.size,
    "value-not-gradient": lambda x: x**3,
    "second-derivative": lambda x: 6 * x,
    "reduced": lambda x: (3 * x**2).sum(),
    "not-reduced": lambda x: np.diag(3 * x**2),
    "finite-difference": lambda x: 3 * x**2 + 1e-3 * 3 * x,
    "float32-rounding": lambda x: (3 * x**2 * (1 + 2e-5)).astype(np.float32).astype(float),
    "shape": lambda x: (3 * x**2)[:, None],
}


@pytest.mark.parametrize("name", WRONG_CUBES)
def test_each_code_is_found_where_it_holds_at_every_case(name: str) -> None:
    assert code(*(cube(x, WRONG_CUBES[name](x)) for x in X)) == name


@pytest.mark.parametrize("name", sorted(set(WRONG_CUBES) - {"shape"}))
def test_one_entry_that_does_not_fit_and_there_is_no_such_reason(name: str) -> None:
    answers = [np.array(WRONG_CUBES[name](x), dtype=float) for x in X]
    answers[1].flat[0] += 0.37
    assert code(*(cube(x, a) for x, a in zip(X, answers, strict=True))) != name


@pytest.mark.parametrize("name", sorted(set(WRONG_CUBES) - {"shape", "reduced", "not-reduced"}))
def test_one_case_that_is_right_and_the_reason_does_not_hold_everywhere(name: str) -> None:
    samples = [cube(x, WRONG_CUBES[name](x)) for x in X]
    samples[1] = cube(X[1], 3 * X[1] ** 2)
    if name != "float32-rounding":  # rounding may well leave a case intact
        assert code(*samples) is None


def test_the_factor_is_said_and_is_a_nice_number() -> None:
    assert find([cube(x, 1.5 * x**2) for x in X]) == Relation("scale", factor=0.5)
    third = find([cube(x, x**2) for x in X])
    assert third is not None and third.factor == pytest.approx(1 / 3, rel=1e-6)
    single = [sample(3 * x**2, (6 * x**2).astype(np.float32)) for x in X]
    assert find(single) == Relation("scale", factor=2.0)


class TestScale:
    def test_two_numbers_are_too_few_to_call_a_factor_one(self) -> None:
        assert code(sample([4.0, 8.0], [2.0, 4.0])) is None
        assert code(sample(4.0, 2.0), sample(8.0, 4.0)) is None
        assert code(sample([4.0, 8.0, 12.0], [2.0, 4.0, 6.0])) == "scale"

    def test_a_constant_that_was_rounded_is_no_factor(self) -> None:
        x = np.arange(1.0, 6.0)
        assert code(sample(np.pi * x, 3.14159 * x)) is None
        assert code(sample(np.pi * x, 3.14 * x)) == "scale"

    def test_zeros_are_no_factor_of_zero(self) -> None:
        assert code(*(cube(x, np.zeros_like(x)) for x in X)) is None

    def test_a_number_where_the_right_answer_is_zero_is_no_factor(self) -> None:
        assert code(sample([0.0, 4.0, 8.0, 12.0], [1.0, 2.0, 4.0, 6.0])) is None

    def test_nan_and_infinity_are_no_factor(self) -> None:
        assert code(sample([1.0, 2.0, 3.0], [np.nan] * 3)) is None
        assert code(sample([1.0, 2.0, 3.0], [np.inf] * 3)) is None


class TestSign:
    def test_one_number_is_enough(self) -> None:
        assert code(sample(28.0, -28.0)) == "sign"

    def test_zeros_have_no_sign(self) -> None:
        assert code(sample([0.0, 0.0], [0.0, 0.0])) is None
        assert code(sample([0.0, 4.0], [0.0, -4.0])) == "sign"


class TestMean:
    def test_cases_of_one_size_cannot_tell_it_from_a_factor(self) -> None:
        x = [np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, -1.0, 5.0, 0.5])]
        assert code(*(sample(2 * v, v / 2) for v in x)) == "scale"

    def test_multiplied_by_the_size_is_something_else(self) -> None:
        assert code(*(cube(x, 3 * x**2 * x.size) for x in X)) is None


class TestTranspose:
    A = np.array([[1.0, 2.0], [3.0, 5.0]])

    def test_of_a_square_and_of_an_oblong_matrix(self) -> None:
        assert code(sample(self.A, self.A.T)) == "transpose"
        oblong = np.arange(6.0).reshape(2, 3)
        assert code(sample(oblong, oblong.T)) == "transpose"

    def test_a_symmetric_matrix_is_its_own(self) -> None:
        assert code(sample(self.A + self.A.T, self.A + self.A.T)) is None

    def test_an_antisymmetric_one_has_two_explanations_and_so_none(self) -> None:
        odd = self.A - self.A.T
        assert code(sample(odd, odd.T)) is None

    def test_one_entry_off_is_no_transpose(self) -> None:
        assert code(sample(self.A, [[1.0, 3.0], [2.0, 5.1]])) is None


class TestReduced:
    def test_the_same_sum_everywhere_counts(self) -> None:
        assert code(*(cube(x, np.full_like(x, (3 * x**2).sum())) for x in X)) == "reduced"

    def test_zero_for_zeros_is_a_shape_and_no_sum(self) -> None:
        assert code(sample([0.0, 0.0, 0.0, 0.0], 0.0)) == "shape"

    def test_the_last_entry_may_be_the_sum_by_accident(self) -> None:
        assert code(sample([0.0, 4.0], 4.0)) == "shape"
        assert code(sample([1.0, 1.0, 1.0, 1.0], 1.0)) == "shape"
        assert code(sample([1.0, 1.0, 1.0, 1.0], 4.0)) == "reduced"

    def test_zero_where_the_entries_cancel_may_be_nothing_at_all(self) -> None:
        assert code(sample([1.0, -1.0], 0.0)) == "shape"

    def test_a_factor_explains_equal_entries_without_more_ado(self) -> None:
        assert code(sample([1.0, 1.0, 1.0, 1.0], [4.0, 4.0, 4.0, 4.0])) == "scale"

    def test_another_number_is_a_shape(self) -> None:
        assert code(*(cube(x, 7.0) for x in X)) == "shape"


class TestNotReduced:
    def test_a_missing_sum_over_the_batch(self) -> None:
        x = np.arange(15.0).reshape(5, 3)
        assert code(sample(x.sum(0), x)) == "not-reduced"
        assert code(sample(28.0, [0.0, 2.0, 8.0, 18.0])) == "not-reduced"

    def test_an_axis_of_length_one_is_no_sum(self) -> None:
        assert code(sample([1.0, 2.0], [[1.0, 2.0]])) == "shape"
        assert code(sample(28.0, [28.0])) == "shape"

    def test_zeros_add_up_to_zero_however_many(self) -> None:
        assert code(sample([0.0, 0.0], np.zeros((3, 2)))) == "shape"
        assert code(sample(0.0, np.zeros(4))) == "shape"

    def test_the_axis_is_the_same_at_every_case(self) -> None:
        a = np.array([[1.0, 2.0], [3.0, 5.0]])
        assert code(sample(a.sum(0), a), sample(a.sum(1), a)) == "shape"


class TestReadOffTheGraph:
    def test_undetached_even_where_it_is_a_factor(self) -> None:
        samples = [sample(x**2, 3 * x**2, relatives={"undetached": 3 * x**2}) for x in X]
        assert code(*samples) == "undetached"

    def test_zeros_of_a_function_not_yet_written_are_no_second_derivative(self) -> None:
        samples = [sample(np.full_like(x, 5.0), 0 * x, relatives={"second-derivative": 0 * x}) for x in X]
        assert code(*samples) is None

    def test_nor_are_they_a_value(self) -> None:
        assert code(*(sample(np.ones(3), np.zeros(3), value=np.zeros(3)) for _ in X)) is None

    def test_half_the_slope_of_exp_2x_is_its_value_and_is_told_as_a_factor(self) -> None:
        e = [np.exp(2 * x) for x in X]
        samples = [sample(2 * v, v, value=v, relatives={"second-derivative": 4 * v}) for v in e]
        assert find(samples) == Relation("scale", factor=0.5)

    def test_cosh_is_its_own_second_derivative_so_neither_is_named(self) -> None:
        samples = [
            sample(np.sinh(x), np.cosh(x), value=np.cosh(x), relatives={"second-derivative": np.cosh(x)})
            for x in X
        ]
        assert code(*samples) is None

    def test_a_value_of_another_shape_is_no_gradient(self) -> None:
        assert code(*(sample(x, (x**2).sum() / 2, value=(x**2).sum() / 2) for x in X)) == "value-not-gradient"

    def test_values_of_f_are_told_nothing_of_gradients(self) -> None:
        for name in ("value-not-gradient", "second-derivative", "finite-difference"):
            samples = [cube(x, WRONG_CUBES[name](x)) for x in X]
            assert code(*samples, gradients=False) is None

    def test_autograd_makes_no_difference_quotients(self) -> None:
        samples = [cube(x, WRONG_CUBES["finite-difference"](x)) for x in X]
        assert code(*samples, predicted=False) is None


class TestAccumulated:
    def test_an_earlier_gradient_was_added(self) -> None:
        right, both = [1.0, 1.0, 1.0, 1.0], [1.0, 5.0, 9.0, 13.0]
        assert code(sample(right, both, relatives={"accumulated": both})) == "accumulated"
        assert code(sample(right, [1.0, 5.0, 9.0, 12.0], relatives={"accumulated": both})) is None

    def test_the_cases_before_were_added(self) -> None:
        right = [np.array(v) for v in ([1.0, 2.0], [3.0, -1.0], [0.5, 4.0], [2.0, 2.0])]
        sums = np.cumsum(right, axis=0)
        assert code(*map(sample, right, sums)) == "accumulated"
        assert code(*map(sample, right[:3], sums[:3])) is None

    def test_one_two_three_four_is_x_and_no_sum_of_ones(self) -> None:
        assert code(*(sample(1.0, float(n)) for n in (1, 2, 3, 4, 5))) is None


class TestOneBranch:
    def branches(self, *rows: tuple[float, float, str]) -> str | None:
        return code(*(sample(right, given_, branch=branch) for right, given_, branch in rows))

    def test_right_on_one_and_wrong_on_the_other(self) -> None:
        rows = [(4.0, 4.0, "up"), (8.0, 8.0, "up"), (400.0, 4.0, "down"), (800.0, 7.0, "down")]
        samples = [sample(right, given_, branch=branch) for right, given_, branch in rows]
        assert find(samples) == Relation("one-branch", branches=("down",))

    def test_mixed_branches_are_no_reason(self) -> None:
        assert self.branches((4.0, 4.0, "up"), (8.0, 7.0, "up"), (400.0, 4.0, "down")) is None
        assert self.branches((4.0, 4.0, "up"), (400.0, 4.0, "down"), (800.0, 800.0, "down")) is None

    def test_a_case_without_a_branch_could_contradict(self) -> None:
        assert self.branches((4.0, 4.0, "up"), (9.0, 1.0, ""), (400.0, 4.0, "down")) is None

    def test_everything_wrong_is_no_branch(self) -> None:
        assert self.branches((4.0, 3.0, "up"), (400.0, 7.0, "down")) is None

    def test_rounding_that_shows_on_one_branch_only_is_rounding(self) -> None:
        rows = [(4.0, 4.0, "up"), (8.0, 8.0, "up")]
        odd = [(1e3 * k / 7, float(np.float32(1e3 * k / 7 * (1 + 2e-5))), "down") for k in (3, 5)]
        assert self.branches(*rows, *odd) == "float32-rounding"


class TestFloat32:
    def test_a_short_number_is_not_a_rounded_one(self) -> None:
        assert code(sample([0.50003, 2.00009], [0.5, 2.0])) is None

    def test_double_precision_numbers_are_not(self) -> None:
        x = np.array([1 / 3, 1 / 7, 1 / 11])
        assert code(sample(x, x * (1 + np.array([1e-5, 2e-5, 3e-5])))) is None


class TestDifferenceQuotient:
    def test_a_step_too_large_is_another_mistake(self) -> None:
        assert code(*(cube(x, 3 * x**2 + 0.5 * 6 * x) for x in X)) is None

    def test_an_error_that_does_not_follow_the_second_derivative_is_not(self) -> None:
        assert code(*(cube(x, 3 * x**2 + 1e-3) for x in X)) is None

    def test_a_straight_line_has_none(self) -> None:
        rows = [sample(4.0, 4.001, relatives={"second-derivative": 0.0}) for _ in range(5)]
        assert code(*rows) != "finite-difference"


class TestAuthor:
    def test_a_declared_misconception_goes_before_everything(self) -> None:
        samples = [cube(x, -3 * x**2, misconceptions={"down": -3 * x**2, "other": x}) for x in X]
        assert code(*samples) == "author:down"

    def test_it_must_hold_at_every_case(self) -> None:
        samples = [cube(x, 5 * x, misconceptions={"linear": 5 * x}) for x in X]
        samples[2] = replace(samples[2], misconceptions={"linear": 6 * X[2]})
        assert code(*samples) is None

    def test_two_that_cannot_be_told_apart_are_none(self) -> None:
        assert code(sample([1.0, 2.0], [3.0, 4.5], misconceptions={"a": [3, 4.5], "b": [3, 4.5]})) is None

    def test_one_that_is_right_here_is_none(self) -> None:
        assert code(sample([1.0, 2.0], [1.0, 2.0], misconceptions={"a": [1, 2]})) is None


# Whatever comes.

ENTRY = st.one_of(st.integers(-4, 4).map(float), st.floats(-50, 50, allow_subnormal=False))


@st.composite
def problems(draw: st.DrawFn) -> list[Sample]:
    """Cases of small structured numbers, in which coincidences are frequent."""
    shape = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 2)]))
    size = int(np.prod(shape))

    def block() -> Numbers:
        return np.array(draw(st.lists(ENTRY, min_size=size, max_size=size))).reshape(shape)

    kinds = ["right", "neg", "value", "second", "undetached", "zero", "double", "sum", "any"]
    kind = draw(st.sampled_from(kinds))
    samples = []
    for _ in range(draw(st.integers(1, 4))):
        right, value, second, undetached = block(), block(), block(), block()
        given_ = {
            "right": right, "neg": -right, "value": value, "second": second, "undetached": undetached,
            "zero": right * 0, "double": 2 * right, "sum": np.asarray(right.sum()), "any": block(),
        }[kind]  # fmt: skip
        relatives = {"second-derivative": second, "undetached": undetached}
        branch = draw(st.sampled_from(["up", "down"]))
        samples.append(sample(right, given_, value=value, relatives=relatives, branch=branch))
    return samples


@given(problems())
def test_a_right_answer_never_gets_a_code(samples: list[Sample]) -> None:
    right = [replace(s, given=s.right, correct=True) for s in samples]
    assert find(right) is None and find(right, gradients=False) is None


@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(samples: list[Sample], random: Any) -> None:
    # A running total over the cases is the one relation that is about their order.
    found = find(samples)
    shuffled = random.sample(samples, len(samples))
    again = find(shuffled)
    if "accumulated" not in {r.code for r in (found, again) if r is not None}:
        assert found == again


@given(problems())
def test_what_is_named_is_true_of_every_case(samples: list[Sample]) -> None:
    found = find(samples)
    claims: dict[str, Callable[[Sample], bool]] = {
        "sign": lambda s: same(s.given, -s.right),
        "scale": lambda s: np.allclose(s.given, (found.factor or 0) * s.right, rtol=2e-6, atol=1e-8),  # type: ignore[union-attr]
        "value-not-gradient": lambda s: s.value is not None and same(s.given, s.value),
        "second-derivative": lambda s: same(s.given, s.relatives["second-derivative"]),  # type: ignore[index]
        "undetached": lambda s: same(s.given, s.relatives["undetached"]),  # type: ignore[index]
        "transpose": lambda s: same(s.given, s.right.T),
        "reduced": lambda s: bool(np.allclose(s.given, s.right.sum())),
        "shape": lambda s: s.correct or s.given.shape != s.right.shape,
        "one-branch": lambda s: s.correct == (s.branch not in found.branches),  # type: ignore[union-attr]
    }
    if found is not None and found.code in claims:
        assert all(claims[found.code](s) for s in samples)
        assert not all(s.correct for s in samples)
    if found is not None and found.code not in ("shape", "one-branch", "scale", "sign"):
        assert any(s.given.any() for s in samples), "zeros explain nothing"
