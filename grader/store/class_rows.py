"""Rows of a class: its judged attempts and their checks, as statistics need them, in few queries.

Of students who are in the course now; what nobody has judged yet is no attempt. Only current judgings count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import ScalarSelect, Select, String, Table, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from grader.model.report import Verdict
from grader.store.tables import (
    Assignment,
    CheckResult,
    Enrolment,
    Judging,
    Override,
    Regrade,
    Section,
    SectionMember,
    Source,
    Standing,
    Submission,
)

_ROWS: Final = cast(Table, Submission.__table__)
_CHECKS: Final = cast(Table, CheckResult.__table__)
_STANDINGS: Final = cast(Table, Standing.__table__)
"""Tables, not classes: rows by the ten thousand are read twice as fast without the ORM."""
_AT_ONCE: Final = 2000
"""Rows that are fetched together."""


class Judged(NamedTuple):
    """One judged attempt."""

    id: str
    user_id: int
    assignment_id: int
    attempt: int
    created_at: datetime
    score: float
    max_score: float
    passed: bool
    judging_id: int
    source_digest: str


class Checked(NamedTuple):
    """The verdict on one check of a judging."""

    check_id: str
    kind: str
    verdict: Verdict
    code: str | None
    points: float
    max_points: float


class Told(NamedTuple):
    """Of a class, ``ever`` students were told of a code at a check, and ``now`` in their latest attempt.

    Of these, ``recent`` ones handed that in since a moment.
    """

    assignment_id: int
    check_id: str
    code: str
    ever: int
    now: int
    recent: int


def stamp(session: Session, course_id: int, assignment_id: int | None = None) -> tuple[Any, ...]:
    """What changes with the figures of a class, or of one of its assignments. One query.

    In which order assignments stand in it is not promised: another one only makes a kept page anew.
    """
    each = select(_standings_of_each().label("stamp")).where(Assignment.course_id == course_id)
    if assignment_id is not None:
        each = each.where(Assignment.id == assignment_id)
    judged = select(func.aggregate_strings(each.subquery().c.stamp, ",")).subquery()
    return tuple(session.execute(select(*_shared_stamp(course_id), *judged.c).select_from(judged)).one())


def stamps(session: Session, course_id: int) -> dict[int, tuple[Any, ...]]:
    """The same of each assignment of a course. Two queries."""
    shared = tuple(session.execute(select(*_shared_stamp(course_id))).one())
    wanted = select(Assignment.id, _standings_of_each()).where(Assignment.course_id == course_id)
    return {assignment_id: (*shared, *own) for assignment_id, *own in session.execute(wanted)}


def _standings_of_each() -> ScalarSelect[Any]:
    """Of an assignment: how many attempts there are, the latest of them and the points, as one text.

    Looked up by its index, at once. Of a join PostgreSQL thinks that it is most of a large table, and reads
    all of it: a million standings of other courses made 60 ms.
    """
    what = (func.sum(Standing.attempts), func.max(Standing.last_at), func.sum(Standing.score))
    attempts, last_at, points = (func.coalesce(each.cast(String), "") for each in what)
    its = Standing.assignment_id == Assignment.id
    return select(attempts + " " + last_at + " " + points).where(its).correlate(Assignment).scalar_subquery()


def _shared_stamp(course_id: int) -> list[ScalarSelect[Any]]:
    """What changes where no verdict does."""
    members = and_(Enrolment.course_id == course_id, Enrolment.role == "student", Enrolment.active)
    placed = and_(SectionMember.section_id == Section.id, Section.course_id == course_id)
    wanted = (
        select(func.max(Override.id)),
        select(func.max(Regrade.decided_at)),
        select(func.count()).select_from(Enrolment).where(members),
        select(func.sum(Enrolment.user_id)).where(members),
        select(func.count()).select_from(SectionMember).join(Section, placed),
        select(func.sum(SectionMember.user_id * SectionMember.section_id)).join(Section, placed),
        select(func.count()).select_from(Assignment).where(Assignment.course_id == course_id),
    )
    return [each.scalar_subquery() for each in wanted]


def _members(course_id: int, section_id: int | None) -> Select[Any]:
    """The students of a course, or of one of its sections."""
    found = select(Enrolment.user_id).where(
        Enrolment.course_id == course_id, Enrolment.role == "student", Enrolment.active
    )
    if section_id is not None:
        found = found.join(SectionMember, SectionMember.user_id == Enrolment.user_id)
        found = found.where(SectionMember.section_id == section_id)
    return found


def judged(
    session: Session, course_id: int, assignment_ids: Collection[int], section_id: int | None = None
) -> list[Judged]:
    """The judged attempts at some assignments of a course, in no order. One query."""
    wanted = select(*(_ROWS.c[name] for name in Judged._fields)).where(
        _ROWS.c.assignment_id.in_(list(assignment_ids)),
        _ROWS.c.judging_id.is_not(None),
        _ROWS.c.user_id.in_(_members(course_id, section_id)),
    )
    return [Judged(*row) for row in session.execute(wanted)]


def checked(
    session: Session, course_id: int, assignment_ids: Collection[int], section_id: int | None = None
) -> dict[int, list[Checked]]:
    """The checks of these attempts, by the judging, in the exercise's order. One query."""
    wanted = (
        select(_CHECKS.c.judging_id, *(_CHECKS.c[name] for name in Checked._fields))
        .join(_ROWS, _ROWS.c.judging_id == _CHECKS.c.judging_id)
        .where(
            _ROWS.c.assignment_id.in_(list(assignment_ids)),
            _ROWS.c.user_id.in_(_members(course_id, section_id)),
        )
        .order_by(_CHECKS.c.judging_id, _CHECKS.c.position)
    )
    # Very many rows, of which few differ: each verdict is one object.
    found: dict[int, list[Checked]] = {}
    known: dict[tuple[Any, ...], Checked] = {}
    for row in session.execute(wanted):
        values = row[1:]
        one = known.get(values)
        if one is None:
            one = known[values] = Checked(*values)
        found.setdefault(row[0], []).append(one)
    return found


def told(
    session: Session, course_id: int, assignment_ids: Collection[int], section_id: int | None = None, *,
    since: datetime,
) -> list[Told]:  # fmt: skip
    """Every code that students were told at some assignments of a course, with how many of them.

    One query, counted by the database.
    """
    latest = (
        select(_ROWS.c.user_id, _ROWS.c.assignment_id, func.max(_ROWS.c.attempt).label("attempt"))
        .where(
            _ROWS.c.assignment_id.in_(list(assignment_ids)),
            _ROWS.c.judging_id.is_not(None),
            _ROWS.c.user_id.in_(_members(course_id, section_id)),
        )
        .group_by(_ROWS.c.user_id, _ROWS.c.assignment_id)
        .subquery()
    )
    is_latest = _ROWS.c.attempt == latest.c.attempt
    mine = and_(_ROWS.c.user_id == latest.c.user_id, _ROWS.c.assignment_id == latest.c.assignment_id)
    wanted = (
        select(
            _ROWS.c.assignment_id,
            _CHECKS.c.check_id,
            _CHECKS.c.code,
            func.count(_ROWS.c.user_id.distinct()),
            func.count(_ROWS.c.user_id.distinct()).filter(is_latest),
            func.count(_ROWS.c.user_id.distinct()).filter(is_latest, _ROWS.c.created_at >= since),
        )
        .select_from(latest)
        .join(_ROWS, mine)
        .join(_CHECKS, _CHECKS.c.judging_id == _ROWS.c.judging_id)
        .where(_CHECKS.c.code.is_not(None), _CHECKS.c.verdict != "passed")
        .group_by(_ROWS.c.assignment_id, _CHECKS.c.check_id, _CHECKS.c.code)
    )
    return [Told(*row) for row in session.execute(wanted)]


def tried(session: Session, course_id: int, section_id: int | None = None) -> dict[int, int]:
    """How many students have a judged attempt at each assignment of a course. One query."""
    wanted = (
        select(Standing.assignment_id, func.count())
        .join(Assignment, Assignment.id == Standing.assignment_id)
        .where(
            Assignment.course_id == course_id,
            Standing.attempts > 0,
            Standing.user_id.in_(_members(course_id, section_id)),
        )
        .group_by(Standing.assignment_id)
    )
    return dict(session.execute(wanted).all())


def active(session: Session, course_id: int, section_id: int | None = None, *, since: datetime) -> int:
    """How many students have handed in something that was judged since then. One query."""
    wanted = (
        select(func.count(Standing.user_id.distinct()))
        .join(Assignment, Assignment.id == Standing.assignment_id)
        .where(
            Assignment.course_id == course_id,
            Standing.last_at >= since,
            Standing.user_id.in_(_members(course_id, section_id)),
        )
    )
    return session.scalar(wanted) or 0


def begun(session: Session, course_id: int) -> set[tuple[int, int]]:
    """Who has begun what, as (student, assignment). Two queries.

    Begun is also what waits for its verdict, what we could not grade, and what was marked by hand.
    """
    placed = select(Assignment.id).where(Assignment.course_id == course_id)
    standings = select(_STANDINGS.c.user_id, _STANDINGS.c.assignment_id).where(
        _STANDINGS.c.assignment_id.in_(placed),
        or_(_STANDINGS.c.attempts > 0, _STANDINGS.c.override.is_not(None)),
    )
    waiting = (
        select(_ROWS.c.user_id, _ROWS.c.assignment_id)
        .where(
            _ROWS.c.assignment_id.in_(placed),
            _ROWS.c.judging_id.is_(None),  # an index has these alone
        )
        .distinct()
    )
    found: set[tuple[int, int]] = set()
    for wanted in (standings, waiting):
        for some in session.execute(wanted).partitions(_AT_ONCE):
            found.update(map(tuple, some))
    return found


def last_active(session: Session, course_id: int) -> dict[int, datetime]:
    """When each student handed in last what was judged. One query."""
    wanted = (
        select(Standing.user_id, func.max(Standing.last_at))
        .join(Assignment, Assignment.id == Standing.assignment_id)
        .where(Assignment.course_id == course_id, Standing.last_at.is_not(None))
        .group_by(Standing.user_id)
    )
    return {user_id: at for user_id, at in session.execute(wanted) if at is not None}


def unsolved(session: Session, course_id: int, since: datetime, fewest: int) -> list[Judged]:
    """The attempts of whom has no full marks after ``fewest`` of them, the newest since then. One query."""
    wanted = (
        select(*(_ROWS.c[name] for name in Judged._fields))
        .join(
            Standing,
            and_(Standing.user_id == _ROWS.c.user_id, Standing.assignment_id == _ROWS.c.assignment_id),
        )
        .join(Assignment, Assignment.id == Standing.assignment_id)
        .where(
            Assignment.course_id == course_id,
            Standing.passed_at.is_(None),
            Standing.override.is_(None),
            Standing.last_at >= since,
            Standing.attempts >= fewest,
            _ROWS.c.judging_id.is_not(None),
            _ROWS.c.user_id.in_(_members(course_id, None)),
        )
    )
    return [Judged(*row) for row in session.execute(wanted)]


def points_elsewhere(session: Session, course_id: int, assignment_id: int) -> dict[int, float]:
    """Each student's points that count in the course's other assignments. One query."""
    counts = func.coalesce(Standing.override, Standing.score, 0.0)
    wanted = (
        select(Standing.user_id, func.sum(counts))
        .join(Assignment, Assignment.id == Standing.assignment_id)
        .where(Assignment.course_id == course_id, Standing.assignment_id != assignment_id)
        .group_by(Standing.user_id)
    )
    return dict(session.execute(wanted).all())


def shares(session: Session, assignment_id: int) -> dict[int, float]:
    """The share of an assignment's points that counts, by student, lateness and overrides included."""
    counts = func.coalesce(Standing.override, Standing.score)
    wanted = select(Standing.user_id, counts, Standing.max_score).where(
        Standing.assignment_id == assignment_id, counts.is_not(None), Standing.max_score > 0
    )
    return {user_id: score / maximum for user_id, score, maximum in session.execute(wanted) if maximum}


def texts(session: Session, digests: Iterable[str]) -> dict[str, bytes]:
    """Sources by their digests. One query."""
    wanted = select(Source.digest, Source.data).where(Source.digest.in_(list(digests)))
    return dict(session.execute(wanted).all())


def trees(
    session: Session, course_id: int, assignment_id: int
) -> dict[str, tuple[str | None, dict[str, str], int]]:
    """Of each judged submission to an assignment how alike its source is, what was typed, and about which
    variant it is. One query."""
    wanted = (
        select(Submission.id, Source.tree, Submission.predictions, Submission.variant)
        .join(Source, Source.digest == Submission.source_digest)
        .where(
            Submission.assignment_id == bindparam("assignment"),
            Submission.judging_id.is_not(None),
            Submission.user_id.in_(_members(course_id, None)),
        )
    )
    found = session.execute(wanted, {"assignment": assignment_id})
    return {submission_id: (tree, typed, variant) for submission_id, tree, typed, variant in found}


def reports(session: Session, submission_ids: Iterable[str]) -> dict[str, str]:
    """The current reports of submissions, as JSON, by the submission. One query."""
    wanted = (
        select(Submission.id, Judging.report)
        .join(Judging, Judging.id == Submission.judging_id)
        .where(Submission.id.in_(list(submission_ids)))
    )
    return dict(session.execute(wanted).all())
