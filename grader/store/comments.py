"""Comments: what those who teach write under one answer, or under all answers that are alike.

Answers are alike when their current judgings say the same of the same program: the same exercise, the same
codes, the same normalised syntax tree (:func:`grader.store.judgings.alike`). A comment that was written for
all of them is offered again when such an answer comes later; nobody is told anything that no teacher sent.
Its readers get a notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, insert, literal, select
from sqlalchemy.orm import Session

from grader.store import notices
from grader.store.tables import (
    Assignment,
    Comment,
    CommentedSubmission,
    Course,
    Judging,
    Submission,
    User,
    utcnow,
)

LONGEST: Final = 10_000
"""Characters of a comment."""


class Alike(NamedTuple):
    """Answers that can be answered alike."""

    name: str | None
    """What :attr:`Judging.alike` is for these; None: nothing is known to be like this one."""
    answers: int
    """How many there are, this one among them."""
    students: int
    """Whose."""


class Shown(NamedTuple):
    """A comment as it stands under an answer."""

    id: int
    text: str
    by: str | None
    """The name of who wrote it; None when that account is gone."""
    made_at: datetime
    answers: int
    """Under how many answers it stands."""
    alike: bool
    """Whether it was written for all answers that are alike."""


def alike(session: Session, submission: Submission) -> Alike:
    """The answers to the same assignment that are like this one, at this moment."""
    name = session.scalar(select(Judging.alike).where(Judging.id == submission.judging_id))
    if name is None:
        return Alike(None, 1, 1)
    answers, students = session.execute(
        select(func.count(), func.count(Submission.user_id.distinct())).where(
            *_like(submission.assignment_id, name)
        )
    ).one()
    return Alike(name, answers, students)


def write(
    session: Session, submission: Submission, text: str, *, by: int, to: Alike | None = None
) -> Comment:
    """Write a comment under an answer, or under all answers ``to`` which it is alike."""
    name = None if to is None else to.name
    row = Comment(assignment_id=submission.assignment_id, alike=name, text=text, by=by, made_at=utcnow())
    session.add(row)
    session.flush()
    under: Sequence[ColumnElement[bool]] = [Submission.id == submission.id]
    if name is not None:
        under = _like(submission.assignment_id, name)
    session.execute(
        insert(CommentedSubmission).from_select(
            ["comment_id", "submission_id"],
            select(literal(row.id), Submission.id).where(*under),
        )
    )
    _tell(session, row)
    return row


def _tell(session: Session, comment: Comment, only: str | None = None) -> None:
    """Tell the students under whose answers a comment stands, each once: of the latest of these answers.

    :param only: of this submission's student alone.
    """
    wanted = (
        select(Submission.user_id, Submission.id, Submission.attempt, Assignment.exercise, Course.slug)
        .join(CommentedSubmission, CommentedSubmission.submission_id == Submission.id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .where(CommentedSubmission.comment_id == comment.id, Submission.user_id != comment.by)
        .order_by(Submission.attempt)
    )
    if only is not None:
        wanted = wanted.where(Submission.id == only)
    latest = {
        user_id: {
            "course": course, "exercise": exercise, "submission": identity, "attempt": attempt,
            "comment": comment.id,
        }
        for user_id, identity, attempt, exercise, course in session.execute(wanted)
    }  # fmt: skip
    if latest:
        notices.tell(session, "comment", list(latest.items()))


def repeat(session: Session, submission: Submission, comment_id: int) -> bool:
    """Put a comment that is offered under this answer, too. False when it is not offered (any more)."""
    if all(each.id != comment_id for each in offered(session, submission)):
        return False
    session.add(CommentedSubmission(comment_id=comment_id, submission_id=submission.id))
    session.flush()
    _tell(session, session.get_one(Comment, comment_id), submission.id)
    return True


def withdraw(session: Session, submission: Submission, comment_id: int) -> Comment | None:
    """Withdraw a comment that stands under this answer, there and under all others.

    None when none such stands there (any more).
    """
    row = session.scalar(
        select(Comment)
        .join(CommentedSubmission, CommentedSubmission.comment_id == Comment.id)
        .where(
            Comment.id == comment_id,
            Comment.withdrawn_at.is_(None),
            CommentedSubmission.submission_id == submission.id,
        )
    )
    if row is not None:
        row.withdrawn_at = utcnow()
        session.flush()
        notices.withdraw_comment(session, comment_id)
    return row


def shown(session: Session, submission_id: str) -> Sequence[Shown]:
    """The comments under an answer, oldest first."""
    here = select(CommentedSubmission.comment_id).where(CommentedSubmission.submission_id == submission_id)
    return _read(session, _WANTED.where(Comment.id.in_(here)))


def offered(session: Session, submission: Submission) -> Sequence[Shown]:
    """Comments that were written for answers like this one, and stand not under it; oldest first."""
    here = select(CommentedSubmission.comment_id).where(CommentedSubmission.submission_id == submission.id)
    name = select(Judging.alike).where(Judging.id == submission.judging_id).scalar_subquery()
    return _read(
        session,
        _WANTED.where(
            Comment.assignment_id == submission.assignment_id, Comment.alike == name, Comment.id.not_in(here)
        ),
    )


def commented(session: Session, submission_ids: Sequence[str]) -> set[str]:
    """Which of these have a comment: for lists."""
    return set(
        session.scalars(
            select(CommentedSubmission.submission_id)
            .join(Comment, Comment.id == CommentedSubmission.comment_id)
            .where(CommentedSubmission.submission_id.in_(submission_ids), Comment.withdrawn_at.is_(None))
        )
    )


_ANSWERS: Final = (
    select(func.count())
    .where(CommentedSubmission.comment_id == Comment.id)
    .correlate(Comment)
    .scalar_subquery()
)
_WANTED: Final = (
    select(Comment.id, Comment.text, User.name, Comment.made_at, _ANSWERS, Comment.alike.is_not(None))
    .outerjoin(User, User.id == Comment.by)
    .where(Comment.withdrawn_at.is_(None))
    .order_by(Comment.id)
)


def _read(session: Session, wanted: Select[*tuple[Any, ...]]) -> Sequence[Shown]:
    return [Shown._make(row) for row in session.execute(wanted)]


def _like(assignment_id: int, name: str) -> Sequence[ColumnElement[bool]]:
    """Submissions to an assignment whose current judging has this name."""
    judged = select(Judging.id).where(Judging.alike == name)
    return [Submission.assignment_id == assignment_id, Submission.judging_id.in_(judged)]
