"""Waiting for a verdict: an event for each thread that waits, set when its verdict is written."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Waiters:
    """Who waits for which submission. Any number of threads may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[str, set[threading.Event]] = {}

    @contextmanager
    def expecting(self, submission_id: str) -> Iterator[threading.Event]:
        """An event that :meth:`tell` sets. Look at the row inside the block: no verdict is missed between."""
        done = threading.Event()
        with self._lock:
            self._events.setdefault(submission_id, set()).add(done)
        try:
            yield done
        finally:
            with self._lock:
                waiting = self._events[submission_id]
                waiting.discard(done)
                if not waiting:
                    del self._events[submission_id]

    def awaited(self) -> list[str]:
        """What somebody waits for at this moment."""
        with self._lock:
            return list(self._events)

    def tell(self, submission_id: str) -> None:
        """Its verdict is there, or there will be none."""
        with self._lock:
            for event in self._events.get(submission_id, ()):
                event.set()

    def tell_all(self) -> None:
        """Nobody need wait any longer."""
        with self._lock:
            for event in itertools.chain.from_iterable(self._events.values()):
                event.set()
