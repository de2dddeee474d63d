"""Lanes of the queue (priority classes): who is graded before whom, whatever the number that waits.

A lane is taken from before all lanes below it. A lower one has a floor: while it waits, it gets at least one
of so many claims, so that it never starves. The floor is a share of claims and not a slot of its own, because
that costs those who sit and wait least: of two slots a reserved one would be half of all there is, of a rush
one claim in twenty adds a twentieth to the wait.

The first lane and :attr:`Lane.LONG` are a multi-level feedback queue (Corbató 1962): nobody knows beforehand
what will run for long. So everything begins in the first, and what has run there for longer than
:data:`FIRST_SHARE` while others wait is moved to the other, where it begins anew and runs to its end.
"""

from __future__ import annotations

import enum
from typing import Final


class Lane(enum.Enum):
    """In the order in which they are served. The numbers are stored, and say nothing of the order."""

    INTERACTIVE = 0
    """Somebody sits and waits."""
    PASSBACK = 1
    """A score on its way to another system, which asks for it within minutes."""
    LONG = 3
    """Somebody waits, and it ran for long while others waited, too."""
    REGRADE = 2
    """Nobody waits: it has a verdict and is judged anew, or is of a demo's class."""

    __hash__ = (
        object.__hash__
    )  # Enum's own hashes the name, in Python; the queue asks hundreds of times a submission

    @property
    def word(self) -> str:
        """Its name in metrics and in the log."""
        return self.name.lower()

    @property
    def shared(self) -> tuple[Lane, ...]:
        """Those in which a student's turn is one in this lane, too: what the first begins the other ends."""
        return _SHARED[self]

    @property
    def above(self) -> tuple[Lane, ...]:
        """Those that are taken from before it."""
        return _ABOVE[self]

    @property
    def below(self) -> tuple[Lane, ...]:
        """Those that it is taken from before."""
        return _BELOW[self]


_ORDER: Final = tuple(Lane)
_ABOVE: Final = {lane: _ORDER[:n] for n, lane in enumerate(_ORDER)}
_BELOW: Final = {lane: _ORDER[n + 1 :] for n, lane in enumerate(_ORDER)}
_BOTH: Final = (Lane.INTERACTIVE, Lane.LONG)
_SHARED: Final = {lane: _BOTH if lane in _BOTH else (lane,) for lane in Lane}

FLOOR: Final = {Lane.PASSBACK: 10, Lane.LONG: 5, Lane.REGRADE: 20}
"""While a lane waits: of so many claims of its own and of lanes above, one is its own; likewise of time."""
FIRST_SHARE: Final = 0.5
"""Seconds that a child of the first lane may run, sleep or be blocked while others wait there: ten times what
most submissions take, and a twentieth of an endless loop."""
