"""Waiting for a verdict: an event for each thread that waits, set when its verdict is written.

Who begins to wait a moment after it was written need not look at the row, where what was told lately is
remembered.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from grader.dispatch.base import Written

REMEMBERED_SECONDS: Final = 2.0
"""Between the commit of a submission and that somebody waits for its verdict there is much less."""
MOST_REMEMBERED: Final = 4096


class Expected(threading.Event):
    """Set when a verdict is there, or there will be none.

    :ivar written: the verdict, where who set it has it at hand.
    """

    written: Written | None = None


class Waiters:
    """Who waits for which submission. Any number of threads may call it.

    :param remember: whether who begins to wait hears of what was told a moment before.
    """

    def __init__(self, *, remember: bool = False) -> None:
        self._remember = remember
        self._lock = threading.Lock()
        self._events: dict[str, set[Expected]] = {}
        self._told: OrderedDict[str, float] = OrderedDict()
        """What was told lately, and when."""

    @contextmanager
    def expecting(self, submission_id: str) -> Iterator[Expected]:
        """An event that :meth:`tell` sets, or did a moment ago where that is remembered; else look at the row
        inside the block: no verdict is missed between.
        """
        done = Expected()
        with self._lock:
            if time.monotonic() - self._told.get(submission_id, -math.inf) < REMEMBERED_SECONDS:
                done.set()
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

    def tell(self, submission_id: str, written: Written | None = None) -> None:
        """Its verdict is there, or there will be none.

        :param written: the verdict, where it is at hand.
        """
        with self._lock:
            if self._remember:
                self._told[submission_id] = time.monotonic()
                self._told.move_to_end(submission_id)
                if len(self._told) > MOST_REMEMBERED:
                    self._told.popitem(last=False)
            for event in self._events.get(submission_id, ()):
                event.written = written
                event.set()

    def tell_all(self) -> None:
        """Nobody need wait any longer."""
        with self._lock:
            for event in itertools.chain.from_iterable(self._events.values()):
                event.set()
