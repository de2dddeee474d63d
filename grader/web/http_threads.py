"""Request threads with admission control: few requests run at once, any number wait for something.

Python runs one thread at a time (the global interpreter lock). Where sixty threads want to run, as when a
class signs in at once, each hands the lock on after 5 ms, and a request that needs a millisecond of it
waits for sixty turns, several times over. So a request begins only while fewer than :data:`RUNNING` run,
first come first served. What waits for a verdict or for a turn to hash (:func:`aside`) is not counted among
these, and neither is what has run for so long that it may well be waiting, too, for a locked database for
instance. Who asks whether the server is alive passes by.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

from flask import has_request_context, request
from waitress.task import ThreadedTaskDispatcher

RUNNING: Final = 8
"""A request begins while fewer run. More than there are cores: a request waits for the database, too."""
STUCK_SECONDS: Final = 1.0
"""What has run for longer is not counted any more."""
PASSING: Final = 2
"""So many that ask whether the server is alive are answered at once, beside all others."""
ALIVE: Final = "/healthz"
"""Where one asks that."""
_ASIDE: Final = "grader.aside"
"""Where a request's WSGI environment has :meth:`RequestThreads.aside`."""
_ARRIVED: Final = "grader.arrived"
"""And when its last byte had come, by the monotonic clock."""


class RequestThreads(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress ships no types
    """waitress's threads and their queue.

    :param most: a request begins while fewer run.
    :param stuck_seconds: those that have run for longer are not counted.
    """

    def __init__(self, most: int = RUNNING, stuck_seconds: float = STUCK_SECONDS) -> None:
        super().__init__()
        self._most, self._stuck_seconds = most, stuck_seconds
        # Guarded by ``lock``, as all of waitress's own.
        self._alive: deque[Any] = deque()
        """Who asks whether the server is alive; all others are in waitress's ``queue``."""
        self._passing = 0
        self._began: dict[int, float] = {}
        """When what runs began or went on, by thread and the monotonic clock."""
        self._watched = False
        """Whether one of the threads that sleep wakes up by itself when another request may begin."""

    def add_task(self, task: Any) -> None:
        """Queue a connection of which a request is there."""
        asked = task.requests[0]
        asked.arrived = time.monotonic()
        passes = asked.error is None and asked.command in ("GET", "HEAD") and asked.path == ALIVE
        with self.lock:
            (self._alive if passes else self.queue).append(task)
            self._wake()

    def handler_thread(self, thread_no: int) -> None:
        """What a thread does until it is to stop."""
        me = threading.get_ident()
        while True:
            with self.lock:
                while not (self._due() or self.stop_count):
                    self.active_count -= 1
                    self._sleep()
                    self.active_count += 1
                if self.stop_count:
                    self.active_count -= 1
                    self.stop_count -= 1
                    self.threads.discard(thread_no)
                    self.thread_exit_cv.notify()
                    self.queue_cv.notify()  # it may have been the one that watched
                    return
                passes = self._passes()
                if passes:
                    task = self._alive.popleft()
                    self._passing += 1
                else:
                    task = self.queue.popleft()
                    self._began[me] = time.monotonic()
                self._wake()
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)
            finally:
                with self.lock:
                    if passes:
                        self._passing -= 1
                    else:
                        self._began.pop(me, None)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Stop all threads; what has not begun is cancelled."""
        with self.lock:
            self.queue.extend(self._alive)
            self._alive.clear()
        return bool(super().shutdown(cancel_pending, timeout))

    def _passes(self) -> bool:
        return bool(self._alive) and self._passing < PASSING

    def _due(self) -> bool:
        """Whether a thread may begin with a request."""
        return self._passes() or (bool(self.queue) and self._seconds() <= 0)

    def _seconds(self) -> float:
        """Until another request may begin though none of those that run ends."""
        if len(self._began) < self._most:
            return 0.0
        since = time.monotonic() - self._stuck_seconds
        counted = sorted(began for began in self._began.values() if began > since)
        return counted[-self._most] - since if len(counted) >= self._most else 0.0

    def _wake(self) -> None:
        """Wake one that sleeps if a request may begin, or if nobody would wake up when it may."""
        if self._due() or (self.queue and not self._watched):
            self.queue_cv.notify()

    def _sleep(self) -> None:
        """Until something may be due."""
        if self._watched or not self.queue:
            self.queue_cv.wait()
            return
        self._watched = True
        self.queue_cv.wait(self._seconds())
        self._watched = False

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Inside, this thread's request is not counted. Afterwards it goes on, whoever has begun."""
        me = threading.get_ident()
        with self.lock:
            counted = self._began.pop(me, None) is not None
            self._wake()
        try:
            yield
        finally:
            if counted:
                with self.lock:
                    self._began[me] = time.monotonic()

    def environment(self, asked: Any) -> dict[str, object]:
        """What the WSGI environment of a request has for :func:`aside` and :func:`arrived`."""
        return {_ASIDE: self.aside, _ARRIVED: asked.arrived}


def aside() -> AbstractContextManager[None]:
    """Inside, the current request, if any, waits for something, and another may begin in its place."""
    environment = request.environ if has_request_context() else {}
    stepping: Callable[[], AbstractContextManager[None]] = environment.get(_ASIDE, nullcontext)
    return stepping()


def arrived() -> float:
    """When the current request had come, by the monotonic clock: it may have waited for its turn since."""
    came: float = request.environ.get(_ARRIVED) or time.monotonic()
    return came
