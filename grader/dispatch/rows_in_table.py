"""Rows of a database server: several processes claim them, and the table alone knows what is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from grader.dispatch.lanes import Lanes
from grader.model.lane import Lane
from grader.store import claims, requeue, waiting
from grader.store.database import Store
from grader.store.queue import Claimed, Waiting
from grader.store.waiting import Place

log = structlog.get_logger(__name__)

_LOST: Final = "the database could not be written to"
_ALONE_SECONDS: Final = 0.2
"""Who finds that something must run alone, or runs alone, asks again so soon."""


@dataclass(frozen=True)
class _Active:
    """What this process runs.

    :ivar since: on the monotonic clock.
    :ivar out_of_turn: as :meth:`Lanes.taken` said.
    """

    claimed: Claimed
    since: float
    out_of_turn: bool


class RowsInTable:
    """:class:`grader.dispatch.rows.Rows` of a database server: the table alone knows what is due.

    :param share: how many submissions of one student may run at once.
    :param blocked: the assignments whose submissions are left waiting.
    :param unawaited: how many may run at once here that nobody waits for; None: ``share``.
    """

    look_seconds = 1.0

    def __init__(
        self,
        store: Store,
        lease_seconds: float,
        sweep_seconds: float,
        share: int,
        blocked: Callable[[], frozenset[int]] = frozenset,
        unawaited: int | None = None,
    ) -> None:
        self._store, self._lease, self._sweep = store, lease_seconds, sweep_seconds
        self.share, self._blocked = share, blocked
        self._expired_at = 0.0
        self._claiming = threading.Lock()
        self._lost: dict[str, Claimed] = {}
        """What is ours by the table and by nothing else, by owner."""
        self._lock = threading.Lock()
        """Guards those below."""
        self._lanes = Lanes(unawaited or share)
        self._listed = claims.NextInTurn()
        """Guarded by ``_claiming``."""
        self._active: dict[str, _Active | None] = {}
        """Claims of this process, made or (None) on their way, by owner."""
        self._alone: str | None = None
        """Of these, the one of what must run with nothing beside it."""
        self._due: list[float] = []
        """When what was put off here is due (:func:`time.monotonic`)."""
        self._suspects = False
        """Whether something waits that must."""

    def start(self) -> int:
        """See :class:`Rows`."""
        with self._store.write() as session:
            return requeue.requeue_expired(session)

    def claim(self, owner: str) -> Claimed | None:
        """See :class:`Rows`."""
        blocked = self._blocked()
        # One at a time: two that look at the lanes at once would both find room for what nobody waits for.
        with self._claiming:
            with self._lock:
                if self._alone is not None:
                    return None
                # Before the look at the table: what becomes due during it is looked for at once.
                now = time.monotonic()
                self._due = [due for due in self._due if due > now]
                lanes = self._lanes.order()
                self._active[owner] = None
            claimed = None
            try:
                claimed = self._claim(owner, blocked, lanes)
            except Exception:
                # A full disk, a server that restarts: the rows are still there when that has passed.
                log.exception("the queue could not be read")
            finally:
                with self._lock:
                    if claimed is None:
                        self._release(owner)
                    else:
                        out_of_turn = self._lanes.taken(claimed.lane)
                        self._active[owner] = _Active(claimed, time.monotonic(), out_of_turn)
        return claimed

    def _claim(self, owner: str, blocked: frozenset[int], lanes: tuple[Lane, ...]) -> Claimed | None:
        now = time.monotonic()
        with self._store.write() as session:
            lost = list(self._lost.values())
            for each in lost:
                requeue.put_off(session, each.id, each.owner, _LOST, delay_seconds=0.0)
            swept = now - self._expired_at >= self._sweep
            if swept:
                self._expired_at = now
                requeue.requeue_expired(session)
            if swept or self._suspects:
                self._suspects = claims.any_alone(session, blocked)
            alone = self._suspects
            claimed = None
            if not alone or self._is_alone(owner):
                claimed = claims.claim(
                    session,
                    owner,
                    self._lease,
                    share=self.share,
                    alone=alone,
                    blocked=blocked,
                    lanes=tuple(Lane) if alone else lanes,
                    listed=self._listed,
                )
        for each in lost:
            self._lost.pop(each.owner, None)
        return claimed

    def _is_alone(self, owner: str) -> bool:
        """Whether nothing else runs in this process; then nothing will until that has ended."""
        with self._lock:
            if set(self._active) != {owner}:
                return False
            self._alone = owner
            return True

    def _release(self, owner: str) -> None:
        active = self._active.pop(owner, None)
        if active is not None:
            seconds = time.monotonic() - active.since
            self._lanes.ended(active.claimed.lane, seconds, out_of_turn=active.out_of_turn)
        if self._alone == owner:
            self._alone = None

    def somebody_waits(self) -> bool:
        """See :class:`Rows`."""
        with self._lock:
            if self._alone is not None:  # it would be the next again
                return False
        blocked = self._blocked()
        with self._store.read() as session:
            return claims.somebody_waits(session, self.share, blocked)

    def seconds(self) -> float:
        """See :class:`Rows`."""
        with self._lock:
            soon = [self._sweep, *(due - time.monotonic() for due in self._due)]
            if self._suspects or self._alone:
                soon.append(_ALONE_SECONDS)
            return max(0.0, min(soon))

    def place(self, submission_id: str) -> Place | None:
        """See :class:`Rows`."""
        with self._store.read() as session:
            return waiting.place_of(session, submission_id)

    def waits(self, submission_id: str) -> bool:  # noqa: ARG002 – the table knows
        """See :class:`Rows`."""
        return False

    def counts(self) -> waiting.Lengths:
        """See :class:`Rows`."""
        with self._store.read() as session:
            return waiting.lengths(session)

    def arrived(self, row: Waiting | None) -> None:
        """See :class:`Rows`."""

    def ended(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""
        with self._lock:
            self._release(claimed.owner)

    def again(self, claimed: Claimed, delay: float, *, tries: int, lane: Lane | None = None) -> None:  # noqa: ARG002 – the table knows
        """See :class:`Rows`."""
        with self._lock:
            self._release(claimed.owner)
            self._due.append(time.monotonic() + delay)

    def abandon(self, *, behind: bool = False) -> None:
        """See :class:`Rows`.

        :param behind: of what is in the lower lanes alone.
        """
        with self._lock:
            held = [active.claimed for active in self._active.values() if active is not None]
        held = [each for each in held if not (behind and each.awaited)]
        try:
            with self._store.write() as session:
                for each in held:
                    requeue.put_off(session, each.id, each.owner, _LOST, delay_seconds=0.0)
        except Exception:
            log.exception("what was claimed is queued again when its lease has run out")

    def lost(self, claimed: Claimed) -> None:
        """See :class:`Rows`."""
        self._lost[claimed.owner] = claimed

    def resume(self) -> None:
        """See :class:`Rows`."""
