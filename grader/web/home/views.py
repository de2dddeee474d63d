"""Home page: one's courses, what one has in each exercise, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from grader.model.admission import Handed, attempts_left
from grader.model.exercise import Exercise
from grader.model.policy import Policy, closing, is_open
from grader.store import first_predictions, gradebook, notices, submissions
from grader.store.first_predictions import Calibration
from grader.store.gradebook import Cell
from grader.store.policies import policy_of, rules_of
from grader.store.tables import Assignment, Course, CourseRole, utcnow
from grader.web.access import course_called, exercise_called, my_courses
from grader.web.exercise.rules import attempts_words, worth_now
from grader.web.transactions import reading
from grader.web.ui.languages import _, ngettext, say

blueprint = Blueprint("home", __name__)

LONG = 12
"""Exercises from which on a course is divided by the sections they come from."""
SOON = timedelta(days=7)
"""Before a deadline, from when on the time that is left is said in words."""

State = Literal["solved", "open", "closed", "used", "upcoming", "gone"]


@dataclass(frozen=True)
class Line:
    """One exercise on the home page."""

    assignment: Assignment
    exercise: Exercise | None
    cell: Cell
    state: State
    policy: Policy
    """The rules for the reader."""
    left: str = ""
    """How many attempts are left, in words, where they are limited."""
    worth: str = ""
    """What a late answer counts now, in words."""

    @property
    def closed_since(self) -> datetime | None:
        """When it closed, if it is closed."""
        return closing(self.policy)

    @property
    def max_score(self) -> float:
        """What the score is of."""
        if self.cell.max_score is not None:
            return self.cell.max_score
        if self.policy.points is not None:
            return self.policy.points
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
    calibration: Calibration | None = None
    """Of the reader's first predictions; None: none of them was judged."""

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
        later = [line for line in self.lines if line.state == "upcoming" and line.policy.opens]
        return min(later, key=lambda line: line.policy.opens or utcnow(), default=None)

    @property
    def unlimited(self) -> bool:
        """Whether everywhere any number of attempts is taken, and the best one counts."""
        return all(
            line.policy.attempts is None and line.policy.counts == "best" and not line.policy.pause
            for line in self.lines
        )


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]
def show() -> ResponseReturnValue:
    """The courses and their exercises, in order, with what one has in each."""
    now = utcnow()
    with reading() as transaction:
        mine = my_courses(transaction)
        standing = gradebook.standing(transaction, current_user.user, [course.id for course, _role in mine])
        placed = [assignment for each in standing.values() for assignment, _cell in each]
        rules = rules_of(transaction, placed, current_user.id)
        counted = [key for key, policy in rules.items() if policy.attempts is not None]
        used = submissions.handed_to(transaction, current_user.id, counted)
        told = notices.unread(transaction, current_user.id)
        said = first_predictions.calibration(transaction, current_user.id, list(standing))
    sections = []
    for course, role in sorted(mine, key=lambda each: each[0].archived_at is not None):
        lines = [
            _line(
                course, assignment, cell, role, now,
                rules[assignment.id] if role == "student" else policy_of(assignment),
                used.get(assignment.id, Handed()),
            )
            for assignment, cell in standing[course.id]
        ]  # fmt: skip
        sections.append(Section(course, role, _groups(lines), said.get(course.id)))
    begun = any(section.begun for section in sections)
    timed = any(line.policy.opens or line.policy.due for each in sections for line in each.lines)
    return render_template(
        "home/home.html",
        sections=sections,
        begun=begun,
        timed=timed,
        now=now,
        left=left,
        notices=told,
        titles={
            line.exercise.slug: say(line.exercise.title)
            for each in sections
            for line in each.lines
            if line.exercise is not None
        },
    )


@blueprint.get("/courses/<course>")
@login_required  # type: ignore[untyped-decorator]
def course(course: str) -> ResponseReturnValue:
    """A course's address leads to its part of the home page."""
    with reading() as transaction:
        found, _role = course_called(transaction, course)
    return redirect(url_for("home.show", _anchor=f"course-{found.slug}"))


def _line(
    course: Course,
    assignment: Assignment,
    cell: Cell,
    role: CourseRole,
    now: datetime,
    policy: Policy,
    handed: Handed,
) -> Line:
    exercise = exercise_called(assignment.exercise)
    most = exercise.max_score if exercise is not None else cell.max_score
    by_hand = cell.override is not None and most is not None and cell.override >= most
    state: State = "open"
    if exercise is None:
        state = "gone"
    elif role == "student" and policy.opens is not None and now < policy.opens:
        state = "upcoming"
    elif cell.passed or by_hand:
        state = "solved"
    elif role == "student" and (course.archived_at is not None or not is_open(policy, now)):
        state = "closed"
    elif role == "student" and attempts_left(policy, handed.used) == 0:
        state = "used"
    if role != "student":
        return Line(assignment, exercise, cell, state, policy)
    worth = worth_now(policy, now) if state == "open" else ""
    return Line(assignment, exercise, cell, state, policy, attempts_words(policy, handed.used), worth)


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
