"""Guests: what of a course is open to who has no account or is not in it. Nothing of theirs is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.model.policy import is_open
from grader.store import courses
from grader.store.policies import policy_of
from grader.store.tables import Assignment, Course

MOST_NAMED: Final = 5
"""Courses that are named where somebody may sign in."""


def course(session: Session, slug: str) -> Course | None:
    """A course that is open to guests and not over."""
    wanted = select(Course).where(Course.slug == slug, Course.guests, Course.archived_at.is_(None))
    return session.scalar(wanted)


def open_courses(session: Session) -> Sequence[Course]:
    """Some courses that are open to guests, by slug."""
    wanted = select(Course).where(Course.guests, Course.archived_at.is_(None))
    return session.scalars(wanted.order_by(Course.slug).limit(MOST_NAMED)).all()


def assignments(session: Session, course_id: int, now: datetime) -> list[Assignment]:
    """What a guest may try of a course, in order.

    Of what is open now to a student for whom nothing differs, all but that with a limit on attempts: a
    guest's tries are not counted, and a student could have them.
    """
    return [
        row
        for row in courses.assignments(session, course_id)
        if row.attempts is None and is_open(policy_of(row), now)
    ]
