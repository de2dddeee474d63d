"""Submissions: what is handed in, and finding it again. When it is graded: :mod:`grader.store.queue`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import (
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from grader.errors import UsageError
from grader.model.admission import RECENT, Handed, NotTaken, refusal
from grader.model.lane import Lane
from grader.model.pause import Tried
from grader.model.policy import Policy
from grader.model.report import Report
from grader.model.report_size import withheld
from grader.store import sources
from grader.store.tables import (
    Assignment,
    CourseRole,
    Enrolment,
    Extension,
    Judging,
    State,
    Submission,
    User,
    utcnow,
)

_ROWS: Final = cast(Table, Submission.__table__)
_INSERT: Final = insert(_ROWS)
_MINE: Final = (
    select(*(_ROWS.c[name] for name in ("attempt", "seed", "created_at", "state", "passed")))
    .where(_ROWS.c.user_id == bindparam("user_id"), _ROWS.c.assignment_id == bindparam("assignment_id"))
    .order_by(_ROWS.c.attempt)
)
_MINE_AT_SOME: Final = (
    select(*(_ROWS.c[name] for name in ("assignment_id", "attempt", "created_at", "state", "passed")))
    .where(
        _ROWS.c.user_id == bindparam("user_id"),
        _ROWS.c.assignment_id.in_(bindparam("assignments", expanding=True)),
    )
    .order_by(_ROWS.c.attempt)
)
_SHOWN: Final = (
    "id", "user_id", "assignment_id", "judging_id", "state", "attempt", "created_at", "finished_at", "score",
    "max_score", "report",
)  # fmt: skip
_ASSIGNED: Final = cast(Table, Assignment.__table__)
_JUDGED: Final = cast(Table, Judging.__table__)
_ENROLLED: Final = cast(Table, Enrolment.__table__)
_EXTENDED: Final = cast(Table, Extension.__table__)
_OF_USER: Final = (
    select(
        *(_ROWS.c[name] for name in _SHOWN[:-1]),
        _JUDGED.c.report,
        _ENROLLED.c.role,
        exists().where(_EXTENDED.c.assignment_id == _ASSIGNED.c.id),
        *(column.label(f"assignment_{column.key}") for column in _ASSIGNED.columns),
    )
    .outerjoin(_JUDGED, _JUDGED.c.id == _ROWS.c.judging_id)
    .join(_ASSIGNED, _ASSIGNED.c.id == _ROWS.c.assignment_id)
    .outerjoin(
        _ENROLLED,
        and_(
            _ENROLLED.c.course_id == _ASSIGNED.c.course_id,
            _ENROLLED.c.user_id == _ROWS.c.user_id,
            _ENROLLED.c.active,
        ),
    )
    .where(_ROWS.c.id == bindparam("id"), _ROWS.c.user_id == bindparam("user_id"))
)


def receive(session: Session, **values: Any) -> Submission:
    """Store what was handed in as :func:`admit` does, whatever the rules of the assignment are."""
    row = admit(session, policy=None, **values)
    assert isinstance(row, Submission)
    return row


def admit(
    session: Session,
    *,
    assignment_id: int,
    user_id: int,
    source: bytes,
    predictions: dict[str, str],
    seed: int | Callable[[Collection[int]], int],
    exercise_digest: str,
    policy: Policy | None,
    variant: int = 0,
    request_key: str | None = None,
    now: datetime | None = None,
) -> Submission | NotTaken:
    """Store what was handed in as ``queued``, before anything is judged; or say why it is not taken.

    With a ``request_key`` that this user has sent before, the row of the first time is returned and nothing
    is stored, whatever the time is now. It is decided in the transaction that stores it, so that of two at
    once only one is the last attempt. A refusal is a value: an exception would undo what others write in a
    transaction shared with this.

    :param seed: draws its hidden cases; or what draws the seed, given those of this student's earlier
        attempts.
    :param policy: the assignment's rules for this student; None: none hold for who hands in.
    :param now: when it arrived. Waiting for a turn to write makes nobody late.
    :raises UsageError: when there is no such user, or the request key is longer than 64.
    """
    now = now or utcnow()
    if request_key is not None and len(request_key) > 64:
        raise UsageError("a request key has at most 64 characters.")
    # The student's row is locked until the end, so that two POSTs of one student are stored one
    # after the other: the second sees the first's request key and attempt number. SQLite's writers
    # exclude each other anyway.
    if session.get_bind().dialect.name != "sqlite":
        locked = session.scalar(select(User.id).where(User.id == user_id).with_for_update())
        if locked is None:
            raise UsageError(f"there is no user {user_id}.")
    if request_key is not None:
        earlier = session.scalar(
            select(Submission).where(Submission.user_id == user_id, Submission.request_key == request_key)
        )
        if earlier is not None:
            return earlier
    mine = session.connection().execute(_MINE, {"user_id": user_id, "assignment_id": assignment_id}).all()
    if policy is not None:
        refused = refusal(policy, _handed(mine), now)
        if refused is not None:
            return refused
    if callable(seed):
        seed = seed([each.seed for each in mine])
    row = Submission(
        id=str(uuid.uuid4()),
        assignment_id=assignment_id,
        user_id=user_id,
        source_digest=sources.keep(session, source),
        predictions=predictions,
        seed=seed,
        variant=variant,
        exercise_digest=exercise_digest,
        state="queued",
        attempt=mine[-1].attempt + 1 if mine else 1,
        request_key=request_key,
        created_at=now,
        tries=0,
        interruptions=0,
        lane=Lane.INTERACTIVE,
        queued_at=now,
        thinned=False,
    )
    # One statement that is compiled once, and not a unit of work: a whole class hands in at once.
    values = {column.key: getattr(row, column.key) for column in _ROWS.columns}
    try:
        session.connection().execute(_INSERT, [values])
    except IntegrityError as error:
        if session.get_bind().dialect.name == "sqlite" and session.get(User, user_id) is None:
            raise UsageError(f"there is no user {user_id}.") from error
        raise
    set_committed_value(row, "source", source)
    return row


def _handed(rows: Sequence[Any]) -> Handed:
    """:param rows: all of a student's attempts at an assignment, in order."""
    recent = tuple(Tried(each.created_at, each.passed) for each in rows[-RECENT:])
    return Handed(sum(each.state != "failed" for each in rows), recent)


def handed(session: Session, user_id: int, assignment_id: int) -> Handed:
    """What a student has handed in to an assignment, as far as the next attempt depends on it. One query."""
    return _handed(
        session.connection().execute(_MINE, {"user_id": user_id, "assignment_id": assignment_id}).all()
    )


def handed_to(session: Session, user_id: int, assignment_ids: Collection[int]) -> dict[int, Handed]:
    """The same of several assignments, by assignment; of those to which nothing was handed in, nothing."""
    if not assignment_ids:
        return {}
    found: dict[int, list[Any]] = {}
    for row in session.execute(_MINE_AT_SOME, {"user_id": user_id, "assignments": list(assignment_ids)}):
        found.setdefault(row.assignment_id, []).append(row)
    return {assignment_id: _handed(rows) for assignment_id, rows in found.items()}


@dataclass(frozen=True)
class Unattended:
    """What a student handed in, and nobody waits for its verdict."""

    user_id: int
    source: bytes
    seed: int
    at: datetime
    """When it was handed in."""


def receive_behind(
    session: Session,
    assignment_id: int,
    work: Sequence[Unattended],
    *,
    exercise_digest: str,
) -> None:
    """Store a class's first attempts at once, as ``queued`` behind everything that somebody waits for.

    Only for an assignment to which nobody has handed in anything.
    """
    attempts: dict[int, int] = {}
    rows, now = [], utcnow()
    for each in work:
        attempts[each.user_id] = attempts.get(each.user_id, 0) + 1
        rows.append(
            {
                "id": str(uuid.uuid4()),
                "assignment_id": assignment_id,
                "user_id": each.user_id,
                "source_digest": sources.keep(session, each.source),
                "predictions": {},
                "seed": each.seed,
                "variant": 0,
                "exercise_digest": exercise_digest,
                "state": "queued",
                "attempt": attempts[each.user_id],
                "created_at": each.at,
                "tries": 0,
                "interruptions": 0,
                "lane": Lane.REGRADE,
                "queued_at": now,
            }
        )
    if rows:
        session.execute(insert(Submission), rows)


def retry(session: Session, submission_ids: Iterable[str]) -> Sequence[str]:
    """Queue again what we could not grade, of those named; the ids of what is queued now."""
    return session.scalars(
        update(Submission)
        .where(Submission.id.in_(list(submission_ids)), Submission.state == "failed")
        .values(
            state="queued", lane=Lane.INTERACTIVE, queued_at=utcnow(), tries=0, interruptions=0,
            not_before=None, finished_at=None, problem=None,
        )
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip


def graded_ids(
    session: Session, assignment_id: int, *, user_id: int | None = None, failed_only: bool = False
) -> Sequence[str]:
    """What can be graded again of an assignment: all, one student's, or what could not be graded."""
    states = ("failed",) if failed_only else ("graded", "failed")
    wanted = select(Submission.id).where(
        Submission.assignment_id == assignment_id, Submission.state.in_(states)
    )
    return session.scalars(wanted if user_id is None else wanted.where(Submission.user_id == user_id)).all()


def get(session: Session, submission_id: str) -> Submission | None:
    """The submission with this public id."""
    return session.get(Submission, submission_id)


def of_user(
    session: Session, submission_id: str, user_id: int
) -> tuple[Submission, Assignment, CourseRole | None] | None:
    """This user's submission with this public id, where it belongs, and what the user is in the course."""
    row = session.connection().execute(_OF_USER, {"id": submission_id, "user_id": user_id}).first()
    if row is None:
        return None
    last = len(_SHOWN) - 1
    found = Submission.of_row(row[:last], _SHOWN[:-1])
    set_committed_value(found, "report", row[last])
    assignment = Assignment.of_row(row[last + 3 :])
    set_committed_value(assignment, "extended", row[last + 2])
    return found, assignment, row[last + 1]


def with_verdict(row: Submission, report: Report, finished_at: datetime) -> Submission:
    """A row as it was handed in, with the first verdict on it as that was written; without its report."""
    told = {
        "state": "graded",
        "finished_at": finished_at,
        "score": report.score,
        "max_score": report.max_score,
    }
    for name, value in told.items():
        set_committed_value(row, name, value)
    return row


def ended_of(session: Session, submission_ids: Sequence[str]) -> Sequence[str]:
    """Those of them that have their verdict, or for which there will be none."""
    wanted = Submission.id.in_(submission_ids), Submission.state.in_(("graded", "failed"))
    return session.scalars(select(Submission.id).where(*wanted)).all()


def state_of(session: Session, submission_id: str) -> State | None:
    """Its state alone, without its source and report."""
    return session.scalar(select(Submission.state).where(Submission.id == submission_id))


def digest_of(session: Session, submission_id: str) -> str | None:
    """The digest of its exercise as it was graded last; before that, as it was handed in."""
    judged = select(Judging.exercise_digest).where(Judging.id == Submission.judging_id).scalar_subquery()
    wanted: Select[str] = select(func.coalesce(judged, Submission.exercise_digest))
    return session.scalar(wanted.where(Submission.id == submission_id))


def unfinished(session: Session, user_id: int) -> Sequence[tuple[str, int]]:
    """The id and the assignment of each submission of a student that has no verdict yet, oldest first."""
    rows = session.execute(
        select(Submission.id, Submission.assignment_id)
        .where(Submission.user_id == user_id, Submission.state.in_(("queued", "running")))
        .order_by(Submission.created_at, Submission.id)
    )
    return [(identity, assignment_id) for identity, assignment_id in rows]


def report_of(row: Submission) -> Report | None:
    """The stored report, or None before the first grading. Who takes a course reads :func:`report_for`."""
    return None if row.report is None else msgspec.json.decode(row.report, type=Report)


def report_for(row: Submission, *, withholding: bool) -> Report | None:
    """The stored report as it is told to its reader.

    :param withholding: whether this reader is told the score and the verdict on each check alone. There is
        no default: whoever shows a report has to know.
    """
    report = report_of(row)
    return withheld(report) if report is not None and withholding else report


def reports_for(session: Session, submission_ids: Iterable[str], *, withholding: bool) -> dict[str, Report]:
    """The current reports of several submissions of one student at one assignment, as they are told to their
    reader, in one query. Without a verdict there is none. How much they hold together is bounded by
    :mod:`grader.store.thinning`.
    """
    found = session.execute(
        select(Submission.id, Judging.report)
        .join(Judging, Judging.id == Submission.judging_id)
        .where(Submission.id.in_(list(submission_ids)))
    )
    reports = {name: msgspec.json.decode(text, type=Report) for name, text in found}
    return {name: withheld(report) for name, report in reports.items()} if withholding else reports
