"""Submissions: what is handed in, and finding it again. When it is graded: :mod:`grader.store.queue`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

import msgspec
from sqlalchemy import (
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from grader.errors import UsageError
from grader.model.report import Report
from grader.store import sources
from grader.store.tables import Assignment, State, Submission, User, utcnow

_ROWS: Final = cast(Table, Submission.__table__)
_INSERT: Final = insert(_ROWS)
_MINE: Final = select(_ROWS.c.attempt, _ROWS.c.seed).where(
    _ROWS.c.user_id == bindparam("user_id"), _ROWS.c.assignment_id == bindparam("assignment_id")
)
_SHOWN: Final = (
    "id", "user_id", "assignment_id", "state", "attempt", "created_at", "finished_at", "score", "max_score",
    "report",
)  # fmt: skip
_ASSIGNED: Final = cast(Table, Assignment.__table__)
_OF_USER: Final = (
    select(*(_ROWS.c[name] for name in _SHOWN), _ASSIGNED.c.exercise)
    .join(_ASSIGNED, _ASSIGNED.c.id == _ROWS.c.assignment_id)
    .where(_ROWS.c.id == bindparam("id"), _ROWS.c.user_id == bindparam("user_id"))
)


def receive(
    session: Session,
    *,
    assignment_id: int,
    user_id: int,
    source: bytes,
    predictions: dict[str, str],
    seed: int | Callable[[Collection[int]], int],
    exercise_digest: str,
    request_key: str | None = None,
    now: datetime | None = None,
) -> Submission:
    """Store what was handed in as ``queued``, before anything is judged.

    :param seed: draws its hidden cases; or what draws the seed, given those of this student's earlier
        attempts.

    With a ``request_key`` that this user has sent before, the row of the first time is returned
    and nothing is stored. Whether the assignment is open is the caller's to decide.

    :raises UsageError: when there is no such user, or the request key is longer than 64.
    """
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
    mine = session.execute(_MINE, {"user_id": user_id, "assignment_id": assignment_id}).all()
    if callable(seed):
        seed = seed([each.seed for each in mine])
    row = Submission(
        id=str(uuid.uuid4()),
        assignment_id=assignment_id,
        user_id=user_id,
        source_digest=sources.keep(session, source),
        predictions=predictions,
        seed=seed,
        exercise_digest=exercise_digest,
        state="queued",
        attempt=max((each.attempt for each in mine), default=0) + 1,
        request_key=request_key,
        created_at=now or utcnow(),
        tries=0,
        interruptions=0,
        regrading=False,
        thinned=False,
    )
    # One statement that is compiled once, and not a unit of work: a whole class hands in at once.
    values = {column.key: getattr(row, column.key) for column in _ROWS.columns}
    try:
        session.execute(_INSERT, [values])
    except IntegrityError as error:
        if session.get_bind().dialect.name == "sqlite" and session.get(User, user_id) is None:
            raise UsageError(f"there is no user {user_id}.") from error
        raise
    set_committed_value(row, "source", source)
    return row


@dataclass(frozen=True)
class Unattended:
    """What a student handed in, and nobody waits for its verdict."""

    user_id: int
    source: bytes
    seed: int


def receive_behind(
    session: Session,
    assignment_id: int,
    work: Sequence[Unattended],
    *,
    exercise_digest: str,
    now: datetime | None = None,
) -> None:
    """Store a class's first attempts at once, as ``queued`` behind everything that somebody waits for.

    Only for an assignment to which nobody has handed in anything.
    """
    attempts: dict[int, int] = {}
    rows = []
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
                "exercise_digest": exercise_digest,
                "state": "queued",
                "attempt": attempts[each.user_id],
                "created_at": now or utcnow(),
                "tries": 0,
                "interruptions": 0,
                "regrading": True,
            }
        )
    if rows:
        session.execute(insert(Submission), rows)


def regrade(
    session: Session, *, assignment_id: int | None = None, submission_ids: Iterable[str] | None = None
) -> Sequence[str]:
    """Queue graded and failed submissions again: an assignment's, or those named. Their ids.

    The scores and reports they have stay until the new ones arrive.
    """
    if (assignment_id is None) == (submission_ids is None):
        raise ValueError("name either an assignment or submissions")
    which = (
        Submission.id.in_(list(submission_ids))
        if submission_ids is not None
        else Submission.assignment_id == assignment_id
    )
    return session.scalars(
        update(Submission)
        .where(which, Submission.state.in_(("graded", "failed")))
        .values(
            state="queued",
            # A student whose submission we failed to grade has been waiting all along.
            regrading=Submission.report.is_not(None),
            tries=0,
            interruptions=0,
            not_before=None,
            finished_at=None,
            problem=None,
        )
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    ).all()


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


def of_user(session: Session, submission_id: str, user_id: int) -> tuple[Submission, str] | None:
    """This user's submission with this public id, and its exercise's slug."""
    row = session.execute(_OF_USER, {"id": submission_id, "user_id": user_id}).first()
    if row is None:
        return None
    *values, slug = row
    return Submission(**dict(zip(_SHOWN, values, strict=True))), slug


def state_of(session: Session, submission_id: str) -> State | None:
    """Its state alone, without its source and report."""
    return session.scalar(select(Submission.state).where(Submission.id == submission_id))


def digest_of(session: Session, submission_id: str) -> str | None:
    """The digest of its exercise as it was graded last."""
    return session.scalar(select(Submission.exercise_digest).where(Submission.id == submission_id))


def unfinished(session: Session, user_id: int) -> Sequence[tuple[str, int]]:
    """The id and the assignment of each submission of a student that has no verdict yet, oldest first."""
    rows = session.execute(
        select(Submission.id, Submission.assignment_id)
        .where(Submission.user_id == user_id, Submission.state.in_(("queued", "running")))
        .order_by(Submission.created_at, Submission.id)
    )
    return [(identity, assignment_id) for identity, assignment_id in rows]


def report_of(row: Submission) -> Report | None:
    """The stored report, or None before the first grading."""
    return None if row.report is None else msgspec.json.decode(row.report, type=Report)
