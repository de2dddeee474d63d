"""Access: which courses, assignments and attempts the reader of a page may see.

A course somebody is not in, and an attempt that is neither one's own nor of a course one
teaches, do not exist (404): their existence is not given away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from grader.errors import UnknownExercise
from grader.model.exercise import Exercise
from grader.model.policy import Policy, withholds
from grader.model.report import Report
from grader.model.variants import own_variant
from grader.store import access, courses, enrolments, judging_versions, submissions
from grader.store.judging_versions import refused_now
from grader.store.policies import policy_for, policy_of
from grader.store.tables import Assignment, Course, CourseRole, Submission, User, utcnow
from grader.web.context import services
from grader.web.transactions import reading

STAFF: Final = frozenset({"assistant", "instructor"})
"""Roles that see everything of a course."""


@dataclass(frozen=True)
class Place:
    """An exercise set in a course, as one reader sees it."""

    course: Course
    role: CourseRole
    assignment: Assignment
    exercise: Exercise
    """About the numbers that this reader gets."""
    policy: Policy
    """The rules for this reader: of the assignment, the reader's sections and the reader's extension."""

    @property
    def rules(self) -> Policy | None:
        """By which handing in is decided; None: teachers and assistants try their exercises at any time."""
        return self.policy if self.role == "student" else None

    @property
    def archived(self) -> bool:
        """The course is over: it is read only, for everybody."""
        return self.course.archived_at is not None

    @property
    def upcoming(self) -> bool:
        """Whether the reader may not read it yet."""
        opens = self.policy.opens
        return self.role == "student" and opens is not None and utcnow() < opens


@dataclass(frozen=True)
class Attempt:
    """One submission and where it belongs."""

    row: Submission
    course: Course
    assignment: Assignment
    exercise: Exercise | None
    """About the numbers that the submission is about; None when its folder is gone."""
    student: User
    own: bool
    teaches: bool
    role: CourseRole | None
    """The reader's, in the course."""
    policy: Policy
    """The rules for the student."""

    @property
    def withholding(self) -> bool:
        """Whether the reader is told the score and the verdict on each check alone."""
        return not self.teaches and withholds(self.policy, utcnow())

    @property
    def other_numbers(self) -> bool:
        """Whether the exercise shows other numbers to its student now than those that it is about."""
        exercise = self.exercise
        return (
            exercise is not None and variant_for(exercise, self.policy, self.student.id) != self.row.variant
        )

    def report(self, row: Submission | None = None) -> Report | None:
        """The verdict as the reader is told it: of this submission, or of another attempt of its student."""
        return submissions.report_for(row or self.row, withholding=self.withholding)


def waits_for_versions(row: Submission, assignment: Assignment) -> bool:
    """Whether a submission waits for a grader of other versions than those that run now."""
    if row.shown != "queued" or refused_now(assignment) is None:
        return False
    with reading(more=True) as transaction:
        return judging_versions.waits(transaction, assignment)


def role_in(transaction: Session, course: Course) -> CourseRole | None:
    """The reader's role in a course. An admin teaches every course."""
    if current_user.role == "admin":
        return "instructor"
    enrolment = enrolments.enrolment(transaction, current_user.id, course.id)
    return enrolment.role if enrolment is not None else None


def _as(role: CourseRole | None) -> CourseRole | None:
    return "instructor" if current_user.role == "admin" else role


def my_courses(transaction: Session) -> list[tuple[Course, CourseRole]]:
    """The reader's courses; every course for an admin."""
    if current_user.role == "admin":
        return [(course, "instructor") for course in courses.courses(transaction)]
    return [
        (course, enrolment.role) for course, enrolment in enrolments.of_user(transaction, current_user.id)
    ]


def course_called(transaction: Session, slug: str) -> tuple[Course, CourseRole]:
    """A course the reader is in, and as what.

    :raises NotFound: when there is no such course for this reader.
    """
    row = access.course(transaction, current_user.id, slug)
    role = _as(row[1]) if row is not None else None
    if row is None or role is None:
        raise NotFound
    return row[0], role


def staffed_course(transaction: Session, slug: str) -> tuple[Course, CourseRole]:
    """A course that the reader teaches or assists in, and as what.

    :raises NotFound: when the reader is not in it.
    :raises Forbidden: when the reader only takes it.
    """
    course, role = course_called(transaction, slug)
    if role not in STAFF:
        raise Forbidden
    return course, role


def only_instructors(role: CourseRole) -> None:
    """:raises Forbidden: for every other role in the course."""
    if role != "instructor":
        raise Forbidden


def taught_course(transaction: Session, slug: str) -> Course:
    """A course the reader teaches.

    :raises NotFound: when the reader is not in it.
    :raises Forbidden: when the reader only takes it, or assists.
    """
    course, role = course_called(transaction, slug)
    only_instructors(role)
    return course


def exercise_called(slug: str) -> Exercise | None:
    """The exercise with this slug, or None when its folder is gone."""
    try:
        return services().exercises.get(slug)
    except UnknownExercise:
        return None


def variant_for(exercise: Exercise, policy: Policy, account: int) -> int:
    """Which variant of an exercise somebody gets by the rules that hold for them."""
    if not policy.variants or not exercise.variants:
        return 0
    return own_variant(account, exercise.slug, exercise.variants)


def place(transaction: Session, course_slug: str, exercise_slug: str) -> Place:
    """An exercise of a course the reader is in.

    :raises NotFound: when there is none for this reader.
    """
    course, role, assignment = assigned(transaction, course_slug, exercise_slug)
    exercise = exercise_called(exercise_slug)
    if exercise is None:
        raise NotFound
    policy = rules_for(transaction, assignment, role)
    exercise = exercise.variant(variant_for(exercise, policy, current_user.id))
    return Place(course, role, assignment, exercise, policy)


def rules_for(transaction: Session, assignment: Assignment, role: CourseRole | None) -> Policy:
    """The rules of an assignment for the reader; the assignment's own for who teaches the course."""
    if role in STAFF:
        return policy_of(assignment)
    return policy_for(transaction, assignment, current_user.id)


def assigned(
    transaction: Session, course_slug: str, exercise_slug: str
) -> tuple[Course, CourseRole, Assignment]:
    """The same of an exercise whose folder may be gone.

    :raises NotFound: when there is none for this reader.
    """
    row = access.assignment(transaction, current_user.id, course_slug, exercise_slug)
    role = _as(row[1]) if row is not None else None
    if row is None or role is None:
        raise NotFound
    return row[0], role, row[2]


def attempt(transaction: Session, submission_id: str, *, source: bool = False) -> Attempt:
    """A submission the reader may see.

    :param source: whether its source is read, too.
    :raises NotFound: for any other.
    """
    joined = access.attempt(transaction, current_user.id, submission_id, source=source)
    if joined is None:
        raise NotFound
    row, assignment, course, student, role = joined
    own = row.user_id == current_user.id
    teaches = _as(role) in STAFF
    if not own and not teaches:
        raise NotFound
    # Who teaches is told what the attempt counts for its student.
    policy = policy_for(transaction, assignment, row.user_id)
    exercise = exercise_called(assignment.exercise)
    if exercise is not None:
        exercise = exercise.variant(row.variant)
    return Attempt(row, course, assignment, exercise, student, own, teaches, _as(role), policy)
