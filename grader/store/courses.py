"""Courses and the exercises set in them, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store.tables import Assignment, Course, Enrolment


def add_course(session: Session, slug: str, title_en: str, title_zh: str = "") -> Course:
    """A new course.

    :raises UsageError: when the slug is taken.
    """
    raise NotImplementedError


def find_course(session: Session, slug: str) -> Course | None:
    """The course with this slug."""
    raise NotImplementedError


def get_course(session: Session, course_id: int) -> Course | None:
    """The course with this id."""
    raise NotImplementedError


def courses(session: Session) -> Sequence[Course]:
    """Every course, by slug."""
    raise NotImplementedError


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
    raise NotImplementedError


def assignments(session: Session, course_id: int) -> Sequence[Assignment]:
    """The assignments of a course, in order."""
    raise NotImplementedError


def find_assignment(session: Session, course_id: int, exercise: str) -> Assignment | None:
    """Where this exercise is set in this course."""
    raise NotImplementedError


def get_assignment(session: Session, assignment_id: int) -> Assignment | None:
    """The assignment with this id."""
    raise NotImplementedError


def assignments_of(session: Session, user_id: int, exercise: str) -> Sequence[Assignment]:
    """Where this exercise is set in the courses this user is enrolled in.

    The JSON API names an exercise and no course; this is how the course is found.
    """
    raise NotImplementedError
