"""How many jobs run at once, who waits, and whose turn is next.

Threads: whoever wants a slot blocks in :meth:`Slots.held` until it has one. The queue is
bounded and fair between *askers*: they take turns, whatever number of jobs each has in it,
and when it is full the asker with most in it loses its newest to one who has fewer.
:class:`Cancel` is how an asker that is gone is let go of, from any thread.

Locks: :meth:`Cancel.set` holds its own lock while it calls whoever listens, and they may
take theirs; so nobody calls a :class:`Cancel` while holding a lock of their own.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from typing import Literal

from grader.errors import Cancelled, SandboxBusy


class Cancel:
    """Says once, from any thread, that nobody wants the answer any more."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._set = False

    def set(self) -> None:
        """Give up. Whatever runs on the asker's behalf is ended before this returns."""
        with self._lock:
            self._set = True
            for listener in self._listeners:
                listener()

    def is_set(self) -> bool:
        """Whether the asker has given up."""
        return self._set

    def check(self) -> None:
        """:raises Cancelled: the asker has given up."""
        if self._set:
            raise Cancelled("nobody waits for this verdict any more")

    @contextlib.contextmanager
    def calling(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call ``listener`` on :meth:`set`, or at once if that has been; never after this block has ended."""
        with self._lock:
            self._listeners.append(listener)
            if self._set:
                listener()
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)


class _Ticket:
    """One place in the queue."""

    def __init__(self, asker: Hashable) -> None:
        self.asker = asker
        self.woken = threading.Event()
        self.state: Literal["waiting", "given", "refused"] = "waiting"

    def settle(self, state: Literal["given", "refused"]) -> None:
        self.state = state
        self.woken.set()


class Slots:
    """``slots`` jobs at once, and at most ``queue`` that wait.

    :ivar running: how many slots are taken.
    :ivar waiting: how many wait.
    """

    def __init__(self, slots: int, queue: int) -> None:
        self._slots, self._most = slots, queue
        self._changed = threading.Condition()
        # In the order of turns: who has been served goes to the end.
        self._queues: OrderedDict[Hashable, deque[_Ticket]] = OrderedDict()
        self._loners = 0
        self._alone = False
        self.running = 0
        self.waiting = 0

    @contextlib.contextmanager
    def held(self, asker: Hashable, cancel: Cancel) -> Iterator[None]:
        """Hold a slot; blocks until it is this asker's turn.

        :raises SandboxBusy: the queue is full.
        :raises Cancelled: the asker gave up before its turn came.
        """
        self._take(asker, cancel)
        try:
            yield
        finally:
            with self._changed:
                self._free()

    @contextlib.contextmanager
    def alone(self, cancel: Cancel) -> Iterator[None]:
        """For who holds a slot: wait until nobody else runs, and let nobody else begin meanwhile.

        :raises Cancelled: the asker gave up while it waited.
        """
        with cancel.calling(self._notify), self._changed:
            self._loners += 1
            try:
                while (self._alone or self.running > self._loners) and not cancel.is_set():
                    self._changed.wait()
                cancel.check()
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

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _take(self, asker: Hashable, cancel: Cancel) -> None:
        cancel.check()
        with self._changed:
            if self._may_begin() and not self._queues:
                self.running += 1
                return
            self._make_room(asker)
            ticket = _Ticket(asker)
            self._queues.setdefault(asker, deque()).append(ticket)
            self.waiting += 1
        try:
            with cancel.calling(ticket.woken.set):
                ticket.woken.wait()
            cancel.check()
        except BaseException:  # the asker's Ctrl-C, too: a turn must not come to nobody
            self._abandon(ticket)
            raise
        if ticket.state == "refused":
            raise SandboxBusy("too many submissions wait: this asker has more of them than others")

    def _may_begin(self) -> bool:
        return self.running < self._slots and not self._loners

    def _make_room(self, asker: Hashable) -> None:
        if self.waiting < self._most:
            return
        mine = len(self._queues.get(asker, ()))
        greedy = max(self._queues.values(), key=len, default=None)
        if greedy is None or len(greedy) <= mine + 1:
            raise SandboxBusy(f"{self.waiting} submissions wait already")
        last = greedy[-1]
        self._remove(last)
        last.settle("refused")

    def _abandon(self, ticket: _Ticket) -> None:
        with self._changed:
            if ticket.state == "given":
                self._free()
            elif ticket.state == "waiting":
                self._remove(ticket)

    def _remove(self, ticket: _Ticket) -> None:
        queue = self._queues[ticket.asker]
        queue.remove(ticket)
        self.waiting -= 1
        if not queue:
            del self._queues[ticket.asker]

    def _free(self) -> None:
        self.running -= 1
        self._hand_out()
        if self._loners:
            self._changed.notify_all()

    def _hand_out(self) -> None:
        while self._queues and self._may_begin():
            asker, queue = next(iter(self._queues.items()))
            ticket = queue.popleft()
            self.waiting -= 1
            if queue:
                self._queues.move_to_end(asker)
            else:
                del self._queues[asker]
            self.running += 1
            ticket.settle("given")
