"""Lanes of the queue (priority classes): who is graded before whom, whatever the number that waits.

A lane is taken from before all lanes below it. A lower one has a floor: while it waits, it gets at least one
of so many claims, so that it never starves. The floor is a share of claims and not a slot of its own, because
that costs those who sit and wait least: of two slots a reserved one would be half of all there is, of a rush
one claim in twenty adds a twentieth to the wait.
"""

from __future__ import annotations

import enum
from typing import Final


class Lane(enum.IntEnum):
    """Lowest number first. The numbers are stored."""

    INTERACTIVE = 0
    """Somebody sits and waits."""
    PASSBACK = 1
    """A score on its way to another system, which asks for it within minutes."""
    REGRADE = 2
    """Nobody waits: it has a verdict and is judged anew, or is of a demo's class."""

    @property
    def word(self) -> str:
        """Its name in metrics and in the log."""
        return self.name.lower()


FLOOR: Final = {Lane.PASSBACK: 10, Lane.REGRADE: 20}
"""While a lane waits: of so many claims of its own and of lanes above, one is its own; likewise of time."""
