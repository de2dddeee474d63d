"""Deadline forecast: how many submissions a second a due date will bring, by how the last ones went.

Hand-ins pile up before a due date, and a course does it each week in much the same way. So the *curve* of
past due dates (which part of all hand-ins came in which ten minutes before) is laid before each coming one,
times the students and the hand-ins of each of them. Where curves overlap they add up: a sum of step functions
has its maximum where one of them begins a step, so only these moments are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from grader.analytics.capacity import BUSY

STEP: Final = timedelta(minutes=10)
REACH: Final = timedelta(hours=48)
"""So long before a due date its curve begins. What came earlier is part of the whole and of no rush."""
STEPS: Final = REACH // STEP
FEWEST: Final = 50
"""Hand-ins; fewer say nothing of how a course spreads them."""


@dataclass(frozen=True)
class Curve:
    """How hand-ins spread before a due date.

    :ivar parts: of all hand-ins, the part in each :data:`STEP` before it; the last one ends at the due date.
    :ivar count: how many hand-ins it is made from.
    """

    parts: tuple[float, ...]
    count: int


@dataclass(frozen=True)
class Due:
    """A coming due date of an exercise.

    :ivar hand_ins: that are expected in all. :ivar seconds: a grader is busy with each.
    """

    at: datetime
    hand_ins: float
    seconds: float


@dataclass(frozen=True)
class Peak:
    """The busiest time before a due date.

    :ivar at: when it begins. :ivar rate: submissions a second then. :ivar seconds: a grader is busy with one
        of them, on average.
    :ivar late: so many seconds does a verdict then wait for a grader, at most.
    """

    at: datetime
    due: datetime
    rate: float
    seconds: float
    late: float


def curve(before: Iterable[timedelta]) -> Curve | None:
    """The curve of hand-ins that came so long before their due date; None where they are too few.

    What came after it is left out.
    """
    counts, total = [0] * STEPS, 0
    for early in before:
        if early < timedelta(0):
            continue
        total += 1
        if early < REACH:
            counts[STEPS - 1 - early // STEP] += 1
    return Curve(tuple(count / total for count in counts), total) if total >= FEWEST else None


def peaks(now: datetime, dues: Sequence[Due], curve: Curve, graders: int) -> list[Peak]:
    """The busiest time before each coming due date, soonest first; of several at one moment, one.

    :param graders: that there are.
    """
    coming = sorted((due for due in dues if due.at > now), key=lambda due: due.at)
    starts = sorted({now} | {s for due in coming for s in _starts(due) if s > now})
    found, previous = [], now
    for at in sorted({due.at for due in coming}):
        window = [start for start in starts if max(previous, at - REACH) <= start < at]
        previous = at
        rates = [(*_rate(coming, curve, start), start) for start in window]
        rate, busy, start = max(rates, key=lambda each: (each[1], -each[2].timestamp()))
        if rate > 0:
            late = _late(rates, at, graders)
            found.append(Peak(start, at, rate, busy / rate, late))
    return found


def _starts(due: Due) -> list[datetime]:
    return [due.at - step * STEP for step in range(STEPS + 1)]


def _rate(dues: Iterable[Due], curve: Curve, moment: datetime) -> tuple[float, float]:
    """Submissions a second at a moment, and how many graders are busy with them."""
    rate = busy = 0.0
    for due in dues:
        left = due.at - moment
        if timedelta(0) < left <= REACH:
            # A step ends where the next begins: with 10 min left it is the last one.
            mine = due.hand_ins * curve.parts[STEPS - -(-left // STEP)] / STEP.total_seconds()
            rate, busy = rate + mine, busy + mine * due.seconds
    return rate, busy


def _late(rates: Sequence[tuple[float, float, datetime]], end: datetime, graders: int) -> float:
    """The longest that a verdict comes late: the work that piles up, over those who do it (a fluid line)."""
    if graders <= 0:
        return float("inf")
    work = longest = 0.0
    ends = [start for _rate, _busy, start in rates[1:]] + [end]
    for (_, busy, start), until in zip(rates, ends, strict=True):
        work = max(0.0, work + (busy - graders) * (until - start).total_seconds())
        longest = max(longest, work / graders)
    return longest


def enough(peak: Peak, graders: int) -> bool:
    """Whether so many graders have room for a peak, bursts within it included."""
    return peak.rate * peak.seconds <= BUSY * graders
