"""Liveness: a heartbeat in the ``workers`` table, and what those who have fallen silent were grading.

Every process that grades rows of a database server writes each second that it is alive, and every process
that serves or grades looks for who does not (:mod:`grader.store.workers`). A worker that was killed thus
delays its rows by :data:`grader.store.workers.SILENT_SECONDS`, and not by the lease of a claim.

Who was cut off from the database itself cannot tell who is silent: after a gap in its own rounds it accuses
nobody until everybody has had the time to be seen again.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import structlog

from grader import __version__
from grader.dispatch.versions import installed, processor
from grader.store import workers
from grader.store.database import Store
from grader.store.workers import SILENT_SECONDS, Announced, Seen

log = structlog.get_logger(__name__)

BEAT_SECONDS: Final = 1.0
_GAP_SECONDS: Final = 3.0
"""A longer time between two rounds means that this process was cut off, or stopped."""


def named() -> str:
    """Host, process and start: new at every start, so that nobody finishes a claim of an earlier process."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def announced(name: str, slots: int, isolation: str | None) -> Announced:
    """What a worker of this process says of itself."""
    host = socket.gethostname()[:64]
    torch, numpy = installed("torch"), installed("numpy")
    return Announced(name, host, slots, __version__, torch, numpy, processor(), isolation)


class Liveness:
    """A thread that beats and looks, once a second.

    :param worker: written as alive; None: this process grades nothing and only looks at others.
    :param ready: whether the worker would grade what it is given now.
    :param requeued: called when rows of a silent worker were queued again, with how many.
    :param looked: called after each look with all workers that are known.
    """

    def __init__(
        self,
        store: Store,
        worker: Announced | None,
        *,
        ready: Callable[[], bool] = lambda: True,
        requeued: Callable[[int], None] = lambda _found: None,
        looked: Callable[[Sequence[Seen]], None] = lambda _seen: None,
    ) -> None:
        # Connections of its own: who waits for one behind a class that hands in would look dead.
        self._store, self._worker = store.another(), worker
        self._ready, self._requeued, self._looked = ready, requeued, looked
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liveness", daemon=True)
        self._failing = False
        self._last: float | None = None
        """When a round succeeded last."""
        self._whole_since = 0.0
        """Since when no round failed or came late."""

    def start(self) -> None:
        """Begin; the first beat is written before this returns.

        :raises StoreFailed: the database cannot be used.
        """
        self._round()
        self._thread.start()

    def isolated(self, isolation: str) -> None:
        """From now on, say that the worker isolates so."""
        if self._worker is not None:
            self._worker = replace(self._worker, isolation=isolation)

    def close(self, *, holding: bool = False) -> None:
        """Stop, and take the worker off the table.

        :param holding: it still holds rows: it stays in the table, so that its silence gives them back.
        """
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(5)
        if self._worker is not None and not holding:
            try:
                with self._store.write() as session:
                    workers.leave(session, self._worker.name)
            except Exception as e:  # noqa: BLE001 – logged; silence says the same, a little later
                log.warning("the end of a worker could not be written", problem=str(e)[:300])
        self._store.close()

    def _run(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self._round()
            except Exception as e:  # noqa: BLE001 – logged; the next round may succeed
                if not self._failing:
                    log.error("cannot be seen as alive", problem=f"{type(e).__name__}: {e}"[:300])
                self._failing, self._last = True, None

    def _round(self) -> None:
        with self._store.write() as session:
            if self._worker is not None:
                workers.beat(session, self._worker, ready=self._ready())
        began = time.monotonic()
        if self._last is None or began - self._last > _GAP_SECONDS:
            self._whole_since = began
        self._last, self._failing = began, False
        if began - self._whole_since >= SILENT_SECONDS:
            found = 0
            with self._store.write() as session:
                moment = workers.now(session)
                # Else the database stood still just now, for everybody.
                if time.monotonic() - began < _GAP_SECONDS:
                    found = workers.requeue_of_silent(session, moment)
            if found:
                log.warning("queued again what a silent worker was grading", submissions=found)
                self._requeued(found)
        with self._store.read() as session:
            seen = workers.seen(session)
        self._looked(seen)
