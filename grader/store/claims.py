"""Claims where several processes serve one queue: one statement finds whose turn it is and takes it.

Where one process serves, it keeps the order in its memory (:mod:`grader.dispatch.turns`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Select,
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
    due = _due(now, alone=alone, blocked=blocked)
    for lane in lanes:
        claimed = _claim_from(session, lane, due, owner, lease_seconds, share, now)
        if claimed is not None:
            return claimed
    return None


def _claim_from(
    session: Session,
    lane: Lane,
    due: Due,
    owner: str,
    lease_seconds: float,
    share: int | None,
    now: datetime,
) -> Claimed | None:
    next_one = _next_in_turn(lane, due, share)
    exercise = select(Assignment.exercise).where(Assignment.id == Submission.assignment_id)
    changes = select(Regrade.changes).where(Regrade.id == Submission.regrade_id)
    taken = session.execute(
        update(Submission)
        .where(Submission.id == next_one.scalar_subquery())
        .values(
            state="running",
            owner=owner,
            started_at=now,
            lease_until=now + timedelta(seconds=lease_of(lane, lease_seconds)),
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
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        return None
    submission_id, user_id, slug, assignment_id, *handed_in, tries, queued_at, asked = taken
    work = Work(slug, assignment_id, HandedIn(*handed_in), rtol_of(asked), asked is not None)
    return Claimed(submission_id, owner, user_id, work, tries, lane, queued_at=queued_at, claimed_at=now)


def any_alone(session: Session, blocked: Collection[int] = (), *, now: datetime | None = None) -> bool:
    """Whether something is due that must run alone."""
    due = _due(now or utcnow(), alone=True, blocked=blocked)
    return session.scalar(select(exists().where(*due))) is True


def somebody_waits(
    session: Session, share: int, blocked: Collection[int] = (), *, now: datetime | None = None
) -> bool:
    """Whether anything of the first lane is due and has been for a moment: no thread is free for it.

    What waits because its student has ``share`` running does so whatever the others do.
    """
    now, theirs = now or utcnow(), aliased(Submission)
    noticed = or_(
        Submission.queued_at <= now - timedelta(seconds=UNNOTICED_SECONDS),
        Submission.queued_at > now,  # by a clock that is ahead of this one
    )
    first = Submission.lane == Lane.INTERACTIVE, noticed
    running = select(func.count()).where(
        theirs.user_id == Submission.user_id, theirs.state == "running", theirs.lane == Lane.INTERACTIVE
    )
    for alone in (False, True):
        due = *_due(now, alone=alone, blocked=blocked), *first
        if not alone:
            due += (running.scalar_subquery() < share,)
        if session.scalar(select(exists().where(*due))):
            return True
    return False


def lease_of(lane: Lane, seconds: float) -> float:
    """How long a claim from a lane is held before another is given the row, where one of the first has
    ``seconds``."""
    return seconds if lane is Lane.INTERACTIVE else LONGER_LEASE * seconds


def _due(now: datetime, *, alone: bool, blocked: Collection[int]) -> Due:
    suspect = Submission.interruptions >= ALONE_AFTER
    due: Due = (
        Submission.state == "queued",
        or_(
            Submission.not_before.is_(None),
            Submission.not_before <= now,
            Submission.not_before > now + timedelta(seconds=FARTHEST_SECONDS),
        ),
        suspect if alone else ~suspect,
    )
    if blocked:
        allowed = Submission.assignment_id.not_in(list(blocked))
        due += (or_(allowed, Submission.regrade_id.is_not(None)),)
    return due


def _next_in_turn(lane: Lane, of_all: Due, share: int | None) -> Select[str]:
    """The id of what is due in a lane and whose turn it is. What is looked up of a student is looked up once,
    and not once per submission of a long queue."""
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
        for each in lane.shared
    }
    turns = select(
        students.c.user_id,
        students.c.since,
        running.scalar_subquery().label("running"),
        *(looked_up.label(name) for name, looked_up in served.items()),
    ).subquery()
    first, last = (turns.c[name] for name in (min(served), max(served)))
    served_last = case((first > last, first), else_=func.coalesce(last, first))
    wanted = (
        select(Submission.id)
        .join(turns, turns.c.user_id == Submission.user_id)
        .where(*due)
        .order_by(
            turns.c.running,
            served_last.asc().nulls_first(),
            turns.c.since,
            turns.c.user_id,
            Submission.created_at,
            Submission.attempt,
        )
        .limit(1)
        # A row that somebody else is changing at this moment, to cancel a proposal say, is passed over.
        .with_for_update(of=Submission, skip_locked=True)
    )
    return wanted if share is None else wanted.where(turns.c.running < share)
