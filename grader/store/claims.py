"""Claims where several processes serve one queue: one statement finds whose turn it is and takes it.

Where one process serves, it keeps the order in its memory (:mod:`grader.dispatch.turns`).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    UpdateBase,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from grader.model.lane import Lane
from grader.model.submission import Submission as HandedIn
from grader.store import locks
from grader.store.queue import Claimed, Work, rtol_of
from grader.store.requeue import ALONE_AFTER, FARTHEST_SECONDS
from grader.store.tables import Assignment, Regrade, Submission, utcnow

Due = tuple[ColumnElement[bool], ...]
LONGER_LEASE: Final = 10
"""So many times as long is the lease of what runs behind: others may have the processors for that long."""
UNNOTICED_SECONDS: Final = 0.1
"""What has waited for less than this is about to be taken by a thread that is free."""


def claim(
    session: Session,
    owner: str,
    lease_seconds: float,
    *,
    share: int | None = None,
    alone: bool = False,
    blocked: Collection[int] = (),
    lanes: Iterable[Lane] = tuple(Lane),
    now: datetime | None = None,
) -> Claimed | None:
    """Take one queued submission, or None when there is none.

    From the first of ``lanes`` in which anything is due. Within it fair between students: first the student
    with the fewest running there, then the one who has waited for longest, since the oldest of theirs came
    or one of theirs was taken, whichever was later; of that student the oldest. One student's hundred
    submissions delay another's one by at most one.

    :param owner: unique to this claim, at most 128 characters.
    :param share: a student with so many running in a lane waits there.
    :param alone: take one of those that must run with nothing beside them in their process (see
        :data:`grader.store.requeue.ALONE_AFTER`), and no other; or none of those.
    :param blocked: assignments whose submissions are left waiting, but for what is judged for a proposal.
    :param lanes: from which it may be taken, the first one first: see :mod:`grader.dispatch.lanes`.
    """
    now = now or utcnow()
    locks.claiming(session)
    given = _moments(now) | {"claimer": owner, "share": share, "blocked": list(blocked)}
    # An empty queue is asked for far more often than a claim is made, and this is much less to work out.
    waiting = session.execute(_in_lanes(alone, bool(blocked)), given).mappings().one()
    for lane in (lane for lane in lanes if waiting[lane.word]):
        its = {"in_lane": lane, "until": now + timedelta(seconds=lease_of(lane, lease_seconds))}
        taking = _taking(alone, bool(blocked), share is not None, lane.shared)
        taken = session.execute(taking, given | its, execution_options=_AS_IT_IS).first()
        if taken is not None:
            submission_id, user_id, slug, assignment_id, *handed_in, tries, queued_at, asked = taken
            work = Work(slug, assignment_id, HandedIn(*handed_in), rtol_of(asked), asked is not None)
            return Claimed(
                submission_id, owner, user_id, work, tries, lane, queued_at=queued_at, claimed_at=now
            )
    return None


def any_alone(session: Session, blocked: Collection[int] = (), *, now: datetime | None = None) -> bool:
    """Whether something is due that must run alone."""
    given = _moments(now or utcnow()) | {"blocked": list(blocked)}
    return session.scalar(_any_alone(bool(blocked)), given) is True


def somebody_waits(
    session: Session, share: int, blocked: Collection[int] = (), *, now: datetime | None = None
) -> bool:
    """Whether anything of the first lane is due and has been for a moment: no thread is free for it.

    What waits because its student has ``share`` running does so whatever the others do.
    """
    now = now or utcnow()
    noticed = now - timedelta(seconds=UNNOTICED_SECONDS)
    given = _moments(now) | {"noticed": noticed, "share": share, "blocked": list(blocked)}
    return session.scalar(_somebody_waits(bool(blocked)), given) is True


def lease_of(lane: Lane, seconds: float) -> float:
    """How long a claim from a lane is held before another is given the row, where one of the first has
    ``seconds``."""
    return seconds if lane is Lane.INTERACTIVE else LONGER_LEASE * seconds


_AS_IT_IS: Final = {"synchronize_session": False}


def _moments(now: datetime) -> dict[str, Any]:
    return {"moment": now, "farthest": now + timedelta(seconds=FARTHEST_SECONDS)}


# What follows is made once of each kind and kept: to build such a statement costs more than to run it, and a
# worker asks for one at each claim.


@functools.cache
def _taking(alone: bool, blocked: bool, bounded: bool, shared: tuple[Lane, ...]) -> UpdateBase:
    """Take the next one in turn of a lane (``in_lane``).

    :param blocked: some assignments are left out.
    :param bounded: there is a bound to what runs of one student.
    :param shared: the lanes in which a student's turn is one in this lane, too.
    """
    exercise = select(Assignment.exercise).where(Assignment.id == Submission.assignment_id)
    changes = select(Regrade.changes).where(Regrade.id == Submission.regrade_id)
    return (
        update(Submission)
        .where(Submission.id == _next_in_turn(_due(alone, blocked), bounded, shared).scalar_subquery())
        .values(
            state="running",
            owner=bindparam("claimer"),
            started_at=bindparam("moment"),
            lease_until=bindparam("until"),
            not_before=None,
        )
        .returning(
            Submission.id,
            Submission.user_id,
            exercise.scalar_subquery(),
            Submission.assignment_id,
            Submission.source,
            Submission.predictions,
            Submission.seed,
            Submission.variant,
            Submission.tries,
            Submission.queued_at,
            changes.scalar_subquery(),
        )
    )


@functools.cache
def _in_lanes(alone: bool, blocked: bool) -> Select[Any]:
    """Of each lane, by its word: whether anything is due there."""
    due = _due(alone, blocked)
    each: list[Any] = [exists().where(*due, Submission.lane == lane).label(lane.word) for lane in Lane]
    return select(*each)


@functools.cache
def _somebody_waits(blocked: bool) -> Select[bool]:
    theirs = aliased(Submission)
    running = select(func.count()).where(
        theirs.user_id == Submission.user_id, theirs.state == "running", theirs.lane == Lane.INTERACTIVE
    )
    noticed = or_(
        Submission.queued_at <= bindparam("noticed"),
        Submission.queued_at > bindparam("moment"),  # by a clock that is ahead of this one
    )
    first = Submission.lane == Lane.INTERACTIVE, noticed
    in_turn = exists().where(*_due(False, blocked), *first, running.scalar_subquery() < bindparam("share"))
    return select(or_(in_turn, exists().where(*_due(True, blocked), *first)))


@functools.cache
def _any_alone(blocked: bool) -> Select[bool]:
    return select(exists().where(*_due(True, blocked)))


def _due(alone: bool, blocked: bool) -> Due:
    suspect = Submission.interruptions >= ALONE_AFTER
    due: Due = (
        Submission.state == "queued",
        or_(
            Submission.not_before.is_(None),
            Submission.not_before <= bindparam("moment"),
            Submission.not_before > bindparam("farthest"),
        ),
        suspect if alone else ~suspect,
    )
    if blocked:
        allowed = Submission.assignment_id.not_in(bindparam("blocked", expanding=True))
        due += (or_(allowed, Submission.regrade_id.is_not(None)),)
    return due


def _next_in_turn(of_all: Due, bounded: bool, shared: tuple[Lane, ...]) -> Select[str]:
    """The id of what is due in a lane and whose turn it is. What is looked up of a student is looked up once,
    and not once per submission of a long queue."""
    lane = bindparam("in_lane", type_=Submission.lane.type)
    due = (*of_all, Submission.lane == lane)
    theirs = aliased(Submission)
    students = (
        select(Submission.user_id, func.min(Submission.created_at).label("since"))
        .where(*due)
        .group_by(Submission.user_id)
        .subquery()
    )
    runs = theirs.user_id == students.c.user_id, theirs.state == "running", theirs.lane == lane
    running = select(func.count()).where(*runs)
    # In this lane: what of theirs is judged anew does not make them wait for their next verdict. One that
    # shares its turns is looked up by itself: of both at once, all of a student's rows would be read.
    served = {
        f"served_{each.word}": select(func.max(theirs.started_at))
        .where(theirs.user_id == students.c.user_id, theirs.lane == each)
        .scalar_subquery()
        for each in shared
    }
    turns = select(
        students.c.user_id,
        students.c.since,
        running.scalar_subquery().label("running"),
        *(looked_up.label(name) for name, looked_up in served.items()),
    ).subquery()
    first, last = (turns.c[name] for name in (min(served), max(served)))
    served_last = case((first > last, first), else_=func.coalesce(last, first))
    waits_since = case((served_last > turns.c.since, served_last), else_=turns.c.since)
    wanted = (
        select(Submission.id)
        .join(turns, turns.c.user_id == Submission.user_id)
        .where(*due)
        .order_by(
            turns.c.running,
            waits_since,
            turns.c.user_id,
            Submission.created_at,
            Submission.attempt,
        )
        .limit(1)
        # A row that somebody else is changing at this moment, to cancel a proposal say, is passed over.
        .with_for_update(of=Submission, skip_locked=True)
    )
    return wanted.where(turns.c.running < bindparam("share")) if bounded else wanted
