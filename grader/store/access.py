"""Access: what one reader may see, and as whom, each in one query, with the reader's role in the course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from sqlalchemy import Table, and_, bindparam, exists, select
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from grader.store.tables import Assignment, Course, CourseRole, Enrolment, Extension, Submission, User

_ASSIGNED: Final = cast(Table, Assignment.__table__)
_EXTENDED: Final = cast(Table, Extension.__table__)
_ASSIGNMENTS: Final = (
    select(*_ASSIGNED.columns, exists().where(_EXTENDED.c.assignment_id == _ASSIGNED.c.id), Enrolment.role)
    .join(Enrolment, Enrolment.course_id == _ASSIGNED.c.course_id)
    .join(Course, Course.id == _ASSIGNED.c.course_id)
    .where(Enrolment.user_id == bindparam("reader"), Enrolment.active, Course.archived_at.is_(None))
    .order_by(_ASSIGNED.c.id)
)
_ASSIGNMENTS_OF: Final = _ASSIGNMENTS.where(_ASSIGNED.c.exercise == bindparam("exercise"))
"""Compiled once: every POST asks."""
_MEMBER: Final = and_(
    Enrolment.course_id == Course.id, Enrolment.user_id == bindparam("reader"), Enrolment.active
)
_COURSE: Final = (
    select(Course, Enrolment.role).outerjoin(Enrolment, _MEMBER).where(Course.slug == bindparam("course"))
)
_ASSIGNMENT: Final = (
    select(Course, Enrolment.role, Assignment)
    .join(Assignment, Assignment.course_id == Course.id)
    .outerjoin(Enrolment, _MEMBER)
    .where(Course.slug == bindparam("course"), Assignment.exercise == bindparam("exercise"))
)
_ATTEMPT: Final = (
    select(Submission, Assignment, Course, User, Enrolment.role)
    .join(Assignment, Assignment.id == Submission.assignment_id)
    .join(Course, Course.id == Assignment.course_id)
    .join(User, User.id == Submission.user_id)
    .outerjoin(Enrolment, _MEMBER)
    .where(Submission.id == bindparam("submission"))
)
_ATTEMPT_UNREAD: Final = _ATTEMPT.options(defer(Submission.source, raiseload=True))
"""Likewise: every page asks one of these."""


def course(session: Session, reader: int, slug: str) -> tuple[Course, CourseRole | None] | None:
    """A course, and what the reader is in it."""
    row = session.execute(_COURSE, {"reader": reader, "course": slug}).first()
    return None if row is None else (row[0], row[1])


def assignment(
    session: Session, reader: int, slug: str, exercise: str
) -> tuple[Course, CourseRole | None, Assignment] | None:
    """An exercise set in a course, and what the reader is there."""
    values = {"reader": reader, "course": slug, "exercise": exercise}
    row = session.execute(_ASSIGNMENT, values).first()
    return None if row is None else (row[0], row[1], row[2])


def attempt(
    session: Session, reader: int, submission_id: str, *, source: bool
) -> tuple[Submission, Assignment, Course, User, CourseRole | None] | None:
    """A submission, where it belongs, whose it is, and what the reader is in its course.

    :param source: whether the source is read, too.
    """
    wanted = _ATTEMPT if source else _ATTEMPT_UNREAD
    row = session.execute(wanted, {"reader": reader, "submission": submission_id}).first()
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])


def assignments(
    session: Session, reader: int, exercise: str | None = None
) -> Sequence[tuple[Assignment, bool]]:
    """Where exercises (or this one) are set in the reader's courses, and whether the reader teaches there.

    Courses that are archived are none of these.
    """
    if exercise is None:
        found = session.connection().execute(_ASSIGNMENTS, {"reader": reader})
    else:
        found = session.connection().execute(_ASSIGNMENTS_OF, {"reader": reader, "exercise": exercise})
    placed = []
    for *values, extended, role in found:
        row = Assignment.of_row(values)
        set_committed_value(row, "extended", extended)
        placed.append((row, role != "student"))
    return placed
