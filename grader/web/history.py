"""What a student has tried: the list of attempts, one attempt, and what changed between two.

Every page here is seen by the student, and by who teaches the course, under the rule of
:func:`grader.web.courses.attempt`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.model.exercise import Exercise
from grader.model.source import NOTEBOOK_BYTES, Source, read_source
from grader.model.text import Text
from grader.store import attempts, submissions
from grader.store.tables import Assignment, CheckResult, Course, Submission, User, utcnow
from grader.web import changes, progress
from grader.web.courses import assigned, attempt, exercise_called
from grader.web.told import told
from grader.web.transactions import reading

MOST_LISTED = 100
"""Attempts on one page."""
MOST_OFFERED = 200
"""Attempts to choose from when two are compared."""
MOST_LINES = 2000
"""Lines of code, or of a comparison, on one page. The whole can be downloaded."""
AROUND = 3
"""Lines shown before and after a wrong line that comes later."""
_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Tried:
    """One attempt as a line of the list. Its row has no source and no report."""

    row: Submission
    checks: int
    passed: int
    title: Text | None
    """Of the first check that did not pass; None when all did, or nothing is graded."""
    verdict: str

    @property
    def counts(self) -> bool:
        """Whether there is a score: what we could not grade is no attempt."""
        return self.row.score is not None


@dataclass(frozen=True)
class Listing:
    """Code with the numbers of its lines, as far as a page shows it.

    :ivar lines: the first lines.
    :ivar more: how many lines come after them.
    :ivar around: of these, the ones around the line that is wrong.
    """

    lines: list[tuple[int, str]]
    more: int
    around: list[tuple[int, str]]


def listing_of(lines: list[str], wrong: int | None) -> Listing:
    """What is shown of the code.

    :param wrong: the line of the error, from 1.
    """
    around: list[tuple[int, str]] = []
    if wrong is not None and MOST_LINES < wrong <= len(lines):
        first = max(MOST_LINES + 1, wrong - AROUND)
        around = list(enumerate(lines[first - 1 : wrong + AROUND], first))
    more = max(0, len(lines) - MOST_LINES)
    return Listing(list(enumerate(lines[:MOST_LINES], 1)), more, around)


@dataclass(frozen=True)
class Point:
    """One attempt in the drawing of scores."""

    x: float
    y: float
    attempt: int
    counts: bool
    best: bool
    score: float
    most: float

    @property
    def anchor(self) -> str:
        """Where a text at this point is held, so that it stays inside the drawing."""
        return "start" if self.x < 60 else "end" if self.x > Chart.WIDTH - 60 else "middle"


@dataclass(frozen=True)
class Chart:
    """Scores over attempts, oldest first, in the units of the drawing's view box."""

    points: tuple[Point, ...]
    WIDTH = 360
    HEIGHT = 108
    TOP, BOTTOM, LEFT, RIGHT = 22, 86, 10, 350

    @property
    def graded(self) -> tuple[Point, ...]:
        """The points that are joined."""
        return tuple(point for point in self.points if point.counts)

    @property
    def best(self) -> Point:
        """The earliest of the highest."""
        return next(point for point in self.points if point.best)

    @property
    def steps(self) -> str:
        """The path through the graded points: level to the next attempt, then up or down."""
        first, *others = self.graded
        return f"M{first.x:g} {first.y:g}" + "".join(f"H{point.x:g}V{point.y:g}" for point in others)


def chart(rows: Sequence[Submission]) -> Chart | None:
    """The drawing of some attempts, given newest first; None with fewer than two graded ones."""
    oldest_first = rows[::-1]
    shares = [_share(row) for row in oldest_first]
    graded = [share for share in shares if share is not None]
    if len(graded) < 2:
        return None
    best = shares.index(max(graded))
    apart = (Chart.RIGHT - Chart.LEFT) / (len(rows) - 1)
    points = [
        Point(
            x=round(Chart.LEFT + n * apart, 1),
            y=round(Chart.BOTTOM - (share or 0.0) * (Chart.BOTTOM - Chart.TOP), 1),
            attempt=row.attempt,
            counts=share is not None,
            best=n == best,
            score=row.score or 0.0,
            most=row.max_score or 0.0,
        )
        for n, (row, share) in enumerate(zip(oldest_first, shares, strict=True))
    ]
    return Chart(tuple(points))


def _share(row: Submission) -> float | None:
    """What part of the points an attempt has."""
    if row.score is None:
        return None
    return min(max(row.score / row.max_score, 0.0), 1.0) if row.max_score else 0.0


def routes(blueprint: Blueprint) -> None:
    """Put these pages on the student's blueprint, whose name their endpoints keep."""
    for rule, endpoint, view in (
        ("/courses/<course>/<exercise>/attempts", "history", own),
        ("/attempts/<submission_id>", "show_attempt", show),
        ("/attempts/<submission_id>/changes", "changes", differences),
        ("/attempts/<submission_id>/source.py", "source", source),
    ):
        blueprint.add_url_rule(rule, endpoint, login_required(view), methods=["GET"])


def own(course: str, exercise: str) -> ResponseReturnValue:
    """One's own attempts, newest first."""
    with reading() as transaction:
        where, _role, assignment = assigned(transaction, course, exercise)
        found = listed(transaction, where, assignment, current_user.user)
    return render_template("history.html", **found)


def listed(transaction: Session, course: Course, assignment: Assignment, student: User) -> dict[str, Any]:
    """What ``history.html`` shows: a student's attempts at an assignment; ``?before=N``: older ones."""
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= _LARGEST:
        before = None
    rows = attempts.outlines(
        transaction, student.id, assignment.id, most=MOST_LISTED + 1, before=before
    )  # fmt: skip
    older = rows[MOST_LISTED - 1].attempt if len(rows) > MOST_LISTED else None
    rows = rows[:MOST_LISTED]
    results = attempts.results_of(transaction, [row.id for row in rows])
    exercise = exercise_called(assignment.exercise)
    return {
        "course": course,
        "slug": assignment.exercise,
        "exercise": exercise,
        "tries": [_tried(row, results.get(row.id, []), exercise) for row in rows],
        "chart": chart(rows),
        "before": before,
        "older": older,
        "student": student if student.id != current_user.id else None,
    }


def _tried(row: Submission, results: Sequence[CheckResult], exercise: Exercise | None) -> Tried:
    # A check that was not run is the last thing to name: something else is the reason why it was not.
    wrong = sorted(
        (each for each in results if each.verdict != "passed"), key=lambda r: r.verdict == "skipped"
    )
    passed = len(results) - len(wrong)
    if not wrong:
        return Tried(row, len(results), passed, None, "passed")
    titles = {check.id: check.title for check in exercise.checks} if exercise is not None else {}
    first = wrong[0]
    title = titles.get(first.check_id, Text(first.check_id, first.check_id))
    return Tried(row, len(results), passed, title, first.verdict)


def show(submission_id: str) -> ResponseReturnValue:
    """One attempt: the student's own, or one in a course the reader teaches."""
    with reading() as transaction:
        found = attempt(transaction, submission_id, source=True)
        said = told(transaction, found)
        around = attempts.neighbours(transaction, found.row)
    return page(said, around)


def page(said: dict[str, Any], around: tuple[str | None, str | None]) -> str:
    """The page of one attempt.

    :param said: from :func:`grader.web.told.told`. :param around: the ids of its neighbours.
    """
    row: Submission = said["row"]
    waiting = (utcnow() - row.created_at).total_seconds()
    report = said["report"]
    wrong = report.error.line if report is not None and report.error is not None else None
    return render_template(
        "attempt.html",
        attempt=said["found"],
        wrong=wrong,
        before=around[0],
        after=around[1],
        code=listing_of(changes.split(row.source), wrong),
        refresh=2 if waiting < 20 else 5 if waiting < 120 else 15,
        **said,
    )


def source(submission_id: str) -> ResponseReturnValue:
    """What was handed in, as a file, byte for byte."""
    with reading() as transaction:
        found = attempt(transaction, submission_id, source=True)
    name = re.sub(r"[^A-Za-z0-9_-]", "-", found.assignment.exercise)
    read = read_source(found.row.source, NOTEBOOK_BYTES)
    ending = "ipynb" if isinstance(read, Source) and read.cells else "py"
    return Response(
        found.row.source,
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{found.row.attempt}.{ending}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def differences(submission_id: str) -> ResponseReturnValue:
    """What changed in code, predictions and verdict since the attempt before, or since ``?since=ATTEMPT``.

    :raises NotFound: when the two are not of the same student and assignment.
    """
    wanted = request.args.get("since")
    with reading() as transaction:
        found = attempt(transaction, submission_id, source=True)
        row = found.row
        other = attempts.other(transaction, row, wanted)
        if wanted is not None and other is None:
            raise NotFound
        offered = attempts.outlines(transaction, row.user_id, row.assignment_id, most=MOST_OFFERED)
    return render_template(
        "changes.html",
        attempt=found,
        row=row,
        other=other,
        offered=[each for each in offered if each.id != row.id],
        **(_compared(other, row) if other is not None else {}),
    )


def _compared(before: Submission, now: Submission) -> dict[str, object]:
    """What the page of changes says about two attempts."""
    names = list(dict.fromkeys((*before.predictions, *now.predictions)))
    pairs = [(name, before.predictions.get(name), now.predictions.get(name)) for name in names]
    reports = submissions.report_of(before), submissions.report_of(now)
    judged = progress.since(reports[0], reports[1]) if reports[0] and reports[1] else None
    lines = changes.compare(changes.split(before.source), changes.split(now.source))
    return {
        "lines": lines[:MOST_LINES] if lines is not None else None,
        "more": max(0, len(lines) - MOST_LINES) if lines is not None else 0,
        "predictions": [pair for pair in pairs if pair[1] != pair[2]],
        "judged": judged,
    }
