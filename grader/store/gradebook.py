"""Gradebook: students × assignments, in a constant number of queries."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from grader.store import courses, enrolments
from grader.store.tables import (
    Assignment,
    Course,
    Override,
    Standing,
    Submission,
    User,
)


@dataclass(frozen=True)
class Cell:
    """What one student has in one assignment."""

    score: float | None
    """What counts: the override if there is one, else the best graded score; None when neither."""
    max_score: float | None
    """What full marks would count; None when nothing is graded."""
    graded_score: float | None
    """What the attempts count, after the late rule, whatever the override says."""
    override: float | None
    override_reason: str | None
    attempts: int
    """Graded ones only: what we could not grade costs no attempt."""
    last_submitted: datetime | None
    best_submission: str | None
    """The submission that counts."""
    passed: bool
    """Whether the submission that counts has full marks."""
    pending: bool
    """Whether something waits for its first verdict."""
    late: bool = False
    """Whether the submission that counts came after the due date."""
    passed_attempt: int | None = None
    """The number of the first attempt with full marks."""
    passed_at: datetime | None = None


EMPTY_CELL = Cell(None, None, None, None, None, 0, None, None, False, False)


@dataclass(frozen=True)
class Row:
    """One student, with one cell per assignment in the assignments' order."""

    user: User
    cells: tuple[Cell, ...]

    @property
    def total(self) -> float:
        """The sum of the scores that count."""
        return sum(cell.score or 0.0 for cell in self.cells)


@dataclass(frozen=True)
class Gradebook:
    """A course's assignments, in order, and its students, by name."""

    course: Course
    assignments: tuple[Assignment, ...]
    rows: tuple[Row, ...]
    more: bool = False
    """Whether there are students behind these."""


def gradebook(session: Session, course: Course, *, first: int = 0, most: int | None = None) -> Gradebook:
    """The gradebook of a course: everyone enrolled as a student, or ``most`` of them.

    :param first: how many students, by name, are left out before these.
    """
    placed = tuple(courses.assignments(session, course.id))
    last = None if most is None else most + 1
    students = enrolments.members(session, course.id, "student", first=first, most=last)
    shown = students[:most]
    cells = _cells(
        session, Assignment.course_id == course.id, None if most is None else [user.id for user in shown]
    )
    rows = tuple(_row(user, placed, cells) for user in shown)
    return Gradebook(course, placed, rows, len(students) > len(shown))


def cell(session: Session, user_id: int, assignment_id: int) -> Cell:
    """What one user has in one assignment."""
    cells = _cells(session, Assignment.id == assignment_id, [user_id])
    return cells.get((user_id, assignment_id), EMPTY_CELL)


def standing(
    session: Session, user: User, course_ids: Sequence[int]
) -> dict[int, list[tuple[Assignment, Cell]]]:
    """What one user has in each assignment of several courses, in order, by course. Three queries."""
    cells = _cells(session, Assignment.course_id.in_(course_ids), [user.id])
    found: dict[int, list[tuple[Assignment, Cell]]] = {course_id: [] for course_id in course_ids}
    placed = select(Assignment).where(Assignment.course_id.in_(course_ids))
    for assignment in session.scalars(placed.order_by(Assignment.position, Assignment.id)):
        cell = cells.get((user.id, assignment.id), EMPTY_CELL)
        found[assignment.course_id].append((assignment, cell))
    return found


_NEWEST: Final = (
    select(func.max(Override.id))
    .where(
        Override.assignment_id == Standing.assignment_id,
        Override.user_id == Standing.user_id,
        Override.check_id.is_(None),
    )
    .scalar_subquery()
)
_REASON: Final = case(
    (
        Standing.override.is_not(None),
        select(Override.reason).where(Override.id == _NEWEST.correlate(Standing)).scalar_subquery(),
    )
)


def _cells(
    session: Session, assignments: ColumnElement[bool], users: Sequence[int] | None = None
) -> dict[tuple[int, int], Cell]:
    """Every cell that is not empty, by (user, assignment). Two queries, however many there are.

    :param assignments: which of the table of assignments.
    """
    standings, pending = _statements(users is not None)
    placed = select(Assignment.id).where(assignments)
    values = {"users": list(users or ())}
    cells: dict[tuple[int, int], Cell] = {}
    for row in session.execute(standings.where(Standing.assignment_id.in_(placed)), values):
        cells[row.user_id, row.assignment_id] = Cell(
            score=row.score if row.override is None else row.override,
            max_score=row.max_score,
            graded_score=row.score,
            override=row.override,
            override_reason=row.reason,
            attempts=row.attempts,
            last_submitted=row.last_at,
            best_submission=row.submission_id,
            passed=row.passed,
            pending=False,
            late=row.late,
            passed_attempt=row.passed_attempt,
            passed_at=row.passed_at,
        )
    for row in session.execute(pending.where(Submission.assignment_id.in_(placed)), values):
        key = row.user_id, row.assignment_id
        known = cells.get(key, EMPTY_CELL)
        at = max(filter(None, (known.last_submitted, row.last)), default=None)
        cells[key] = replace(known, pending=True, last_submitted=at)
    return cells


@functools.cache
def _statements(some_users: bool) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    """The standings, and what waits for a first verdict."""
    standings: Select[*tuple[Any, ...]] = select(*Standing.__table__.columns, _REASON.label("reason"))
    pending: Select[*tuple[Any, ...]] = (
        select(Submission.user_id, Submission.assignment_id, func.max(Submission.created_at).label("last"))
        .where(Submission.state.in_(("queued", "running")), Submission.judging_id.is_(None))
        .group_by(Submission.user_id, Submission.assignment_id)
    )
    if some_users:
        wanted: BindParameter[Any] = bindparam("users", expanding=True)
        standings = standings.where(Standing.user_id.in_(wanted))
        pending = pending.where(Submission.user_id.in_(wanted))
    return standings, pending


def _row(user: User, placed: Sequence[Assignment], cells: dict[tuple[int, int], Cell]) -> Row:
    return Row(user, tuple(cells.get((user.id, assignment.id), EMPTY_CELL) for assignment in placed))
