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

from typing import Final

import msgspec

from grader.grading.cases import cases_of
from grader.grading.curves import TOTAL_SECONDS, Right, asked, curve_of, patient, right_over
from grader.grading.graphs import Traceable, failed_first, graphs_of
from grader.grading.observe import Sandbox
from grader.grading.sampling import grid_of
from grader.grading.subject import subject_of
from grader.grading.tapes import tapes_of
from grader.grading.truths import Truths
from grader.grading.typed_tapes import typed_tapes_of
from grader.model.exercise import Exercise
from grader.model.job import Job, Task
from grader.model.observation import Observation
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.model.source import Refusal, read_source
from grader.model.submission import Submission
from grader.model.tape import TapePicture

CASE_SECONDS: Final = 1.0
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
    subject = subject_of(exercise)
    visible = [case for case in cases_of(exercise, submission.seed) if case.visible]
    grid = None
    if curve and subject.one is not None and subject.judged and visible:
        grid = grid_of(subject.one, visible)
    right: Right | None = None
    if grid is not None and exercise.solution is not None and not subject.own:
        right = right_over(exercise, subject, grid, sandbox, truths)
        if not right.of_one_number:
            grid = None
    tasks: list[Task] = []
    if grid is not None:
        tasks += asked(subject, grid)
    traceable = Traceable(exercise, subject.function, subject.args, subject.output, subject.own)
    cases, failed = failed_first(visible if graph else [], report)
    tasks += map(traceable.task, cases)
    tapes: tuple[TapePicture, ...] = ()
    if tape:
        tapes = tapes_of(exercise, report, visible, submission.seed, sandbox)
        tapes += typed_tapes_of(exercise, report, sandbox)
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

    def again(more: tuple[Task, ...]) -> Observation:
        return sandbox.run(Job(read.data, more, limits, submission.seed))

    return Pictures(
        curve=curve_of(subject, grid, seen, right, patient(again, seen)) if grid is not None else None,
        graph=graphs[0] if graphs else None,
        others=graphs[1:],
        tapes=tapes,
    )
