"""Standing in the JSON API: what a user has in each exercise of the courses they learn in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from grader.model.admission import Handed
from grader.model.policy import Policy, closing, is_open
from grader.store import enrolments, gradebook, submissions
from grader.store.gradebook import Cell
from grader.store.policies import rules_of
from grader.store.tables import Assignment, Course, utcnow
from grader.web.api.authentication import user
from grader.web.api.endpoint import LANGUAGE, Endpoints
from grader.web.exercise.rules import limited, outlook, told
from grader.web.transactions import reading

endpoints = Endpoints()


class Standing(msgspec.Struct):
    """What one has in one exercise of a course."""

    course: str
    exercise: str
    open: bool
    opens: datetime | None
    due: datetime | None
    """These dates are the user's own: those of the assignment, a section or an extension."""
    closes: datetime | None
    """Until when it is taken at all, late or not."""
    rules: list[str]
    """What else decides about the score, in sentences."""
    attempts: int
    """Graded ones."""
    attempts_left: int | None
    """Null: any number."""
    next_attempt: datetime | None
    """From when on the next one is taken, where quick failures are followed by a pause."""
    score: float | None
    """What counts: the best or the last, after the late rule; or what an instructor decided. Null when there
    is none."""
    max_score: float | None
    passed: bool
    best: str | None
    """The id of the submission that counts."""
    waiting: list[str]
    """The ids of those without a verdict, oldest first."""


@endpoints.get("/standing", "One entry an exercise.", parameters=(LANGUAGE,))
def show_standing() -> list[Standing]:
    """What one has in each exercise, and what waits for a verdict.

    Only courses that one learns in, and exercises that have opened.
    """
    now = utcnow()
    with reading() as transaction:
        learnt = [
            course
            for course, enrolment in enrolments.of_user(transaction, user().id)
            if enrolment.role == "student"
        ]
        cells = gradebook.standing(transaction, user(), [course.id for course in learnt])
        placed = [assignment for each in cells.values() for assignment, _cell in each]
        rules = rules_of(transaction, placed, user().id)
        counted = [assignment_id for assignment_id, policy in rules.items() if limited(policy)]
        handed = submissions.handed_to(transaction, user().id, counted)
        waiting = submissions.unfinished(transaction, user().id)
    return [
        _standing(course, assignment, cell, rules[assignment.id], handed.get(assignment.id), waiting)
        for course in learnt
        for assignment, cell in cells[course.id]
        if (opens := rules[assignment.id].opens) is None or opens <= now
    ]


def _standing(
    course: Course,
    assignment: Assignment,
    cell: Cell,
    policy: Policy,
    handed: Handed | None,
    waiting: Sequence[tuple[str, int]],
) -> Standing:
    now = utcnow()
    ahead = outlook(policy, handed or Handed(), now)
    return Standing(
        course=course.slug,
        exercise=assignment.exercise,
        open=course.archived_at is None and is_open(policy, now) and ahead.left != 0,
        opens=policy.opens,
        due=policy.due,
        closes=closing(policy),
        rules=told(policy, now),
        attempts=cell.attempts,
        attempts_left=ahead.left,
        next_attempt=ahead.ready,
        score=cell.score,
        max_score=cell.max_score,
        passed=cell.passed,
        best=cell.best_submission,
        waiting=[identity for identity, at in waiting if at == assignment.id],
    )
