"""Where a sampled function is torn: at jumps and gaps, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.checks.arrays import Numbers
from grader.grading.stretches import gaps, hidden_gaps, stretches

XS = np.linspace(-3.0, 3.0, 97)


def lengths(f: Callable[[Numbers], Numbers], xs: Numbers = XS) -> list[int]:
    with np.errstate(all="ignore"):
        return [len(s) for s in stretches(xs, f(xs))]


@pytest.mark.parametrize(
    "f",
    [
        np.sin,
        np.exp,
        np.abs,
        lambda x: x**2,
        lambda x: x**7,
        lambda x: np.sin(x**2),
        lambda x: np.tanh(5 * x),
        lambda x: np.maximum(x, 0),
        lambda x: 1 / (1 + 25 * x * x),
        lambda x: 0 * x + 4,
        lambda x: 1e100 * np.exp(-x * x),
    ],
)
def test_what_is_continuous_is_one_stretch(f: Callable[[Numbers], Numbers]) -> None:
    """However it bends, and at a kink, too."""
    assert lengths(f) == [97]


def test_a_jump_is_a_gap() -> None:
    """Between the two points between which it lies."""
    assert lengths(lambda x: np.where(x < 1, x, x + 5)) == [64, 33]


def test_the_slope_of_a_kink_jumps() -> None:
    """A gradient is torn where its function has a kink; a value in between stands alone."""
    assert lengths(np.sign) == [48, 1, 48]


def test_jumps_close_to_one_another_hide_none() -> None:
    """A staircase, and a saw whose teeth have a few points each."""
    assert len(lengths(np.floor)) == 7
    assert len(lengths(lambda x: 5 * x % 1.9)) == 16


def test_what_is_no_number_is_a_gap() -> None:
    """NaN and infinities, at the ends and inside; nothing at all where there is none."""
    ys = np.array([np.nan, 1, 2, np.inf, 3, -np.inf, 4, np.nan, 1e300])
    assert stretches(np.arange(9.0), ys) == (((1, 1), (2, 2)), ((4, 3),), ((6, 4),))
    assert stretches(XS, np.full(97, np.nan)) == ()


def test_unevenly_spaced_points_are_no_jumps() -> None:
    """A point that is moved to a visible input is no reason to tear the line."""
    xs = XS.copy()
    xs[40] += 0.95 * (XS[1] - XS[0])
    xs[60] -= 0.95 * (XS[1] - XS[0])
    assert lengths(lambda x: x**3, xs) == [97]


def test_a_small_piece_beside_a_large_one_is_torn_too() -> None:
    """Its jump is a hundredth of the whole range, and half of its own."""
    assert lengths(lambda x: np.where(x < 0, -1e5 * (2 + x), np.where(x < 1.51, 1000.0, 500.0))) == [
        48,
        25,
        24,
    ]


def test_a_pole_at_a_zero_that_was_not_asked_is_a_gap() -> None:
    """Where both sides get steeper towards it; a peak that gets flatter is drawn through."""
    xs = XS[np.abs(XS) > 1e-9]
    assert 47 in gaps(xs, 1 / xs**2)
    assert gaps(xs, np.exp(-(xs**2))) == []


def test_half_way_tells_what_the_samples_hide() -> None:
    """A staircase with a step in every cell is a straight line at its samples, but not between them."""
    xs = np.arange(20.0)
    assert gaps(xs, xs) == [] and hidden_gaps(xs, np.floor(xs[:-1] + 0.5)) == list(range(19))
    assert hidden_gaps(xs**2, (xs[:-1] + 0.5) ** 2) == []
