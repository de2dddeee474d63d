"""Admission: whether an attempt is taken, now, from this student.

The pause after quick failures never costs a deadline. Before each moment from which on an answer is worth
less or is not taken any more, there is a window as long as the longest pause, within which nobody waits: a
pause that reaches into it ends where it begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from grader.model.pause import LONGEST, Tried, pause_until
from grader.model.policy import Policy, closing

RECENT: Final = 60
"""So many attempts, the newest, are more than enough to know the pause: see :func:`pause_until`."""


class Handed(msgspec.Struct, frozen=True):
    """What a student has handed in to an assignment, as far as the next attempt depends on it.

    :param used: attempts that count, with and without a verdict; what failed on our side is none of them.
    :param recent: the newest :data:`RECENT` ones, the newest last.
    """

    used: int = 0
    recent: tuple[Tried, ...] = ()


class NotTaken(msgspec.Struct, frozen=True):
    """An attempt is not taken.

    :param why: it opens later; it is closed; all attempts are used; quick failures are followed by a pause.
    :param until: when it opens or the pause ends; when it closed.
    """

    why: Literal["upcoming", "closed", "attempts", "pause"]
    until: datetime | None = None


def refusal(policy: Policy, handed: Handed, now: datetime) -> NotTaken | None:
    """Why an attempt that is handed in ``now`` is not taken; None: it is."""
    if policy.opens is not None and now < policy.opens:
        return NotTaken("upcoming", policy.opens)
    end = closing(policy)
    if end is not None and now > end:
        return NotTaken("closed", end)
    if attempts_left(policy, handed.used) == 0:
        return NotTaken("attempts")
    ready = next_attempt(policy, handed.recent, now)
    return NotTaken("pause", ready) if ready is not None else None


def attempts_left(policy: Policy, used: int) -> int | None:
    """How many more are taken; None: any number."""
    return None if policy.attempts is None else max(0, policy.attempts - used)


def next_attempt(policy: Policy, recent: Sequence[Tried], now: datetime) -> datetime | None:
    """From when on the next attempt is taken, as far as the pause decides; None: now."""
    ready = pause_until(policy, recent)
    if ready is None or ready <= now:
        return None
    for deadline in deadlines(policy):
        if now <= deadline:
            ready = min(ready, deadline - LONGEST)
    return ready if ready > now else None


def deadlines(policy: Policy) -> list[datetime]:
    """The moments behind which an answer is late, is worth less, or is not taken any more; in order."""
    found = set()
    if policy.due is not None:
        found |= {policy.due, policy.due + timedelta(minutes=policy.grace_minutes)}
        found |= {policy.due + timedelta(seconds=step.within_seconds) for step in policy.late}
    end = closing(policy)
    return sorted(found | ({end} if end is not None else set()))
