"""Tearing of sampled series: each gap that may be a jump is narrowed by asking in the sandbox, then drawn.

First each series is asked half-way between its samples, which tells where it may jump. All gaps of one
series are narrowed together, a job for each round; and each is first asked where another series jumps (that
of the reference, or the one before it), which is mostly where it jumps, too. At the jumps of a gradient the
function itself is asked a little to either side: only where difference quotients agree with autograd from
both sides is the place called a kink.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from grader.checks.arrays import Numbers
from grader.grading.narrowing import Gap, narrowed
from grader.grading.sampling import Grid
from grader.grading.stretches import HUGE, Found, Point, gaps, hidden_gaps, near, short, stretches
from grader.model.job import Task
from grader.model.observation import Observation, Outcome
from grader.model.picture import Break, Stretch
from grader.model.values import Array

MOST_GAPS: Final = 40
"""So many of a series are narrowed, the largest; the others stay gaps."""
_BESIDE: Final = 1e-3
"""By so much of the distance between two samples beside a jump are difference quotients taken."""
_AGREES: Final = 0.01
_SEEN: Final = 0.01


@dataclass(frozen=True)
class Question:
    """How a series is asked at one more point.

    :ivar task: the task with this id at this point.
    :ivar read: the number in its outcome; NaN where there is none.
    :ivar value: for a gradient: likewise for the function whose gradient it is.
    """

    task: Callable[[str, Array], Task]
    read: Callable[[Outcome | None], float]
    value: Question | None = None


@dataclass(frozen=True)
class Torn:
    """A series as it is drawn.

    :ivar sides: both sides of each jump, rising, as exactly as they are known.
    """

    stretches: tuple[Stretch, ...] = ()
    breaks: tuple[Break, ...] = ()
    sides: tuple[float, ...] = ()


Run = Callable[[tuple[Task, ...]], Observation | None]
"""Runs one more job; None where that is not worth the time any more."""


def torn(
    grid: Grid,
    series: Mapping[str, Numbers],
    questions: Mapping[str, Question],
    run: Run,
    guesses: Sequence[float] = (),
) -> dict[str, Torn]:
    """Each series in stretches, with its jumps.

    :param series: samples over the grid, by name.
    :param questions: how each of them is asked, by the same names.
    :param guesses: both sides of each jump of the reference, where the submission is asked first.
    """
    middles = _middles(grid, series, questions, run)
    done: dict[str, Torn] = {}
    known = set(guesses)
    for name, ys in series.items():
        places = _with_neighbours(ys, {*gaps(grid.xs, ys), *hidden_gaps(ys, middles[name])})
        narrow = {i: _gap(grid.xs, ys, i, sorted(known)) for i in _worst(grid.xs, ys, places)}

        def ask(
            wanted: list[tuple[Gap, Numbers]], question: Question = questions[name]
        ) -> list[Numbers] | None:
            answers = _asked(grid, [(question, float(x)) for _, xs in wanted for x in xs], run)
            if answers is None:
                return None
            in_order = iter(answers)
            return [np.array([next(in_order) for _ in xs]) for _, xs in wanted]

        narrowed(list(narrow.values()), grid.dtype, float(grid.xs[-1] - grid.xs[0]), ask)
        done[name] = _torn(grid, ys, places, narrow, questions[name], run)
        known.update(done[name].sides)
    return done


def _middles(
    grid: Grid, series: Mapping[str, Numbers], questions: Mapping[str, Question], run: Run
) -> dict[str, Numbers]:
    """Each series half-way between the samples; NaN where it was not asked."""
    middles = ((grid.xs[1:] + grid.xs[:-1]) / 2).astype(grid.dtype).astype(np.float64)
    asked = {
        # At zero, where it is no sample, nothing may be asked: a loop may never end there.
        name: np.flatnonzero(np.isfinite(ys[1:] + ys[:-1]) & ~((grid.xs[:-1] < 0) & (grid.xs[1:] > 0)))
        for name, ys in series.items()
    }
    points = [(questions[name], float(middles[i])) for name, at in asked.items() for i in at]
    answers = iter(_asked(grid, points, run) or [math.nan] * len(points))
    found = {}
    for name, at in asked.items():
        found[name] = np.full(len(middles), np.nan)
        found[name][at] = [next(answers) for _ in at]
    return found


def _with_neighbours(ys: Numbers, places: set[int]) -> list[int]:
    """Those, and those beside them: of two jumps close to each other, half-way tells nothing."""
    known = np.isfinite(ys[1:] + ys[:-1])
    around = {j for i in places for j in (i - 1, i, i + 1) if 0 <= j < len(known) and known[j]}
    return sorted(j for j in around if ys[j] != ys[j + 1])


def _torn(
    grid: Grid, ys: Numbers, places: list[int], narrow: Mapping[int, Gap], question: Question, run: Run
) -> Torn:
    xs = grid.xs
    found = {i: Found() for i in places}
    least = _SEEN * max((near(ys, i) for i in narrow), default=0.0)
    found |= {i: _found(gap, _sample(xs, ys, i), _sample(xs, ys, i + 1), least) for i, gap in narrow.items()}
    sides = _sides(grid, narrow)
    told = tuple(_told(grid, sides, question, run)) if sides else ()
    narrowest = [x for gap in narrow.values() if gap.found == "jump" for x in (gap.left[0], gap.right[0])]
    return Torn(stretches(xs, ys, found), told, tuple(narrowest))


def _worst(xs: Numbers, ys: Numbers, places: list[int]) -> list[int]:
    """Those that are worth asking in, rising: the largest for where they are, none of them across zero."""
    open_ones = [i for i in places if not xs[i] < 0.0 < xs[i + 1]]
    size = {i: abs(float(ys[i + 1] - ys[i])) / near(ys, i) for i in open_ones}
    return sorted(sorted(open_ones, key=lambda i: -size[i])[:MOST_GAPS])


def _gap(xs: Numbers, ys: Numbers, i: int, guesses: Sequence[float]) -> Gap:
    left, right = _sample(xs, ys, i), _sample(xs, ys, i + 1)
    inside = [x for x in guesses if left[0] <= x <= right[0]]
    # One that is an end already leaves its other side to be asked.
    return Gap(left, right, guesses=tuple(inside) if set(inside) - {left[0], right[0]} else ())


def _asked(grid: Grid, points: list[tuple[Question, float]], run: Run) -> list[float] | None:
    """The answers in the same order; None when there was no time."""
    tasks = tuple(question.task(f"more/{n}", grid.at(x)) for n, (question, x) in enumerate(points))
    seen = run(tasks) if tasks else None
    if seen is None:
        return None
    return [question.read(seen.outcomes.get(f"more/{n}")) for n, (question, _) in enumerate(points)]


def _sample(xs: Numbers, ys: Numbers, i: int) -> Point:
    return float(xs[i]), float(ys[i])


def _found(gap: Gap, left: Point, right: Point, least: float) -> Found:
    if gap.found == "steep":
        return Found(before=tuple(_thinned(gap, left, right, least)), joined=True)
    if gap.found == "jump":
        # A line is drawn as far as the jump; a sample that lies at it is in the line already.
        before = () if gap.left[0] == left[0] else (gap.left,)
        return Found(before, () if gap.right[0] == right[0] else (gap.right,))
    return Found()


def _thinned(gap: Gap, left: Point, right: Point, least: float) -> list[Point]:
    """Those of its points that are needed to see its shape: none of a straight one.

    :param least: a difference that would hardly be seen.
    """
    points = sorted(gap.points)
    slope = (right[1] - left[1]) / (right[0] - left[0])
    if all(abs(left[1] + slope * (x - left[0]) - y) <= least for x, y in points):
        return []
    kept = points[:1]
    for point, after in pairwise([*points[1:], points[-1]]):
        if abs(point[1] - kept[-1][1]) >= least or abs(after[1] - point[1]) >= least:
            kept.append(point)
    return kept


@dataclass(frozen=True)
class _Side:
    """A jump: its two sides, and its place, a number of few digits where there is one between them."""

    left: Point
    right: Point
    x: float


def _sides(grid: Grid, found: Mapping[int, Gap]) -> list[_Side]:
    """The jumps; two that meet at a sample are one."""
    digits = 11 - math.floor(math.log10(float(grid.xs[-1] - grid.xs[0])))
    sides: list[_Side] = []
    for i, gap in found.items():
        if gap.found != "jump":
            continue
        if sides and sides[-1].right[0] == gap.left[0] == grid.xs[i]:
            sides[-1] = _Side(sides[-1].left, gap.right, float(grid.xs[i]))
        else:
            # Adding zero makes -0 plain.
            sides.append(_Side(gap.left, gap.right, round((gap.left[0] + gap.right[0]) / 2, digits) + 0.0))
    return sides


def _told(grid: Grid, sides: list[_Side], question: Question, run: Run) -> Iterator[Break]:
    """The jumps with what the series is at each, and whether it is the kink of a continuous function."""
    beside = _BESIDE * float(grid.xs[-1] - grid.xs[0]) / len(grid.xs)
    points = [(question, side.x) for side in sides]
    if question.value is not None:
        for side in sides:
            around = (side.left[0] - beside, side.left[0], side.right[0], side.right[0] + beside)
            points += [(question.value, x) for x in around]
    answers = _asked(grid, points, run) or [math.nan] * len(points)
    for n, side in enumerate(sides):
        values = answers[len(sides) + 4 * n : len(sides) + 4 * n + 4]
        slopes = side.left[1], side.right[1]
        at = short(answers[n]) if abs(answers[n]) < HUGE else None
        yield Break(
            short(side.x),
            short(slopes[0]),
            short(slopes[1]),
            at,
            bool(values) and _bends(slopes, values, beside),
        )


def _bends(slopes: tuple[float, float], values: list[float], beside: float) -> bool:
    """Whether the function is continuous and has these one-sided slopes.

    :param values: of the function: ``beside`` the left side, at it, at the right side, ``beside`` that.
    """
    outer, left, right, beyond = values
    size = max(abs(slopes[0]), abs(slopes[1]))
    return (
        abs(right - left) <= 1e-3 * beside * size + 1e-9 * max(abs(left), abs(right))
        and abs((left - outer) / beside - slopes[0]) <= _AGREES * size
        and abs((beyond - right) / beside - slopes[1]) <= _AGREES * size
    )
