"""Numbers on a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.web.ui.numbers import beside, number, points, shown

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        (2.0, "2"),
        (-0.0, "-0"),
        (1 / 3, "0.333333"),
        (1e-9, "1e-09"),
        ("nan", "nan"),
        (None, "None"),
        (True, "True"),
        ([], "[]"),
        ([0.0, 1.0], "[0, 1]"),
        ([[1, 2], [3, 4]], "[[1, 2],\n [3, 4]]"),
        ({"a": [1]}, "{a: [1]}"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)  # fmt: skip
def test_values_are_written_as_one_would_type_them(value: object, text: str) -> None:
    """Six digits; a matrix has a line a row."""
    assert shown(value) == text


def test_columns_line_up_and_differences_are_marked() -> None:
    """The decimal point is in one place; what agrees is not marked."""
    assert beside([0.0, 4.0, 9.5], [0.0, 12.0, 9.5]) == (
        "[0, <mark>4</mark>, 9.5]".replace("<mark>4", " <mark>4"),
        "[0, <mark>12</mark>, 9.5]",
    )
    left, right = beside([0.5], [2.0])
    assert (left, right) == ("[<mark>0.5</mark>]", "[<mark>2.0</mark>]")


def test_numbers_that_differ_never_look_alike() -> None:
    """More digits are shown when six hide the difference."""
    left, right = beside(1.0, 1.0 + 1e-12)
    assert left != right
    assert "<mark>" in left


def test_other_shapes_are_not_compared_entry_by_entry() -> None:
    """None beside a vector has no columns."""
    assert beside([0.0, 0.0], None) == ("[0, 0]", "None")


def test_large_values_are_cut() -> None:
    """A page stays a page."""
    assert len(shown(list(range(100_000)))) < 10_000
    left, right = beside(list(range(100_000)), list(range(100_000)))
    assert left.endswith("…]")
    assert len(right) < 10_000


@given(PLAIN, PLAIN)
def test_any_plain_data_can_be_shown_and_is_escaped(left: object, right: object) -> None:
    """What a student's code returned is never markup."""
    shown(left)
    for text in beside(left, right):
        assert "<" not in text.replace("<mark>", "").replace("</mark>", "")


@pytest.mark.parametrize(
    ("value", "text"), [(7.0, "7"), (2.5, "2.5"), (10 / 3, "3.33"), (0.0, "0"), (100.0, "100")]
)
def test_points(value: float, text: str) -> None:
    """Without a needless decimal."""
    assert points(value) == text
    assert number(value)
