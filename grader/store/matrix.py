"""Matrix of a course: every student's mark in every assignment, for a page that shows all of them at once.

It reads standings and no submission but those that wait for a first verdict, so that it does not depend on
the number of attempts, by plain rows and a constant number of statements.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Integer, Table, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from grader.model.need import urgency, weight
from grader.store import courses, policies
from grader.store.tables import (
    Assignment,
    Course,
    Enrolment,
    Section,
    SectionMember,
    Standing,
    Submission,
    User,
    utcnow,
)


class Mark(NamedTuple):
    """What one student has in one assignment."""

    score: float | None
    """What counts: an override, else what the attempts come to; None: nothing does."""
    most: float | None
    """What full marks count; None: nobody knows any more."""
    attempts: int
    """Graded ones."""
    late: bool
    """The attempt that counts came after the due date."""
    solved: bool
    """Full marks, as judged or by hand."""
    by_hand: bool
    """An override holds."""
    running: bool
    """Something waits for its first verdict."""


NOTHING: Final = Mark(None, None, 0, False, False, False, False)
_WAITING: Final = NOTHING._replace(running=True)


class Student(NamedTuple):
    """Who takes the course."""

    id: int
    name: str
    login: str


@dataclass(frozen=True)
class Line:
    """One student's marks, in the assignments' order."""

    student: Student
    marks: Sequence[Mark]
    total: float
    """The sum of what counts."""
    need: int
    """See :mod:`grader.model.need`."""


@dataclass(frozen=True)
class Matrix:
    """A course's assignments, in order, and its students, by name."""

    course: Course
    assignments: Sequence[Assignment]
    lines: Sequence[Line]
    sections: Sequence[tuple[int, str]]
    """All of the course, by name: number and name."""


_STUDENTS: Final = (
    select(User.id, User.name, User.login)
    .join(Enrolment, Enrolment.user_id == User.id)
    .where(Enrolment.course_id == bindparam("course_id"), Enrolment.active, Enrolment.role == "student")
)
_OF_SECTION: Final = _STUDENTS.join(SectionMember, SectionMember.user_id == User.id).where(
    SectionMember.section_id == bindparam("section_id")
)
_ROWS: Final = cast(Table, Standing.__table__).c
_STANDINGS: Final = (
    # 40,000 rows: no objects, no moments, truth values as the database has them.
    select(
        _ROWS.user_id,
        _ROWS.assignment_id,
        _ROWS.score,
        _ROWS.max_score,
        _ROWS.override,
        type_coerce(_ROWS.late, Integer),
        type_coerce(_ROWS.passed, Integer),
        _ROWS.attempts,
    ).where(_ROWS.assignment_id.in_(bindparam("assignments", expanding=True)))
)
_LAST: Final = select(_ROWS.user_id, _ROWS.assignment_id, _ROWS.last_at).where(
    _ROWS.assignment_id.in_(bindparam("assignments", expanding=True)), _ROWS.last_at.is_not(None)
)
_AT_ONCE: Final = 2000
"""Rows that are fetched together."""
_PENDING: Final = (
    select(Submission.user_id, Submission.assignment_id)
    .where(
        Submission.state.in_(("queued", "running")),
        Submission.judging_id.is_(None),
        Submission.assignment_id.in_(bindparam("assignments", expanding=True)),
    )
    .distinct()
)


def own_points(assignment: Assignment) -> float | None:
    """What full marks count, where the assignment says so itself."""
    return assignment.points


def matrix(
    session: Session,
    course: Course,
    *,
    section_id: int | None = None,
    now: datetime | None = None,
    full: Callable[[Assignment], float | None] = own_points,
) -> Matrix:
    """The matrix of a course, or of the students of one of its sections.

    :param full: what full marks count in an assignment, for what was set by hand where nothing is graded.
    """
    sections = [
        (row.id, row.name)
        for row in session.execute(
            select(Section.id, Section.name).where(Section.course_id == course.id).order_by(Section.name)
        )
    ]
    if section_id not in dict(sections):
        section_id = None
    placed = courses.assignments(session, course.id)
    named = {"course_id": course.id}
    students = (
        session.execute(_STUDENTS, named)
        if section_id is None
        else session.execute(_OF_SECTION, named | {"section_id": section_id})
    )
    marks = _marks(session, {each.id: full(each) for each in placed})
    weights = _urgencies(session, placed, now or utcnow())
    ids = [assignment.id for assignment in placed]
    by_name = sorted((Student(*row) for row in students), key=_alphabetically)
    lines = [_line(student, ids, marks.get(student.id, {}), weights) for student in by_name]
    return Matrix(course, placed, lines, sections)


def _alphabetically(student: Student) -> tuple[str, str, str]:
    """By name, letters with accents beside those without, on every database alike."""
    plain = unicodedata.normalize("NFKD", student.name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)), student.name, student.login


def last(session: Session, book: Matrix) -> dict[tuple[int, int], datetime]:
    """When each student handed in last of what is graded, by student and assignment."""
    rows = session.execute(_LAST, {"assignments": [each.id for each in book.assignments]})
    return {(user_id, assignment_id): at for user_id, assignment_id, at in rows}


def _marks(session: Session, full: Mapping[int, float | None]) -> dict[int, dict[int, Mark]]:
    """Every mark that is not empty, by student and assignment.

    :param full: the assignments, with what full marks count.
    """
    named = {"assignments": list(full)}
    found: dict[int, dict[int, Mark]] = defaultdict(dict)
    # Most marks are alike: one object for all of these, as the collector looks at each of what there is.
    alike: dict[tuple[Any, ...], Mark] = {}
    parts = session.execute(_STANDINGS, named).partitions(_AT_ONCE)
    for user_id, assignment_id, *row in chain.from_iterable(parts):
        key = (*row, full[assignment_id])
        mark = alike.get(key)
        if mark is None:
            mark = alike[key] = _mark(*key)
        found[user_id][assignment_id] = mark
    for user_id, assignment_id in session.execute(_PENDING, named):
        theirs = found[user_id]
        theirs[assignment_id] = theirs.get(assignment_id, _WAITING)._replace(running=True)
    return found


def _mark(
    score: float | None,
    most: float | None,
    override: float | None,
    late: bool,
    passed: bool,
    attempts: int,
    full: float | None,
) -> Mark:
    most = full if most is None else most
    if override is None:
        return Mark(score, most, attempts, bool(late), bool(passed), False, False)
    solved = most is not None and override >= most > 0
    return Mark(override, most, attempts, bool(late), solved, True, False)


@dataclass(frozen=True)
class _Urgencies:
    """What each assignment weighs for who has not solved it: for most, and where the dates are others."""

    usual: Sequence[int]
    own: Mapping[int, Mapping[int, int]]
    """By student, then by the assignment's place."""


def _urgencies(session: Session, placed: Sequence[Assignment], now: datetime) -> _Urgencies:
    usual = [urgency(each.opens, each.due, now) for each in placed]
    places = {each.id: place for place, each in enumerate(placed)}
    own: dict[int, dict[int, int]] = {}
    for (assignment_id, user_id), policy in policies.policies_for(session, placed).items():
        own.setdefault(user_id, {})[places[assignment_id]] = urgency(policy.opens, policy.due, now)
    return _Urgencies(usual, own)


def _line(student: Student, ids: Iterable[int], marks: Mapping[int, Mark], weights: _Urgencies) -> Line:
    theirs = [marks.get(identity, NOTHING) for identity in ids]
    urgent: Sequence[int] = weights.usual
    if student.id in weights.own:
        own = weights.own[student.id]
        urgent = [own.get(place, usual) for place, usual in enumerate(urgent)]
    total, need = 0.0, 0
    for mark, urgency_of in zip(theirs, urgent, strict=True):
        total += mark.score or 0.0
        need += weight(urgency_of, mark.solved, mark.attempts)
    return Line(student, theirs, total, need)
