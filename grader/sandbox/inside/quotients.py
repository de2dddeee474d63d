"""Quotients that a prediction may have taken: finite differences of the calls of ``f`` that were noted.

Which answer is one of them is for the grader to say. A step is written as a short decimal number, a power of
two, or a root of the machine's epsilon (Press et al., Numerical Recipes, 5.7), or that times the size of the
input; what ``x + h`` is rounded to is another number, by a part in 10¹⁰ of a small step. So each quotient is
formed with either. Of several steps there are also those extrapolated to zero (Richardson), which is what
stencils of five and more points are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from grader.sandbox.bounds import MAX_QUOTIENTS, MAX_STEPS

Numbers = np.ndarray[Any, Any]

_EPSILON: Final = float(np.finfo(np.float64).eps)
_ROOTS: Final = tuple(k * _EPSILON ** (1 / n) for n in (2, 3, 4, 5) for k in (1.0, 2.0))
_ALONG: Final = 1e-3
"""By so much of itself may a step along a direction differ from entry to entry, which is rounding."""
_ROUNDED: Final = 1e-6
"""So near, relatively, is a step to what it was meant to be."""


def quotients(
    at: Numbers, calls: Iterable[tuple[Numbers, Numbers]], along: Iterable[Numbers] = ()
) -> list[Numbers]:
    """Derivatives by finite differences, in the shape of ``at``; NaN where nothing was called for an entry.

    And derivatives along a direction, in the shape of the function's value.

    :param at: the input, float64.
    :param calls: points, and the values of the function there.
    :param along: directions, other arguments.
    """
    calls = list(calls)
    return [*_directional(at, calls, along), *_partial(at, calls)][:MAX_QUOTIENTS]


def _directional(
    at: Numbers, calls: list[tuple[Numbers, Numbers]], along: Iterable[Numbers]
) -> Iterator[Numbers]:
    whole = [(point, value) for point, value in calls if point.shape == at.shape][:MAX_STEPS]
    for direction in along:
        use = direction != 0.0
        if direction.shape != at.shape or not use.any():
            continue
        for (a, above), (b, below) in itertools.permutations(whole, 2):
            steps = (a - b)[use] / direction[use]
            step = float(np.median(steps))
            if step > 0.0 and above.shape == below.shape and np.abs(steps - step).max() <= _ALONG * step:
                yield from ((above - below) / width for width in (step, _meant(step, 1.0)) if width)


def _partial(at: Numbers, calls: list[tuple[Numbers, Numbers]]) -> list[Numbers]:
    noted: dict[tuple[str, int], dict[float, float]] = {}
    flat = at.reshape(-1)
    for point, value in calls:
        for what, entry, step, number in _moved(flat, point.reshape(-1), value.reshape(-1)):
            steps = noted.setdefault((what, entry), {})
            if len(steps) < MAX_STEPS:
                steps.setdefault(step, number)
    found: dict[tuple[object, ...], Numbers] = {}
    for (what, entry), steps in noted.items():
        for name, slope in _slopes(sorted(steps.items()), abs(float(flat[entry]))):
            key = (what, *name)
            if key not in found and len(found) >= MAX_QUOTIENTS:
                continue
            found.setdefault(key, np.full(at.size, math.nan))[entry] = slope
    return [each.reshape(at.shape) for each in found.values()]


def _moved(at: Numbers, point: Numbers, value: Numbers) -> Iterator[tuple[str, int, float, float]]:
    """Of what (an entry of the value, or its sum), entry, by how much it was moved, and that number there."""
    if point.size == at.size:
        gaps = (point - at).tolist()
        if value.size == at.size:
            for entry, (step, number) in enumerate(zip(gaps, value.tolist(), strict=True)):
                yield "entry", entry, step, number
        total, moved = float(value.sum()), [entry for entry, step in enumerate(gaps) if step]
        for entry in moved or range(at.size):
            if len(moved) <= 1:
                yield "sum", entry, gaps[entry], total
    elif point.size == value.size == 1:  # one entry at a time
        entry = int(np.argmin(np.abs(at - point[0])))
        yield "sum", entry, float(point[0] - at[entry]), float(value[0])


def _slopes(steps: list[tuple[float, float]], size: float) -> Iterator[tuple[tuple[object, ...], float]]:
    """Each quotient of one entry, under a key that it has at all entries."""
    units = {"exact": 0.0, "step": 1.0, "of x": size, "of 1 or x": max(1.0, size), "of 1 + x": 1.0 + size}
    for name, unit in units.items():
        tables: dict[int, dict[float, float]] = {1: {}, 2: {}}
        for (a, (low, below)), (b, (high, above)) in itertools.combinations(enumerate(steps), 2):
            width = _meant(high - low, unit)
            if not width:
                continue
            slope = (above - below) / width
            yield (name, len(steps), a, b), slope
            if low == 0.0 or high == 0.0:
                tables[1][width if low == 0.0 else -width] = slope
            elif abs(high + low) <= _ROUNDED * (high - low):
                tables[2][width] = slope
        for power, table in tables.items():
            for n, slope in enumerate(_extrapolated(sorted(table.items()), power)):
                yield (name, len(steps), "extrapolated", power, n), slope


def _meant(width: float, unit: float) -> float:
    """The width as it is written, in this unit; as it is, where there is none; 0 where it is not known."""
    if unit == 0.0:
        return width
    ratio = width / unit
    candidates = (
        float(f"{ratio:.2e}"),
        1.0 / float(f"{1.0 / ratio:.2e}"),
        2.0 ** round(math.log2(ratio)) if ratio > 0 else 0.0,
        *_ROOTS,
    )
    near = min(candidates, key=lambda each: abs(each - ratio))
    return near * unit if abs(near - ratio) <= _ROUNDED * ratio else 0.0


def _extrapolated(table: list[tuple[float, float]], power: int) -> Iterator[float]:
    """To a width of zero, from two and more neighbours, by polynomials in ``width ** power`` (Neville).

    :param table: widths, each another one (backwards they are negative), and slopes.
    """
    widths = [width**power for width, _ in table]
    column = [slope for _, slope in table]
    for order in range(1, len(table)):
        column = [
            (widths[i + order] * column[i] - widths[i] * column[i + 1]) / (widths[i + order] - widths[i])
            for i in range(len(column) - 1)
        ]
        yield from column
