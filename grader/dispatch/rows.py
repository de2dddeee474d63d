"""Where a dispatcher gets its rows: by an order kept in memory, or by looking for one at each claim.

One process serves an SQLite file, so it may keep the order of the queue itself (:class:`RowsInMemory`). A
database server's rows others may serve as well, and each claim looks for the one whose turn it is
(:class:`RowsInTable`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from grader.dispatch.turns import Turns
from grader.store import submissions
from grader.store.database import Store
from grader.store.submissions import Claimed, Waiting
from grader.store.tables import utcnow

log = structlog.get_logger(__name__)


class Rows(Protocol):
    """Queued rows, and those that are claimed. Safe for threads."""

    def arrived(self, submission_id: str, user_id: int | None) -> None:
        """A row was stored; whose it is, where that is known."""

    def claim(self, owner: str) -> Claimed | None:
        """Take the row whose turn it is. ``owner`` is unique to this claim."""

    def ended(self, owner: str) -> None:
        """What was claimed is not being graded any more, whatever came of it."""

    def again(self, claimed: Claimed, delay: float, *, tries: int) -> None:
        """It was given back to the table, and is due after ``delay`` seconds."""

    def resume(self) -> None:
        """What was put off because nothing could be graded is due now."""

    def seconds(self) -> float:
        """After so many it is worth claiming again, unasked."""


class RowsInTable:
    """:class:`Rows` of a database server: the table alone knows what is due."""

    def __init__(self, store: Store, lease_seconds: float, sweep_seconds: float) -> None:
        self._store, self._lease, self._sweep = store, lease_seconds, sweep_seconds

    def claim(self, owner: str) -> Claimed | None:
        """See :class:`Rows`."""
        try:
            with self._store.write() as session:
                submissions.requeue_expired(session)
                return submissions.claim(session, owner, self._lease)
        except Exception:
            # A full disk, a locked file: the rows are still there when that has passed.
            log.exception("the queue could not be read")
            return None

    def seconds(self) -> float:
        """See :class:`Rows`."""
        return self._sweep

    def arrived(self, submission_id: str, user_id: int | None) -> None:
        """See :class:`Rows`."""

    def ended(self, owner: str) -> None:
        """See :class:`Rows`."""

    def again(self, claimed: Claimed, delay: float, *, tries: int) -> None:
        """See :class:`Rows`."""

    def resume(self) -> None:
        """See :class:`Rows`."""


class RowsInMemory:
    """:class:`Rows` of a store that this process alone serves.

    Filled from the table at the first claim, and compared with it every ``sweep_seconds``: a row that others
    have queued (a regrade), or whose verdict could not be written, is found then.

    :param share: how many submissions of one student may run at once; and how many that nobody waits for.
    :param call: called when rows have been added, to wake who sleeps.
    """

    def __init__(
        self, store: Store, lease_seconds: float, sweep_seconds: float, share: int, call: Callable[[], None]
    ) -> None:
        self._store, self._lease, self._sweep, self._call = store, lease_seconds, sweep_seconds, call
        self._lock = threading.Lock()
        """Guards the three below."""
        self._turns = Turns(share)
        self._active: dict[str, Waiting] = {}
        """What is claimed, by owner. Entered before the table says so."""
        self._looked: float | None = None
        """When the table was looked at last; None: it is to be looked at now."""

    def arrived(self, submission_id: str, user_id: int | None) -> None:
        """See :class:`Rows`."""
        if user_id is not None:
            self._put([Waiting(submission_id, user_id, utcnow())])
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
                self._active[owner] = row
            try:
                with self._store.write() as session:
                    claimed = submissions.claim_row(session, row.id, owner, self._lease)
            except Exception:
                log.exception("a submission could not be claimed", submission=row.id)
                self.ended(owner)
                with self._lock:
                    self._turns.put([row])
                return None
            if claimed is not None:
                return claimed
            self.ended(owner)  # it is not queued any more

    def ended(self, owner: str) -> None:
        """See :class:`Rows`."""
        with self._lock:
            row = self._active.pop(owner, None)
            if row is not None:
                self._turns.ended(row)

    def again(self, claimed: Claimed, delay: float, *, tries: int) -> None:
        """See :class:`Rows`."""
        with self._lock:
            row = self._active.get(claimed.owner)
        if row is not None:
            self._put([replace(row, tries=tries, not_before=utcnow() + timedelta(seconds=delay))])

    def resume(self) -> None:
        """See :class:`Rows`."""
        with self._lock:
            self._turns.resume()

    def seconds(self) -> float:
        """See :class:`Rows`."""
        with self._lock:
            due = self._turns.seconds()
        return self._sweep if due is None else min(due, self._sweep)

    def _put(self, rows: list[Waiting]) -> None:
        with self._lock:
            new = self._turns.put(rows)
        if new:
            self._call()

    def _look(self) -> None:
        """Every few seconds, or when asked to, compare the table with what is known."""
        with self._lock:
            now = time.monotonic()
            if self._looked is not None and now - self._looked < self._sweep:
                return
            self._looked = now
            owners = set(self._active)
        overdue: set[str] = set()
        try:
            with self._store.read() as session:
                amiss = submissions.any_lost(session, owners)
                rows = submissions.waiting(session)
            if amiss:
                # Nobody claims while this writes, and who has claimed was entered before.
                with self._store.write() as session:
                    with self._lock:
                        owners = set(self._active)
                    overdue = submissions.overdue(session)
                    submissions.requeue_expired(session)
                    submissions.requeue_lost(session, owners)
                    rows = submissions.waiting(session)
        except Exception:
            # A full disk, a locked file: the rows are still there when that has passed.
            log.exception("the queue could not be read")
            return
        for owner in overdue:
            self.ended(owner)  # held too long: another may have it
        self._put(rows)
