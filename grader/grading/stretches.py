"""Stretches of a sampled function that a line may join: split at jumps, and where it is no number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.checks.arrays import Numbers
from grader.model.picture import Stretch
from grader.pictures.scale import robust_range

Point = tuple[float, float]
HUGE: Final = 1e150
"""A picture of larger numbers would be of nothing else; and their differences might overflow."""
_NEAR: Final = 3
"""So many slopes to either side say how steep a function is here."""
_SPREADS: Final = 6.0
_OF_RANGE: Final = 0.03
"""A step that is smaller than this part of the range would not be seen."""
_SEEN: Final = 1e-3
_ROUNDING: Final = 1e-9
_BENT: Final = 0.3
_STEEPER: Final = 1.5
_BESIDE: Final = 12
"""So many points to either side say how large a function is here."""


@dataclass(frozen=True)
class Found:
    """What is known of one gap between neighbouring points of a series.

    :ivar before: more points after the left one that a line may join with it; likewise ``after``, before the
        right one.
    :ivar joined: the line goes on across: ``before`` leads to the right point.
    """

    before: tuple[Point, ...] = ()
    after: tuple[Point, ...] = ()
    joined: bool = False


def gaps(xs: Numbers, ys: Numbers) -> list[int]:
    """Those i between which and i + 1 ``ys`` may jump, all finite.

    A step may be a jump when it is far from what the slopes to both sides lead one to expect: from their
    median, by many times their own spread. Medians, so that a second jump close by hides none.

    :param xs: rising, shape (n,).
    :param ys: shape (n,); what is not finite, or beyond :data:`HUGE`, has no neighbours.
    """
    span = _span(ys)
    found = {
        start + i for start, stop in _runs(ys) for i in _steps_out_of_line(xs[start:stop], ys[start:stop])
    }
    return sorted(found.union(_pole_at_zero(xs, ys, span)))


def hidden_gaps(ys: Numbers, middles: Numbers) -> list[int]:
    """Those i between which and i + 1 ``ys`` may jump, as what it is half-way tells.

    A jump is on one side of the middle, so that what is there is far from the mean of both ends. Where jumps
    follow one another closely, no step is out of line, and only this tells.

    :param middles: shape (n - 1,); NaN where it was not asked.
    """
    steps = np.abs(np.diff(ys))
    bend = np.abs(middles - (ys[1:] + ys[:-1]) / 2)
    seen = np.fmax(bend, steps)
    return [int(i) for i in np.flatnonzero(bend > _BENT * steps) if seen[i] > _OF_RANGE * near(ys, int(i))]


def near(ys: Numbers, i: int) -> float:
    """How large a function is around the gap after ``i``: from its least to its greatest neighbour.

    On the side where that is less, so that beside a piece that is a hundred times as large, a small
    piece's jumps are jumps still; but no less than what could be seen at all.
    """
    sides = ys[max(0, i + 1 - _BESIDE) : i + 1], ys[i + 1 : i + 1 + _BESIDE]
    known = np.abs(ys[np.abs(ys) < HUGE])
    rounding = _ROUNDING * float(known.max()) if known.size else 0.0
    return max(min(_span(side) for side in sides), _SEEN * _span(ys), rounding)


def _pole_at_zero(xs: Numbers, ys: Numbers, span: float) -> list[int]:
    """The gap across zero where zero was not asked, and ``ys`` gets steeper towards it from both sides."""
    i = int(np.searchsorted(xs, 0.0)) - 1
    if i < 2 or i + 3 >= len(xs) or xs[i + 1] == 0.0 or not (np.abs(ys[i - 2 : i + 4]) < HUGE).all():
        return []
    steps = np.abs(np.diff(ys[i - 2 : i + 4]))
    steeper = steps[1] > _STEEPER * steps[0] and steps[3] > _STEEPER * steps[4]
    return [i] if steeper and max(steps[1], steps[3]) > _OF_RANGE * span else []


def stretches(xs: Numbers, ys: Numbers, found: Mapping[int, Found] | None = None) -> tuple[Stretch, ...]:
    """The points (xs[i], ys[i]) in stretches without a jump.

    :param xs: rising, shape (n,).
    :param ys: shape (n,); NaN, infinities and numbers beyond :data:`HUGE` are left out.
    :param found: what is known of the gaps; without it, each of :func:`gaps` is one of which nothing is.
    """
    if found is None:
        found = {i: Found() for i in gaps(xs, ys)}
    done: list[Stretch] = []
    for start, stop in _runs(ys):
        line: list[Point] = []
        for i in range(start, stop):
            line.append((float(xs[i]), float(ys[i])))
            gap = found.get(i) if i + 1 < stop else None
            if gap is not None:
                line += gap.before
                if not gap.joined:
                    done.append(_short(line))
                    line = list(gap.after)
        done.append(_short(line))
    return tuple(done)


def _runs(ys: Numbers) -> list[tuple[int, int]]:
    """From where to where ``ys`` are numbers to be drawn."""
    good = np.abs(ys) < HUGE  # False for NaN
    ends = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in zip(ends[::2], ends[1::2], strict=True)]


def _short(line: list[Point]) -> Stretch:
    return tuple((short(x), short(y)) for x, y in line)


def _steps_out_of_line(x: Numbers, y: Numbers) -> list[int]:
    width = np.diff(x)
    slope = np.diff(y) / width
    found = []
    for i in range(len(slope)):
        around = np.concatenate([slope[max(0, i - _NEAR) : i], slope[i + 1 : i + 1 + _NEAR]])
        if len(around) < _NEAR:
            continue
        expected = np.median(around)
        spread = np.median(np.abs(around - expected))
        seen = _OF_RANGE * near(y, i)
        if abs(slope[i] - expected) * width[i] > _SPREADS * spread * width[i] + seen:
            found.append(i)
    return found


def _span(ys: Numbers) -> float:
    known = ys[np.abs(ys) < HUGE]
    if not known.size:
        return 0.0
    low, high = robust_range(known.tolist())
    return high - low


def short(x: float) -> float:
    """``x`` to seven digits: a picture's numbers need no more, and travel in a third of the bytes."""
    return float(f"{x:.7g}")
