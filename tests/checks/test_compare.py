"""compare: type → None → shape → dtype → finiteness → values, and nothing is ever broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.checks.arrays import Numbers, from_numpy, median
from grader.checks.compare import Aspect, compare, is_short, same, within
from grader.model.values import Foreign, Mapping, Nothing, Number, Sequence, Tensor, Value, Words

ANY = st.sampled_from([0.0, 1.0, -1.0, 1.0000001, 1.1, 1e300, -1.7e308, 5e-324, np.inf, -np.inf, np.nan])
FINITE = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: 0.0 if abs(x) < 1e-6 else x)
VECTORS = arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=4), elements=FINITE)


def tensor(values: Any, dtype: str = "float64") -> Tensor:
    return Tensor(from_numpy(values, dtype))


def number(value: float | complex, kind: Any = "float") -> Number:
    dtype = {"float": "float64", "int": "int64", "bool": "bool", "complex": "complex128"}[kind]
    return Number(kind, from_numpy(value, dtype))


def aspect(expected: Any, value: Value, rtol: float = 1e-6) -> Aspect | None:
    expected = None if expected is None else np.asarray(expected)
    found = compare(expected, value, rtol)
    return None if found is None else found.aspect


class TestOrder:
    @pytest.mark.parametrize(
        "value",
        [
            Words("4"),
            Foreign("Module"),
            Mapping({}),
            Sequence("list", (number(1.0), number(2.0))),
            Sequence("tuple", ()),
        ],
    )
    def test_only_tensors_and_numbers_are_answers(self, value: Value) -> None:
        assert aspect([1.0, 2.0], value) is Aspect.TYPE
        assert aspect(None, value) is Aspect.TYPE

    def test_none_is_not_zero(self) -> None:
        assert aspect([0.0], Nothing()) is Aspect.NONE
        assert aspect(None, tensor([0.0])) is Aspect.NOT_NONE
        assert aspect(None, Nothing()) is None

    def test_shape_before_dtype_before_finiteness_before_values(self) -> None:
        assert aspect([1.0, 2.0], tensor([1, 2, 3], "int64")) is Aspect.SHAPE
        assert aspect([np.nan, 2.5], tensor([1, 2], "int64")) is Aspect.DTYPE
        assert aspect([1.0, 2.0], tensor([np.nan, 7.0])) is Aspect.FINITE
        assert aspect([1.0, 2.0], tensor([1.0, 7.0])) is Aspect.VALUES

    def test_the_worst_entry_is_named(self) -> None:
        found = compare(np.array([[1.0, 2.0], [3.0, 4.0]]), tensor([[1.0, 2.5], [3.0, 9.0]]))
        assert found is not None and found.worst == (1, 1)
        found = compare(np.array([1.0, 2.0]), tensor([1.0, np.inf]))
        assert found is not None and found.worst == (1,)


class TestDtype:
    @pytest.mark.parametrize(
        ("dtype", "wrong"), [("int64", False), ("bool", True), ("complex128", True), ("float32", False)]
    )
    def test_a_gradient_is_a_floating_point_tensor(self, dtype: str, wrong: bool) -> None:
        assert aspect([1.0, 0.0], tensor([1, 0], dtype)) is (Aspect.DTYPE if wrong else None)

    def test_a_python_integer_is_as_good_a_scalar_as_a_float(self) -> None:
        assert aspect(4.0, number(4, "int")) is None
        assert aspect(4.0, number(4.0)) is None
        assert aspect(4.0, tensor(4, "int64")) is None

    def test_whole_numbers_are_judged_by_their_values_where_they_can_be_right(self) -> None:
        """Where a fraction is right, their type is to blame; truth values are no numbers."""
        assert aspect([0.0, 1.0], tensor([0, 1], "int64")) is None
        assert aspect([0.0, 1.0], tensor([1, 0], "int64")) is Aspect.VALUES
        assert aspect([0.5, 1.0], tensor([0, 1], "int64")) is Aspect.DTYPE
        assert aspect([np.nan, 1.0], tensor([0, 1], "int32")) is Aspect.DTYPE
        assert aspect([0.0, 1.0], tensor([0, 1], "bool")) is Aspect.DTYPE
        assert aspect([False, True], tensor([0, 1], "int64")) is Aspect.DTYPE

    def test_right_numbers_that_are_whole_but_for_rounding_are_whole(self) -> None:
        assert aspect([2e-17, -1e-17], tensor([0, 0], "int64")) is None
        assert aspect([3.0000000000000004, 1.0], tensor([3, 1], "int32")) is None
        assert aspect([3.0000000000000004, 1.0], tensor([2, 1], "int32")) is Aspect.VALUES
        assert aspect([3.001, 1.0], tensor([3, 1], "int32")) is Aspect.DTYPE

    def test_true_is_no_number_and_one_is_no_truth_value(self) -> None:
        assert aspect(1.0, number(True, "bool")) is Aspect.DTYPE
        assert aspect(np.array(True), number(1, "int")) is Aspect.DTYPE
        assert aspect(np.array([True, False]), tensor([True, False], "bool")) is None
        assert aspect(np.array([True, False]), tensor([True, True], "bool")) is Aspect.VALUES


class TestNotFinite:
    def test_nan_and_infinity_are_right_only_where_they_are_due(self) -> None:
        due = [np.nan, np.inf, -np.inf, 1.0]
        assert aspect(due, tensor(due)) is None
        assert aspect(due, tensor([np.nan, -np.inf, -np.inf, 1.0])) is Aspect.VALUES
        assert aspect(due, tensor([np.nan, 1e308, -np.inf, 1.0])) is Aspect.FINITE
        assert aspect([np.inf], tensor([np.nan])) is Aspect.VALUES

    def test_an_infinite_right_entry_does_not_widen_the_tolerance_of_the_others(self) -> None:
        assert aspect([np.inf, 1.0], tensor([np.inf, 1.001])) is Aspect.VALUES


class TestTolerance:
    def test_one_in_a_million_and_a_billionth_of_the_largest(self) -> None:
        assert aspect([1e3], tensor([1e3 * (1 + 0.9e-6)])) is None
        assert aspect([1e3], tensor([1e3 * (1 + 1.2e-6)])) is Aspect.VALUES
        assert aspect([0.0, 1.0], tensor([0.9e-9, 1.0])) is None
        assert aspect([0.0, 1.0], tensor([1.2e-9, 1.0])) is Aspect.VALUES
        assert aspect([0.0, 1e3], tensor([0.9e-6, 1e3])) is None

    def test_an_exercise_may_ask_for_its_own(self) -> None:
        assert aspect([1.0], tensor([1.0005]), rtol=1e-3) is None

    def test_single_precision_has_a_budget_of_its_own_and_no_more(self) -> None:
        right = np.array([1 / 3, 1e4 / 7])
        assert aspect(right, tensor(right, "float32")) is None
        assert aspect(right, tensor(right * (1 + 0.9e-4), "float32")) is None
        assert aspect(right, tensor(right * (1 + 2.5e-4), "float32")) is Aspect.VALUES
        assert aspect(right, tensor(right * (1 + 0.9e-4), "float64")) is Aspect.VALUES
        assert is_short(tensor(right, "float32")) and not is_short(tensor(right))
        assert aspect([1 / 3], tensor([1 / 3], "float16")) is None

    def test_the_famous_rounding_of_d_over_a_is_no_mistake(self) -> None:
        a = -np.random.default_rng(0).random(1000).astype(np.float32)
        d = a * np.float32(51200)
        assert ((d / a) != 51200).any()
        assert within(d / a, np.full(1000, 51200.0)).all()


class TestProperties:
    @given(st.data(), array_shapes(min_dims=0, max_dims=2, max_side=3))
    def test_a_few_are_compared_as_many_are(self, data: st.DataObject, shape: tuple[int, ...]) -> None:
        """Python's way and numpy's say the same, the place that is furthest off included."""
        right, came = (data.draw(arrays(np.float64, shape, elements=ANY)) for _ in range(2))
        few = compare(right, tensor(came))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.checks.compare.SMALL", -1)
            many = compare(right, tensor(came))
        event("right" if few is None else few.aspect.value)
        assert (few is None) == (many is None)
        if few is not None and many is not None:
            assert (few.aspect, few.worst) == (many.aspect, many.worst)

    @given(arrays(np.float64, array_shapes(max_dims=1, max_side=80), elements=ANY))
    def test_the_median_is_numpys(self, values: Numbers) -> None:
        with np.errstate(all="ignore"):
            assert np.array_equal(median(values), np.median(values), equal_nan=True)

    @given(VECTORS)
    def test_the_right_answer_always_passes(self, right: Any) -> None:
        assert compare(right, tensor(right)) is None
        assert compare(right, tensor(right, "float32")) is None

    @given(VECTORS, st.data())
    def test_one_entry_off_by_a_ten_thousandth_never_passes(self, right: Any, data: st.DataObject) -> None:
        size = np.abs(right).max()
        # Entries far below the largest are judged by the absolute tolerance, which is its billionth.
        entries = np.flatnonzero(np.abs(right) > max(1e-4, 1e-4 * size))
        assume(entries.size)
        wrong = right.copy()
        wrong.flat[data.draw(st.sampled_from(list(entries)))] *= 1 + 1e-4
        assert aspect(right, tensor(wrong)) is Aspect.VALUES

    @given(VECTORS)
    def test_a_flipped_sign_never_passes_unless_all_is_zero(self, right: Any) -> None:
        assert (aspect(right, tensor(-right)) is None) == (not right.any())

    @given(VECTORS)
    def test_a_scalar_never_equals_a_vector(self, right: Any) -> None:
        assert aspect(right, tensor(right.flat[0])) is Aspect.SHAPE
        assert aspect(right.flat[0], tensor(right)) is Aspect.SHAPE
        assert not same(np.ones(3), np.ones(1))
        assert not same(np.ones((1, 3)), np.ones(3))

    @given(VECTORS, st.integers(-20, 20))
    def test_scale_does_not_matter_above_one(self, right: Any, power: int) -> None:
        off = right * (1 + 1e-5)
        scaled = np.float64(2.0) ** abs(power)
        assume(np.abs(right).max() >= 1)
        assert aspect(right, tensor(off)) == aspect(right * scaled, tensor(off * scaled))

    @given(arrays(np.float64, 5, elements=FINITE), st.permutations(range(5)), st.floats(-1e-5, 1e-5))
    def test_order_of_the_entries_does_not_matter(self, right: Any, order: list[int], off: float) -> None:
        given_ = right * (1 + off)
        assert aspect(right, tensor(given_)) == aspect(right[order], tensor(given_[order]))

    @given(VECTORS, st.sampled_from([0.0, 1e-7, 1e-5, -1e-4, 1.0]))
    def test_same_is_symmetric(self, right: Any, off: float) -> None:
        given_ = right * (1 + off)
        assert same(right, given_) == same(given_, right)
