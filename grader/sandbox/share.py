"""Preemption: for how long the jobs of a submission may hold their slots while others wait for one.

In a session nobody waits for what the dispatcher knows: it reads what the dispatcher has said, between two
looks at a child.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from grader.errors import Preempted
from grader.model.lane import FIRST_SHARE

AGAIN_SECONDS: Final = 0.05
"""So often it is asked whether somebody waits, once the share is used up."""


class Share:
    """What one submission's jobs may have. Safe for threads: two of its jobs may run side by side, and where
    one gives up its slot, so does the other.

    :param wanted: whether somebody waits for a slot at this moment; it must not block.
    :param seconds: in which a job's children run, sleep or are blocked; before this nobody is asked. That
        no processor was free for them does not count: where much waits, everything seems to run for long.
    :ivar patient: others may have the processors for as long as they need them: no limit by the wall.
    """

    def __init__(self, wanted: Callable[[], bool], seconds: float = FIRST_SHARE, *, patient: bool = False):
        self._wanted, self._seconds = wanted, seconds
        self.patient = patient
        self._over = False

    def over(self, own: float) -> bool:
        """Whether the slot is to be given up by a job that has run for ``own`` seconds."""
        if not self._over and own >= self._seconds:
            self._over = self._wanted()
        return self._over

    def left(self, own: float) -> float:
        """In so many seconds it is worth asking again."""
        return 0.0 if self._over else max(AGAIN_SECONDS, self._seconds - own)

    def check(self, own: float = 0.0) -> None:
        """:raises Preempted: the slot is to be given up."""
        if self.over(own):
            raise Preempted(f"others waited, and it had run for {own:.1f} s")


WHOLE: Final = Share(lambda: False, math.inf)
"""Of a job that is never preempted."""
BEHIND: Final = Share(lambda: False, math.inf, patient=True)
"""Of one that runs when nobody else wants the processors (:mod:`grader.sandbox.behind`)."""
