"""Enrolments: who takes a course, and who teaches it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.store.tables import (
    Course,
    CourseRole,
    Enrolment,
    User,
)


def enrol(session: Session, user_id: int, course_id: int, role: CourseRole = "student") -> Enrolment:
    """Enrol, or change the role of who is enrolled; who had left is back."""
    row = session.get(Enrolment, (user_id, course_id))
    if row is None:
        row = Enrolment(user_id=user_id, course_id=course_id, role=role)
        session.add(row)
    row.role, row.active = role, True
    session.flush()
    return row


def join(session: Session, user_id: int, course_id: int) -> bool:
    """Enrol as a student whoever is not enrolled yet. False when that changed nothing.

    Who teaches the course goes on teaching it.
    """
    known = session.get(Enrolment, (user_id, course_id))
    if known is not None and known.active:
        return False
    if known is not None:
        known.helped = known.helped and known.role == "student"
        known.role, known.active = "student", True
        session.flush()
        return True
    try:
        with session.begin_nested():
            session.add(Enrolment(user_id=user_id, course_id=course_id, role="student"))
    except IntegrityError:
        # The button was pressed twice, and the other one was faster; anything else is an error.
        if enrolment(session, user_id, course_id) is None:
            raise
        return False
    return True


def unenrol(session: Session, user_id: int, course_id: int) -> None:
    """End an enrolment: it becomes inactive, and everything of it stays."""
    session.execute(
        update(Enrolment)
        .where(Enrolment.user_id == user_id, Enrolment.course_id == course_id)
        .values(active=False)
    )


def enrolment(session: Session, user_id: int, course_id: int) -> Enrolment | None:
    """The enrolment, if there is one and it is active."""
    row = session.get(Enrolment, (user_id, course_id))
    return row if row is not None and row.active else None


def of_user(session: Session, user_id: int) -> Sequence[tuple[Course, Enrolment]]:
    """The courses a user takes or teaches, by slug."""
    rows = session.execute(
        select(Course, Enrolment)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.user_id == user_id, Enrolment.active)
        .order_by(Course.slug)
    )
    return [(course, row) for course, row in rows]


def members(
    session: Session,
    course_id: int,
    role: CourseRole | None = None,
    *,
    first: int = 0,
    most: int | None = None,
) -> Sequence[User]:
    """Who takes (or teaches) a course, by name; ``most`` of them after the first ``first``."""
    query = (
        select(User)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == course_id, Enrolment.active)
    )
    if role is not None:
        query = query.where(Enrolment.role == role)
    return session.scalars(query.order_by(User.name, User.login_key).offset(first).limit(most)).all()


def numbers(session: Session, course_id: int) -> dict[int, str]:
    """By which number the institution knows each member of a course, as far as it was told."""
    rows = session.execute(
        select(Enrolment.user_id, Enrolment.sis_id).where(
            Enrolment.course_id == course_id, Enrolment.sis_id.is_not(None)
        )
    )
    return {user_id: number for user_id, number in rows if number is not None}


def by_user(session: Session, user_id: int | None = None) -> dict[int, list[dict[str, Any]]]:
    """Of each account (or this one) its courses: slug, role, and whether it is in it now."""
    rows = select(Enrolment, Course.slug).join(Course, Course.id == Enrolment.course_id).order_by(Course.slug)
    found: dict[int, list[dict[str, Any]]] = {}
    for row, slug in session.execute(rows if user_id is None else rows.where(Enrolment.user_id == user_id)):
        found.setdefault(row.user_id, []).append({"course": slug, "role": row.role, "active": row.active})
    return found
