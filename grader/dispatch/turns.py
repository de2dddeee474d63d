"""Fair queue in memory: whose submission is graded next.

The rows in the store are the truth. This is the order in which the one process that serves them takes them,
so that nothing has to be looked for while a class hands in: the student with the fewest running comes first,
then the one served longest ago; of that student the oldest. One student's hundred submissions delay
another's one by at most one, and hold all slots but one. What is graded anew, or of a demo's class, waits for
everything else, as nobody sits and waits for it; all of it together holds all slots but one, too.

What the grader has died under before goes first, and alone (:data:`grader.store.requeue.ALONE_AFTER`): until
what runs has ended nothing else is taken, nor while it runs itself.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grader.store.queue import Waiting
from grader.store.requeue import ALONE_AFTER, FARTHEST_SECONDS
from grader.store.tables import utcnow


@dataclass
class _Student:
    """What waits of one student, oldest first, by whether it is graded anew."""

    waiting: dict[bool, list[tuple[datetime, int, Waiting]]] = field(
        default_factory=lambda: {False: [], True: []}
    )
    running: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    """What runs of theirs, likewise: what nobody waits for stands in nobody's way."""


class Turns:
    """Not safe for threads: its owner has a lock.

    :param share: how many submissions of one student may run at once; and how many that nobody waits for.
    """

    def __init__(self, share: int) -> None:
        self._share = share
        self._running_behind = 0
        self._students: dict[int, _Student] = {}
        self._served: dict[int, int] = {}
        """When each student was served last, in turns."""
        self._count = itertools.count(1)
        self._later: list[tuple[datetime, int, Waiting]] = []
        """What is not due yet, soonest first."""
        self._alone: list[tuple[datetime, int, Waiting]] = []
        """What must run with nothing beside it, oldest first."""
        self._running = 0
        """How many run; of these, not the one that runs alone."""
        self._suspect_runs = False
        self._known: dict[str, Waiting] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._known)

    def __contains__(self, submission_id: str) -> bool:
        """Whether it waits."""
        return submission_id in self._known

    def before(self, submission_id: str) -> int | None:
        """How many are taken before it, as things stand; None when it does not wait, or is not due yet."""
        row = self._known.get(submission_id)
        for n, (_, _, waits) in enumerate(sorted(self._alone)):
            if waits is row:
                return n
        student = None if row is None else self._students.get(row.user_id)
        if row is None or student is None:
            return None
        mine = student.waiting[row.regrading]
        place = next((entry for entry in mine if entry[2] is row), None)
        if place is None:
            return None
        rank = sum(entry < place for entry in mine)
        # Students take turns: of each other one, as many as of this one, if there are so many.
        others = (
            min(len(each.waiting[row.regrading]), rank + 1)
            for each in self._students.values()
            if each is not student
        )
        first = sum(len(each.waiting[False]) for each in self._students.values()) if row.regrading else 0
        return rank + sum(others) + first + len(self._alone)

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
        if self._suspect_runs or (self._alone and self._running):
            return None
        if self._alone:
            row = heapq.heappop(self._alone)[2]
            self._suspect_runs = True
            del self._known[row.id]
            return row
        for regrading in (False, True):
            if regrading and self._running_behind >= self._share:
                continue
            due = [
                (student.running[regrading], self._served.get(user, 0), student.waiting[regrading][0], user)
                for user, student in self._students.items()
                if student.waiting[regrading] and student.running[regrading] < self._share
            ]
            if due:
                user = min(due)[-1]
                student = self._students[user]
                row = heapq.heappop(student.waiting[regrading])[2]
                student.running[regrading] += 1
                self._running += 1
                self._running_behind += regrading
                self._served[user] = next(self._count)
                del self._known[row.id]
                return row
        return None

    def ended(self, row: Waiting) -> None:
        """What was taken does not run any more."""
        if _suspect(row):
            self._suspect_runs = False
            return
        self._running -= 1
        student = self._students[row.user_id]
        student.running[row.regrading] -= 1
        self._running_behind -= row.regrading
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
        if _suspect(row):
            heapq.heappush(self._alone, (row.created_at, next(self._count), row))
            return
        student = self._students.setdefault(row.user_id, _Student())
        heapq.heappush(student.waiting[row.regrading], (row.created_at, next(self._count), row))


def _suspect(row: Waiting) -> bool:
    return row.interruptions >= ALONE_AFTER


def _over(not_before: datetime, now: datetime) -> bool:
    """Whether the time for which something was put off is over."""
    return not_before <= now or not_before > now + timedelta(seconds=FARTHEST_SECONDS)
