"""Scale of an axis that goes up: what of it is worth showing, linear or symlog, and where its ticks are.

*Symlog* (symmetric logarithm): linear within ±c and logarithmic beyond, so that both signs and zero have a
place beside sizes that are thousands of times apart. It is used where on a linear axis a piece of a curve
would lie on zero although it does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from grader.model.picture import Stretch
from grader.pictures.axis import ticks

APART: Final = 30.0
"""Of two pieces whose sizes are farther apart than this, a linear axis shows only the larger."""
DECADES: Final = 3.0
"""A single piece whose size spans more than this is better shown on a logarithmic axis."""
_PIECE: Final = 4
"""Fewer points than this are no piece of a curve that must be seen."""
_MOST_DECADES: Final = 12.0
_UNIT: Final = 1.0 / math.log(10.0)
"""The height of c over zero, in decades: so the linear part goes over into the logarithm without a bend."""
_OUTSIDE: Final = 4.0
_EVENLY: Final = 150
"""Points that are closer than this part of the width are there to draw a steep line, and count once."""
_ROOM: Final = 0.06


@dataclass(frozen=True)
class Scale:
    """From numbers to heights.

    :ivar low: the number at the bottom; below ``high``, the one at the top. Both finite.
    :ivar linear: c, where the axis is symlog: within ±c it is linear. None: it is linear throughout.
    """

    low: float
    high: float
    linear: float | None = None

    def height(self, y: float) -> float:
        """0 at the bottom, 1 at the top; beyond, where ``y`` is not shown."""
        low, high = self._place(self.low), self._place(self.high)
        return (self._place(y) - low) / (high - low)

    def _place(self, y: float) -> float:
        if self.linear is None:
            return y
        size = abs(y) / self.linear
        return math.copysign(_UNIT * size if size <= 1.0 else _UNIT + math.log10(size), y)

    def ticks(self, most: int) -> list[float]:
        """At most so many numbers to write beside it, rising."""
        if self.linear is None:
            return ticks(self.low, self.high, most)
        first = round(math.log10(self.linear))
        last = math.floor(math.log10(max(abs(self.low), abs(self.high))) + 1e-9)
        for step in range(1, max(2, last - first + 1)):
            powers = [10.0**e for e in range(first, last + 1) if (e - first) % step == 0]
            found = [y for y in (*(-p for p in reversed(powers)), 0.0, *powers) if self.low <= y <= self.high]
            if len(found) <= most:
                return found
        return [y for y in (0.0,) if self.low <= y <= self.high]


def scale_of(series: Sequence[Sequence[Stretch]]) -> Scale:
    """The scale of a panel that shows these series, each in stretches; at least one has a point."""
    pieces = [[y for _, y in stretch] for each in series for stretch in each]
    ys = [y for piece in pieces for y in piece]
    sizes = sorted(abs(y) for y in ys if y)
    if sizes and _spread(series, sizes):
        smallest = max(sizes[len(sizes) // 10], sizes[-1] / 10**_MOST_DECADES)
        return _symlog(min(ys), max(ys), 10.0 ** math.floor(math.log10(smallest)))
    ranges = [_shown_range(each) for each in series if each]
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    if 0 < low < (high - low) / 2:
        low = 0.0
    if 0 < -high < (high - low) / 2:
        high = 0.0
    room = _ROOM * (high - low) or max(0.5, abs(low) / 2)
    # Rounding of a constant is no shape.
    room = max(room, 1e-6 * max(abs(low), abs(high)))
    return Scale(low - room, high + room)


def _spread(series: Sequence[Sequence[Stretch]], sizes: list[float]) -> bool:
    """Whether on a linear axis a piece would lie on zero that does not."""
    if math.log10(sizes[-1] / sizes[len(sizes) // 4]) > DECADES:
        return True
    of_series = [_size([y for stretch in each for _, y in stretch]) for each in series]
    pieces = [stretch for each in series for stretch in each if len(stretch) >= _PIECE]
    of_pieces = [_size([y for _, y in piece]) for piece in pieces]
    return _apart(of_series) or _apart(of_pieces)


def _apart(sizes: list[float]) -> bool:
    there = [size for size in sizes if size]
    return bool(there) and max(there) > APART * min(there)


def _size(ys: list[float]) -> float:
    """How large they are, a few at a pole left out; 0 where there is nothing but zero."""
    sizes = sorted(abs(y) for y in ys)
    return sizes[(len(sizes) - 1) * 9 // 10] if sizes else 0.0


def _symlog(low: float, high: float, linear: float) -> Scale:
    """From the least to the greatest, with a little room; from zero where that is nearly all of one sign."""
    whole = Scale(min(low, -linear), max(high, linear), linear)
    if low >= linear:
        whole = Scale(low, max(high, 2 * low), linear)
    elif high <= -linear:
        whole = Scale(min(low, 2 * high), high, linear)
    elif low >= 0:
        whole = Scale(0.0, max(high, linear), linear)
    elif high <= 0:
        whole = Scale(min(low, -linear), 0.0, linear)
    room = _ROOM * (whole._place(whole.high) - whole._place(whole.low))
    return Scale(_number(whole, whole.low, -room), _number(whole, whole.high, room), linear)


def _number(scale: Scale, y: float, by: float) -> float:
    """The number that lies ``by`` higher than ``y`` on the axis."""
    assert scale.linear is not None
    place = scale._place(y) + by
    size = abs(place)
    return math.copysign(scale.linear * (size / _UNIT if size <= _UNIT else 10.0 ** (size - _UNIT)), place)


def _shown_range(series: Sequence[Stretch]) -> tuple[float, float]:
    """The robust range, and every peak: only where a line ends, as at a pole, is it cut off."""
    low, high = robust_range(_evenly(series))
    peaks = []
    for stretch in series:
        inside = [i for i, (_, y) in enumerate(stretch) if low <= y <= high]
        if inside:
            peaks += [y for _, y in stretch[inside[0] : inside[-1] + 1]]
    return min(low, *peaks), max(high, *peaks)


def _evenly(series: Sequence[Stretch]) -> list[float]:
    """Its numbers, without those that lie closely one beside the other where a line is steep."""
    first, last = series[0][0][0], series[-1][-1][0]
    kept: list[float] = []
    before = -math.inf
    for x, y in (point for stretch in series for point in stretch):
        if x - before >= (last - first) / _EVENLY:
            kept.append(y)
            before = x
    return kept


def robust_range(numbers: Iterable[float]) -> tuple[float, float]:
    """From where to where they are worth showing, at least one.

    All of it, unless a few points (at a pole) lie so far outside that the others would be crushed.
    """
    ys = sorted(numbers)
    low, high = ys[0], ys[-1]
    inner, outer = _percentile(ys, 0.1), _percentile(ys, 0.9)
    bulk = outer - inner
    if bulk > 0 and high - low > _OUTSIDE * bulk:
        return max(low, inner - bulk / 4), min(high, outer + bulk / 4)
    return low, high


def _percentile(ys: list[float], part: float) -> float:
    """By linear interpolation, of rising numbers."""
    place = part * (len(ys) - 1)
    i = min(int(place), len(ys) - 1)
    j = min(i + 1, len(ys) - 1)
    return ys[i] + (ys[j] - ys[i]) * (place - i)
