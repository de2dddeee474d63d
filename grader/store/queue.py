"""The queue: rows of submissions that are claimed and graded exactly once.

::

    receive ──► queued ──claim──► running ──finish──► graded
                  ▲                  │
                  │                  ├─ give_back (it made us fail; tries + 1) ──► queued, after 3: failed
                  │                  ├─ put_off (nothing could be graded) ──► queued, however often
                  └──────────────────┴─ requeue_running, requeue_expired (the grader died)

The row is the truth, whoever dispatches. A row is graded exactly once because ``finish``
changes it only while it is running and owned by the caller, in the same transaction that
writes the check results: a worker that lost its lease writes nothing. ``owner`` must
therefore be new at every claim.

The one process that serves an SQLite file keeps claims in its memory and says None for the owner: to the
table such a row is ``queued`` until it is finished, which is its second and last write.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    Table,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.store import thinning
from grader.store.tables import Assignment, CheckResult, State, Submission, utcnow

_ROWS: Final = cast(Table, Submission.__table__)
MAX_TRIES = 3
"""After so many failures of ours a submission is set aside as ``failed``."""
MAX_INTERRUPTIONS = 10
"""A submission beneath which the grader died so often is set aside, too: it may be what kills it."""
_MAX_PROBLEM = 2000


@dataclass(frozen=True)
class Work:
    """What grading needs to know of a submission."""

    exercise: str
    assignment_id: int
    submission: HandedIn


@dataclass(frozen=True)
class Claimed:
    """A submission to grade now, with everything grading needs."""

    id: str
    owner: str
    """New at every claim."""
    work: Work
    tries: int
    """How often grading it has failed on our side before."""
    regrading: bool = False
    """It has a verdict already."""
    in_memory: bool = False
    """The table does not know of this claim."""

    @property
    def holder(self) -> str | None:
        """Who holds the row, as :func:`finish` and the like ask."""
        return None if self.in_memory else self.owner


@dataclass(frozen=True)
class Waiting:
    """A queued row, without what was handed in."""

    id: str
    user_id: int
    created_at: datetime
    regrading: bool = False
    tries: int = 0
    not_before: datetime | None = None
    work: Work | None = field(default=None, compare=False)
    """What was handed in, where it is at hand."""


@dataclass(frozen=True)
class Lengths:
    """How many submissions wait and how many are being graded."""

    queued: int
    running: int


_INSERT_RESULTS: Final = insert(cast(Table, CheckResult.__table__))
_FINISHED: Final = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row_id"))
    .values(
        state="graded",
        owner=null(),
        lease_until=null(),
        not_before=null(),
        problem=null(),
        started_at=func.coalesce(bindparam("started", type_=_ROWS.c.started_at.type), _ROWS.c.started_at),
        finished_at=bindparam("finished", type_=_ROWS.c.finished_at.type),
        exercise_digest=bindparam("digest"),
        score=bindparam("points"),
        max_score=bindparam("points_at_most"),
        passed=bindparam("full"),
        report=bindparam("json"),
        thinned=bindparam("is_thinned"),
    )
    .returning(_ROWS.c.user_id, _ROWS.c.assignment_id, _ROWS.c.attempt, _ROWS.c.regrading)
)
_FINISH: Final = _FINISHED.where(_ROWS.c.state == "running", _ROWS.c.owner == bindparam("holder"))
_FINISH_FROM_MEMORY: Final = _FINISHED.where(_ROWS.c.state == "queued")
"""Compiled once: a class that hands in at its deadline runs little else."""
_COUNT_WAITING: Final = select(func.count()).select_from(_ROWS).where(_ROWS.c.state == "queued")


def waiting(session: Session) -> list[Waiting]:
    """All that is queued, for who keeps the queue in memory."""
    rows = session.execute(
        select(
            Submission.id,
            Submission.user_id,
            Submission.created_at,
            Submission.regrading,
            Submission.tries,
            Submission.not_before,
        )
        .where(Submission.state == "queued")
        .order_by(Submission.created_at, Submission.attempt)
    )
    return [Waiting(*row) for row in rows]


def count_waiting(session: Session) -> int:
    """How many are queued, by the table."""
    return session.scalar(_COUNT_WAITING) or 0


def place_of(session: Session, submission_id: str) -> tuple[int, bool] | None:
    """How many were queued before this one, and whether it runs; None when it neither waits nor runs.

    In the order of arrival: whose turn it is, is decided at each claim.
    """
    row = session.execute(
        select(Submission.state, Submission.created_at).where(Submission.id == submission_id)
    ).first()
    if row is None or row.state not in ("queued", "running"):
        return None
    if row.state == "running":
        return 0, True
    earlier = Submission.state == "queued", Submission.created_at < row.created_at
    return session.scalar(select(func.count()).select_from(Submission).where(*earlier)) or 0, False


def work_of(session: Session, submission_id: str) -> Work | None:
    """What a queued submission is; None when it is not queued any more."""
    found = session.execute(
        select(
            Assignment.exercise,
            Submission.assignment_id,
            Submission.source,
            Submission.predictions,
            Submission.seed,
        )
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Submission.id == submission_id, Submission.state == "queued")
    ).first()
    return None if found is None else Work(found[0], found[1], HandedIn(*found[2:]))


def finish(
    session: Session,
    submission_id: str,
    owner: str | None,
    report: Report,
    *,
    started: datetime | None = None,
    now: datetime | None = None,
) -> bool:
    """Write the verdict. False, and nothing is written, when ``owner`` no longer holds the row.

    :param owner: as it was claimed by; None: the claim is kept in memory.
    :param started: when grading began, where the table does not say.
    :raises ValueError: for a report that is not ``graded``: that is for :func:`give_back`.
    """
    if report.status != "graded":
        raise ValueError("only a graded report finishes a submission; give it back instead")
    values: dict[str, object] = {
        "row_id": submission_id,
        "finished": now or utcnow(),
        "started": started,
        "digest": report.exercise_digest,
        "points": report.score,
        "points_at_most": report.max_score,
        "full": report.passed,
        "is_thinned": report.thinned,
        "json": msgspec.json.encode(report).decode(),
    }
    if owner is None:
        held = session.execute(_FINISH_FROM_MEMORY, values).first()
    else:
        held = session.execute(_FINISH, values | {"holder": owner}).first()
    if held is None:
        return False
    if held.regrading:
        session.execute(delete(CheckResult).where(CheckResult.submission_id == submission_id))
    rows = [
        {
            "submission_id": submission_id,
            "check_id": check.id,
            "position": position,
            "kind": check.kind,
            "verdict": check.verdict,
            "points": check.points,
            "max_points": check.max_points,
            "code": check.diagnosis.code if check.diagnosis is not None else None,
        }
        for position, check in enumerate(report.checks)
    ]
    if rows:
        session.execute(_INSERT_RESULTS, rows)
    if held.attempt > thinning.FEWEST or held.regrading:
        thinning.thin(session, held.user_id, held.assignment_id)
    return True


def give_back(
    session: Session,
    submission_id: str,
    owner: str | None,
    problem: str,
    retry: bool,
    *,
    delay_seconds: float = 0.0,
    now: datetime | None = None,
) -> State | None:
    """We failed to grade it: queue it again, not before ``delay_seconds`` have passed.

    After :data:`MAX_TRIES` failures, or at once when ``retry`` is false, it becomes ``failed``.
    Returns the new state; None, and nothing is written, when ``owner`` no longer holds the row.
    """
    now = now or utcnow()
    failed = (Submission.tries + 1 >= MAX_TRIES) if retry else true()
    return session.scalar(
        _if_held(submission_id, owner)
        .values(
            state=case((failed, "failed"), else_="queued"),
            finished_at=case((failed, now), else_=null()),
            not_before=now + timedelta(seconds=delay_seconds),
            tries=Submission.tries + 1,
            owner=None,
            lease_until=None,
            problem=_text(problem),
        )
        .returning(Submission.state)
    )


def put_off(
    session: Session,
    submission_id: str,
    owner: str | None,
    problem: str,
    *,
    delay_seconds: float,
    now: datetime | None = None,
) -> bool:
    """We could not grade anything at this moment: queue it again, as if it had not been tried.

    False, and nothing is written, when ``owner`` no longer holds the row. See :func:`resume`.
    """
    held = session.scalar(
        _if_held(submission_id, owner)
        .values(
            state="queued",
            not_before=(now or utcnow()) + timedelta(seconds=delay_seconds),
            owner=None,
            lease_until=None,
            problem=_text(problem),
        )
        .returning(Submission.id)
    )
    return held is not None


def resume(session: Session) -> int:
    """What was put off is due now: grading works again. How many."""
    changed = session.scalars(
        update(Submission)
        .where(Submission.state == "queued", Submission.not_before.is_not(None), Submission.tries == 0)
        .values(not_before=None)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(changed)


def requeue_running(session: Session, *, now: datetime | None = None) -> int:
    """Queue everything that is ``running`` again; how many. Only for who knows that no other grader lives."""
    return _interrupted(session, now or utcnow(), Submission.state == "running")


def requeue_expired(session: Session, now: datetime | None = None) -> int:
    """Queue again what is running on a lease that has run out; how many."""
    now = now or utcnow()
    return _interrupted(session, now, Submission.state == "running", Submission.lease_until < now)


def interrupted(session: Session, submission_ids: Collection[str], *, now: datetime | None = None) -> int:
    """These were being graded, by the memory of a process, when it died or fell silent; how many are queued.

    The table calls them queued. What has been interrupted too often becomes ``failed``.
    """
    which = Submission.state == "queued", Submission.id.in_(list(submission_ids))
    return _interrupted(session, now or utcnow(), *which) if submission_ids else 0


def lengths(session: Session) -> Lengths:
    """How long the queue is."""
    rows = session.execute(
        select(Submission.state, func.count())
        .where(Submission.state.in_(("queued", "running")))
        .group_by(Submission.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    return Lengths(queued=counts.get("queued", 0), running=counts.get("running", 0))


def _text(problem: str) -> str:
    """It may quote anything; what a database does not take as text must not stop us."""
    return problem[:_MAX_PROBLEM].encode("utf-8", "backslashreplace").decode().replace("\0", "")


def _if_held(submission_id: str, owner: str | None) -> Update:
    """An update of the row, if ``owner`` holds it; for None, if it is not done. The condition is tested by
    the database in the same statement: there is no moment between looking and writing."""
    held = (
        (Submission.state == "queued",)
        if owner is None
        else (Submission.state == "running", Submission.owner == owner)
    )
    return (
        update(Submission)
        .where(Submission.id == submission_id, *held)
        .execution_options(synchronize_session=False)
    )


def _interrupted(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    too_often = Submission.interruptions + 1 >= MAX_INTERRUPTIONS
    changed = session.scalars(
        update(Submission)
        .where(*which)
        .values(
            state=case((too_often, "failed"), else_="queued"),
            finished_at=case((too_often, now), else_=null()),
            interruptions=Submission.interruptions + 1,
            owner=None,
            lease_until=None,
            problem="the grader stopped while it was grading this",
        )
        .returning(Submission.state)
        .execution_options(synchronize_session=False)
    ).all()
    return sum(state == "queued" for state in changed)
