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

from grader.checks.evidence import Concrete
from grader.grading.cases import cases_of
from grader.grading.curves import TOTAL_SECONDS, Right, asked, curve_of, patient, right_over
from grader.grading.observe import Sandbox
from grader.grading.sampling import grid_of
from grader.grading.subject import Subject, subject_of
from grader.grading.truths import Truths
from grader.model.exercise import Exercise
from grader.model.job import Job, Task, Trace
from grader.model.observation import Observation, Traced
from grader.model.picture import Pictures, picture_of
from grader.model.source import Refusal, read_source
from grader.model.submission import Submission
from grader.model.values import Plain

CASE_SECONDS: Final = 1.0
TEXT: Final = 2**20
"""A student who prints in f prints it at every point, and none of it is shown."""
_TRACE: Final = "graph"


def draw(
    exercise: Exercise,
    submission: Submission,
    sandbox: Sandbox,
    truths: Truths,
    *,
    curve: bool = True,
    graph: bool = True,
) -> Pictures:
    """The pictures of one submission; whatever its code does, it only costs itself the picture.

    :param curve: whether a curve is wanted; likewise ``graph``.
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
    if graph and visible:
        tasks.append(_tracing(exercise, subject, visible[0]))
    if not tasks:
        return Pictures()
    limits = msgspec.structs.replace(
        exercise.limits,
        case_seconds=min(exercise.limits.case_seconds, CASE_SECONDS),
        total_seconds=min(exercise.limits.total_seconds, TOTAL_SECONDS),
        text=max(exercise.limits.text, TEXT),
    )
    seen = sandbox.run(Job(read.data, tuple(tasks), limits, submission.seed))
    traced = seen.outcomes.get(_TRACE)

    def again(more: tuple[Task, ...]) -> Observation:
        return sandbox.run(Job(read.data, more, limits, submission.seed))

    return Pictures(
        curve=curve_of(subject, grid, seen, right, patient(again, seen)) if grid is not None else None,
        graph=picture_of(traced.graph, subject.function, subject.args, _shown(visible[0], subject))
        if isinstance(traced, Traced)
        else None,
    )


def _tracing(exercise: Exercise, subject: Subject, case: Concrete) -> Trace:
    leaves = {i.name for i in exercise.inputs if i.differentiable and i.dtype.startswith("float")}
    return Trace(
        id=_TRACE,
        function=subject.function,
        args=tuple(case.inputs[name] for name in subject.args),
        names=subject.args,
        wrt=tuple(i for i, name in enumerate(subject.args) if name in leaves),
        output=subject.output,
    )


def _shown(case: Concrete, subject: Subject) -> dict[str, Plain]:
    plain = case.plain()
    return {name: plain[name] for name in subject.args}
