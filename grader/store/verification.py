"""Verification: all that a stored grade was made from, and whether what stands beside it follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.model.rederivation import Difference
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.store import judgings, policies, standings
from grader.store.tables import Assignment, Judging, Standing, Submission

_EQUAL = 1e-9


@dataclass(frozen=True)
class Grade:
    """A submission's grade, and what it was made from."""

    submission: HandedIn
    exercise: str
    assignment_id: int
    user_id: int
    judging: Judging
    report: Report
    by_hand: dict[str, float]
    """Checks whose points were set by hand."""


def grade_of(session: Session, submission_id: str) -> Grade | None:
    """The current grade of a submission; None where there is none (yet)."""
    row = session.get(Submission, submission_id)
    judging = None if row is None or row.judging_id is None else session.get(Judging, row.judging_id)
    if row is None or judging is None:
        return None
    return Grade(
        submission=HandedIn(row.source, row.predictions, judging.seed, row.variant),
        exercise=session.get_one(Assignment, row.assignment_id).exercise,
        assignment_id=row.assignment_id,
        user_id=row.user_id,
        judging=judging,
        report=msgspec.json.decode(judging.report, type=Report),
        by_hand=judgings.overridden(session, submission_id),
    )


def stored_differences(session: Session, submission_id: str) -> list[Difference]:
    """Where what is stored does not follow from what it is kept from: the submission's score from its judging
    and the checks set by hand; the student's standing from all attempts, the rules and the total set by hand.
    """
    row = session.get_one(Submission, submission_id)
    grade = grade_of(session, submission_id)
    assert grade is not None
    points = grade.report.score
    points += sum(
        grade.by_hand[check.id] - check.points for check in grade.report.checks if check.id in grade.by_hand
    )
    pairs: list[tuple[str, Any, Any]] = [
        ("judging.score", grade.judging.score, grade.report.score),
        ("submission.score", row.score, points),
        ("submission.max_score", row.max_score, grade.report.max_score),
    ]
    assignment = session.get_one(Assignment, row.assignment_id)
    attempts = standings.attempts_of(session, row.assignment_id, [row.user_id]).get(row.user_id, [])
    derived = standings.derive(policies.policy_for(session, assignment, row.user_id), attempts)
    derived["override"] = standings.overrides(session, row.assignment_id).get(row.user_id)
    kept = session.get(Standing, (row.assignment_id, row.user_id))
    pairs += [
        (f"standing.{name}", None if kept is None else getattr(kept, name), value)
        for name, value in derived.items()
    ]
    return [Difference(*pair) for pair in pairs if not _alike(pair[1], pair[2])]


def standing_of(session: Session, grade: Grade) -> Standing | None:
    """What the student has in the assignment."""
    return session.scalar(
        select(Standing).where(
            Standing.assignment_id == grade.assignment_id, Standing.user_id == grade.user_id
        )
    )


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= _EQUAL
    return bool(one == other)
