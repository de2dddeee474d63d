"""Zygotes of a pool, one after another: started, warm, serving, retired, closed (exponential back-off).

::

    start ──► warming ──► serving ──── lost: dead, or no answer in time ──► closed, its jobs run again
                             └──────── old, heavy ──► retired ── last child buried ──► closed

Threads: the pool's keeper calls :meth:`Zygotes.succeed` and :meth:`Zygotes.end`; a zygote warms
up on a thread of its own, so that the keeper goes on serving the one before; any thread may ask
for the one that serves. Everything is guarded by the pool's condition, which is notified when
something has come or failed. While all goes well there are never more than two zygotes.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Final

from grader.errors import SandboxFailed, SandboxSlow
from grader.sandbox.forker import Child
from grader.sandbox.zygote import Lifetime, Zygote

_SHORTEST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 30.0
"""Between two attempts to start a zygote; while somebody waits, a second is the longest."""


class Zygotes:
    """A pool's zygotes.

    :param changed: the pool's condition. :param slots: how many children run at once.
    :ivar serving: where children come from now; None before the first and after a loss.
    :ivar closing: nothing is started any more.
    :ivar started: how many zygotes have become warm.
    """

    def __init__(
        self, changed: threading.Condition, slots: int, *, weak: bool, collapse: bool, lifetime: Lifetime
    ) -> None:
        self._changed = changed
        self._slots = slots
        self._weak, self._collapse, self._lifetime = weak, collapse, lifetime
        self.closing = False
        self.serving: Zygote | None = None
        self.started = 0
        self._retired: list[Zygote] = []
        self._warm: list[Zygote] = []
        self._warming: tuple[Zygote, threading.Thread] | None = None
        self._asked = 0
        self._failure: SandboxFailed | None = None
        self._failures = self._failures_in_a_row = 0
        self._unheard = False
        self._failed_at = 0.0

    def all(self) -> list[Zygote]:
        """Those that are warm and not closed."""
        return list(self._warm)

    @property
    def warming(self) -> bool:
        """Whether one is on its way."""
        return self._warming is not None

    def of(self, child: Child) -> Zygote | None:
        """The zygote of ``child``; None when it is closed."""
        return next((zygote for zygote in self._warm if zygote.owns(child)), None)

    def ready(self) -> bool:
        """Whether one serves."""
        return self.serving is not None and not self.serving.lost and not self.closing

    @contextlib.contextmanager
    def held(self, seconds: float) -> Iterator[Zygote]:
        """The one that serves; it is not ended while it is held.

        Who waits hears of the next failure to start one, or of the last if nobody has.

        :param seconds: how long to wait at most.
        :raises SandboxFailed: none can be started; :class:`SandboxSlow`: not in time.
        """
        zygote = self._wait(time.monotonic() + seconds)
        try:
            yield zygote
        finally:
            with self._changed:
                zygote.holders -= 1

    def _wait(self, deadline: float) -> Zygote:
        with self._changed:
            heard = self._failures - self._unheard
            self._asked += 1
            try:
                while self.serving is None or self.serving.lost:
                    if self.closing:
                        raise SandboxFailed("the pool is closing")
                    if self._failures > heard and self._failure is not None:
                        self._unheard = False
                        raise type(self._failure)(str(self._failure)) from self._failure
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise SandboxSlow("the jail does not get warm in time")
                    self._changed.notify_all()
                    self._changed.wait(min(left, 0.5))
                self.serving.holders += 1
                return self.serving
            finally:
                self._asked -= 1

    def idle(self) -> float:
        """Seconds for which :meth:`succeed` has nothing to do when nobody calls."""
        if self.serving is None and self._warming is None:
            return max(0.0, self._pause() - (time.monotonic() - self._failed_at))
        return 0.0 if self.serving is not None and self.serving.lost else 1.0

    def _pause(self) -> float:
        longest = 1.0 if self._asked else _LONGEST_PAUSE
        return min(longest, _SHORTEST_PAUSE * 2.0 ** min(self._failures_in_a_row, 16))

    def succeed(self) -> None:
        """See to it that a zygote serves, or is on its way; end those whose time is over."""
        over: list[Zygote] = []
        with self._changed:
            serving = self.serving
            if serving is not None and not serving.alive():
                self.serving = None
                self._retired.append(serving)
            for zygote in list(self._retired):
                if not zygote.alive() or zygote.empty():
                    over.append(zygote)
                    self._retired.remove(zygote)
                    self._warm.remove(zygote)
            due = self.serving is None or (
                # Never more than two at once while all goes well: each holds a torch.
                not self._retired and self.serving.spent(self._lifetime)
            )
            paused = self._failures_in_a_row and time.monotonic() - self._failed_at < self._pause()
            start = due and not paused and self._warming is None
        for zygote in over:
            zygote.close()
        if start:
            self._start()

    def _start(self) -> None:
        try:
            zygote = Zygote.start(weak=self._weak, lasting=self._collapse)
            zygote.slots = max(self._slots, zygote.slots)
        except (SandboxFailed, OSError) as error:
            self._fail(SandboxFailed(str(error)))
            return
        thread = threading.Thread(target=self._warm_up, args=(zygote,), name="pool-warming", daemon=True)
        with self._changed:
            self._warming = zygote, thread
        thread.start()

    def _warm_up(self, zygote: Zygote) -> None:
        """On a thread of its own: wait for the new zygote and let it take over."""
        try:
            zygote.wait_until_warm()
            if self._collapse:
                zygote.collapse()
            zygote.begin()
        except Exception as error:  # noqa: BLE001 – whatever it was, another must be tried
            zygote.close()
            self._fail(error if isinstance(error, SandboxFailed) else SandboxFailed(str(error)))
            return
        with self._changed:
            if self.serving is not None:
                self._retired.append(self.serving)
            self._warm.append(zygote)
            self.serving = zygote
            self._warming, self._failure, self._failures_in_a_row = None, None, 0
            self._unheard = False
            self.started += 1
            self._changed.notify_all()

    def _fail(self, error: SandboxFailed) -> None:
        with self._changed:
            self._warming, self._failure = None, error
            self._failures += 1
            self._failures_in_a_row += 1
            self._unheard = not self._asked
            self._failed_at = time.monotonic()
            self._changed.notify_all()

    def end(self) -> None:
        """Close all, also the one that is warming up."""
        if self._warming is not None:
            zygote, thread = self._warming
            zygote.close()
            thread.join()
        with self._changed:
            zygotes = self.all()
            self._warm.clear()
            self._retired.clear()
            self.serving = None
        for zygote in zygotes:
            zygote.close()
