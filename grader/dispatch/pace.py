"""Pace of grading (a median over students), for who asks when a verdict will come."""

from __future__ import annotations

import statistics
from collections import OrderedDict
from typing import Final

LATELY: Final = 32
"""Students."""
AT_FIRST: Final = 0.1
"""Seconds, while nothing has been graded."""


class Pace:
    """The median over the students who were graded last, one time each. To be used under a lock.

    An average would do what one student's endless loops say: twenty of them, some 10 s each, and everybody
    is told to come back in 10 s for what takes 50 ms.
    """

    def __init__(self) -> None:
        self.seconds = AT_FIRST
        self._of: OrderedDict[int, float] = OrderedDict()

    def note(self, user_id: int, seconds: float) -> None:
        """A grading of this student's took so long."""
        self._of[user_id] = seconds
        self._of.move_to_end(user_id)
        if len(self._of) > LATELY:
            self._of.popitem(last=False)
        self.seconds = statistics.median(self._of.values())
