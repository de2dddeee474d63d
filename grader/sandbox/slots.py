"""A bounded gate (a counting semaphore with a queue): how many jobs run at once, and how many may wait.

Threads: whoever wants a slot blocks in :meth:`Slots.held` until it has one, first come, first served. Whose
submission is graded next is decided before, where the store hands out rows: here nobody is told apart.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator

from grader.errors import SandboxBusy


class Slots:
    """``slots`` jobs at once, and at most ``queue`` that wait.

    :ivar running: how many slots are taken.
    """

    def __init__(self, slots: int, queue: int) -> None:
        self._slots, self._most = slots, queue
        self._changed = threading.Condition()
        self._queue: deque[threading.Event] = deque()
        """Who waits, in the order in which they came. An event is set when the slot is its own."""
        self._loners = 0
        self._alone = False
        self.running = 0

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return len(self._queue)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold a slot; blocks until there is one.

        :raises SandboxBusy: the queue is full.
        """
        self._take()
        try:
            yield
        finally:
            with self._changed:
                self._free()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """For who holds a slot: wait until nobody else runs, and let nobody else begin meanwhile."""
        with self._changed:
            self._loners += 1
            try:
                while self._alone or self.running > self._loners:
                    self._changed.wait()
            except BaseException:
                self._end_loneliness()
                raise
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._end_loneliness()

    def _end_loneliness(self) -> None:
        self._loners -= 1
        self._hand_out()
        self._changed.notify_all()

    def _take(self) -> None:
        with self._changed:
            if self._may_begin() and not self._queue:
                self.running += 1
                return
            if len(self._queue) >= self._most:
                raise SandboxBusy(f"{len(self._queue)} submissions wait already")
            mine = threading.Event()
            self._queue.append(mine)
        try:
            mine.wait()
        except BaseException:  # Ctrl-C: a slot must not come to nobody
            with self._changed:
                if mine.is_set():
                    self._free()
                else:
                    self._queue.remove(mine)
            raise

    def _may_begin(self) -> bool:
        return self.running < self._slots and not self._loners

    def _free(self) -> None:
        self.running -= 1
        self._hand_out()
        if self._loners:
            self._changed.notify_all()

    def _hand_out(self) -> None:
        while self._queue and self._may_begin():
            self.running += 1
            self._queue.popleft().set()
