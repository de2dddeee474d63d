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
from grader.checks.diagnoses.finder import find
from grader.checks.diagnoses.samples import Relation, Sample
from grader.model.wrong_gradients import NO_LABEL, Label
from tests.checks.notation import by_notation, known, labels
from tests.premises import bites, premise

Numbers = Any


def sample(right: Numbers, given_: Numbers, **more: Any) -> Sample:
    """A sample as the judge makes them: ``correct`` says whether the answer passed."""
    right, given_ = np.asarray(right, dtype=float), np.asarray(given_)
    if given_.dtype.kind in "iu":
        given_ = given_.astype(float)
    read, misconceptions = (
        {k: np.asarray(v, dtype=float) for k, v in more.pop(key, {}).items()}
        for key in ("read", "misconceptions")
    )
    more |= {"wrong_gradients": known(read), "misconceptions": misconceptions}
    if more.get("value") is not None:
        more["value"] = np.asarray(more["value"], dtype=float)
    return Sample(right, given_, size=more.pop("size", right.size), correct=same(given_, right), **more)


def code(*samples: Sample, gradients: bool = True, predicted: bool = True) -> str | None:
    found = find(list(samples), gradients=gradients, predicted=predicted)
    return None if found is None else found.code


X = [np.array([1.5, -2.5, 0.5]), np.array([-0.75, 4.0]), np.array([3.0, 0.0, -1.5, 0.7])]


def cube(x: Numbers, wrong: Numbers, **more: Any) -> Sample:
    """A sample of Σ x³, with everything the truth knows about it."""
    read = {"second-derivative": 6 * x} | more.pop("read", {})
    return sample(3 * x**2, wrong, value=x**3, read=read, **more)


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


# Rounding may well leave a case intact.
@pytest.mark.parametrize(
    "name", sorted(set(WRONG_CUBES) - {"shape", "reduced", "not-reduced", "float32-rounding"})
)
def test_one_case_that_is_right_and_the_reason_does_not_hold_everywhere(name: str) -> None:
    samples = [cube(x, WRONG_CUBES[name](x)) for x in X]
    samples[1] = cube(X[1], 3 * X[1] ** 2)
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
        zeros = [cube(x, np.zeros_like(x)) for x in X]
        assert find(zeros) == Relation("cut-graph", variant="zero")
        assert code(*zeros, predicted=False) is None and code(*zeros, gradients=False) is None

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

    def test_multiplied_by_the_size_is_a_sum_where_a_mean_is_meant(self) -> None:
        found = find([cube(x, 3 * x**2 * x.size) for x in X])
        assert found == Relation("mean-for-sum", variant="sum")

    def test_a_mean_over_rows_divides_by_their_number(self) -> None:
        """The judge tells the lengths of the axes; which of them it was, the cases tell."""
        shapes = [(2, 3), (4, 3), (5, 3)]
        right = [np.arange(1.0, 1 + r * c).reshape(r, c) for r, c in shapes]
        samples = [
            sample(v, v / rows, sizes=(rows, columns, rows * columns))
            for v, (rows, columns) in zip(right, shapes, strict=True)
        ]
        assert find(samples) == Relation("mean-for-sum")
        by_columns = [replace(s, given=s.right / 3) for s in samples]
        assert code(*by_columns) == "scale", "the number of columns is the same everywhere: any third"

    def test_no_length_of_an_axis_no_mean(self) -> None:
        samples = [sample(x, x / n, sizes=(x.size,)) for x, n in zip(X, (2, 3, 5), strict=True)]
        assert code(*samples) is None


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


class TestShape:
    def test_of_a_jacobian_outputs_and_inputs_are_counted(self) -> None:
        right, f = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 5.0]]), [7.0, 8.0]
        for given_ in (right.ravel(), right[:, :2]):
            found = find([sample(right, given_, value=f, size=3)])
            assert found == Relation("shape", variant="jacobian")

    def test_what_is_pushed_forward_has_the_shape_of_the_output(self) -> None:
        pushed = sample([1.0, 2.0], [4.0, 5.0, 6.0], value=[7.0, 8.0], size=3)
        assert find([pushed]) == Relation("shape", variant="output")

    def test_a_gradient_has_that_of_the_input_and_a_value_its_own(self) -> None:
        assert find([cube(x, np.append(x, 7.0)) for x in X]) == Relation("shape")
        square = sample([1.0, 2.0, 4.0], [[4.0, 5.0]], value=[7.0, 8.0, 9.0], size=3)
        assert find([square]) == Relation("shape"), "both have three: nothing tells which is meant"
        value = sample([1.0, 2.0], [4.0, 5.0, 6.0], value=[1.0, 2.0], size=3)
        assert find([value], gradients=False) == Relation("shape")


class TestReadOffTheGraph:
    def test_undetached_even_where_it_is_a_factor(self) -> None:
        """x·u with u = x² cut off: 3x² is three times the right one, but the reason is another."""
        samples = [sample(x**2, 3 * x**2, read={"undetached:all:u|": 3 * x**2}) for x in X]
        assert find(samples) == Relation("undetached", labels=labels("u|"))

    def test_zeros_of_a_function_not_yet_written_are_no_second_derivative(self) -> None:
        samples = [sample(np.full_like(x, 5.0), 0 * x, read={"second-derivative": 0 * x}) for x in X]
        assert code(*samples) == "cut-graph"

    def test_nor_are_they_a_value(self) -> None:
        assert code(*(sample(np.ones(3), np.zeros(3), value=np.zeros(3)) for _ in X)) == "cut-graph"

    def test_zeros_where_most_of_the_right_entries_are_zero_say_nothing(self) -> None:
        right = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 4.0])
        assert code(sample(right, 0 * right), sample(right, 0 * right)) is None

    def test_half_the_slope_of_exp_2x_is_its_value_and_is_told_as_a_factor(self) -> None:
        e = [np.exp(2 * x) for x in X]
        samples = [sample(2 * v, v, value=v, read={"second-derivative": 4 * v}) for v in e]
        assert find(samples) == Relation("scale", factor=0.5)

    def test_cosh_is_its_own_second_derivative_so_neither_is_named(self) -> None:
        samples = [
            sample(np.sinh(x), np.cosh(x), value=np.cosh(x), read={"second-derivative": np.cosh(x)})
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


def two_terms(x: Numbers, wrong: Numbers, **more: Any) -> Sample:
    """A sample of Σ u + w with u = x³ and w = sin x: either can be left out, or its derivative."""
    cubed, waved = 3 * x**2, np.cos(x)
    read = {
        "missing-path:0.0:u|add": waved,
        "missing-path:0.1:w|add": cubed,
        "missing-factor:1:u|pow": 1 + waved,
        "missing-factor:2:w|sin": cubed + 1,
        "second-derivative": 6 * x - np.sin(x),
    }
    return sample(cubed + waved, wrong, value=x**3 + np.sin(x), read=read, **more)


def three_terms(x: Numbers, wrong: Numbers) -> Sample:
    """A sample of a + b + c, added one after the other: x², x³ and exp(x)."""
    terms = {"0.0:a|add": 2 * x, "0.1:b|add": 3 * x**2, "1.1:c|add": np.exp(x)}
    right = np.asarray(sum(terms.values()))
    return sample(right, wrong, read={f"missing-path:{key}": right - t for key, t in terms.items()})


class TestPaths:
    def test_a_path_that_was_forgotten_is_named(self) -> None:
        assert find([two_terms(x, 3 * x**2) for x in X]) == Relation("missing-path", labels=labels("w|add"))
        assert find([two_terms(x, np.cos(x)) for x in X]) == Relation("missing-path", labels=labels("u|add"))

    def test_autograd_through_the_students_f_can_lack_one_as_well(self) -> None:
        assert code(*(two_terms(x, 3 * x**2) for x in X), predicted=False) == "missing-path"

    def test_a_local_derivative_that_was_forgotten_is_named(self) -> None:
        found = find([two_terms(x, 3 * x**2 + 1) for x in X])
        assert found == Relation("missing-factor", labels=labels("w|sin"))

    def test_values_of_f_have_no_paths(self) -> None:
        assert code(*(two_terms(x, 3 * x**2) for x in X), gradients=False) is None

    def test_one_entry_off_and_no_path_is_named(self) -> None:
        samples = [two_terms(x, 3 * x**2) for x in X]
        samples[0] = two_terms(X[0], 3 * X[0] ** 2 + np.array([0.0, 0.37, 0.0]))
        assert code(*samples) is None

    def test_one_number_is_too_few(self) -> None:
        x = np.array([1.5])
        assert code(two_terms(x, 3 * x**2)) is None

    def test_another_path_at_each_case_is_no_reason(self) -> None:
        samples = [two_terms(X[0], 3 * X[0] ** 2), two_terms(X[1], np.cos(X[1]))]
        assert code(*samples) is None

    def test_two_that_were_forgotten_are_both_named(self) -> None:
        found = find([three_terms(x, 3 * x**2) for x in X])
        assert found == Relation("missing-path", labels=labels("a|add", "c|add"))

    def test_one_of_three_is_one(self) -> None:
        found = find([three_terms(x, 3 * x**2 + 2 * x) for x in X])
        assert found == Relation("missing-path", labels=labels("c|add"))

    def test_a_term_with_the_wrong_sign(self) -> None:
        found = find([two_terms(x, 3 * x**2 - np.cos(x)) for x in X])
        assert found == Relation("sign", labels=labels("w|add"))

    def test_a_term_with_a_factor(self) -> None:
        found = find([two_terms(x, 3 * x**2 + np.cos(x) / 2) for x in X])
        assert found == Relation("scale", factor=0.5, labels=labels("w|add"))

    def test_a_term_with_a_factor_that_no_mistake_makes_is_none(self) -> None:
        assert code(*(two_terms(x, 3 * x**2 + 0.7139 * np.cos(x)) for x in X)) is None

    def test_the_factor_is_one_at_every_case(self) -> None:
        factors = [2.0, 3.0, 2.0]
        samples = [two_terms(x, 3 * x**2 + k * np.cos(x)) for k, x in zip(factors, X, strict=True)]
        assert code(*samples) is None

    def test_two_places_with_the_same_numbers_are_not_told_apart(self) -> None:
        """x·w + x·v at w = v: which product was forgotten, nobody can say."""
        samples = [
            sample(2 * x, x, read={"missing-path:0.0:a|add": x, "missing-path:0.1:b|add": x}) for x in X
        ]
        assert code(*samples) == "scale", "half of everything is a factor"
        samples = [
            sample(3 * x**2 + 2 * x, 3 * x**2 + x,
                   read={"missing-path:0.0:a|add": 3 * x**2 + x, "missing-path:0.1:b|add": 3 * x**2 + x})
            for x in X
        ]  # fmt: skip
        assert find(samples) == Relation("missing-path", labels=labels("|"))

    def test_a_path_goes_before_a_factor(self) -> None:
        """A term that is all of one variable's is both; the path says where to look."""
        x = X[0]
        both = {"missing-path:0.1:w|add": 3 * x**2, "missing-factor:2:w|sin": 3 * x**2}
        assert code(sample(3 * x**2 + np.cos(x), 3 * x**2, read=both)) == "missing-path"

    def test_what_has_two_explanations_of_different_kinds_has_none(self) -> None:
        x = X[0]
        both = {"second-derivative": 5 * x + 1, "undetached:0:u|": 5 * x + 1}
        assert code(sample(x**2, 5 * x + 1, read=both)) is None

    def test_a_factor_everywhere_goes_before_a_path(self) -> None:
        samples = [sample(2 * x, x, read={"missing-path:0.0:a|add": x}) for x in X]
        assert find(samples) == Relation("scale", factor=0.5)


class TestUndetached:
    def test_one_of_several_cuts_is_named(self) -> None:
        read = [
            {"undetached:0:u|": 2 * x, "undetached:1:w|": 5 * x + 1, "undetached:all:|": 9 * x} for x in X
        ]
        samples = [sample(x**2, 5 * x + 1, read=r) for x, r in zip(X, read, strict=True)]
        assert find(samples) == Relation("undetached", labels=labels("w|"))

    def test_all_of_them_have_no_name(self) -> None:
        read = [{"undetached:0:u|": 2 * x, "undetached:all:|": 9 * x + 1} for x in X]
        samples = [sample(x**2, 9 * x + 1, read=r) for x, r in zip(X, read, strict=True)]
        assert find(samples) == Relation("undetached", labels=labels("|"))

    def test_where_nothing_is_cut_on_a_branch_the_answer_must_be_right_there(self) -> None:
        cut = [sample(x**2, 5 * x, read={"undetached:all:u|": 5 * x}) for x in X]
        assert find([*cut, sample(X[0], X[0])]) == Relation("undetached", labels=labels("u|"))
        assert code(*cut, sample(X[0], X[0] + 1)) is None


class TestControlFlow:
    """A loop makes another graph at each case: places move, names stay."""

    def loops(self, *names: str) -> list[Sample]:
        """One path is missing at each case, at another place each time, under these names."""
        return [
            sample(
                x**2 + np.cos(x),
                x**2,
                read={f"missing-path:{3 * n}.1:{name}|add": x**2, "missing-path:0.0:b|add": x},
            )
            for n, (x, name) in enumerate(zip(X, names, strict=True))
        ]

    def test_the_same_name_at_different_places_is_one_reason(self) -> None:
        assert find(self.loops("u", "u", "u")) == Relation("missing-path", labels=labels("u|add"))

    def test_different_names_at_different_places_are_none(self) -> None:
        assert code(*self.loops("u", "w", "u")) is None

    def test_no_name_at_different_places_is_none(self) -> None:
        samples = [
            sample(x**2 + np.cos(x), x**2, read={f"missing-factor:{n}:|": x**2}) for n, x in enumerate(X)
        ]
        assert code(*samples) is None

    def test_a_case_that_takes_the_other_branch_does_not_disturb(self) -> None:
        straight = sample(X[0], X[0], read={})
        assert find([*self.loops("u", "u", "u"), straight]) == Relation(
            "missing-path", labels=labels("u|add")
        )

    def test_two_paths_are_looked_for_at_places_that_all_cases_have(self) -> None:
        samples = [three_terms(x, 3 * x**2) for x in X]
        samples[1] = replace(
            samples[1],
            wrong_gradients=known({"missing-path:7.0:a|add": X[1], "missing-path:8.0:c|add": X[1]}),
        )
        assert code(*samples) is None


class TestMatrices:
    A = np.array([[2.0, 1.0, -1.0], [0.5, 3.0, 4.0], [1.5, -2.0, 5.0]])
    V = (np.array([1.0, -0.5, 2.0]), np.array([0.3, 4.0, -1.0]))

    def pulled(self, wrong: Callable[[Numbers], Numbers], right: Numbers | None = None) -> list[Sample]:
        """Samples of vᵀA with what the truth reads off the whole matrix."""
        return [
            sample(
                self.A.T @ v,
                wrong(v),
                read={"diagonal-only": np.diag(self.A) * v, "transpose": self.A @ v},
            )
            for v in self.V
        ]

    def test_only_the_diagonal_of_a_jacobian_was_used(self) -> None:
        assert code(*self.pulled(lambda v: np.diag(self.A) * v)) == "diagonal-only"

    def test_the_jacobian_was_applied_from_the_other_side(self) -> None:
        assert code(*self.pulled(lambda v: self.A @ v)) == "transpose"

    def test_a_diagonal_jacobian_has_neither(self) -> None:
        samples = [
            sample(3 * v, 5 * v + 1, read={"diagonal-only": 3 * v, "transpose": 3 * v}) for v in self.V
        ]
        assert code(*samples) is None

    def test_one_entry_is_its_own_diagonal(self) -> None:
        """Where the input has one entry there is nothing to get wrong, and no wrong gradient."""
        single = sample([6.0], [6.0])
        assert code(*self.pulled(lambda v: np.diag(self.A) * v), single) == "diagonal-only"
        assert code(*self.pulled(lambda v: np.diag(self.A) * v), sample([6.0], [7.0])) is None

    def test_without_the_cotangent(self) -> None:
        samples = [
            sample(self.A.T @ v, self.A.sum(0), read={"missing-factor:v:v|cotangent": self.A.sum(0)})
            for v in self.V
        ]
        assert find(samples) == Relation("missing-factor", labels=labels("v|cotangent"))

    def test_the_cotangents_sum_in_the_place_of_each_entry(self) -> None:
        samples = [
            sample(self.A.T @ v, self.A.sum(0) * v.sum(), read={"reduced:v": self.A.sum(0) * v.sum()})
            for v in self.V
        ]
        assert code(*samples) == "reduced"


class TestAccumulated:
    def test_on_top_of_another_questions_gradient(self) -> None:
        samples = [
            sample(3 * x**2, 3 * x**2 + np.cos(x), read={"accumulated:b": 3 * x**2 + np.cos(x)}) for x in X
        ]
        assert find(samples) == Relation("accumulated")

    def test_an_earlier_gradient_was_added(self) -> None:
        right, both = [1.0, 1.0, 1.0, 1.0], [1.0, 5.0, 9.0, 13.0]
        assert code(sample(right, both, read={"accumulated": both})) == "accumulated"
        assert code(sample(right, [1.0, 5.0, 9.0, 12.0], read={"accumulated": both})) is None

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
        rows = [sample(4.0, 4.001, read={"second-derivative": 0.0}) for _ in range(5)]
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

    kinds = [
        "right", "neg", "value", "second", "undetached", "zero", "double", "sum", "any", "path", "factor",
        "both", "flipped", "diagonal",
    ]  # fmt: skip
    kind = draw(st.sampled_from(kinds))
    samples = []
    for _ in range(draw(st.integers(1, 4))):
        right, value, second, undetached = block(), block(), block(), block()
        path, other, factor, diagonal = block(), block(), block(), block()
        given_ = {
            "path": path, "factor": factor, "both": path + other - right, "flipped": 2 * path - right,
            "diagonal": diagonal,
            "right": right, "neg": -right, "value": value, "second": second, "undetached": undetached,
            "zero": right * 0, "double": 2 * right, "sum": np.asarray(right.sum()), "any": block(),
        }[kind]  # fmt: skip
        read = {
            "second-derivative": second, "undetached:0:u|": undetached, "missing-path:0.0:a|add": path,
            "missing-path:0.1:b|add": other, "missing-factor:1:a|mul": factor, "diagonal-only": diagonal,
        }  # fmt: skip
        branch = draw(st.sampled_from(["up", "down"]))
        samples.append(sample(right, given_, value=value, read=read, branch=branch))
    return samples


@given(problems())
def test_a_right_answer_never_gets_a_code(samples: list[Sample]) -> None:
    right = [replace(s, given=s.right, correct=True) for s in samples]
    assert find(right) is None and find(right, gradients=False) is None


@bites(50)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(samples: list[Sample], random: Any) -> None:
    # A running total over the cases is the one relation that is about their order.
    found = find(samples)
    shuffled = random.sample(samples, len(samples))
    again = find(shuffled)
    if premise("accumulated" not in {r.code for r in (found, again) if r is not None}):
        assert found == again


def without(s: Sample, *named: Label) -> bool:
    """Whether an answer is the right one less what flows along the named edges."""
    paths = {one.label: v for one, v in s.wrong_gradients.several("missing-path").items()}
    if named == (NO_LABEL,):
        return any(same(s.given, v) for v in paths.values())
    return same(s.given, np.asarray(s.right + sum(paths[label] - s.right for label in named)))


@bites(30)
@given(problems())
def test_what_is_named_is_true_of_every_case(samples: list[Sample]) -> None:
    found = find(samples)
    claims: dict[str, Callable[[Sample], bool]] = {
        "sign": lambda s: same(s.given, -s.right),
        "scale": lambda s: np.allclose(s.given, (found.factor or 0) * s.right, rtol=2e-6, atol=1e-8),  # type: ignore[union-attr]
        "value-not-gradient": lambda s: s.value is not None and same(s.given, s.value),
        "second-derivative": lambda s: same(s.given, by_notation(s.wrong_gradients)["second-derivative"]),
        "undetached": lambda s: same(s.given, by_notation(s.wrong_gradients)["undetached:0:u|"]),
        "diagonal-only": lambda s: same(s.given, by_notation(s.wrong_gradients)["diagonal-only"]),
        "missing-factor": lambda s: same(s.given, by_notation(s.wrong_gradients)["missing-factor:1:a|mul"]),
        "missing-path": lambda s: without(s, *found.labels),  # type: ignore[union-attr]
        "transpose": lambda s: same(s.given, s.right.T),
        "reduced": lambda s: bool(np.allclose(s.given, s.right.sum())),
        "shape": lambda s: s.correct or s.given.shape != s.right.shape,
        "one-branch": lambda s: s.correct == (s.branch not in found.branches),  # type: ignore[union-attr]
    }
    if (
        premise(found is not None)
        and found is not None
        and found.code in claims
        and not (found.code in ("sign", "scale") and found.labels)
    ):
        assert all(claims[found.code](s) for s in samples)
        assert not all(s.correct for s in samples)
    if found is not None and found.code in ("sign", "scale") and found.labels:
        assert all(term_scaled(s, found) for s in samples)
    if found is not None and found.code not in ("shape", "one-branch", "scale", "sign", "cut-graph"):
        assert any(s.given.any() for s in samples), "zeros explain nothing"


def term_scaled(s: Sample, found: Relation) -> bool:
    """Whether an answer is the right one with a factor before what flows along the named edge."""
    k = -1.0 if found.code == "sign" else found.factor
    assert k is not None
    named = [
        v
        for one, v in s.wrong_gradients.several("missing-path").items()
        if found.labels in ((NO_LABEL,), (one.label,))
    ]
    return any(np.allclose(s.given, v + k * (s.right - v), rtol=1e-5, atol=1e-6) for v in named)


NUMBER = st.sampled_from([0.0, -1.5, 2.0, 7.25, 1e300, -1e-300, float("inf"), float("-inf"), float("nan")])


@given(
    st.lists(st.lists(NUMBER, min_size=18, max_size=18), min_size=1, max_size=4),
    st.sampled_from(["float64", "float32"]),
)
def test_nothing_that_is_not_finite_upsets_it(rows: list[list[float]], dtype: str) -> None:
    """NaN, infinities and numbers too large to square: a code or none, and no warning either."""
    samples = []
    for row in rows:
        right, answer, value, second, path, other = np.array(row).reshape(6, 3)
        read = {
            "second-derivative": second, "missing-path:0.0:a|add": path, "missing-path:0.1:b|add": other,
        }  # fmt: skip
        with np.errstate(over="ignore"):
            samples.append(sample(right, answer.astype(dtype), value=value, read=read, sizes=(3,)))
    find(samples)
    find(samples, gradients=False)
