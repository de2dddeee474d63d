"""What the reader of a page may see: courses, assignments, attempts.

A course somebody is not in, and an attempt that is neither one's own nor of a course one
teaches, do not exist (404): their existence is not given away.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from grader.errors import UnknownExercise
from grader.model.exercise import Exercise
from grader.store import access, courses, people
from grader.store.tables import Assignment, Course, CourseRole, Submission, User, utcnow
from grader.web.services import services


@dataclass(frozen=True)
class Place:
    """An exercise set in a course, as one reader sees it."""

    course: Course
    role: CourseRole
    assignment: Assignment
    exercise: Exercise

    @property
    def may_submit(self) -> bool:
        """Teachers try their own exercises at any time."""
        return self.role == "instructor" or self.assignment.is_open(utcnow())


@dataclass(frozen=True)
class Attempt:
    """One submission and where it belongs."""

    row: Submission
    course: Course
    assignment: Assignment
    exercise: Exercise | None
    """None when its folder is gone."""
    student: User
    own: bool
    teaches: bool


def role_in(transaction: Session, course: Course) -> CourseRole | None:
    """The reader's role in a course. An admin teaches every course."""
    if current_user.role == "admin":
        return "instructor"
    enrolment = people.enrolment(transaction, current_user.id, course.id)
    return enrolment.role if enrolment is not None else None


def _as(role: CourseRole | None) -> CourseRole | None:
    return "instructor" if current_user.role == "admin" else role


def my_courses(transaction: Session) -> list[tuple[Course, CourseRole]]:
    """The reader's courses; every course for an admin."""
    if current_user.role == "admin":
        return [(course, "instructor") for course in courses.courses(transaction)]
    return [(course, enrolment.role) for course, enrolment in people.enrolments(transaction, current_user.id)]


def course_called(transaction: Session, slug: str) -> tuple[Course, CourseRole]:
    """A course the reader is in, and as what.

    :raises NotFound: when there is no such course for this reader.
    """
    found = access.course(transaction, current_user.id, slug)
    role = _as(found[1]) if found is not None else None
    if found is None or role is None:
        raise NotFound
    return found[0], role


def taught_course(transaction: Session, slug: str) -> Course:
    """A course the reader teaches.

    :raises NotFound: when the reader is not in it.
    :raises Forbidden: when the reader only takes it.
    """
    course, role = course_called(transaction, slug)
    if role != "instructor":
        raise Forbidden
    return course


def exercise_called(slug: str) -> Exercise | None:
    """The exercise with this slug, or None when its folder is gone."""
    try:
        return services().exercises.get(slug)
    except UnknownExercise:
        return None


def place(transaction: Session, course_slug: str, exercise_slug: str) -> Place:
    """An exercise of a course the reader is in.

    :raises NotFound: when there is none for this reader.
    """
    course, role, assignment = assigned(transaction, course_slug, exercise_slug)
    exercise = exercise_called(exercise_slug)
    if exercise is None:
        raise NotFound
    return Place(course, role, assignment, exercise)


def assigned(
    transaction: Session, course_slug: str, exercise_slug: str
) -> tuple[Course, CourseRole, Assignment]:
    """The same of an exercise whose folder may be gone.

    :raises NotFound: when there is none for this reader.
    """
    found = access.assignment(transaction, current_user.id, course_slug, exercise_slug)
    role = _as(found[1]) if found is not None else None
    if found is None or role is None:
        raise NotFound
    return found[0], role, found[2]


def attempt(transaction: Session, submission_id: str, *, source: bool = False) -> Attempt:
    """A submission the reader may see.

    :param source: whether its source is read, too.
    :raises NotFound: for any other.
    """
    found = access.attempt(transaction, current_user.id, submission_id, source=source)
    if found is None:
        raise NotFound
    row, assignment, course, student, role = found
    own = row.user_id == current_user.id
    teaches = _as(role) == "instructor"
    if not own and not teaches:
        raise NotFound
    return Attempt(row, course, assignment, exercise_called(assignment.exercise), student, own, teaches)
