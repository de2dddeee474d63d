"""What waits for a verdict, by the table: how much, in which lane, since when; and where one stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, cast

from sqlalchemy import Select, Table, and_, bindparam, case, func, or_, select, true
from sqlalchemy.orm import Session

from grader.model.lane import FLOOR, Lane
from grader.store.requeue import FARTHEST_SECONDS
from grader.store.tables import Submission, utcnow
from grader.store.tables.base import UtcDateTime

_ROWS: Final = cast(Table, Submission.__table__)
Phase = Literal["waiting", "put-off", "running"]
"""Where a submission without a verdict is: due, not due before a time, or being graded."""
_COUNT_WAITING: Final = select(func.count()).select_from(_ROWS).where(_ROWS.c.state == "queued")

_DUE: Final = (
    _ROWS.c.state == "queued",
    or_(_ROWS.c.not_before.is_(None), _ROWS.c.not_before <= bindparam("now")),
)
_IN_LANE: Final = _ROWS.c.lane == bindparam("lane", type_=_ROWS.c.lane.type)
_COUNT_DUE: Final = select(func.count()).select_from(_ROWS).where(*_DUE, _IN_LANE)
_STATE: Final = select(
    _ROWS.c.state, _ROWS.c.user_id, _ROWS.c.lane, _ROWS.c.created_at, _ROWS.c.not_before, _ROWS.c.started_at
).where(_ROWS.c.id == bindparam("id"))


def _counts() -> Select[Any]:
    """What :func:`place_of` counts, in one statement: of the same student, of others as many as of this one
    (one less of those who have not waited for as long), in each lane what is due, and what runs.

    Of a text of more than 4096 characters psycopg would look for the parameters anew each time.
    """
    count, due = func.count(), _DUE
    mine = _ROWS.c.user_id == bindparam("user")
    older = _ROWS.c.created_at < bindparam("created")
    other = bindparam("other", type_=_ROWS.c.lane.type)
    further = select(count).where(*due, mine, _ROWS.c.lane == other)
    looked_up: dict[str, Select[Any]] = {
        "own": select(count).where(*due, mine, _IN_LANE, older),
        "further": further,
        "running": select(count).where(mine, _ROWS.c.state == "running", _IN_LANE),
        "oldest": select(func.min(_ROWS.c.created_at)).where(*due, mine, _IN_LANE),
        "served": select(func.max(_ROWS.c.started_at)).where(mine, _IN_LANE),
        "served_there": select(func.max(_ROWS.c.started_at)).where(mine, _ROWS.c.lane == other),
    }
    own = select(*(each.scalar_subquery().label(name) for name, each in looked_up.items())).cte("own")
    theirs = (
        select(count.label("many"), func.min(_ROWS.c.created_at).label("oldest"))
        .where(*due, ~mine, _IN_LANE)
        .group_by(_ROWS.c.user_id)
        .subquery()
    )
    # Those who have waited for longer have a turn before this student's first; as claims takes them.
    longer = or_(
        own.c.running > 0,
        theirs.c.oldest < own.c.oldest,
        theirs.c.oldest < own.c.served,
        theirs.c.oldest < own.c.served_there,
    )
    most = own.c.own + own.c.further + case((longer, 1), else_=0)
    turns = case((theirs.c.many > most, most), else_=theirs.c.many)
    counted = {"others": select(func.coalesce(func.sum(turns), 0)).select_from(theirs.join(own, true()))}
    for each in Lane:
        counted[f"waits_{each.word}"] = select(count).where(*due, _ROWS.c.lane == each)
    counted["runs"] = select(count).where(_ROWS.c.state == "running")
    counted["runs_long"] = counted["runs"].where(_ROWS.c.lane == Lane.LONG)
    return select(own.c.own, *(each.scalar_subquery().label(name) for name, each in counted.items()))


# Compiled once: to build these anew costs more than to run them.
_COUNTS: Final = _counts()


@dataclass(frozen=True)
class InPhase:
    """What is in one phase of one lane."""

    phase: Phase
    lane: Lane
    count: int
    oldest: float
    """Seconds since the first of them came into the queue; of what runs, since the first was claimed."""


@dataclass(frozen=True)
class Lengths:
    """How many submissions wait and how many are being graded."""

    queued: int
    running: int
    parts: tuple[InPhase, ...] = field(default=(), compare=False)
    """By phase and lane, those that hold anything."""


class Place(NamedTuple):
    """Where a submission stands in the queue."""

    before: int
    """How many are taken before it, at most; 0 also while it is being graded."""
    running: bool
    seconds: float = 0.0
    """Until it may be taken, for what was put off."""
    long: int | None = None
    """Of what is in the lane of what runs for long: how many of those before it are there, too."""
    ran: float = 0.0
    """Seconds since it was claimed, of what is being graded."""


def count_waiting(session: Session) -> int:
    """How many are queued, by the table."""
    return session.scalar(_COUNT_WAITING) or 0


def count_due(session: Session, lane: Lane = Lane.INTERACTIVE, now: datetime | None = None) -> int:
    """How many are due in a lane."""
    return session.scalar(_COUNT_DUE, {"lane": lane, "now": now or utcnow()}) or 0


def count_stale(session: Session, seconds: float, *, most: int = 100) -> int:
    """How many are queued and have been due for so many seconds; counted up to ``most``.

    A moment far ahead was written before the clock was set back.
    """
    now = utcnow()
    limit, farthest = now - timedelta(seconds=seconds), now + timedelta(seconds=FARTHEST_SECONDS)
    due = select(Submission.id).where(
        Submission.state == "queued",
        or_(
            Submission.not_before.is_(None),
            Submission.not_before <= limit,
            Submission.not_before > farthest,
        ),
    )
    if seconds:  # else clocks of two machines that differ hide nothing
        due = due.where(or_(Submission.created_at <= limit, Submission.created_at > farthest))
    due = due.limit(most)
    return session.scalar(select(func.count()).select_from(due.subquery())) or 0


def place_of(session: Session, submission_id: str, now: datetime | None = None) -> Place | None:
    """Where a submission stands; None when it neither waits nor runs.

    Students take turns: of each other one, as many are taken before it as of its own student, if there are so
    many, and one less if they have not waited for as long. Where nothing is due before it, because nothing
    can be graded, it says when it is due.
    """
    now = now or utcnow()
    row = session.execute(_STATE, {"id": submission_id}).first()
    if row is None or row.state not in ("queued", "running"):
        return None
    long = 0 if row.lane is Lane.LONG else None
    if row.state == "running":
        since = row.started_at or now
        return Place(0, True, long=long, ran=max(0.0, (now - since).total_seconds()))
    if row.not_before is not None and row.not_before > now:
        return Place(count_waiting(session) - 1, False, (row.not_before - now).total_seconds(), long)
    other = next((lane for lane in row.lane.shared if lane is not row.lane), None)
    its = {"now": now, "user": row.user_id, "lane": row.lane, "created": row.created_at, "other": other}
    found = session.execute(_COUNTS, its).mappings().one()
    alike = found["own"] + int(found["others"])
    before = alike + sum(found[f"waits_{lane.word}"] for lane in row.lane.above)
    for lane in row.lane.below:
        before += min(found[f"waits_{lane.word}"], before // (FLOOR[lane] - 1) + 1)
    if long is not None:
        long = alike + found["runs_long"]
    return Place(before + found["runs"], False, long=long)


def lengths(session: Session, now: datetime | None = None) -> Lengths:
    """How long the queue is, by phase and lane."""
    now = now or utcnow()
    put_off = and_(Submission.state == "queued", Submission.not_before > now)
    phase = case((put_off, "put-off"), (Submission.state == "queued", "waiting"), else_="running")
    since = case((Submission.state == "running", Submission.started_at), else_=Submission.queued_at)
    rows = session.execute(
        select(phase, Submission.lane, func.count(), func.min(since, type_=UtcDateTime()))
        .where(Submission.state.in_(("queued", "running")))
        .group_by(phase, Submission.lane)
        .order_by(phase, Submission.lane)
    )
    parts = tuple(
        InPhase(name, lane, many, 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()))
        for name, lane, many, oldest in rows
    )
    return Lengths(
        queued=sum(each.count for each in parts if each.phase != "running"),
        running=sum(each.count for each in parts if each.phase == "running"),
        parts=parts,
    )
