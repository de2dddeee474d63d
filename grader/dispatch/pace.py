"""Pace of grading (a median over students), for who asks when a verdict will come.

What runs for long has a pace of its own: where many loop, who hands in work of 50 ms is not told to wait for
half a minute, and who loops is not told a tenth of a second.
"""

from __future__ import annotations

import statistics
from collections import OrderedDict
from typing import Final

from grader.dispatch.base import Ahead
from grader.model.exercise import Limits
from grader.model.lane import Lane
from grader.store.waiting import Place

LATELY: Final = 32
"""Students."""
AT_FIRST: Final = 0.1
"""Seconds, while nothing has been graded."""
NOTICED_SECONDS: Final = 1.0
"""What is graded for no longer than this was not told to take long: a reader is told whole seconds."""
AGAIN_SECONDS: Final = 2.0
"""Until it is worth asking again for what takes longer than others did."""
LONG_AT_FIRST: Final = 2 * Limits().total_seconds
"""The same of what runs for long: both children of a loop, one after the other, up to their limit."""


class Pace:
    """The median over the students who were graded last, one time each. To be used under a lock.

    An average would do what one student's endless loops say: twenty of them, some 10 s each, and everybody
    is told to come back in 10 s for what takes 50 ms.
    """

    def __init__(self, at_first: float = AT_FIRST) -> None:
        self.seconds = at_first
        self._of: OrderedDict[int, float] = OrderedDict()

    def note(self, user_id: int, seconds: float) -> None:
        """A grading of this student's took so long."""
        self._of[user_id] = seconds
        self._of.move_to_end(user_id)
        if len(self._of) > LATELY:
            self._of.popitem(last=False)
        self.seconds = statistics.median(self._of.values())


class Paces:
    """By lane. To be used under a lock."""

    def __init__(self) -> None:
        self._of = {Lane.INTERACTIVE: Pace(), Lane.LONG: Pace(LONG_AT_FIRST)}

    @property
    def seconds(self) -> float:
        """Of what is in the first lane."""
        return self._of[Lane.INTERACTIVE].seconds

    def note(self, lane: Lane, user_id: int, seconds: float) -> None:
        """A grading of this student's took so long. What nobody waits for says nothing of what they do."""
        if lane in self._of:
            self._of[lane].note(user_id, seconds)

    def ahead(self, place: Place, graders: int, behind: int, *, stalled: bool) -> Ahead:
        """What it still has before it, and about how long that takes.

        :param graders: so many are graded at once, and ``behind`` of what is in the lower lanes.
        :param stalled: nothing that waits can be graded at this moment.
        """
        own = self._of[Lane.INTERACTIVE if place.long is None else Lane.LONG].seconds
        if place.running:
            if place.ran > max(own, NOTICED_SECONDS):
                return Ahead(0, AGAIN_SECONDS, True, overdue=True)
            return Ahead(0, max(own / 2, own - place.ran), True)
        alike = place.before if place.long is None else place.long
        at_once = graders if place.long is None else behind
        others = (place.before - alike) / graders * self.seconds
        seconds = place.seconds + others + (alike / at_once + 1) * own
        return Ahead(place.before, seconds, False, stalled)
