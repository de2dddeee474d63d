"""History: a student's attempts at one exercise, each with why it was not right and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_login import current_user
from sqlalchemy.orm import Session

from grader.model.exercise import Exercise
from grader.model.policy import Counted, Policy, withholds
from grader.model.report import CheckResult, Report, telling
from grader.store import attempts, comments, submissions
from grader.store.policies import policy_for
from grader.store.tables import Assignment, Course, CourseRole, Submission, User, utcnow
from grader.web.access import STAFF, exercise_called
from grader.web.attempts.comparison import Turn, turned
from grader.web.attempts.score_chart import chart
from grader.web.attempts.verdict import counting
from grader.web.ui.reasons import short

MOST_LISTED = 100
"""Attempts on one page."""
_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Tried:
    """One attempt as a line of the list. Its row has no source and no report.

    :ivar checks: how many were judged. :ivar passed: how many of them passed.
    :ivar why: the check that tells most of why not all passed; None when all did, or nothing is graded. Where
        reasons are withheld or not kept, it is a verdict and no more.
    :ivar came: the named reasons, in the reader's language, that the attempt before (the last one with a
        verdict) had not, and ``gone``: those that only that one had; as far as it is known.
    """

    row: Submission
    policy: Policy
    checks: int = 0
    passed: int = 0
    why: CheckResult | None = None
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether there is a score: what we could not grade is no attempt."""
        return self.row.score is not None

    @property
    def counting(self) -> Counted | None:
        """What it counts, where that is something else than its score."""
        return counting(self.policy, self.row)


def listed(
    transaction: Session, course: Course, assignment: Assignment, student: User, role: CourseRole
) -> dict[str, Any]:
    """What ``history.html`` shows: a student's attempts at an assignment; ``?before=N``: older ones.

    :param role: the reader's. Who takes the course is told no reasons where the rules withhold them.
    """
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= _LARGEST:
        before = None
    rows = attempts.outlines(
        transaction, student.id, assignment.id, most=MOST_LISTED + 1, before=before
    )  # fmt: skip
    policy = policy_for(transaction, assignment, student.id)
    withholding = role not in STAFF and withholds(policy, utcnow())
    reports = submissions.reports_for(transaction, [row.id for row in rows], withholding=withholding)
    exercise = exercise_called(assignment.exercise)
    shown = rows[:MOST_LISTED]
    return {
        "course": course,
        "slug": assignment.exercise,
        "exercise": exercise,
        "tries": _tried(rows, reports, policy, exercise)[:MOST_LISTED],
        "chart": chart(shown),
        "before": before,
        "older": rows[MOST_LISTED - 1].attempt if len(rows) > MOST_LISTED else None,
        "student": student if student.id != current_user.id else None,
        "commented": comments.commented(transaction, [row.id for row in shown]),
    }


def _tried(
    rows: Sequence[Submission], reports: dict[str, Report], policy: Policy, exercise: Exercise | None
) -> list[Tried]:
    """Each attempt, compared with the last one before it that was graded."""
    found: list[Tried] = []
    earlier: Report | None = None
    for row in reversed(rows):
        report = reports.get(row.id)
        if report is None or report.status != "graded":
            found.append(Tried(row, policy))
            continue
        passed = sum(check.verdict == "passed" for check in report.checks)
        turn = turned(earlier, report) if earlier is not None else Turn()
        came, gone = (
            tuple(filter(None, (short(exercise, code) for code in codes))) for codes in (turn.came, turn.gone)
        )
        found.append(Tried(row, policy, len(report.checks), passed, telling(report.checks), came, gone))
        earlier = report
    return found[::-1]
