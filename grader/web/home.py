"""The home page: one's courses, what one has in each exercise, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from grader.model.exercise import Exercise
from grader.store import courses, gradebook
from grader.store.gradebook import Cell
from grader.store.tables import Assignment, Course, CourseRole, utcnow
from grader.web.courses import exercise_called, my_courses
from grader.web.services import services


@dataclass(frozen=True)
class Line:
    """One exercise on the home page."""

    assignment: Assignment
    exercise: Exercise | None
    cell: Cell
    upcoming: bool


@dataclass(frozen=True)
class Section:
    """One course on the home page."""

    course: Course
    role: CourseRole
    lines: tuple[Line, ...]


def page() -> ResponseReturnValue:
    """The courses and their exercises, in order, with what one has in each."""
    now = utcnow()
    sections = []
    with services().store.read() as transaction:
        for course, role in my_courses(transaction):
            assignments = courses.assignments(transaction, course.id)
            row = gradebook.student_row(transaction, course, current_user.user)
            lines = tuple(
                Line(
                    assignment,
                    exercise_called(assignment.exercise),
                    cell,
                    role == "student" and assignment.opens is not None and now < assignment.opens,
                )
                for assignment, cell in zip(assignments, row.cells, strict=True)
            )
            sections.append(Section(course, role, lines))
    return render_template("home.html", sections=sections)
