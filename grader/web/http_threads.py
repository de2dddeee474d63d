"""Request threads with admission control: as many run at once as one interpreter can serve, any number wait.

Python runs one thread at a time (the global interpreter lock). Where sixty threads want to run, as when a
class signs in at once, each hands the lock on after 5 ms, and a request that needs a millisecond of it
waits for sixty turns, several times over. So a request begins only while fewer than :data:`RUNNING` run.
One that waits for a verdict steps aside meanwhile (:func:`waiting`), and who asks whether the server is
alive passes by those that have not begun.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

from flask import has_request_context, request
from waitress.task import ThreadedTaskDispatcher

RUNNING: Final = 8
"""Requests that run at once. More than there are cores, since a request waits for the database, too."""
STUCK_SECONDS: Final = 1.0
"""Where none of them has ended for so long, they wait for something (a locked database): one more begins."""
FIRST: Final = frozenset({"/healthz"})
"""Paths that do not wait for those before them: they cost next to nothing, and who asks acts on it."""
_ASIDE: Final = "grader.aside"
"""Where a request's WSGI environment has :meth:`RequestThreads.aside`."""


class RequestThreads(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress ships no types
    """waitress's threads and their queue.

    :param most: requests that run at once.
    :param stuck_seconds: after how long without the end of one another begins.
    """

    def __init__(self, most: int = RUNNING, stuck_seconds: float = STUCK_SECONDS) -> None:
        super().__init__()
        self._most, self._stuck_seconds = most, stuck_seconds
        self._running = 0
        """Guarded by ``lock``, as all of waitress's own. Above ``most`` when one that waited goes on."""
        self._moved = 0.0
        """When one began or ended last, by the monotonic clock."""
        self._watched = False
        """Whether a thread without a request sleeps only for so long."""

    def add_task(self, task: Any) -> None:
        """Queue a connection of which a request is there."""
        with self.lock:
            if task.requests[0].path in FIRST:
                self.queue.appendleft(task)
            else:
                self.queue.append(task)
            self._wake()

    def handler_thread(self, thread_no: int) -> None:
        """What a thread does until it is to stop."""
        while True:
            with self.lock:
                while not (self._due() or self.stop_count):
                    self.active_count -= 1
                    self._wait()
                    self.active_count += 1
                if self.stop_count:
                    self.active_count -= 1
                    self.stop_count -= 1
                    self.threads.discard(thread_no)
                    self.thread_exit_cv.notify()
                    return
                task = self.queue.popleft()
                self._running += 1
                self._moved = time.monotonic()
                self._wake()
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)
            finally:
                with self.lock:
                    self._running -= 1
                    self._moved = time.monotonic()

    def _wake(self) -> None:
        """Wake one that sleeps if a request may begin, or if nobody would see that all are stuck."""
        if self._due() or (self.queue and not self._watched):
            self.queue_cv.notify()

    def _wait(self) -> None:
        """Sleep until something may be due. One of those that sleep looks whether all others are stuck."""
        if self._watched or not self.queue:
            self.queue_cv.wait()
            return
        self._watched = True
        self.queue_cv.wait(self._stuck_seconds)
        self._watched = False

    def _due(self) -> bool:
        """Whether a thread may begin with the next."""
        return bool(self.queue) and (
            self._running < self._most
            or self.queue[0].requests[0].path in FIRST
            or time.monotonic() - self._moved > self._stuck_seconds
        )

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Inside, this thread's request does not count among those that run."""
        with self.lock:
            self._running -= 1
            self._moved = time.monotonic()
            self._wake()
        try:
            yield
        finally:
            with self.lock:
                self._running += 1

    def environment(self) -> dict[str, Callable[[], AbstractContextManager[None]]]:
        """What a request's WSGI environment has, so that :func:`waiting` finds its threads."""
        return {_ASIDE: self.aside}


def waiting() -> AbstractContextManager[None]:
    """Inside, the current request, if any, waits for something, and another may begin in its place."""
    environment = request.environ if has_request_context() else {}
    aside: Callable[[], AbstractContextManager[None]] = environment.get(_ASIDE, nullcontext)
    return aside()
