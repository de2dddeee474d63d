"""The home page: one's courses, what one has in each exercise, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from grader.model.exercise import Exercise
from grader.store import gradebook
from grader.store.gradebook import Cell
from grader.store.tables import Assignment, Course, CourseRole, utcnow
from grader.web.courses import exercise_called, my_courses
from grader.web.languages import _, ngettext
from grader.web.transactions import reading

LONG = 12
"""Exercises from which on a course is divided by the sections they come from."""
SOON = timedelta(days=7)
"""Before a deadline, from when on the time that is left is said in words."""

State = Literal["solved", "open", "closed", "upcoming", "gone"]


@dataclass(frozen=True)
class Line:
    """One exercise on the home page."""

    assignment: Assignment
    exercise: Exercise | None
    cell: Cell
    state: State

    @property
    def max_score(self) -> float:
        """What the score is of."""
        if self.cell.max_score is not None:
            return self.cell.max_score
        return self.exercise.max_score if self.exercise is not None else 0.0


@dataclass(frozen=True)
class Group:
    """Exercises that come from one section of the book; a short course is one group without a number."""

    number: str
    lines: tuple[Line, ...]

    @property
    def solved(self) -> int:
        """How many of them are solved."""
        return sum(line.state == "solved" for line in self.lines)


@dataclass(frozen=True)
class Section:
    """One course on the home page."""

    course: Course
    role: CourseRole
    groups: tuple[Group, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every exercise, in order."""
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def solved(self) -> int:
        """How many exercises are solved."""
        return sum(group.solved for group in self.groups)

    @property
    def begun(self) -> bool:
        """Whether anything was ever handed in, or marked by hand."""
        return any(
            line.cell.attempts or line.cell.pending or line.cell.score is not None for line in self.lines
        )

    @property
    def following(self) -> Line | None:
        """What comes next: the first exercise that is open and not solved."""
        return next((line for line in self.lines if line.state == "open"), None)

    @property
    def opening(self) -> Line | None:
        """The exercise that opens soonest."""
        later = [line for line in self.lines if line.state == "upcoming" and line.assignment.opens]
        return min(later, key=lambda line: line.assignment.opens or utcnow(), default=None)


def page() -> ResponseReturnValue:
    """The courses and their exercises, in order, with what one has in each."""
    now = utcnow()
    with reading() as transaction:
        mine = my_courses(transaction)
        standing = gradebook.standing(transaction, current_user.user, [course.id for course, _role in mine])
    sections = []
    for course, role in mine:
        lines = [_line(assignment, cell, role, now) for assignment, cell in standing[course.id]]
        sections.append(Section(course, role, _groups(lines)))
    begun = any(section.begun for section in sections)
    timed = any(line.assignment.opens or line.assignment.due for each in sections for line in each.lines)
    return render_template("home.html", sections=sections, begun=begun, timed=timed, now=now, left=left)


def _line(assignment: Assignment, cell: Cell, role: CourseRole, now: datetime) -> Line:
    exercise = exercise_called(assignment.exercise)
    most = exercise.max_score if exercise is not None else cell.max_score
    by_hand = cell.override is not None and most is not None and cell.override >= most
    state: State = "open"
    if exercise is None:
        state = "gone"
    elif role == "student" and assignment.opens is not None and now < assignment.opens:
        state = "upcoming"
    elif cell.passed or by_hand:
        state = "solved"
    elif role == "student" and not assignment.is_open(now):
        state = "closed"
    return Line(assignment, exercise, cell, state)


def _groups(lines: Sequence[Line]) -> tuple[Group, ...]:
    """The lines in their order, divided where the leading number of the section changes."""
    if len(lines) < LONG:
        return (Group("", tuple(lines)),) if lines else ()
    numbers: list[str] = []
    for line in lines:
        # An exercise whose folder is gone stays where it stands.
        found = re.match(r"\d+(\.\d+)?", line.exercise.section) if line.exercise is not None else None
        numbers.append(found[0] if found else numbers[-1] if numbers and line.exercise is None else "")
    pairs = groupby(zip(numbers, lines, strict=True), key=lambda pair: pair[0])
    return tuple(Group(number, tuple(line for _number, line in pair)) for number, pair in pairs)


def left(due: datetime, now: datetime) -> str:
    """How long there is until a deadline, in words; empty when it is past or far away."""
    seconds = (due - now).total_seconds()
    if not 0 <= seconds <= SOON.total_seconds():
        return ""
    hours = int(seconds // 3600)
    if hours < 1:
        return _("due within the hour")
    if hours < 48:
        return ngettext("due in %(num)d hour", "due in %(num)d hours", hours)
    return ngettext("due in %(num)d day", "due in %(num)d days", hours // 24)
