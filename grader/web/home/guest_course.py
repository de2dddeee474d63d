"""Course as a guest sees it: what is open, and how it was tried in this session."""

from __future__ import annotations

from flask import render_template

from grader.model.exercise import Exercise
from grader.model.policy import Policy
from grader.store.gradebook import EMPTY_CELL, Cell
from grader.store.tables import Assignment, Course, utcnow
from grader.web.exercise.guest_door import Tries, tries_of
from grader.web.home.course_map import Line, Section, groups


def course_page(course: Course, placed: tuple[tuple[Assignment, Exercise], ...]) -> str:
    """What of a course is open to guests, and how it was tried in this session."""
    lines = [_line(course, *each) for each in placed]
    section = Section(course, "student", groups(lines))
    return render_template("home/guest_course.html", section=section)


def _line(course: Course, assignment: Assignment, exercise: Exercise) -> Line:
    tries = tries_of(course, exercise.slug)
    return Line(
        course.slug,
        assignment,
        exercise,
        _cell(tries),
        "solved" if tries.full else "open",
        Policy(),
        utcnow(),
    )


def _cell(tries: Tries) -> Cell:
    if not tries.count:
        return EMPTY_CELL
    return Cell(
        tries.best, tries.most, tries.best, None, None, tries.count, None, None, tries.full, pending=False
    )
