"""Rows for a dispatcher: by an order kept in memory, or by looking for one at each claim.

One process serves an SQLite file, so it keeps the queue itself (:class:`RowsInMemory`): what is handed in
comes with its row, a claim writes nothing. A database server's rows others may serve as well, and each claim
looks for the one whose turn it is (:class:`RowsInTable`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog

from grader.dispatch.running import RunningFile
from grader.dispatch.turns import Turns
from grader.store import claims, queue, requeue
from grader.store.database import Store
from grader.store.queue import Claimed, Waiting
from grader.store.tables import utcnow

log = structlog.get_logger(__name__)

_LOST: Final = "the database could not be written to"
MOST_HELD: Final = 64 * 2**20
"""Bytes of sources that wait in memory. What is beyond is read from the table when its turn comes."""


@dataclass(frozen=True)
class Place:
    """Where a submission stands in the queue."""

    before: int
    """How many are taken before it; 0 also while it is being graded."""
    running: bool
    seconds: float = 0.0
    """Until it may be taken, for what was put off."""


class Rows(Protocol):
    """Queued rows, and those that are claimed. Safe for threads."""

    def start(self) -> int:
        """Queue what a stopped process left running; how many. Call it once, before all others.

        :raises GraderError: the table cannot be used.
        """

    def arrived(self, row: Waiting | None) -> None:
        """A row was stored; None: one of which no more is known."""

    def claim(self, owner: str) -> Claimed | None:
        """Take the row whose turn it is. ``owner`` is unique to this claim."""

    def ended(self, claimed: Claimed) -> None:
        """What was claimed is not being graded any more, whatever came of it."""

    def again(self, claimed: Claimed, delay: float, *, tries: int) -> None:
        """It is queued again, and due after ``delay`` seconds."""

    def lost(self, claimed: Claimed) -> None:
        """It could not be written that it is queued again. It is so within some seconds."""

    def resume(self) -> None:
        """What was put off because nothing could be graded is due now."""

    def seconds(self) -> float:
        """After so many it is worth claiming again, unasked."""

    def place(self, submission_id: str) -> Place | None:
        """Where it stands; None when it neither waits nor runs."""

    def counts(self) -> queue.Lengths:
        """How many wait, and how many run."""


class RowsInTable:
    """:class:`Rows` of a database server: the table alone knows what is due.

    :param share: how many submissions of one student may run at once.
    """

    def __init__(self, store: Store, lease_seconds: float, sweep_seconds: float, share: int) -> None:
        self._store, self._lease, self._sweep = store, lease_seconds, sweep_seconds
        self.share = share
        self._expired_at = 0.0
        self._lost: dict[str, Claimed] = {}
        """What is ours by the table and by nothing else, by owner."""

    def start(self) -> int:
        """See :class:`Rows`."""
        with self._store.write() as session:
            return requeue.requeue_expired(session)

    def claim(self, owner: str) -> Claimed | None:
        """See :class:`Rows`."""
        now = time.monotonic()
        try:
            with self._store.write() as session:
                lost = list(self._lost.values())
                for each in lost:
                    requeue.put_off(session, each.id, each.owner, _LOST, delay_seconds=0.0)
                if now - self._expired_at >= self._sweep:
                    self._expired_at = now
                    requeue.requeue_expired(session)
                claimed = claims.claim(session, owner, self._lease, share=self.share)
            for each in lost:
                self._lost.pop(each.owner, None)
            return claimed
        except Exception:
            # A full disk, a server that restarts: the rows are still there when that has passed.
            log.exception("the queue could not be read")
            return None

    def seconds(self) -> float:
        """See :class:`Rows`."""
        return self._sweep

    def place(self, submission_id: str) -> Place | None:
        """See :class:`Rows`."""
        with self._store.read() as session:
            found = queue.place_of(session, submission_id)
        return None if found is None else Place(*found)

    def counts(self) -> queue.Lengths:
        """See :class:`Rows`."""
        with self._store.read() as session:
            return queue.lengths(session)

    def arrived(self, row: Waiting | None) -> None:
        """See :class:`Rows`."""

    def ended(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""

    def again(self, claimed: Claimed, delay: float, *, tries: int) -> None:
        """See :class:`Rows`."""

    def lost(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""
        self._lost[claimed.owner] = claimed

    def resume(self) -> None:
        """See :class:`Rows`."""


@dataclass
class _Active:
    """What is claimed."""

    row: Waiting
    since: float


class RowsInMemory:
    """:class:`Rows` of a store that this process alone serves.

    Compared with the table every ``sweep_seconds``: what others have queued (a regrade) is found then.

    :param share: how many submissions of one student may run at once; and how many that nobody waits for.
    :param threads: how many run at once.
    :param call: called when rows have been added, to wake who sleeps.
    :param running_file: where it is written down what is being graded.
    """

    def __init__(
        self,
        store: Store,
        lease_seconds: float,
        sweep_seconds: float,
        share: int,
        threads: int,
        call: Callable[[], None],
        running_file: Path,
    ) -> None:
        self._store, self._lease, self._sweep, self._call = store, lease_seconds, sweep_seconds, call
        self._running_file, self._threads = running_file, threads
        self._running: RunningFile | None = None
        self._lock = threading.Lock()
        """Guards those below."""
        self._turns = Turns(share)
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
            if work is not None:
                return Claimed(row.id, owner, row.user_id, work, row.tries, row.regrading, in_memory=True)
            self._end(owner)  # it is not queued any more

    def ended(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""
        self._end(claimed.owner)

    def again(self, claimed: Claimed, delay: float, *, tries: int) -> None:
        """See :class:`Rows`."""
        with self._lock:
            active = self._active.get(claimed.owner)
        if active is not None:
            self._end(claimed.owner)
            due = utcnow() + timedelta(seconds=delay)
            self._put([replace(active.row, tries=tries, not_before=due, work=claimed.work)])

    def lost(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""
        self.again(claimed, self._sweep, tries=claimed.tries)

    def resume(self) -> None:
        """See :class:`Rows`."""
        with self._lock:
            self._turns.resume()

    def seconds(self) -> float:
        """See :class:`Rows`."""
        with self._lock:
            due = self._turns.seconds()
        return self._sweep if due is None else min(due, self._sweep)

    def place(self, submission_id: str) -> Place | None:
        """See :class:`Rows`."""
        with self._lock:
            if submission_id in self._running_ids:
                return Place(0, True)
            if submission_id not in self._turns:
                return None
            before = self._turns.before(submission_id)
            if before is None:
                return Place(len(self._turns), False, self._turns.seconds() or 0.0)
            return Place(before + len(self._active), False)

    def counts(self) -> queue.Lengths:
        """See :class:`Rows`."""
        with self._lock:
            return queue.Lengths(len(self._turns), len(self._active))

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
            late = [owner for owner, each in self._active.items() if now - each.since > self._lease]
            known = len(self._turns) + len(self._running_ids)
        try:
            rows = self._held_too_long(late)
            with self._store.read() as session:
                if asked or queue.count_waiting(session) != known:
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
        return [replace(row, work=None) for row in rows]


def _size(row: Waiting) -> int:
    return 0 if row.work is None else len(row.work.submission.source) + 512
