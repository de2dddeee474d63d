"""Watchlist: what was observed of a student that a teacher may want to ask about.

A signal says what was observed and beside what: it knows no reason, and none is to be supposed. There are
harmless ones for each (an account that is not used any more, work on paper, an arrangement with the
teacher). The thresholds are cautious: who is on the list stands out, and most who have a hard week do not.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from grader.analytics.rows import Attempt, Series, series

GAINLESS: Final = 6
"""Attempts in a row without a higher score. Half as many are common on the way to full marks."""
RECENT: Final = timedelta(days=14)
"""Attempts older than this are no sign of what somebody struggles with now."""
NEAR: Final = timedelta(hours=48)
"""Before an assignment is due: late enough to matter, early enough to help."""
MOST_STARTED: Final = 0.5
"""Of the class. Not to have started is nothing to be told while most have not."""
BEHIND: Final = 3
"""Assignments that are due and not tried, more than the class' median."""
FEWEST_STUDENTS: Final = 5
"""In a smaller class nobody is compared with it."""


@dataclass(frozen=True)
class Placed:
    """An assignment of a course; ``opens`` and ``due`` None: always open, never due."""

    assignment_id: int
    opens: datetime | None
    due: datetime | None


@dataclass(frozen=True)
class NoGain:
    """The last ``gainless`` attempts did not raise the best score, which is no full marks."""

    user_id: int
    assignment_id: int
    gainless: int
    attempts: int
    best: float
    max_score: float
    since: datetime
    """Of the attempt that has the best score."""
    last: datetime
    submission_id: str
    """The latest attempt."""


@dataclass(frozen=True)
class NotStarted:
    """Nothing was handed in, and the assignment is due soon; ``started`` of ``students`` have begun."""

    user_id: int
    assignment_id: int
    due: datetime
    """For this student."""
    started: int
    students: int


@dataclass(frozen=True)
class Behind:
    """``untried`` assignments that are due were not tried; the median of the class is ``median``."""

    user_id: int
    untried: tuple[int, ...]
    due: int
    """Assignments that are due for this student."""
    median: float
    students: int
    last: datetime | None
    """When this student handed something in last."""


Signal = NoGain | NotStarted | Behind
Dues = Sequence[tuple[Placed, Mapping[datetime | None, Collection[int]]]]
"""Each assignment, with whom it is due for by when: for all but a few that is one moment."""


def watchlist(
    unsolved: Iterable[Attempt],
    begun: Collection[tuple[int, int]],
    last: Mapping[int, datetime],
    students: Collection[int],
    placed: Sequence[Placed],
    now: datetime,
    *,
    extended: Mapping[tuple[int, int], datetime | None] | None = None,
) -> list[Signal]:
    """What was observed at ``now``, of students of the course alone.

    :param unsolved: all attempts at least of those who have no full marks at an assignment.
    :param begun: who has begun what, as ``(user_id, assignment_id)``. Begun is also what nobody has judged
        yet: who has done something is not said to have done nothing.
    :param last: when each student handed something in last.
    :param placed: the assignments, in their order.
    :param extended: when an assignment is due for a student for whom that is another day, by
        ``(user_id, assignment_id)``.
    """
    members, tried = set(students), set(begun)
    dues = [(each, _dues(each, members, extended or {})) for each in placed]
    order = {each.assignment_id for each in placed}
    return [
        *_behind(tried, last, members, dues, now),
        *_not_started(tried, members, dues, now),
        *_no_gain(series(a for a in unsolved if a.user_id in members), order, now),
    ]


def _no_gain(by: Mapping[tuple[int, int], Series], known: set[int], now: datetime) -> list[Signal]:
    """Struggling longest first."""
    found = []
    for (user, assignment_id), mine in by.items():
        if assignment_id not in known or any(a.passed for a in mine) or now - mine[-1].at > RECENT:
            continue
        best = 0
        for i, attempt in enumerate(mine):
            if attempt.score > mine[best].score:
                best = i
        gainless = len(mine) - 1 - best
        if gainless >= GAINLESS:
            top, last = mine[best], mine[-1]
            found.append(
                NoGain(
                    user, assignment_id, gainless, len(mine), top.score, top.max_score, top.at, last.at,
                    last.submission_id,
                )
            )  # fmt: skip
    return [*sorted(found, key=lambda s: (-s.gainless, s.user_id, s.assignment_id))]


def _dues(
    each: Placed, members: set[int], extended: Mapping[tuple[int, int], datetime | None]
) -> Mapping[datetime | None, Collection[int]]:
    own = {user: at for (user, place), at in extended.items() if place == each.assignment_id}
    found: dict[datetime | None, set[int]] = {each.due: members - own.keys()}
    for user in members & own.keys():
        found.setdefault(own[user], set()).add(user)
    return found


def _not_started(tried: set[tuple[int, int]], members: set[int], dues: Dues, now: datetime) -> list[Signal]:
    """What is due soonest first."""
    found = []
    for each, by in dues:
        if len(members) < FEWEST_STUDENTS or (each.opens is not None and each.opens > now):
            continue
        near = {at: users for at, users in by.items() if at is not None and now <= at <= now + NEAR}
        missing = [
            (u, at) for at, users in near.items() for u in users if (u, each.assignment_id) not in tried
        ]
        if not missing:
            continue
        started = sum((user, each.assignment_id) in tried for user in members)
        if started >= MOST_STARTED * len(members):
            found += [NotStarted(user, each.assignment_id, at, started, len(members)) for user, at in missing]
    return [*sorted(found, key=lambda s: (s.due, s.user_id, s.assignment_id))]


def _behind(
    tried: set[tuple[int, int]],
    last: Mapping[int, datetime],
    members: set[int],
    dues: Dues,
    now: datetime,
) -> list[Signal]:
    """Who left out most first."""
    if len(members) < FEWEST_STUDENTS:
        return []
    untried: dict[int, list[int]] = {user: [] for user in members}
    past = dict.fromkeys(members, 0)
    for each, by in dues:
        for moment, users in by.items():
            if moment is None or moment >= now:
                continue
            for user in users:
                past[user] += 1
                if (user, each.assignment_id) not in tried:
                    untried[user].append(each.assignment_id)
    median = statistics.median(len(left) for left in untried.values())
    found = [
        Behind(user, tuple(left), past[user], median, len(members), last.get(user))
        for user, left in untried.items()
        if len(left) - median >= BEHIND
    ]
    return [*sorted(found, key=lambda s: (-len(s.untried), s.user_id))]
