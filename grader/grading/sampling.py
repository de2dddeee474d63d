"""Sampling a function of one number for its picture: the grid at which it is asked, and what came back there.

A function that acts entry by entry is asked at all points at once. That is tried and not believed: two
smaller vectors, of every other point, must give the same, and a point where they differ is left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.checks.arrays import Numbers, from_numpy, numbers_of, to_numpy
from grader.checks.evidence import Concrete
from grader.model.exercise import Input
from grader.model.observation import Differentiated, Observation, Outcome, Returned
from grader.model.picture import MAX_POINTS
from grader.model.values import Array, Mapping, Sequence, Value

POINTS: Final = 97
MARGIN: Final = 0.15
"""By so much of the visible range, to either side, is it widened."""
_ALIKE: Final = 1e-6
HALVES: Final = {"whole": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}
"""What is asked of a function of vectors: the whole grid, and every other point of it."""


@dataclass(frozen=True)
class Grid:
    """Where the functions are asked.

    :ivar xs: rising, float64, shape (n,) with n ≤ :data:`MAX_POINTS`.
    :ivar alone: the shape of one point where each is asked by itself; None for vectors of many.
    """

    xs: Numbers
    dtype: str
    alone: tuple[int, ...] | None

    def point(self, i: int) -> Array:
        """One point by itself; a vector of one entry where the cases are vectors."""
        return self.at(float(self.xs[i]))

    def at(self, x: float) -> Array:
        """Any other point by itself."""
        return from_numpy(np.full(self.alone if self.alone is not None else (1,), x), self.dtype)

    def vector(self, part: slice) -> Array:
        """Several at once, shape (m,)."""
        return from_numpy(self.xs[part], self.dtype)


def grid_of(one: Input, visible: list[Concrete]) -> Grid | None:
    """Where to ask a function of the input ``one``: around the visible cases; None where nothing is finite.

    Vectors of many where a case has more than one number.
    """
    arrays = [to_numpy(case.inputs[one.name]) for case in visible]
    at = np.unique(np.concatenate([array.reshape(-1).astype(np.float64) for array in arrays]))
    at = at[np.isfinite(at)]
    if not at.size:
        return None
    single = all(array.size == 1 for array in arrays)
    xs = grid_over(at).astype(one.dtype).astype(np.float64)
    return Grid(np.unique(xs), one.dtype, arrays[0].shape if single else None)


def grid_over(at: Numbers) -> Numbers:
    """Some hundred points over the range of ``at`` and a little more, these among them.

    Zero is one of them only if it is one of ``at``, and on no side of it lie points unless some of
    ``at`` do: an exercise that leaves zero out has a loop there that never ends, or a pole, and one
    that is only asked about positive numbers may be a logarithm.

    :param at: finite numbers, rising, shape (n,).
    """
    low, high = float(at[0]), float(at[-1])
    margin = MARGIN * (high - low) or max(1.0, abs(low)) / 2
    start, stop = low - margin, high + margin
    if low > 0 >= start:
        start = low / 2
    if high < 0 <= stop:
        stop = high / 2
    xs = np.linspace(start, stop, POINTS)
    for x in at[: POINTS // 3]:
        xs[np.abs(xs - x).argmin()] = x
    if 0.0 not in at:
        xs = xs[np.abs(xs) > 1e-9 * (stop - start)]
    return np.unique(xs)[:MAX_POINTS]


def gradient_of(outcome: Outcome | None) -> Value | None:
    if isinstance(outcome, Differentiated) and not outcome.problem and outcome.grads:
        return outcome.grads[0]
    return None


def value_of(outcome: Outcome | None, item: int | str | None) -> Value | None:
    """What was returned, or the named item of it."""
    if not isinstance(outcome, Returned | Differentiated):
        return None
    match outcome.value, item:
        case Sequence(items=items), int() if not isinstance(item, bool) and 0 <= item < len(items):
            return items[item]
        case Mapping(items=entries), str():
            return entries.get(item)
    return outcome.value


def numbers(value: Value | None, count: int) -> Numbers:
    """``count`` floats; NaN where ``value`` is not exactly that many real numbers."""
    found = numbers_of(value) if value is not None else None
    if found is None or found.shape != (count,) or found.dtype.kind not in "fiub":
        return np.full(count, np.nan)
    return found.astype(np.float64)


def number(value: Value | None) -> float:
    """One float; NaN where ``value`` is not one real number."""
    found = numbers_of(value) if value is not None else None
    if found is None or found.size != 1 or found.dtype.kind not in "fiub":
        return math.nan
    return float(found.reshape(-1)[0])


def alike(a: Numbers, b: Numbers) -> Numbers:
    """Where both are the same number, but for rounding in single precision."""
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(a - b) <= _ALIKE * (1e-3 + np.abs(a) + np.abs(b)))


def series_of(grid: Grid, seen: Observation, series: str, item: int | str | None) -> Numbers:
    """One of the student's functions over the grid; NaN where it gave no number."""
    count = len(grid.xs)
    if grid.alone is not None:
        return np.array([number(value_of(seen.outcomes.get(f"{series}/{i}"), item)) for i in range(count)])
    whole = numbers(value_of(seen.outcomes.get(f"{series}/whole"), item), count)
    halves = np.full(count, np.nan)
    for name in ("even", "odd"):
        half = halves[HALVES[name]]
        half[:] = numbers(value_of(seen.outcomes.get(f"{series}/{name}"), item), len(half))
    return np.where(alike(whole, halves), whole, np.nan)
