"""Rows of an SQLite file: the one process that serves it keeps the queue in its memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from grader.dispatch.running import RunningFile
from grader.dispatch.turns import Turns
from grader.model.lane import Lane
from grader.store import judging_versions, queue, requeue, waiting
from grader.store.claims import lease_of
from grader.store.database import Store
from grader.store.queue import Claimed, Waiting
from grader.store.tables import utcnow
from grader.store.waiting import Place

log = structlog.get_logger(__name__)

BLOCKED_SECONDS: Final = 5.0
"""So long until a row is looked at again whose assignment is judged by other versions."""
MOST_HELD: Final = 64 * 2**20
"""Bytes of sources that wait in memory. What is beyond is read from the table when its turn comes."""


@dataclass
class _Active:
    """What is claimed."""

    row: Waiting
    since: float


class RowsInMemory:
    """:class:`grader.dispatch.rows.Rows` of a store that this process alone serves.

    Compared with the table every ``sweep_seconds``: what others have queued (a regrade) is found then.

    :param share: how many submissions of one student may run at once.
    :param unawaited: how many that nobody waits for.
    :param threads: how many run at once.
    :param call: called when rows have been added, to wake who sleeps.
    :param running_file: where it is written down what is being graded.
    :param blocked: the assignments whose submissions are left waiting.
    """

    look_seconds = 0.05

    def __init__(
        self,
        store: Store,
        lease_seconds: float,
        sweep_seconds: float,
        share: int,
        unawaited: int,
        threads: int,
        call: Callable[[], None],
        running_file: Path,
        blocked: Callable[[], frozenset[int]] = frozenset,
    ) -> None:
        self._blocked = blocked
        self._store, self._lease, self._sweep, self._call = store, lease_seconds, sweep_seconds, call
        self._running_file, self._threads = running_file, threads
        self._running: RunningFile | None = None
        self._lock = threading.Lock()
        """Guards those below."""
        self._turns = Turns(share, unawaited)
        self._active: dict[str, _Active] = {}
        """By the claim's owner."""
        self._running_ids: dict[str, int] = {}
        """How many claims hold a submission: two, when one was held too long and given to another."""
        self._held = 0
        """Bytes of sources in the queue."""
        self._looked: float | None = None
        """When the table was looked at last; None: it is to be looked at now."""

    def start(self) -> int:
        """See :class:`Rows`."""
        running = RunningFile(self._running_file, 4 * self._threads)
        with self._store.write() as session:
            judging_versions.forget_refused(session)
            found = requeue.requeue_running(session)  # as older versions, or a database server, left it
            found += requeue.interrupted(session, running.left)
        running.clear()
        with self._lock:
            self._running = running
        return found

    def arrived(self, row: Waiting | None) -> None:
        """See :class:`Rows`."""
        if row is not None:
            self._put([row])
        else:
            with self._lock:
                self._looked = None

    def claim(self, owner: str) -> Claimed | None:
        """See :class:`Rows`."""
        self._look()
        while True:
            with self._lock:
                row = self._turns.take()
                if row is None:
                    return None
                self._active[owner] = _Active(row, time.monotonic())
                self._running_ids[row.id] = self._running_ids.get(row.id, 0) + 1
                self._held -= _size(row)
                if self._running is not None:
                    self._running.enter(owner, row.id)
            work = row.work
            if work is None:
                try:
                    with self._store.read() as session:
                        work = queue.work_of(session, row.id)
                except Exception:
                    log.exception("a submission could not be read", submission=row.id)
                    self._end(owner)
                    self._put([replace(row, not_before=utcnow() + timedelta(seconds=self._sweep))])
                    return None
            if work is not None and not work.rerun and work.assignment_id in self._blocked():
                self._end(owner)
                due = utcnow() + timedelta(seconds=BLOCKED_SECONDS)
                self._put([replace(row, not_before=due)])
            elif work is not None:
                since = row.queued_at or row.created_at
                given = row.id, owner, row.user_id, work, row.tries, row.lane
                return Claimed(*given, in_memory=True, queued_at=since, claimed_at=utcnow())
            else:
                self._end(owner)  # it is not queued any more

    def ended(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""
        self._end(claimed.owner)

    def again(self, claimed: Claimed, delay: float, *, tries: int, lane: Lane | None = None) -> None:
        """See :class:`Rows`."""
        with self._lock:
            active = self._active.get(claimed.owner)
        if active is not None:
            self._end(claimed.owner)
            due = utcnow() + timedelta(seconds=delay)
            lane = lane or active.row.lane
            self._put([replace(active.row, lane=lane, tries=tries, not_before=due, work=claimed.work)])

    def abandon(self) -> None:
        """See :class:`Rows`. Of the first lane the next process finds word beside the file. What runs behind
        may take longer than anybody waits for at the end of a process, which says nothing against it."""
        with self._lock:
            for owner, each in self._active.items():
                if self._running is not None and each.row.lane is not Lane.INTERACTIVE:
                    self._running.leave(owner)

    def lost(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""
        self.again(claimed, self._sweep, tries=claimed.tries)

    def resume(self) -> None:
        """See :class:`Rows`."""
        with self._lock:
            self._turns.resume()

    def somebody_waits(self) -> bool:
        """See :class:`Rows`."""
        with self._lock:
            return self._turns.somebody_waits()

    def seconds(self) -> float:
        """See :class:`Rows`."""
        with self._lock:
            due = self._turns.seconds()
        return self._sweep if due is None else min(due, self._sweep)

    def place(self, submission_id: str) -> Place | None:
        """See :class:`Rows`."""
        with self._lock:
            if submission_id in self._running_ids:
                each = next(each for each in self._active.values() if each.row.id == submission_id)
                long = 0 if each.row.lane is Lane.LONG else None
                return Place(0, True, long=long, ran=time.monotonic() - each.since)
            if submission_id not in self._turns:
                return None
            long = self._turns.long_before(submission_id)
            before = self._turns.before(submission_id)
            if before is None:
                return Place(len(self._turns) - 1, False, self._turns.seconds() or 0.0, long)
            return Place(before + len(self._active), False, long=long)

    def waits(self, submission_id: str) -> bool:
        """See :class:`Rows`."""
        with self._lock:
            return submission_id in self._running_ids or submission_id in self._turns

    def counts(self) -> waiting.Lengths:
        """See :class:`Rows`."""
        with self._lock:
            return waiting.Lengths(len(self._turns), len(self._active), self._turns.parts())

    def _end(self, owner: str) -> None:
        with self._lock:
            active = self._active.pop(owner, None)
            if self._running is not None:
                self._running.leave(owner)
            if active is not None:
                self._turns.ended(active.row)
                self._running_ids[active.row.id] -= 1
                if not self._running_ids[active.row.id]:
                    del self._running_ids[active.row.id]
        if active is not None and active.row.interruptions >= requeue.ALONE_AFTER:
            self._call()  # the others waited for it

    def _put(self, rows: list[Waiting]) -> None:
        with self._lock:
            new = []
            for row in rows:
                if row.id in self._running_ids or row.id in self._turns:
                    continue
                if row.work is not None and self._held + _size(row) > MOST_HELD:
                    row = replace(row, work=None)
                self._held += _size(row)
                new.append(row)
            self._turns.put(new)
        if new:
            self._call()

    def _look(self) -> None:
        """Every few seconds, or when asked to, compare the table with what is known."""
        with self._lock:
            now = time.monotonic()
            if self._looked is not None and now - self._looked < self._sweep:
                return
            asked, self._looked = self._looked is None, now
            late = [
                owner
                for owner, each in self._active.items()
                if now - each.since > lease_of(each.row.lane, self._lease)
            ]
            known = len(self._turns) + len(self._running_ids)
        try:
            rows = self._held_too_long(late)
            with self._store.read() as session:
                if asked or waiting.count_waiting(session) != known:
                    rows += queue.waiting(session)
        except Exception:
            # A full disk, a locked file: the rows are still there when that has passed.
            log.exception("the queue could not be read")
            return
        self._put(rows)

    def _held_too_long(self, owners: list[str]) -> list[Waiting]:
        """Their rows, for another to take. Should they still come to an end, the first verdict counts."""
        with self._lock:
            rows = [self._active[owner].row for owner in owners if owner in self._active]
        if rows:
            with self._store.write() as session:
                requeue.interrupted(session, [row.id for row in rows])
            for owner in owners:
                self._end(owner)
        return [replace(row, work=None, interruptions=row.interruptions + 1) for row in rows]


def _size(row: Waiting) -> int:
    return 0 if row.work is None else len(row.work.submission.source) + 512
