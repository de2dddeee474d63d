"""The gradebook: students × assignments, in a constant number of queries; and what a class gets wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

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


@dataclass(frozen=True)
class Difficulty:
    """One thing a class gets wrong: how many students were ever told this on this check."""

    assignment_id: int
    exercise: str
    check_id: str
    verdict: str
    code: str | None
    students: int


def gradebook(session: Session, course: Course) -> Gradebook:
    """The whole gradebook of a course: everyone enrolled as a student."""
    raise NotImplementedError


def student_row(session: Session, course: Course, user: User) -> Row:
    """One user's own row; cells in the order of ``courses.assignments``."""
    raise NotImplementedError


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
    raise NotImplementedError


def overrides(session: Session, assignment_id: int, user_id: int) -> Sequence[Override]:
    """Every override of a student's assignment, newest first."""
    raise NotImplementedError


def difficulties(session: Session, course_id: int) -> Sequence[Difficulty]:
    """What the class gets wrong, the most widespread first. Diagnosed or not, passed checks aside."""
    raise NotImplementedError


def to_csv(book: Gradebook) -> str:
    """The gradebook as CSV: ``login, name``, one column an assignment, ``total``.

    Text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    raise NotImplementedError
