"""Capacity: how many graders a load needs (Little's law, with room for the waiting line).

Little's law (J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9, 1961): if λ
submissions a second arrive and a grader is busy with each for S seconds, λ·S graders are busy on average.
With no more than that the line grows without end, since arrivals come in bursts: with one grader that is busy
for the part ρ of the time, a verdict takes S / (1 − ρ) (M/M/1; L. Kleinrock, Queueing Systems I, 1975,
section 3.2), so at ρ = 0.7 three times as long as the work alone, at 0.9 ten times. What waits already is
worked off besides, within :data:`DRAIN_SECONDS`::

    graders = λ·S / 0.7  +  waiting·S / 10 s          workers = ⌈graders / graders of a worker⌉, at least 1
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

BUSY: Final = 0.7
"""The part of the time that a grader is to be busy, ρ."""
DRAIN_SECONDS: Final = 10.0
"""So long may it take to work off what waits: about as long as somebody keeps their mind on a page that says
nothing new (J. Nielsen, Usability Engineering, 1993, chapter 5)."""


@dataclass(frozen=True)
class Load:
    """What came lately, and what it costs.

    :ivar arrivals: submissions a second that somebody waits for.
    :ivar seconds: a grader is busy with one, on average; None: nothing was graded lately.
    :ivar waiting: how many of them wait.
    """

    arrivals: float
    seconds: float | None
    waiting: int


def graders_needed(load: Load) -> int:
    """How many graders the load needs; at least one, also where nothing is known of it."""
    if load.seconds is None:
        return 1
    steady = load.arrivals * load.seconds / BUSY
    # Rounded first: 0.7 · 10 / 0.7 is not to be eleven graders.
    return max(1, math.ceil(round(steady + load.waiting * load.seconds / DRAIN_SECONDS, 6)))


def workers_needed(load: Load, graders_each: int) -> int:
    """How many workers that is, of ``graders_each`` graders; at least one."""
    return max(1, -(-graders_needed(load) // max(1, graders_each)))


def verdicts_a_second(graders: int, seconds: float) -> float:
    """How many verdicts a second so many graders give at most, without a line that grows: ρ / S each."""
    return BUSY * graders / seconds
