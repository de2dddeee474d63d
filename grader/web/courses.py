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
from grader.store import courses, people, submissions
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


def my_courses(transaction: Session) -> list[tuple[Course, CourseRole]]:
    """The reader's courses; every course for an admin."""
    if current_user.role == "admin":
        return [(course, "instructor") for course in courses.courses(transaction)]
    return [(course, enrolment.role) for course, enrolment in people.enrolments(transaction, current_user.id)]


def course_called(transaction: Session, slug: str) -> tuple[Course, CourseRole]:
    """A course the reader is in, and as what.

    :raises NotFound: when there is no such course for this reader.
    """
    course = courses.find_course(transaction, slug)
    role = role_in(transaction, course) if course is not None else None
    if course is None or role is None:
        raise NotFound
    return course, role


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
    course, role = course_called(transaction, course_slug)
    assignment = courses.find_assignment(transaction, course.id, exercise_slug)
    exercise = exercise_called(exercise_slug)
    if assignment is None or exercise is None:
        raise NotFound
    return Place(course, role, assignment, exercise)


def attempt(transaction: Session, submission_id: str) -> Attempt:
    """A submission the reader may see.

    :raises NotFound: for any other.
    """
    row = submissions.get(transaction, submission_id)
    if row is None:
        raise NotFound
    assignment = courses.get_assignment(transaction, row.assignment_id)
    course = courses.get_course(transaction, assignment.course_id) if assignment is not None else None
    student = people.get_user(transaction, row.user_id)
    if assignment is None or course is None or student is None:
        raise NotFound
    own = row.user_id == current_user.id
    teaches = role_in(transaction, course) == "instructor"
    if not own and not teaches:
        raise NotFound
    return Attempt(row, course, assignment, exercise_called(assignment.exercise), student, own, teaches)
