"""Pair of jobs of one submission, side by side, yet at no moment could one help the other (covert channels).

Both children run the same student's code, and the one with autograd could compute what the other is asked.
Two processes on one machine can always signal each other, be it by the load they make. So they are never both
awake while either knows a hidden input::

    without autograd   load  shown cases ─────┐ wait  hidden cases ─► end
                                              │                        │
    with autograd      load  shown cases ─► stopped ................ go on  hidden cases ─► end

Threads: each job has its own. Neither waits in a circle: the job without autograd holds its slot before the
other begins and waits only while that one is at work; the other waits only for the first one's end.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from grader.sandbox.forker import Child

Turn = Callable[[Child], None]
"""Called before hidden inputs are sent to the child: blocks until they may be."""


def at_once(_: Child) -> None:
    """The turn of a job that runs by itself."""


class Pair:
    """Who of the two may know hidden inputs. Use once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._at_work = False
        """The child with autograd runs."""
        self._hidden = False
        """The child without autograd knows hidden inputs."""
        self._over = False
        """The job without autograd has ended, and its child is dead or dying."""

    @contextlib.contextmanager
    def plain(self) -> Iterator[Turn]:
        """Around the job without autograd."""
        try:
            yield self._when_the_other_rests
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    @contextlib.contextmanager
    def autograd(self) -> Iterator[Turn]:
        """Around the job with autograd."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or not self._hidden)
            self._at_work = True
        try:
            yield self._when_the_other_has_ended
        finally:
            self._rest()

    def _when_the_other_rests(self, _: Child) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._at_work)
            self._hidden = True

    def _when_the_other_has_ended(self, child: Child) -> None:
        if self._over:
            return
        child.stop()
        self._rest()
        with self._changed:
            self._changed.wait_for(lambda: self._over)
        child.go_on()

    def _rest(self) -> None:
        with self._changed:
            self._at_work = False
            self._changed.notify_all()
