"""Attempts of a student at an assignment, read: lists, neighbours, verdicts. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, load_only

from grader.store.tables import CheckResult, Submission

_NEWEST: Final = (
    select(Submission.id, Submission.source, Submission.predictions)
    .where(Submission.user_id == bindparam("user_id"), Submission.assignment_id == bindparam("assignment_id"))
    .order_by(Submission.attempt.desc())
    .limit(1)
)
_THIS: Final = _NEWEST.where(Submission.id == bindparam("submission_id"))
_NEWEST_ID: Final = _NEWEST.with_only_columns(Submission.id)
"""Compiled once: every page of an exercise asks these."""


def attempts(session: Session, user_id: int, assignment_id: int) -> Sequence[Submission]:
    """A student's submissions to an assignment, newest first."""
    return session.scalars(
        select(Submission)
        .where(Submission.user_id == user_id, Submission.assignment_id == assignment_id)
        .order_by(Submission.attempt.desc())
    ).all()


def handed_in(
    session: Session, user_id: int, assignment_id: int, submission_id: str | None = None
) -> tuple[str, bytes, dict[str, str]] | None:
    """The id, source and predictions of a student's submission to an assignment: this one, or the newest."""
    values = {"user_id": user_id, "assignment_id": assignment_id, "submission_id": submission_id}
    row = session.execute(_NEWEST if submission_id is None else _THIS, values).first()
    return None if row is None else (row[0], row[1], row[2])


def any_of(session: Session, user_id: int, assignment_id: int) -> bool:
    """Whether a student has ever handed in to an assignment."""
    wanted = select(Submission.id).where(
        Submission.user_id == user_id, Submission.assignment_id == assignment_id
    )
    return session.execute(wanted.limit(1)).first() is not None


def latest_id(session: Session, user_id: int, assignment_id: int) -> str | None:
    """The id of a student's newest submission to an assignment."""
    return session.scalar(_NEWEST_ID, {"user_id": user_id, "assignment_id": assignment_id})


def outlines(
    session: Session, user_id: int, assignment_id: int, *, most: int, before: int | None = None
) -> Sequence[Submission]:
    """The newest ``most`` attempts, newest first, without what was handed in and said: for lists.

    :param before: only attempts with a smaller number.
    """
    columns = ("id", "attempt", "created_at", "state", "judging_id", "score", "max_score", "passed")
    wanted = (
        select(Submission)
        .where(Submission.user_id == user_id, Submission.assignment_id == assignment_id)
        .order_by(Submission.attempt.desc())
        .limit(most)
        .options(load_only(*(getattr(Submission, name) for name in columns), raiseload=True))
    )
    if before is not None:
        wanted = wanted.where(Submission.attempt < before)
    return session.scalars(wanted).all()


def neighbours(session: Session, row: Submission) -> tuple[str | None, str | None]:
    """The ids of the attempts right before and right after this one."""
    theirs = select(Submission.id).where(
        Submission.user_id == row.user_id, Submission.assignment_id == row.assignment_id
    )
    before = theirs.where(Submission.attempt < row.attempt).order_by(Submission.attempt.desc()).limit(1)
    after = theirs.where(Submission.attempt > row.attempt).order_by(Submission.attempt).limit(1)
    found = session.execute(select(before.scalar_subquery(), after.scalar_subquery())).one()
    return found[0], found[1]


def previous(session: Session, row: Submission) -> Submission | None:
    """The last attempt before this one, by the same student at the same assignment, that has a verdict:
    its number and report."""
    return session.scalar(
        select(Submission)
        .where(
            Submission.user_id == row.user_id,
            Submission.assignment_id == row.assignment_id,
            Submission.attempt < row.attempt,
            Submission.judging_id.is_not(None),
        )
        .order_by(Submission.attempt.desc())
        .limit(1)
        .options(load_only(Submission.id, Submission.attempt, Submission.report, raiseload=True))
    )


def other(session: Session, row: Submission, submission_id: str | None) -> Submission | None:
    """Another attempt of the same student at the same assignment, whole: this one, or the one before."""
    wanted = select(Submission).where(
        Submission.user_id == row.user_id, Submission.assignment_id == row.assignment_id
    )
    if submission_id is None:
        wanted = wanted.where(Submission.attempt < row.attempt).order_by(Submission.attempt.desc()).limit(1)
    else:
        wanted = wanted.where(Submission.id == submission_id)
    return session.scalar(wanted)


def results_of(session: Session, submission_ids: Iterable[str]) -> dict[str, list[CheckResult]]:
    """The current verdicts on the checks of several submissions, in the exercise's order, in one query."""
    found: dict[str, list[CheckResult]] = {}
    wanted = (
        select(Submission.id, CheckResult)
        .join(CheckResult, CheckResult.judging_id == Submission.judging_id)
        .where(Submission.id.in_(list(submission_ids)))
    )
    for submission_id, result in session.execute(wanted.order_by(Submission.id, CheckResult.position)):
        found.setdefault(submission_id, []).append(result)
    return found
