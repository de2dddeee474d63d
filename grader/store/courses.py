"""Courses and the exercises set in them, in order."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store import sources
from grader.store.tables import Assignment, Course, Submission

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without 0 and O, 1, I and L: a code is read off a blackboard and dictated."""
CODE_LENGTH = 10
"""Characters: 31 to the tenth is more than anybody can try."""


def add_course(session: Session, slug: str, title_en: str, title_zh: str = "") -> Course:
    """A new course.

    :raises UsageError: when the slug is taken.
    """
    if find_course(session, slug) is not None:
        raise UsageError(f"there is a course '{slug[:80]}' already: choose another slug.")
    course = Course(slug=slug, title_en=title_en, title_zh=title_zh)
    session.add(course)
    session.flush()
    return course


def find_course(session: Session, slug: str) -> Course | None:
    """The course with this slug."""
    return session.scalar(select(Course).where(Course.slug == slug))


def get_course(session: Session, course_id: int) -> Course | None:
    """The course with this id."""
    return session.get(Course, course_id)


def courses(session: Session) -> Sequence[Course]:
    """Every course, by slug."""
    return session.scalars(select(Course).order_by(Course.slug)).all()


def entitle(
    session: Session, course_id: int, *, title_en: str | None = None, title_zh: str | None = None
) -> None:
    """Change a course's titles; None leaves one as it is."""
    given = {"title_en": title_en, "title_zh": title_zh}
    values = {name: title for name, title in given.items() if title is not None}
    if values:
        session.execute(update(Course).where(Course.id == course_id).values(**values))


# Invitations


def invite(session: Session, course_id: int, *, anew: bool = False) -> str:
    """The code by which anybody can join: the one there is, else a new one; with ``anew`` a new one always.

    :raises UsageError: when there is no such course.
    """
    course = session.get(Course, course_id)
    if course is None:
        raise UsageError("there is no such course any more.")
    if course.join_code is None or anew:
        course.join_code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        session.flush()
    return course.join_code


def withdraw_invitation(session: Session, course_id: int) -> None:
    """Nobody can join by a code any more. Who has joined stays."""
    session.execute(update(Course).where(Course.id == course_id).values(join_code=None))


def written_code(typed: str) -> str | None:
    """The code that somebody typed, in either case, with spaces or hyphens; None when it cannot be one."""
    # Whole pages can be pasted; upper case makes some single characters three.
    code = typed[:80].upper().replace(" ", "").replace("-", "")
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else None


def find_invitation(session: Session, typed: str) -> Course | None:
    """The course that invites by this code."""
    code = written_code(typed)
    return None if code is None else session.scalar(select(Course).where(Course.join_code == code))


# Assignments


def assign(
    session: Session,
    course_id: int,
    exercise: str,
    *,
    position: int | None = None,
    opens: datetime | None = None,
    due: datetime | None = None,
) -> Assignment:
    """Set an exercise in a course, last unless ``position`` says otherwise.

    An exercise that is set already is changed: its times, and its place when one is given.
    """
    row = find_assignment(session, course_id, exercise)
    if row is None:
        if position is None:
            last = session.scalar(
                select(func.max(Assignment.position)).where(Assignment.course_id == course_id)
            )
            position = 0 if last is None else last + 1
        row = Assignment(course_id=course_id, exercise=exercise, position=position)
        session.add(row)
    if position is not None:
        row.position = position
    row.opens, row.due = opens, due
    session.flush()
    return row


def submissions_to(session: Session, assignment_id: int) -> int:
    """How many submissions there are to an assignment."""
    wanted = select(func.count()).where(Submission.assignment_id == assignment_id)
    return session.scalar(wanted) or 0


def withdraw(session: Session, assignment_id: int) -> None:
    """An exercise is no longer set in its course. What was handed in to it is deleted."""
    session.execute(delete(Assignment).where(Assignment.id == assignment_id))
    sources.forget_unused(session)


def assignments(session: Session, course_id: int) -> Sequence[Assignment]:
    """The assignments of a course, in order."""
    return session.scalars(
        select(Assignment)
        .where(Assignment.course_id == course_id)
        .order_by(Assignment.position, Assignment.id)
    ).all()


def find_assignment(session: Session, course_id: int, exercise: str) -> Assignment | None:
    """Where this exercise is set in this course."""
    return session.scalar(
        select(Assignment).where(Assignment.course_id == course_id, Assignment.exercise == exercise)
    )


def get_assignment(session: Session, assignment_id: int) -> Assignment | None:
    """The assignment with this id."""
    return session.get(Assignment, assignment_id)
