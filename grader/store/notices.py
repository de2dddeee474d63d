"""Notices: what an account is told on its pages until it says that it has read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from grader.store.tables import Assignment, Course, Notice, Regrade, utcnow

Kind = Literal["regrade", "regrade-undone", "comment"]
_AT_ONCE: Final = 1000
MOST_SHOWN: Final = 20
"""Notices on one page; the next come when these are read."""


def tell(session: Session, kind: Kind, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Tell these accounts something; each what its sentence needs."""
    now = utcnow()
    values = [
        {"user_id": user_id, "kind": kind, "about": dict(about), "made_at": now} for user_id, about in rows
    ]
    for first in range(0, len(values), _AT_ONCE):
        session.execute(insert(Notice), values[first : first + _AT_ONCE])


def tell_moves(
    session: Session,
    kind: Literal["regrade", "regrade-undone"],
    regrade: Regrade,
    assignment: Assignment,
    moves: Sequence[Sequence[Any]],
) -> None:
    """Tell students that what they have in an assignment has moved, and why.

    :param moves: student, score, of, score now, of now.
    """
    course = session.get_one(Course, assignment.course_id)
    about = {
        "course": course.slug, "exercise": assignment.exercise, "regrade": regrade.id,
        "reason": regrade.reason,
    }  # fmt: skip
    tell(
        session,
        kind,
        [
            (user_id, about | {"before": was, "of": most, "after": now, "of_now": most_now})
            for user_id, was, most, now, most_now in moves
        ],
    )


def unread(
    session: Session, user_id: int, *, course: str | None = None, exercise: str | None = None
) -> Sequence[Notice]:
    """What an account has not read, oldest first; of an exercise alone where one is named."""
    rows = session.scalars(
        select(Notice)
        .where(Notice.user_id == user_id, Notice.read_at.is_(None))
        .order_by(Notice.id)
        .limit(MOST_SHOWN)
    ).all()
    if exercise is None:
        return rows
    return [row for row in rows if (row.about.get("course"), row.about.get("exercise")) == (course, exercise)]


def read(session: Session, user_id: int, notice_id: int) -> bool:
    """Somebody has read a notice of theirs; False where it is none of theirs."""
    found = session.scalar(
        update(Notice)
        .where(Notice.id == notice_id, Notice.user_id == user_id)
        .values(read_at=utcnow())
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    )
    return found is not None


def withdraw(session: Session, regrade_id: int) -> None:
    """What was told of a regrade and is not read yet holds no more: another notice says so."""
    said = Notice.about["regrade"].as_integer() == regrade_id
    session.execute(
        update(Notice)
        .where(Notice.kind == "regrade", Notice.read_at.is_(None), said)
        .values(read_at=utcnow())
        .execution_options(synchronize_session=False)
    )


def withdraw_comment(session: Session, comment_id: int) -> None:
    """A comment was withdrawn: who was not told yet is not told any more."""
    said = Notice.about["comment"].as_integer() == comment_id
    session.execute(
        update(Notice)
        .where(Notice.kind == "comment", Notice.read_at.is_(None), said)
        .values(read_at=utcnow())
        .execution_options(synchronize_session=False)
    )
