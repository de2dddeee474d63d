"""Stretches of a sampled function that a line may join: split at jumps, and where it is no number."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from grader.checks.arrays import Numbers
from grader.model.picture import Stretch

HUGE: Final = 1e150
"""A picture of larger numbers would be of nothing else; and their differences might overflow."""
_NEAR: Final = 3
"""So many slopes to either side say how steep a function is here."""
_SPREADS: Final = 6.0
_OF_RANGE: Final = 0.03
"""A step that is smaller than this part of the range would not be seen."""
_BULK: Final = (10.0, 90.0)
_OUTSIDE: Final = 4.0


def stretches(xs: Numbers, ys: Numbers) -> tuple[Stretch, ...]:
    """The points (xs[i], ys[i]) in stretches without a jump.

    :param xs: rising, shape (n,).
    :param ys: shape (n,); NaN, infinities and numbers beyond :data:`HUGE` are left out.
    """
    good = np.abs(ys) < HUGE  # False for NaN
    found: list[Stretch] = []
    if not good.any():
        return ()
    ends = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    for start, stop in zip(ends[::2], ends[1::2], strict=True):
        x, y = xs[start:stop], ys[start:stop]
        cuts = [0, *(i + 1 for i in _jumps(x, y, _span(ys))), len(x)]
        found += [tuple((short(x[i]), short(y[i])) for i in range(a, b)) for a, b in pairwise(cuts)]
    return tuple(found)


def _jumps(x: Numbers, y: Numbers, span: float) -> list[int]:
    """Those i between which and i + 1 the function jumps.

    A step is a jump when it is far from what the slopes to both sides lead one to expect: from their
    median, by many times their own spread. Medians, so that a second jump close by hides none.
    """
    width = np.diff(x)
    slope = np.diff(y) / width
    found = []
    for i in range(len(slope)):
        around = np.concatenate([slope[max(0, i - _NEAR) : i], slope[i + 1 : i + 1 + _NEAR]])
        if len(around) < _NEAR:
            continue
        expected = np.median(around)
        spread = np.median(np.abs(around - expected))
        if abs(slope[i] - expected) * width[i] > _SPREADS * spread * width[i] + _OF_RANGE * span:
            found.append(i)
    return found


def robust_range(ys: Numbers) -> tuple[float, float] | None:
    """From where to where ``ys`` is worth showing; None when there is no number in it.

    All of it, unless a few points (at a pole) lie so far outside that the others would be crushed.
    """
    known = ys[np.abs(ys) < HUGE]
    if not known.size:
        return None
    low, high = float(known.min()), float(known.max())
    inner, outer = (float(q) for q in np.percentile(known, _BULK))
    bulk = outer - inner
    if bulk > 0 and high - low > _OUTSIDE * bulk:
        return max(low, inner - bulk / 4), min(high, outer + bulk / 4)
    return low, high


def _span(ys: Numbers) -> float:
    found = robust_range(ys)
    return found[1] - found[0] if found is not None else 0.0


def short(x: float) -> float:
    """``x`` to seven digits: a picture's numbers need no more, and travel in a third of the bytes."""
    return float(f"{x:.7g}")
