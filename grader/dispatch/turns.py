"""Fair queue in memory: whose submission is graded next.

The rows in the store are the truth. This is the order in which the one process that serves them takes them,
so that nothing has to be looked for while a class hands in. Lanes go first (:mod:`grader.dispatch.lanes`);
within one the student with the fewest running comes first, then the one who has waited for longest, since the
oldest of theirs came or one of theirs was taken, whichever was later (round robin among who waits, first come
first served otherwise). One student's hundred submissions delay another's one by at most one, and hold all
slots but one; and nobody who was served an hour ago waits until all have been who never were.
What was taken in the first lane was a turn also where it did not run to its end there. What is in lanes below
leaves a thread free, too, all of it together.

What the grader has died under before goes first, and alone (:data:`grader.store.requeue.ALONE_AFTER`): until
what runs has ended nothing else is taken, nor while it runs itself.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from grader.dispatch.lanes import Lanes
from grader.model.lane import FLOOR, Lane
from grader.store.claims import UNNOTICED_SECONDS
from grader.store.queue import Waiting
from grader.store.requeue import ALONE_AFTER, FARTHEST_SECONDS
from grader.store.tables import utcnow
from grader.store.waiting import InPhase, Phase


class _Entry(NamedTuple):
    """What waits, by when it was handed in."""

    created_at: datetime
    number: int
    """By the count of the queue: no two are equal."""
    row: Waiting

    @property
    def arrived(self) -> int:
        """When it came, by that count; 0: it was taken before, and waits since its student was served."""
        again = self.row.tries or self.row.interruptions or self.row.not_before or self.row.lane is Lane.LONG
        return 0 if again else self.number


@dataclass
class _Student:
    """What waits of one student, oldest first, by lane."""

    waiting: dict[Lane, list[_Entry]] = field(default_factory=lambda: {lane: [] for lane in Lane})
    running: dict[Lane, int] = field(default_factory=lambda: dict.fromkeys(Lane, 0))
    """What runs of theirs, likewise: what nobody waits for stands in nobody's way."""


class _Stand(NamedTuple):
    """Where a student stands in a lane in which something of theirs waits: the least is served next."""

    running: int
    since: tuple[int, datetime, int]
    """Since when they wait there: by the count of the queue, then by when the first was handed in."""
    waiting: int


@dataclass(frozen=True)
class _Taken:
    row: Waiting
    at: datetime
    began: float
    """By the monotonic clock."""
    out_of_turn: bool
    alone: bool = False


class Turns:
    """Not safe for threads: its owner has a lock.

    :param share: how many submissions of one student may run at once in one lane.
    :param unawaited: how many of the lanes that nobody waits for; None: as many.
    """

    def __init__(self, share: int, unawaited: int | None = None) -> None:
        self._share = share
        self._lanes = Lanes(unawaited or share)
        self._students: dict[int, _Student] = {}
        self._lines: dict[Lane, dict[int, _Stand]] = {lane: {} for lane in Lane}
        """Who waits in each lane: made anew for a student when what it is made of changes, so that a turn,
        and a place in the queue, cost one look at each who waits."""
        self._taken: dict[str, _Taken] = {}
        self._served: dict[tuple[Lane, int], int] = {}
        """When each student was served last in each lane, see :attr:`Lane.shared`; by the same count as what
        was queued when."""
        self._count = itertools.count(1)
        self._later: list[tuple[datetime, int, Waiting]] = []
        """What is not due yet, soonest first."""
        self._alone: list[tuple[datetime, int, Waiting]] = []
        """What must run with nothing beside it, oldest first."""
        self._known: dict[str, Waiting] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._known)

    def __contains__(self, submission_id: str) -> bool:
        """Whether it waits."""
        return submission_id in self._known

    def before(self, submission_id: str) -> int | None:
        """How many are taken before it at most; None when it does not wait, or is not due yet."""
        row = self._known.get(submission_id)
        for n, (_, _, waits) in enumerate(sorted(self._alone)):
            if waits is row:
                return n
        alike = self.alike(submission_id)
        if row is None or alike is None:
            return None
        before = alike + len(self._alone) + sum(map(self._due, row.lane.above))
        # And of lanes below, what their floor gives them; what one of them is given passes over the next.
        for lane in row.lane.below:
            passed = min(self._lanes.passed(lane), FLOOR[lane] - 1)
            before += min(self._due(lane), (before + passed) // (FLOOR[lane] - 1))
        return before

    def alike(self, submission_id: str) -> int | None:
        """How many of its own lane are taken before it at most; None as for :meth:`before`."""
        row = self._known.get(submission_id)
        student = None if row is None else self._students.get(row.user_id)
        if row is None or student is None:
            return None
        mine = student.waiting[row.lane]
        place = next((entry for entry in mine if entry.row is row), None)
        if place is None:
            return None
        rank = sum(entry < place for entry in mine)
        # Students take turns: of each other one, as many as of this one, if there are so many; one less of
        # those who have not waited for as long.
        turns = 1 + rank + sum(len(student.waiting[lane]) for lane in row.lane.shared if lane is not row.lane)
        line = self._lines[row.lane]
        own = line[row.user_id]
        others = (each for user, each in line.items() if user != row.user_id)
        return rank + sum(
            min(waiting, turns if own.running or since < own.since else turns - 1)
            for _, since, waiting in others
        )

    def long_before(self, submission_id: str) -> int | None:
        """Of what is in LONG: how many run there or are taken from there before it; None: it is elsewhere."""
        row = self._known.get(submission_id)
        if row is None or row.lane is not Lane.LONG:
            return None
        return (self.alike(submission_id) or 0) + self._lanes.running(Lane.LONG)

    def somebody_waits(self) -> bool:
        """Whether anything of the first lane is due and has been for a moment: no thread is free for it.

        What waits because its student has as many running as one may does so whatever the others do. Nor is
        anything to be had of what runs alone, which would be the next again; or for what was put off and may
        have to be once more.
        """
        if any(taken.alone for taken in self._taken.values()):
            return False
        if any(row.lane is Lane.INTERACTIVE for _, _, row in self._alone):
            return True
        latest = utcnow() - timedelta(seconds=UNNOTICED_SECONDS)
        return any(
            (row.queued_at or row.created_at) <= latest
            for user, stand in self._lines[Lane.INTERACTIVE].items()
            if stand.running < self._share
            for _, _, row in self._students[user].waiting[Lane.INTERACTIVE][:1]
        )

    def parts(self) -> tuple[InPhase, ...]:
        """What waits, was put off, and runs, by lane."""
        now = utcnow()
        later = {row.id for _, _, row in self._later}
        since: dict[tuple[Phase, Lane], list[datetime]] = {}
        for row in self._known.values():
            phase: Phase = "put-off" if row.id in later else "waiting"
            since.setdefault((phase, row.lane), []).append(row.queued_at or row.created_at)
        for taken in self._taken.values():
            since.setdefault(("running", taken.row.lane), []).append(taken.at)
        return tuple(
            InPhase(phase, lane, len(times), max(0.0, (now - min(times)).total_seconds()))
            for (phase, lane), times in since.items()
        )

    def put(self, rows: Iterable[Waiting]) -> None:
        """Queue what is not queued yet."""
        now = utcnow()
        for row in rows:
            if row.id in self._known:
                continue
            self._known[row.id] = row
            if row.not_before is not None and not _over(row.not_before, now):
                heapq.heappush(self._later, (row.not_before, next(self._count), row))
            else:
                self._line_up(row)

    def take(self) -> Waiting | None:
        """The next that may run now, which runs from here on; None when there is none."""
        now = utcnow()
        while self._later and _over(self._later[0][0], now):
            self._line_up(heapq.heappop(self._later)[2])
        if any(taken.alone for taken in self._taken.values()) or (self._alone and self._taken):
            return None
        if self._alone:
            row = heapq.heappop(self._alone)[2]
            self._taken[row.id] = _Taken(row, now, time.monotonic(), False, alone=True)
            del self._known[row.id]
            return row
        for lane in self._lanes.order():
            line = self._lines[lane]
            due = [(stand, user) for user, stand in line.items() if stand.running < self._share]
            if due:
                user = min(due)[-1]
                student = self._students[user]
                row = heapq.heappop(student.waiting[lane]).row
                student.running[lane] += 1
                self._taken[row.id] = _Taken(row, now, time.monotonic(), self._lanes.taken(lane))
                self._served[lane.shared[0], user] = next(self._count)
                for each in lane.shared:
                    self._stand(user, each)
                del self._known[row.id]
                return row
        return None

    def _stand(self, user: int, lane: Lane) -> None:
        """Something of a student's has changed there."""
        student = self._students[user]
        waiting = student.waiting[lane]
        if not waiting:
            self._lines[lane].pop(user, None)
            return
        first = waiting[0]
        since = max(first.arrived, self._served.get((lane.shared[0], user), 0))
        stand = _Stand(student.running[lane], (since, first.created_at, first.number), len(waiting))
        self._lines[lane][user] = stand

    def ended(self, row: Waiting) -> None:
        """What was taken does not run any more."""
        taken = self._taken.pop(row.id)
        if taken.alone:
            return
        student = self._students[row.user_id]
        student.running[row.lane] -= 1
        self._stand(row.user_id, row.lane)
        self._lanes.ended(row.lane, time.monotonic() - taken.began, out_of_turn=taken.out_of_turn)
        if not any(student.running.values()) and not any(student.waiting.values()):
            del self._students[row.user_id]

    def resume(self) -> None:
        """What waits because nothing could be graded is due now; what failed by itself still waits."""
        for _, _, row in self._later:
            if not row.tries:
                self._line_up(row)
        self._later = [each for each in self._later if each[2].tries]
        heapq.heapify(self._later)

    def seconds(self) -> float | None:
        """Until the next is due; None when nothing waits for its time."""
        if not self._later:
            return None
        due, now = self._later[0][0], utcnow()
        return 0.0 if _over(due, now) else (due - now).total_seconds()

    def _line_up(self, row: Waiting) -> None:
        if row.interruptions >= ALONE_AFTER:
            heapq.heappush(self._alone, (row.created_at, next(self._count), row))
            return
        student = self._students.setdefault(row.user_id, _Student())
        heapq.heappush(student.waiting[row.lane], _Entry(row.created_at, next(self._count), row))
        self._stand(row.user_id, row.lane)

    def _due(self, lane: Lane) -> int:
        return sum(stand.waiting for stand in self._lines[lane].values())


def _over(not_before: datetime, now: datetime) -> bool:
    """Whether the time for which something was put off is over."""
    return not_before <= now or not_before > now + timedelta(seconds=FARTHEST_SECONDS)
