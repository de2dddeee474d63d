"""Claims where several processes serve one queue: whose turn it is by the table, and that row taken.

Where one process serves, it keeps the order in its memory (:mod:`grader.dispatch.turns`).
"""

from __future__ import annotations

import functools
import itertools
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    UpdateBase,
    and_,
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
LISTED: Final = 16
"""Students whose turn is next, of one look at the whole queue."""
LISTED_SECONDS: Final = 0.25
"""So long what was found then is gone by."""


@dataclass
class NextInTurn:
    """Whose turns come next in the first lane, as one look at the whole queue found them.

    The longer a queue, the more it costs to work out whose turn it is, and the less is to be had of doing so
    at each claim: who comes meanwhile comes after all that are listed, since only those are of whom nothing
    runs, each with their oldest. Of whom something ran at that look, and has ended, may wait for as many
    longer; so may what becomes due only now, because it had been put off. Not safe for threads.
    """

    _ids: deque[str] = field(default_factory=deque)
    _found_at: datetime | None = None
    _blocked: frozenset[int] = frozenset()
    _empty: frozenset[Lane] = frozenset()

    def pop(self, lanes: Collection[Lane], blocked: Collection[int], now: datetime) -> str | None:
        """The next; None: the queue is to be looked at.

        :param lanes: from which it may be taken: nothing was due in those before the first one.
        """
        at = self._found_at
        fresh = at is not None and at <= now <= at + timedelta(seconds=LISTED_SECONDS)
        if not fresh or self._blocked != frozenset(blocked):
            self._ids.clear()
        if not self._ids or Lane.INTERACTIVE not in lanes:
            return None
        before = itertools.takewhile(lambda lane: lane is not Lane.INTERACTIVE, lanes)
        return self._ids.popleft() if self._empty.issuperset(before) else None

    def put(self, ids: Iterable[str], empty: Iterable[Lane], blocked: Collection[int], now: datetime) -> None:
        """What a look at the queue found, the next one first; and in which lanes nothing was due."""
        self._ids, self._found_at = deque(ids), now
        self._empty, self._blocked = frozenset(empty), frozenset(blocked)


def claim(
    session: Session,
    owner: str,
    lease_seconds: float,
    *,
    share: int | None = None,
    alone: bool = False,
    blocked: Collection[int] = (),
    lanes: Iterable[Lane] = tuple(Lane),
    listed: NextInTurn | None = None,
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
    now, lanes = now or utcnow(), tuple(lanes)
    locks.claiming(session)
    given = _moments(now) | {"share": share, "blocked": list(blocked)}

    def take(submission_id: str, lane: Lane) -> Claimed | None:
        until = now + timedelta(seconds=lease_of(lane, lease_seconds))
        its = {"wanted": submission_id, "in_lane": lane, "until": until, "claimer": owner}
        taking = _taking(alone, bool(blocked), share is not None)
        taken = session.execute(taking, given | its, execution_options=_AS_IT_IS).first()
        if taken is None:
            return None
        user_id, slug, assignment_id, *handed_in, tries, queued_at, asked = taken
        work = Work(slug, assignment_id, HandedIn(*handed_in), rtol_of(asked), asked is not None)
        return Claimed(submission_id, owner, user_id, work, tries, lane, queued_at=queued_at, claimed_at=now)

    if listed is not None and not alone:
        while (known := listed.pop(lanes, blocked, now)) is not None:
            if (claimed := take(known, Lane.INTERACTIVE)) is not None:
                return claimed
    # An empty queue is asked for far more often than a claim is made, and this is much less to work out.
    waiting = session.execute(_in_lanes(alone, bool(blocked)), given).mappings().one()
    for lane in (lane for lane in lanes if waiting[lane.word]):
        looking = _in_turn(alone, bool(blocked), share is not None, lane.shared, LISTED)
        turns = session.execute(looking, given | {"in_lane": lane}).all()
        for n, each in enumerate(turns, 1):
            if (claimed := take(each.id, lane)) is not None:
                if listed is not None and not alone and lane is Lane.INTERACTIVE:
                    empty = [other for other in Lane if not waiting[other.word]]
                    # One of each student: two of theirs may be from the same moment.
                    others = {more.user_id: more.id for more in reversed(turns[n:]) if not more.running}
                    others.pop(each.user_id, None)
                    listed.put(reversed(others.values()), empty, blocked, now)
                return claimed
        if len(turns) == LISTED:
            # Somebody is changing all of these at this moment, to cancel a proposal say: one that nobody is.
            looking = _in_turn(alone, bool(blocked), share is not None, lane.shared, None)
            for each in session.execute(looking, given | {"in_lane": lane}).all()[LISTED:]:
                if (claimed := take(each.id, lane)) is not None:
                    return claimed
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
_LANE: Final = Submission.lane.type


def _moments(now: datetime) -> dict[str, Any]:
    return {"moment": now, "farthest": now + timedelta(seconds=FARTHEST_SECONDS)}


# What follows is made once of each kind and kept: to build such a statement costs more than to run it, and a
# worker asks for one at each claim.


@functools.cache
def _taking(alone: bool, blocked: bool, bounded: bool) -> UpdateBase:
    """Take a row (``wanted``), if it may be taken from its lane (``in_lane``) still.

    :param blocked: some assignments are left out.
    :param bounded: there is a bound to what runs of one student.
    """
    exercise = select(Assignment.exercise).where(Assignment.id == Submission.assignment_id)
    changes = select(Regrade.changes).where(Regrade.id == Submission.regrade_id)
    wanted = Submission.id == bindparam("wanted"), Submission.lane == bindparam("in_lane", type_=_LANE)
    free = (
        select(Submission.id)
        .where(*wanted, *_due(alone, blocked))
        # A row that somebody else is changing at this moment, to cancel a proposal say, is passed over.
        .with_for_update(of=Submission, skip_locked=True)
    )
    if bounded:
        free = free.where(_running(Submission.user_id).scalar_subquery() < bindparam("share"))
    return (
        update(Submission)
        .where(Submission.id == free.scalar_subquery())
        .values(
            state="running",
            owner=bindparam("claimer"),
            started_at=bindparam("moment"),
            lease_until=bindparam("until"),
            not_before=None,
        )
        .returning(
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


def _running(user_id: Any) -> Select[int]:
    """How many of a student's run in a lane (``in_lane``)."""
    theirs = aliased(Submission)
    return select(func.count()).where(
        theirs.user_id == user_id,
        theirs.state == "running",
        theirs.lane == bindparam("in_lane", type_=_LANE),
    )


@functools.cache
def _in_turn(
    alone: bool, blocked: bool, bounded: bool, shared: tuple[Lane, ...], most: int | None
) -> Select[Any]:
    """What is due in a lane, the oldest of each student, by whose turn it is: its id, whose it is, how many
    of theirs run. What is looked up of a student is looked up once, not once per submission of a long queue.

    :param shared: the lanes in which a student's turn is one in this lane, too.
    """
    due = (*_due(alone, blocked), Submission.lane == bindparam("in_lane", type_=_LANE))
    theirs = aliased(Submission)
    students = (
        select(Submission.user_id, func.min(Submission.created_at).label("since"))
        .where(*due)
        .group_by(Submission.user_id)
        .subquery()
    )
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
        _running(students.c.user_id).scalar_subquery().label("running"),
        *(looked_up.label(name) for name, looked_up in served.items()),
    ).subquery()
    first, last = (turns.c[name] for name in (min(served), max(served)))
    served_last = case((first > last, first), else_=func.coalesce(last, first))
    waits_since = case((served_last > turns.c.since, served_last), else_=turns.c.since)
    wanted = (
        select(Submission.id, Submission.user_id, turns.c.running)
        .join(
            turns,
            and_(turns.c.user_id == Submission.user_id, turns.c.since == Submission.created_at),
        )
        .where(*due)
        .order_by(turns.c.running, waits_since, turns.c.user_id, Submission.attempt)
        .limit(most)
    )
    return wanted.where(turns.c.running < bindparam("share")) if bounded else wanted
