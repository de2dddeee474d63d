"""Lanes of one process: into which its next claim looks first (priorities with a floor).

Strict priority would starve the lower lanes while a class hands in. So a lane below is given the next claim
when it has been passed over for :data:`grader.model.lane.FLOOR` − 1 claims; but only when it has also paid
for what its last claim out of turn took (deficit round robin, Shreedhar and Varghese 1996): one loop of ten
seconds would otherwise weigh as much as two hundred verdicts of 50 ms, and "one in twenty" would be most of
the machine. What is owed is known when it ends, so of each lane one runs out of turn at a time.

Each process counts its own claims, and nobody else's: what holds for each of them holds for all together, and
no claim writes to a row that every other one waits for. A process that is started anew begins to count anew.
"""

from __future__ import annotations

from collections import Counter

from grader.model.lane import FLOOR, Lane


class Lanes:
    """Not safe for threads: its owner has a lock.

    :param most: so many of what nobody waits for may run at once, of all lower lanes together.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: Counter[Lane] = Counter()
        self._passed: Counter[Lane] = Counter()
        """Claims from above since a lane's last one."""
        self._debt: dict[Lane, float] = dict.fromkeys(FLOOR, 0.0)
        """Seconds that lanes above are to be served before a lane's next claim out of turn."""
        self._out_of_turn: set[Lane] = set()
        """Lanes of which such a claim runs."""

    def order(self) -> tuple[Lane, ...]:
        """The lanes from which the next claim may be, the first one first."""
        full = self.behind >= self._most
        open_ones = [lane for lane in Lane if lane is Lane.INTERACTIVE or not full]
        due = [lane for lane in FLOOR if lane in open_ones and self._due(lane)]
        # Who was passed over for longest, measured by its floor: two that are due do not shut each other out.
        due.sort(key=lambda lane: self._passed[lane] / FLOOR[lane], reverse=True)
        return (*due, *(lane for lane in open_ones if lane not in due))

    @property
    def behind(self) -> int:
        """How many run that nobody waits for."""
        return sum(self._running.values()) - self._running[Lane.INTERACTIVE]

    def taken(self, lane: Lane) -> bool:
        """A claim was made from it. Whether that was out of turn: it was the lane's floor."""
        out_of_turn = lane in FLOOR and self._due(lane)
        if out_of_turn:
            self._out_of_turn.add(lane)
        self._running[lane] += 1
        self._passed[lane] = 0
        for below in lane.below:
            self._passed[below] += 1
        return out_of_turn

    def ended(self, lane: Lane, seconds: float = 0.0, *, out_of_turn: bool = False) -> None:
        """What was taken does not run any more.

        :param seconds: how long it ran.
        :param out_of_turn: as :meth:`taken` said.
        """
        self._running[lane] -= 1
        for below in lane.below:
            self._debt[below] = max(0.0, self._debt[below] - seconds)
        if out_of_turn:
            self._out_of_turn.remove(lane)
            self._debt[lane] += (FLOOR[lane] - 1) * seconds

    def passed(self, lane: Lane) -> int:
        """How many claims from above were made since its last one."""
        return self._passed[lane]

    def running(self, lane: Lane) -> int:
        """How many of its claims run."""
        return self._running[lane]

    def _due(self, lane: Lane) -> bool:
        waited = self._passed[lane] >= FLOOR[lane] - 1
        return waited and self._debt[lane] <= 0 and lane not in self._out_of_turn
