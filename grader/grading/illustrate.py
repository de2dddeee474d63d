"""Illustration of a verdict, ``draw(exercise, submission, sandbox, truths) → Pictures``: a job after it.

::

    exercise ──► subject, grid ──► sandbox (the reference's child, kept) ──► truth ──┐
                        │                                                            ├─► Curve
                        └────────► sandbox (the submission's child) ──► f, prediction ┘
                                                          └──────────► Graph ──► GraphPicture

A picture must not lie. A curve is drawn only of a function of one number: of one whose visible cases
are single numbers, or of one that acts entry by entry. The latter is tried and not believed: the whole
grid at once must give what each of its points gives alone (of the reference), or in two smaller
vectors (of the student's functions); a point where they differ is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from grader.checks.arrays import Numbers
from grader.grading.cases import cases_of
from grader.grading.graphs import Traceable, failed_first, graphs_of
from grader.grading.kept import Kept
from grader.grading.observe import Sandbox
from grader.grading.sampling import (
    HALVES,
    Grid,
    alike,
    gradient_of,
    grid_of,
    number,
    numbers,
    range_of,
    series_of,
    value_of,
)
from grader.grading.stretches import short, stretches
from grader.grading.tapes import tapes_of
from grader.grading.truth import LIMITS
from grader.grading.truths import Truths
from grader.model.check import Check
from grader.model.exercise import Exercise, Input
from grader.model.job import Call, Differentiate, Job, Task
from grader.model.observation import Observation
from grader.model.picture import Curve, Pictures, Series
from grader.model.report import Report
from grader.model.source import Refusal, read_source
from grader.model.submission import Submission

CASE_SECONDS: Final = 1.0
TOTAL_SECONDS: Final = 4.0
"""Less than an exercise may allow its cases: a picture is not worth a long wait."""
TEXT: Final = 2**20
"""A student who prints in f prints it at every point, and none of it is shown."""


def draw(
    exercise: Exercise,
    submission: Submission,
    sandbox: Sandbox,
    truths: Truths,
    report: Report | None = None,
    *,
    curve: bool = True,
    graph: bool = True,
    tape: bool = True,
) -> Pictures:
    """The pictures of one submission; whatever its code does, it only costs itself the picture.

    :param report: the verdict on it: the graph is drawn first at a case that it shows as wrong.
    :param curve: whether a curve is wanted; likewise ``graph`` and ``tape``.
    :raises GradingFailed: the sandbox could not be had.
    """
    read = read_source(submission.source, exercise.limits.source)
    if not exercise.functions or isinstance(read, Refusal):
        return Pictures()
    subject = _subject_of(exercise)
    visible = [case for case in cases_of(exercise, submission.seed) if case.visible]
    grid = None
    if curve and subject.one is not None and subject.judged and visible:
        grid = grid_of(subject.one, visible)
    right: _Right | None = None
    if grid is not None and exercise.solution is not None and not subject.own:
        right = _right(exercise, subject, grid, sandbox, truths)
        if not right.of_one_number:
            grid = None
    tasks: list[Task] = []
    if grid is not None:
        tasks += _asked(subject, grid)
    traceable = Traceable(exercise, subject.function, subject.args, subject.output, subject.own)
    cases, failed = failed_first(visible if graph else [], report)
    tasks += map(traceable.task, cases)
    tapes = tapes_of(exercise, report, visible, submission.seed, sandbox) if tape else ()
    if not tasks:
        return Pictures(tapes=tapes)
    limits = msgspec.structs.replace(
        exercise.limits,
        case_seconds=min(exercise.limits.case_seconds, CASE_SECONDS),
        total_seconds=min(exercise.limits.total_seconds, TOTAL_SECONDS),
        text=max(exercise.limits.text, TEXT),
    )
    seen = sandbox.run(Job(read.data, tuple(tasks), limits, submission.seed))
    lines = read.text.count("\n") + 1
    graphs = tuple(graphs_of(traceable, cases, seen, sandbox, truths, lines=lines, failed=failed))
    return Pictures(
        curve=_curve(subject, grid, seen, right) if grid is not None else None,
        graph=graphs[0] if graphs else None,
        others=graphs[1:],
        tapes=tapes,
    )


@dataclass(frozen=True)
class _Subject:
    """What the pictures are of.

    :ivar function: the first function of the student's whose gradient is judged, or else the first.
    :ivar judged: whether a gradient of it is.
    :ivar prediction: the check of a programmed prediction of its gradient, and the function that predicts.
    :ivar one: its only input, where that is a number of floating point that it is differentiated by.
    :ivar own: the student designed it: right is what autograd says of it.
    """

    function: str
    args: tuple[str, ...]
    output: int | str | None
    judged: bool
    prediction: Check | None
    one: Input | None
    own: bool


def _subject_of(exercise: Exercise) -> _Subject:
    through = {check.function: check for check in reversed(exercise.checks) if check.through_function}
    main = next((f for f in exercise.functions if f.name in through), exercise.functions[0])
    check = through.get(main.name)
    inputs = {i.name: i for i in exercise.inputs}
    first = inputs[main.args[0]] if len(main.args) == 1 else None
    one = first if first is not None and first.differentiable and first.dtype.startswith("float") else None
    predicting = [
        c
        for c in exercise.checks
        if c.whole_gradient
        and c.function is not None
        and c.of == main.name
        and exercise.function(c.function).args == main.args
    ]
    own = any(c.of_own for c in predicting)
    return _Subject(
        function=main.name,
        args=main.args,
        output=check.output if check is not None else None,
        judged=check is not None or bool(predicting),
        prediction=predicting[0] if predicting else None,
        one=one,
        own=own,
    )


# What is asked.


def _asked(subject: _Subject, grid: Grid) -> Iterable[Task]:
    """The student's functions over the grid."""
    asked = {"f": subject.function}
    if subject.prediction is not None and subject.prediction.function is not None:
        asked["predicted"] = subject.prediction.function
    for series, function in asked.items():
        if grid.alone is not None:
            for i in range(len(grid.xs)):
                yield Call(id=f"{series}/{i}", function=function, args=(grid.point(i),))
        else:
            for name, part in HALVES.items():
                yield Call(id=f"{series}/{name}", function=function, args=(grid.vector(part),))
    if subject.own:
        yield from _differentiations(subject, grid, subject.function)


def _differentiations(subject: _Subject, grid: Grid, function: str) -> Iterable[Task]:
    if grid.alone is None:
        yield Differentiate(
            id="truth/whole",
            function=function,
            args=(grid.vector(slice(None)),),
            wrt=(0,),
            output=subject.output,
        )
    for i in range(len(grid.xs)):
        yield Differentiate(
            id=f"truth/{i}", function=function, args=(grid.point(i),), wrt=(0,), output=subject.output
        )


# The truth, kept as long as the truths that judge.


@dataclass(frozen=True)
class _Right:
    """What autograd says of the reference over the grid.

    :ivar of_one_number: False for a function whose entries depend on one another: it has no curve.
    :ivar gradient: shape of the grid; NaN where there is none.
    """

    of_one_number: bool
    gradient: Numbers


_rights: Final[Kept[_Right]] = Kept()


def _right(exercise: Exercise, subject: _Subject, grid: Grid, sandbox: Sandbox, truths: Truths) -> _Right:
    solution = exercise.solution
    assert solution is not None

    def observe() -> _Right:
        tasks = tuple(_differentiations(subject, grid, f"reference.{subject.function}"))
        limits = msgspec.structs.replace(LIMITS, case_seconds=TOTAL_SECONDS, total_seconds=2 * TOTAL_SECONDS)
        seen = sandbox.run(Job(b"", tasks, limits), {"reference": solution.reference.encode()})
        return _read_right(grid, seen)

    # The visible cases do not depend on a seed, so the grid does not, and one answer serves all seeds.
    return _rights.get(truths, exercise.digest, observe)


def _read_right(grid: Grid, seen: Observation) -> _Right:
    count = len(grid.xs)
    alone = [seen.outcomes.get(f"truth/{i}") for i in range(count)]
    gradient = np.array([number(gradient_of(outcome)) for outcome in alone])
    if grid.alone is not None:
        # A function of one number may still return many: that has no curve, either.
        single = any(math.isfinite(number(value_of(outcome, None))) for outcome in alone)
        return _Right(single, gradient)
    whole = seen.outcomes.get("truth/whole")
    together, at_once = numbers(value_of(whole, None), count), numbers(gradient_of(whole), count)
    values = np.array([number(value_of(outcome, None)) for outcome in alone])
    # At a kink or a pole both may say NaN, which is a gap, and no sign of another entry's part in it.
    neither = ~np.isfinite(at_once) & ~np.isfinite(gradient)
    same = alike(together, values) & (alike(at_once, gradient) | neither)
    known = np.isfinite(values)
    return _Right(bool(known.any() and same[known].all()), np.where(same, gradient, np.nan))


# What came back.


def _curve(subject: _Subject, grid: Grid, seen: Observation, right: _Right | None) -> Curve | None:
    f = series_of(grid, seen, "f", subject.output)
    item = subject.prediction.item if subject.prediction is not None else None
    predicted = series_of(grid, seen, "predicted", item)
    asked = subject.prediction is not None
    answered = bool(np.isfinite(predicted).any())
    if not answered and not np.isfinite(f).any():
        return None
    if subject.own:
        right = _read_right(grid, seen)
        right = right if right.of_one_number else None
    # Predict first, look after: the true gradient stands beside an answer, not in its place.
    withheld = right is not None and asked and not answered
    truth = right.gradient if right is not None and not withheld else np.full(len(grid.xs), np.nan)
    assert subject.one is not None
    return Curve(
        input=subject.one.name,
        function=subject.function,
        prediction=subject.prediction.function if subject.prediction is not None else None,
        xs=tuple(short(x) for x in grid.xs),
        series=Series(
            f=stretches(grid.xs, f), truth=stretches(grid.xs, truth), predicted=stretches(grid.xs, predicted)
        ),
        y_range=range_of(f, truth, predicted),
        withheld=withheld,
    )
