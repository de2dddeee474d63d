"""Overrides: points set by hand, of an assignment's total or of one check of one submission.

The newest one of a student and assignment (or of a submission and check) holds, and one without a score
withdraws it; earlier ones stay on record. A regrade does not touch them:
:func:`grader.store.judgings.rescore` and :func:`grader.store.standings.refresh` lay them over whatever was
judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from grader.store import judgings, locks, standings
from grader.store.tables import CheckResult, Override, Submission, User, utcnow


class Entry(NamedTuple):
    """An override, with the name of who made it; None when that account is gone."""

    row: Override
    by: str | None


class Given(NamedTuple):
    """What a check was given by the current judging."""

    points: float
    most: float


def set_total(
    session: Session, *, assignment_id: int, user_id: int, score: float | None, reason: str, by: int
) -> Override:
    """Set a student's total of an assignment by hand; None withdraws what was set."""
    row = _add(session, assignment_id, user_id, score=score, reason=reason, by=by)
    standings.refresh(session, assignment_id, [user_id])
    return row


def set_check(
    session: Session, submission: Submission, check_id: str, *, score: float | None, reason: str, by: int
) -> Override:
    """Set the points of one check of a judged submission by hand; None withdraws what was set."""
    # Before any submission: a verdict takes that lock and then thins older ones (no deadlock).
    locks.standings(session, submission.assignment_id)
    row = _add(
        session,
        submission.assignment_id,
        submission.user_id,
        submission_id=submission.id,
        check_id=check_id,
        score=score,
        reason=reason,
        by=by,
    )
    judgings.rescore(session, submission.id)
    standings.refresh(session, submission.assignment_id, [submission.user_id])
    return row


def _add(session: Session, assignment_id: int, user_id: int, **values: object) -> Override:
    row = Override(assignment_id=assignment_id, user_id=user_id, created_at=utcnow(), **values)
    session.add(row)
    session.flush()
    return row


def history(session: Session, submission: Submission) -> Sequence[Entry]:
    """All that was ever set by hand for this submission and the total that it is part of, newest first."""
    of_it = or_(
        Override.submission_id == submission.id,
        and_(
            Override.assignment_id == submission.assignment_id,
            Override.user_id == submission.user_id,
            Override.check_id.is_(None),
        ),
    )
    rows = session.execute(
        select(Override, User.name)
        .outerjoin(User, User.id == Override.by)
        .where(of_it)
        .order_by(Override.id.desc())
    )
    return [Entry(row, name) for row, name in rows]


def holding(entries: Sequence[Entry]) -> Mapping[str | None, Entry]:
    """Of a history, newest first, those that hold: by check, the total's under None."""
    newest: dict[str | None, Entry] = {}
    for entry in entries:
        newest.setdefault(entry.row.check_id, entry)
    return {check: entry for check, entry in newest.items() if entry.row.score is not None}


def checks_of(session: Session, submission_id: str) -> Mapping[str, Given]:
    """The checks of a submission's current judging, in the exercise's order, and what they were given."""
    rows = session.execute(
        select(CheckResult.check_id, CheckResult.points, CheckResult.max_points)
        .join(Submission, Submission.judging_id == CheckResult.judging_id)
        .where(Submission.id == submission_id)
        .order_by(CheckResult.position)
    )
    return {check: Given(points, most) for check, points, most in rows}
