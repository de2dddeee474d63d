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
    with the fewest running there, then the one served longest ago; of that student the oldest. One student's
    hundred submissions delay another's one by at most one.

    :param owner: unique to this claim, at most 128 characters.
    :param share: a student with so many running in a lane waits there.
    :param alone: take one of those that must run with nothing beside them in their process (see
        :data:`grader.store.requeue.ALONE_AFTER`), and no other; or none of those.
    :param blocked: assignments whose submissions are left waiting, but for what is judged for a proposal.
    :param lanes: from which it may be taken, the first one first: see :mod:`grader.dispatch.lanes`.
    """
    now = now or utcnow()
    locks.claiming(session)
    taking = _taking(alone, bool(blocked), share is not None)
    given = _moments(now) | {
        "claimer": owner, "until": now + timedelta(seconds=lease_seconds), "share": share,
        "blocked": list(blocked),
    }  # fmt: skip
    # An empty queue is asked for far more often than a claim is made, and this is much less to work out.
    waiting = session.execute(_in_lanes(alone, bool(blocked)), given).one()
    for lane in (lane for lane in lanes if waiting[lane]):
        taken = session.execute(taking, given | {"in_lane": lane}, execution_options=_AS_IT_IS).first()
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


_AS_IT_IS: Final = {"synchronize_session": False}


def _moments(now: datetime) -> dict[str, Any]:
    return {"moment": now, "farthest": now + timedelta(seconds=FARTHEST_SECONDS)}


# What follows is made once of each kind and kept: to build such a statement costs more than to run it, and a
# worker asks for one at each claim.


@functools.cache
def _taking(alone: bool, blocked: bool, shared: bool) -> UpdateBase:
    """Take the next one in turn of a lane (``in_lane``).

    :param blocked: some assignments are left out.
    :param shared: there is a bound to what runs of one student.
    """
    exercise = select(Assignment.exercise).where(Assignment.id == Submission.assignment_id)
    changes = select(Regrade.changes).where(Regrade.id == Submission.regrade_id)
    return (
        update(Submission)
        .where(Submission.id == _next_in_turn(_due(alone, blocked), shared).scalar_subquery())
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
    """Of each lane, by its number: whether anything is due there."""
    due = _due(alone, blocked)
    each: list[Any] = [exists().where(*due, Submission.lane == lane) for lane in Lane]
    return select(*each)


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


def _next_in_turn(of_all: Due, shared: bool) -> Select[str]:
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
    # In this lane: what of theirs is judged anew does not make them wait for their next verdict.
    of_theirs = theirs.user_id == students.c.user_id, theirs.lane == lane
    served = select(func.max(theirs.started_at)).where(*of_theirs)
    turns = select(
        students.c.user_id,
        students.c.since,
        running.scalar_subquery().label("running"),
        served.scalar_subquery().label("served"),
    ).subquery()
    wanted = (
        select(Submission.id)
        .join(turns, turns.c.user_id == Submission.user_id)
        .where(*due)
        .order_by(
            turns.c.running,
            turns.c.served.asc().nulls_first(),
            turns.c.since,
            turns.c.user_id,
            Submission.created_at,
            Submission.attempt,
        )
        .limit(1)
        # A row that somebody else is changing at this moment, to cancel a proposal say, is passed over.
        .with_for_update(of=Submission, skip_locked=True)
    )
    return wanted.where(turns.c.running < bindparam("share")) if shared else wanted
