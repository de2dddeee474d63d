"""The gradebook: students × assignments, in a constant number of queries; and what a class gets wrong."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from grader.model.inert import as_cell
from grader.store import courses, people
from grader.store.tables import Assignment, CheckResult, Course, Enrolment, Override, Submission, User, utcnow


@dataclass(frozen=True)
class Cell:
    """What one student has in one assignment."""

    score: float | None
    """What counts: the override if there is one, else the best graded score; None when neither."""
    max_score: float | None
    """Of the best submission; None when nothing is graded."""
    graded_score: float | None
    """The best graded score, whatever the override says."""
    override: float | None
    override_reason: str | None
    attempts: int
    """Graded ones only: what we could not grade costs no attempt."""
    last_submitted: datetime | None
    best_submission: str | None
    """The earliest submission with the best score."""
    passed: bool
    """Whether the best submission has full marks."""
    pending: bool
    """Whether something is queued or running."""


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


@dataclass(frozen=True)
class Difficulty:
    """One thing a class gets wrong: how many students were ever told this on this check."""

    assignment_id: int
    exercise: str
    check_id: str
    verdict: str
    code: str | None
    students: int


def gradebook(session: Session, course: Course, *, first: int = 0, most: int | None = None) -> Gradebook:
    """The gradebook of a course: everyone enrolled as a student, or ``most`` of them.

    :param first: how many students, by name, are left out before these.
    """
    placed = tuple(courses.assignments(session, course.id))
    last = None if most is None else most + 1
    students = people.members(session, course.id, "student", first=first, most=last)
    shown = students[:most]
    cells = _cells(session, [course.id], None if most is None else [user.id for user in shown])
    rows = tuple(_row(user, placed, cells) for user in shown)
    return Gradebook(course, placed, rows, len(students) > len(shown))


def student_row(session: Session, course: Course, user: User) -> Row:
    """One user's own row; cells in the order of ``courses.assignments``."""
    placed = courses.assignments(session, course.id)
    return _row(user, placed, _cells(session, [course.id], [user.id]))


def cell(session: Session, user_id: int, assignment_id: int) -> Cell:
    """What one user has in one assignment."""
    best, by_hand = _statements(True, True)
    cells = _read(session, best, by_hand, {"assignment": assignment_id, "users": [user_id]})
    return cells.get((user_id, assignment_id), EMPTY_CELL)


def standing(
    session: Session, user: User, course_ids: Sequence[int]
) -> dict[int, list[tuple[Assignment, Cell]]]:
    """What one user has in each assignment of several courses, in order, by course. Three queries."""
    cells = _cells(session, course_ids, [user.id])
    found: dict[int, list[tuple[Assignment, Cell]]] = {course_id: [] for course_id in course_ids}
    placed = select(Assignment).where(Assignment.course_id.in_(course_ids))
    for assignment in session.scalars(placed.order_by(Assignment.position, Assignment.id)):
        cell = cells.get((user.id, assignment.id), EMPTY_CELL)
        found[assignment.course_id].append((assignment, cell))
    return found


def override(
    session: Session,
    *,
    assignment_id: int,
    user_id: int,
    score: float | None,
    reason: str,
    by: int,
    now: datetime | None = None,
) -> Override:
    """Set a score by hand; None withdraws the override that holds. Earlier ones stay on record."""
    row = Override(
        assignment_id=assignment_id,
        user_id=user_id,
        score=score,
        reason=reason,
        by=by,
        created_at=now or utcnow(),
    )
    session.add(row)
    session.flush()
    return row


def overrides(session: Session, assignment_id: int, user_id: int) -> Sequence[Override]:
    """Every override of a student's assignment, newest first."""
    return session.scalars(
        select(Override)
        .where(Override.assignment_id == assignment_id, Override.user_id == user_id)
        .order_by(Override.id.desc())
    ).all()


def difficulties(session: Session, course_id: int) -> Sequence[Difficulty]:
    """What the class gets wrong, the most widespread first. Diagnosed or not, passed checks aside."""
    students = func.count(Submission.user_id.distinct())
    rows = session.execute(
        select(
            Assignment.id,
            Assignment.exercise,
            CheckResult.check_id,
            CheckResult.verdict,
            CheckResult.code,
            students,
        )
        .join(Submission, Submission.id == CheckResult.submission_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(
            Enrolment,
            and_(Enrolment.course_id == Assignment.course_id, Enrolment.user_id == Submission.user_id),
        )
        .where(
            Assignment.course_id == course_id,
            Enrolment.role == "student",
            CheckResult.verdict.not_in(("passed", "skipped")),
        )
        .group_by(
            Assignment.id,
            Assignment.position,
            Assignment.exercise,
            CheckResult.check_id,
            CheckResult.verdict,
            CheckResult.code,
        )
        .order_by(students.desc(), Assignment.position, CheckResult.check_id, CheckResult.code)
    )
    return [Difficulty(*row) for row in rows]


def csv_lines(book: Gradebook) -> Iterator[str]:
    """The gradebook as CSV, line by line: ``login, name``, one column an assignment, ``total``.

    Text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    yield _csv(["login", "name", *(as_cell(a.exercise) for a in book.assignments), "total"])
    for row in book.rows:
        scores = ["" if cell.score is None else _number(cell.score) for cell in row.cells]
        yield _csv([as_cell(row.user.login), as_cell(row.user.name), *scores, _number(row.total)])


def _csv(row: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(row)
    return text.getvalue()


def _cells(
    session: Session, course_ids: Sequence[int], users: Sequence[int] | None = None
) -> dict[tuple[int, int], Cell]:
    """Every cell that is not empty, by (user, assignment). Two queries, however many students."""
    best, by_hand = _statements(users is not None, False)
    return _read(session, best, by_hand, {"courses": list(course_ids), "users": list(users or ())})


@functools.cache
def _statements(some_users: bool, one_assignment: bool) -> tuple[Select[*tuple[Any, ...]], Select[Override]]:
    """The best submission of each cell, and the override that holds, with ``courses`` (or ``assignment``)
    and ``users`` to be filled in. Made once: to put them together costs more than to run them."""
    per_cell = (Submission.user_id, Submission.assignment_id)
    ranked = select(
        Submission.user_id,
        Submission.assignment_id,
        Submission.id,
        Submission.score,
        Submission.max_score,
        Submission.passed,
        func.count(Submission.score).over(partition_by=per_cell).label("attempts"),
        func.max(Submission.created_at).over(partition_by=per_cell).label("last"),
        func.sum(case((Submission.state.in_(("queued", "running")), 1), else_=0))
        .over(partition_by=per_cell)
        .label("pending"),
        func.row_number()
        .over(partition_by=per_cell, order_by=(Submission.score.desc().nulls_last(), Submission.attempt))
        .label("rank"),
    )
    newest = select(func.max(Override.id)).group_by(Override.assignment_id, Override.user_id)
    if one_assignment:
        ranked = ranked.where(Submission.assignment_id == bindparam("assignment"))
        newest = newest.where(Override.assignment_id == bindparam("assignment"))
    else:
        placed = Assignment.course_id.in_(bindparam("courses", expanding=True))
        ranked = ranked.join(Assignment, Assignment.id == Submission.assignment_id).where(placed)
        newest = newest.join(Assignment, Assignment.id == Override.assignment_id).where(placed)
    if some_users:
        ranked = ranked.where(Submission.user_id.in_(bindparam("users", expanding=True)))
        newest = newest.where(Override.user_id.in_(bindparam("users", expanding=True)))
    best = ranked.subquery()
    return select(best).where(best.c.rank == 1), select(Override).where(Override.id.in_(newest))


def _read(
    session: Session,
    best: Select[*tuple[Any, ...]],
    overridden: Select[Override],
    values: dict[str, object],
) -> dict[tuple[int, int], Cell]:
    cells: dict[tuple[int, int], Cell] = {}
    for row in session.execute(best, values):
        cells[row.user_id, row.assignment_id] = Cell(
            score=row.score,
            max_score=row.max_score,
            graded_score=row.score,
            override=None,
            override_reason=None,
            attempts=row.attempts,
            last_submitted=row.last,
            best_submission=row.id if row.score is not None else None,
            passed=bool(row.passed),
            pending=row.pending > 0,
        )
    for by_hand in session.scalars(overridden, values):
        if by_hand.score is not None:
            key = by_hand.user_id, by_hand.assignment_id
            cells[key] = replace(
                cells.get(key, EMPTY_CELL),
                score=by_hand.score,
                override=by_hand.score,
                override_reason=by_hand.reason,
            )
    return cells


def _row(user: User, placed: Sequence[Assignment], cells: dict[tuple[int, int], Cell]) -> Row:
    return Row(user, tuple(cells.get((user.id, assignment.id), EMPTY_CELL) for assignment in placed))


def _number(score: float) -> str:
    """Six digits at most after the point, and none that say nothing."""
    return f"{score:.6f}".rstrip("0").rstrip(".")
