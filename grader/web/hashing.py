"""Turns to hash a password: few at once, few that wait, and for everybody beyond that a time to come back.

A hash takes 64 MiB and some 0.1 s of every core there is (Argon2id, by design), and who waits for one holds a
request thread. A class that signs in at the beginning of a lesson would otherwise hold all of them, and who
hands in would wait behind it. Each who is sent away is told another time, one hash after the one before
(a virtual queue), so that they do not all come back at once.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Final

from werkzeug.exceptions import ServiceUnavailable

AT_ONCE: Final = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4)
"""More than there are cores only take memory and time from others."""
WAITING: Final = 12
"""Request threads that may wait; of 64, of which 48 may wait for verdicts."""
AT_FIRST: Final = 0.1
"""Seconds of one, before one was timed."""


class PasswordTurns:
    """A context manager: inside is who hashes. Any number of threads may enter it.

    :param at_once: how many may be inside.
    :param waiting: how many may wait to get in.
    :param aside: a context to wait in, in which another request may begin.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._inside = threading.BoundedSemaphore(at_once)
        self._room = threading.BoundedSemaphore(at_once + waiting)
        self._at_once, self._waiting, self._aside = at_once, waiting, aside
        self._lock = threading.Lock()
        """Guards those below."""
        self._took = AT_FIRST
        self._last_told = 0.0
        self._mine = threading.local()

    def __enter__(self) -> None:
        """:raises ServiceUnavailable: too many wait; ``retry_after`` says when there is room, in seconds."""
        if not self._room.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=self._seconds_told())
        if not self._inside.acquire(blocking=False):
            with self._aside():
                self._inside.acquire()
        self._mine.began = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            # An exponential average: as the machine is at this moment.
            self._took += 0.2 * (time.monotonic() - self._mine.began - self._took)
        self._inside.release()
        self._room.release()

    def _seconds_told(self) -> int:
        with self._lock:
            each, now = self._took / self._at_once, time.monotonic()
            self._last_told = max(self._last_told, now + self._waiting * each) + each
            return max(1, math.ceil(self._last_told - now))
