"""Preemption (multi-level feedback queue): whether what has run for long gives up its slot to who waits.

::

    pool ── a child has had its share: wanted? ──► Preemption ◄── somebody waits ── dispatcher, from its rows

The pool reads what was seen last, and is never kept waiting for an answer: a database that hangs must not
keep it from looking at a child's limits. That it asks has the rows looked at, by a thread of its own; while
nothing runs for long nobody looks.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Preemption:
    """Safe for threads. Until somebody watches, nothing is preempted."""

    def __init__(self) -> None:
        self._asked, self._ended = threading.Event(), threading.Event()
        self._seen = -math.inf
        """When somebody was seen waiting, by the monotonic clock."""
        self._lasts = 0.0
        self._thread: threading.Thread | None = None

    def wanted(self) -> bool:
        """Whether somebody waits, as it was seen last. What was seen long ago says nothing."""
        self._asked.set()
        return time.monotonic() - self._seen <= self._lasts

    def watch(self, look: Callable[[], bool], every: float) -> None:
        """Begin to look whether somebody waits, when that is asked, and once in ``every`` seconds at most."""
        self._lasts = 2 * every
        self._thread = threading.Thread(target=self._watch, args=(look, every), name="who waits", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(5)

    def _watch(self, look: Callable[[], bool], every: float) -> None:
        while self._asked.wait() and not self._ended.is_set():
            self._asked.clear()
            try:
                self._seen = time.monotonic() if look() else -math.inf
            except Exception as e:  # noqa: BLE001 – logged; the next look may succeed
                log.warning("it is not known who waits", problem=f"{type(e).__name__}: {e}"[:300])
            self._ended.wait(every)
