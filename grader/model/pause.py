"""Pause after quick failures: exponential back-off, since verdicts in milliseconds invite guessing.

A leaky bucket. Each failure adds one to a *level*, a pass empties it, and it drains by one a minute while
one could hand in and does not: who thinks for a minute each time is never made to wait, who guesses waits
twice as long each time. The pause itself is no thinking time. It runs from the moment of handing in, and
what has no verdict (slow workers, a failure of ours) is no failure: the time spent waiting for a verdict is
never added to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from grader.model.policy import Policy

FREE: Final = 4
"""At least so many quick failures in a row cost no time: typing errors, a first look at what is asked."""
FIRST: Final = timedelta(seconds=15)
"""After one failure more."""
LONGEST: Final = timedelta(minutes=5)
THOUGHT: Final = timedelta(minutes=1)
"""So long without an attempt, and one failure is forgotten; after ten minutes all are."""
_FULL: Final = FREE + 6
"""The level of the longest pause (15, 30, 60, 120, 240, 300 s); it goes no higher."""


class Tried(msgspec.Struct, frozen=True):
    """An attempt: when it was handed in, and whether it passed; None: there is no verdict (yet)."""

    at: datetime
    passed: bool | None


def pause_until(policy: Policy, tried: Sequence[Tried]) -> datetime | None:
    """From when on the next attempt is taken; None: at once. The moment may be past.

    :param tried: this student's recent attempts at the assignment, the newest last. Older ones that are
        left out can only make the pause shorter.
    """
    if not policy.pause:
        return None
    level = 0.0
    ready: datetime | None = None
    for each in tried:
        if each.passed is None:
            continue
        if ready is not None and each.at > ready:
            level = max(0.0, level - (each.at - ready) / THOUGHT)
        level = 0.0 if each.passed else min(level + 1, _FULL)
        ready = each.at + pause_after(int(level))
    return ready if int(level) > FREE else None


def pause_after(failures: int) -> timedelta:
    """How long one waits after so many failures in quick succession."""
    return min(FIRST * 2 ** (min(failures, _FULL) - FREE - 1), LONGEST) if failures > FREE else timedelta(0)
