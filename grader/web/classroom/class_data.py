"""Class data: what the pages of a class read, as rows that figures are computed from."""

from __future__ import annotations

import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden

from grader.analytics.rows import Attempt, CheckOutcome
from grader.model.exercise import Exercise
from grader.store import class_rows, enrolments, sections
from grader.store.class_rows import Judged
from grader.store.tables import Assignment, Course, CourseRole, Section, User
from grader.web.access import STAFF, assigned, exercise_called
from grader.web.classroom import reasons
from grader.web.context import services
from grader.web.ui.timezones import known


@dataclass(frozen=True)
class Sections:
    """The sections of a course, which one of them is asked for, and who is in which."""

    all: Sequence[Section]
    chosen: Section | None
    members: Mapping[int, Collection[int]]

    @property
    def chosen_id(self) -> int | None:
        """None: the whole course."""
        return None if self.chosen is None else self.chosen.id

    @property
    def names(self) -> dict[int, list[str]]:
        """The names of each student's sections."""
        called = {section.id: section.name for section in self.all}
        return {user: [called[each] for each in ids if each in called] for user, ids in self.members.items()}


@dataclass(frozen=True)
class Work:
    """An assignment of a course, for who teaches or assists there."""

    course: Course
    role: CourseRole
    assignment: Assignment
    exercise: Exercise | None
    """None when its folder is gone."""

    @property
    def slug(self) -> str:
        """Of the exercise."""
        return self.assignment.exercise


def work(transaction: Session, course: str, exercise: str) -> Work:
    """The assignment, for who may see all of it.

    :raises NotFound: when there is none for this reader.
    :raises Forbidden: when the reader takes the course.
    """
    found, role, assignment = assigned(transaction, course, exercise)
    if role not in STAFF:
        raise Forbidden
    return Work(found, role, assignment, exercise_called(exercise))


def page_of(template: str, place: Work, **shown: Any) -> str:
    """A page about one assignment: what all of these show, and what this one does."""
    return render_template(
        template, course=place.course, role=place.role, place=place, reasons=reasons, **shown
    )


def sections_of(transaction: Session, course: Course) -> Sections:
    """The sections of a course; ``?section=ID`` asks for one. Two queries."""
    named, members = sections.of_course(transaction, course.id), sections.members_of(transaction, course.id)
    wanted = request.args.get("section", type=int)
    return Sections(named, next((each for each in named if each.id == wanted), None), members)


def attempts_of(
    transaction: Session, course: Course, assignment_ids: Collection[int], section_id: int | None = None
) -> list[Attempt]:
    """The judged attempts at assignments, with their checks. Two queries."""
    return as_attempts(
        class_rows.judged(transaction, course.id, assignment_ids, section_id),
        class_rows.checked(transaction, course.id, assignment_ids, section_id),
    )


def as_attempts(rows: Sequence[Judged], checks: Mapping[int, Sequence[class_rows.Checked]]) -> list[Attempt]:
    """Rows of the database as rows of the statistics."""
    outcomes = {each: CheckOutcome(*each) for some in checks.values() for each in some}
    return [
        Attempt(
            row.user_id,
            row.assignment_id,
            row.attempt,
            row.created_at,
            row.score,
            row.max_score,
            row.passed,
            tuple(outcomes[each] for each in checks.get(row.judging_id, ())),
            row.id,
        )
        for row in rows
    ]


def students(transaction: Session, course: Course) -> dict[int, User]:
    """Who takes the course, by id, in the order of names. One query."""
    return {user.id: user for user in enrolments.members(transaction, course.id, "student")}


def zone_of(course: Course) -> tzinfo:
    """The time zone in which a course's weeks begin: its own, else the server's."""
    for wish in (course.timezone, services().settings.timezone):
        name = known(wish or "")
        if name is not None:
            return zoneinfo.ZoneInfo(name)
    return UTC
