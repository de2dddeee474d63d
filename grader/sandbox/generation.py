"""One zygote and its children, from the day it is warm to the burial of its last child.

A generation serves until it is lost, or old, or heavy. Then the next one takes over, and
this one only lives on until the jobs that run on it have ended.

Threads: any number call :meth:`Generation.fork`; everything else is the pool keeper's.
"""

from __future__ import annotations

import itertools
import select
import time
from dataclasses import dataclass
from typing import Final

from grader.errors import SandboxFailed
from grader.sandbox.conversation import WAITING_SECONDS
from grader.sandbox.forker import Child
from grader.sandbox.process import Zygote

SPARE_SECONDS: Final = 900.0
"""A child that has waited so long is replaced: no cache holds its pages, and they may be swapped out."""
WEIGH_SECONDS: Final = 1.0
QUIET_SECONDS: Final = 0.05
"""While children come and go, the ended are waited for on the occasion of the next fork."""
_UNKNOWN_ADDRESS_SPACE: Final = 8 * 2**30


@dataclass(frozen=True)
class Lifetime:
    """When a zygote is replaced by a new one, without a pause.

    :ivar seconds: its age. :ivar forks: children it has had.
    :ivar growth: bytes of anonymous memory beyond what it had when it was warm.
    """

    seconds: float = 6 * 3600.0
    forks: int = 50_000
    growth: int = 64 * 2**20


class Generation:
    """A warm zygote and what has become of it.

    :ivar forks: how many children it has had.
    :ivar holders: how many are about to fork here; it is not ended under them.
    """

    def __init__(self, zygote: Zygote) -> None:
        self.zygote = zygote
        self._space = {
            kind: zygote.forker(autograd=kind).address_space() or _UNKNOWN_ADDRESS_SPACE
            for kind in (True, False)
        }
        self.holders = 0
        self._weight = zygote.memory()
        self._warm_at = self._heard_at = self._weighed_at = time.monotonic()
        self._count = itertools.count(1)
        self.forks = 0
        self._born: dict[Child, float] = {}

    def space(self, *, autograd: bool) -> int:
        """Bytes of address space that each child of a kind starts from."""
        return self._space[autograd]

    def fork(self, *, autograd: bool, rehearse: bool = True) -> Child:
        """A new child of a kind; see :meth:`Forker.fork`.

        :raises SandboxFailed: there is none to be had, be it that *we* have no descriptor left.
        """
        try:
            child = self.zygote.fork(autograd=autograd, rehearse=rehearse)
        except OSError as error:
            raise SandboxFailed(f"a child cannot be had: {error.strerror}") from error
        self._heard_at = self._born[child] = time.monotonic()
        self.forks = next(self._count)
        return child

    def owns(self, child: Child) -> bool:
        """Whether ``child`` is one of its own."""
        return child.forker in (self.zygote.autograd, self.zygote.plain)

    def bury(self, child: Child) -> None:
        """Reap a child that has ended, and forget it."""
        child.bury()
        child.close()
        self._born.pop(child, None)

    def empty(self) -> bool:
        """Whether it has no child left and nobody is about to have one."""
        return not self._born and not self.holders

    def sound(self, child: Child) -> bool:
        """Whether a waiting child is worth keeping: alive, ready in time, and not too old."""
        age = time.monotonic() - self._born.get(child, 0.0)
        return child.alive() and age < SPARE_SECONDS and (age < WAITING_SECONDS or ready(child, 0.0))

    def tidy(self) -> bool:
        """In a quiet moment, have those waited for that have ended; whether any are left for later.

        :raises ZygoteLost: the zygote is gone.
        """
        if self.has_ended and time.monotonic() - self._heard_at > QUIET_SECONDS:
            for forker in (self.zygote.autograd, self.zygote.plain):
                forker.reap_ended()
        return self.has_ended

    @property
    def has_ended(self) -> bool:
        """Whether children that have ended are still to be waited for."""
        return self.zygote.autograd.has_ended or self.zygote.plain.has_ended

    def ping(self, every: float) -> None:
        """Ask for a sign of life unless there was one lately.

        :raises ZygoteLost: it gives none.
        """
        if time.monotonic() - self._heard_at > every:
            for forker in (self.zygote.autograd, self.zygote.plain):
                forker.reap(0)  # there is no such child, which it says
            self._heard_at = time.monotonic()

    def why_end(self, lifetime: Lifetime) -> str:
        """Why it should make place for another; empty as long as it may stay."""
        if time.monotonic() - self._warm_at > lifetime.seconds:
            return "age"
        if self.forks >= lifetime.forks:
            return "forks"
        if time.monotonic() - self._weighed_at > WEIGH_SECONDS:
            self._weighed_at = time.monotonic()
            if self.zygote.memory() - self._weight > lifetime.growth:
                return "growth"
        return ""


def ready(child: Child, seconds: float) -> bool:
    """Wait until a new child has something to say: that it is jailed and waits, or its end."""
    poll = select.poll()
    poll.register(child.channel, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
