"""Rounds of a loop in a sequence: stretches in which the same things come again and again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 12
"""So many things has a round at most."""
_LEAST: Final = 3
"""So many things are worth folding."""


@dataclass(frozen=True)
class Run:
    """A stretch of a sequence: ``count`` rounds of ``period`` things from ``start`` on; one of one where
    nothing repeats.
    """

    start: int
    period: int = 1
    count: int = 1

    @property
    def end(self) -> int:
        """The position after it."""
        return self.start + self.period * self.count


def runs(keys: Sequence[Hashable]) -> list[Run]:
    """``keys`` in stretches, in order: at each place the one that folds most away, its round the shortest."""
    found: list[Run] = []
    here = 0
    while here < len(keys):
        best = Run(here)
        for period in range(1, min(LONGEST, (len(keys) - here) // 2) + 1):
            count = 1
            while keys[here : here + period] == keys[(at := here + count * period) : at + period]:
                count += 1
            if (
                count > 1
                and period * count >= _LEAST
                and period * (count - 1) > best.period * (best.count - 1)
            ):
                best = Run(here, period, count)
        found.append(best)
        here = best.end
    return found
