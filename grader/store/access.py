"""What one reader may see, and as whom: each question in one query, with the reader's role in the course."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, defer

from grader.store.tables import Assignment, Course, CourseRole, Enrolment, Submission, User


def course(session: Session, reader: int, slug: str) -> tuple[Course, CourseRole | None] | None:
    """A course, and what the reader is in it."""
    row = session.execute(
        select(Course, Enrolment.role)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.user_id == reader))
        .where(Course.slug == slug)
    ).first()
    return None if row is None else (row[0], row[1])


def assignment(
    session: Session, reader: int, slug: str, exercise: str
) -> tuple[Course, CourseRole | None, Assignment] | None:
    """An exercise set in a course, and what the reader is there."""
    row = session.execute(
        select(Course, Enrolment.role, Assignment)
        .join(Assignment, Assignment.course_id == Course.id)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.user_id == reader))
        .where(Course.slug == slug, Assignment.exercise == exercise)
    ).first()
    return None if row is None else (row[0], row[1], row[2])


def attempt(
    session: Session, reader: int, submission_id: str, *, source: bool
) -> tuple[Submission, Assignment, Course, User, CourseRole | None] | None:
    """A submission, where it belongs, whose it is, and what the reader is in its course.

    :param source: whether the source is read, too.
    """
    wanted = (
        select(Submission, Assignment, Course, User, Enrolment.role)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .join(User, User.id == Submission.user_id)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.user_id == reader))
        .where(Submission.id == submission_id)
    )
    if not source:
        wanted = wanted.options(defer(Submission.source, raiseload=True))
    row = session.execute(wanted).first()
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])


def assignments(
    session: Session, reader: int, exercise: str | None = None
) -> Sequence[tuple[Assignment, bool]]:
    """Where exercises (or this one) are set in the reader's courses, and whether the reader teaches there."""
    wanted = (
        select(Assignment, Enrolment.role)
        .join(Enrolment, Enrolment.course_id == Assignment.course_id)
        .where(Enrolment.user_id == reader)
        .order_by(Assignment.id)
    )
    if exercise is not None:
        wanted = wanted.where(Assignment.exercise == exercise)
    return [(row, role == "instructor") for row, role in session.execute(wanted)]
