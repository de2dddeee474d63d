"""Misconceptions: how many of a class ever held one, who holds it now, by section and by week.

A *misconception* is a diagnosis' code at a check of an assignment: ``diagonal-only`` at the Jacobian of the
softmax is another one than at the Jacobian of a sort. A student *held* it if any of their attempts was told
so, and *holds it now* if their latest attempt was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from grader.analytics.rows import Attempt, series


class Misconception(NamedTuple):
    """A diagnosis' code at a check of an assignment. (A tuple, as a term has very many to be counted.)"""

    assignment_id: int
    check_id: str
    code: str


@dataclass(frozen=True)
class Holder:
    """A student who was told of a misconception, and the attempts that were."""

    user_id: int
    submissions: tuple[str, ...]
    """In their order."""
    since: datetime
    last: datetime
    now: bool
    """Whether the latest attempt at the assignment still shows it."""


@dataclass(frozen=True)
class Share:
    """Of ``tried`` students ``ever`` held it and ``now`` hold it."""

    tried: int
    ever: int
    now: int


@dataclass(frozen=True)
class Week:
    """An ISO week, by its Monday: of ``tried`` students who handed something in, ``held`` were told of it."""

    monday: date
    tried: int
    held: int

    @property
    def label(self) -> str:
        """``2026-W07``."""
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02}"


@dataclass(frozen=True)
class Prevalence:
    """How widespread a misconception is, and among whom."""

    misconception: Misconception
    share: Share
    holders: tuple[Holder, ...]
    """Everybody who ever held it: who holds it now first, the latest first."""
    sections: Mapping[str, Share]
    """By name. Who is in two sections counts in both; a section in which nobody tried is left out."""
    weeks: tuple[Week, ...]
    """Every week from the first with an attempt at the assignment to the last, quiet ones included."""

    @property
    def now(self) -> tuple[Holder, ...]:
        """Who holds it now."""
        return tuple(holder for holder in self.holders if holder.now)


def prevalences(
    attempts: Iterable[Attempt], sections: Mapping[int, Collection[str]], zone: tzinfo
) -> list[Prevalence]:
    """Every misconception that anybody was told of, the most widespread now first.

    :param sections: the names of each student's sections, by the student.
    :param zone: the course's time zone, in which its weeks begin.
    """
    tally = _Tally(zone)
    for (user_id, assignment_id), mine in series(attempts).items():
        tally.add(user_id, assignment_id, mine)
    found = [tally.prevalence(each, holders, sections) for each, holders in tally.holders.items()]
    return sorted(found, key=lambda p: (-p.share.now, -p.share.ever, p.misconception))


class _Tally:
    """Who tried what when, and was told what."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._tried: dict[int, set[int]] = {}
        self._weeks: dict[int, dict[date, set[int]]] = {}
        self._held: dict[Misconception, dict[date, set[int]]] = {}
        self.holders: dict[Misconception, list[Holder]] = {}

    def add(self, user_id: int, assignment_id: int, mine: list[Attempt]) -> None:
        """Take all attempts of a student at an assignment."""
        self._tried.setdefault(assignment_id, set()).add(user_id)
        weeks = self._weeks.setdefault(assignment_id, {})
        held: dict[Misconception, list[Attempt]] = {}
        for attempt in mine:
            monday = monday_of(attempt.at, self._zone)
            weeks.setdefault(monday, set()).add(user_id)
            for told in told_in(attempt):
                held.setdefault(told, []).append(attempt)
                self._held.setdefault(told, {}).setdefault(monday, set()).add(user_id)
        for told, by in held.items():
            holder = Holder(
                user_id, tuple(a.submission_id for a in by), by[0].at, by[-1].at, by[-1] is mine[-1]
            )
            self.holders.setdefault(told, []).append(holder)

    def prevalence(
        self, misconception: Misconception, holders: list[Holder], sections: Mapping[int, Collection[str]]
    ) -> Prevalence:
        """All about one misconception."""
        tried = self._tried[misconception.assignment_id]
        ever, now = {h.user_id for h in holders}, {h.user_id for h in holders if h.now}
        members: dict[str, set[int]] = {}
        for user_id in tried:
            for name in sections.get(user_id, ()):
                members.setdefault(name, set()).add(user_id)
        weeks, held = self._weeks[misconception.assignment_id], self._held[misconception]
        latest_first = sorted(holders, key=lambda h: h.last, reverse=True)
        return Prevalence(
            misconception,
            Share(len(tried), len(ever), len(now)),
            tuple(sorted(latest_first, key=lambda h: not h.now)),
            {name: Share(len(m), len(m & ever), len(m & now)) for name, m in sorted(members.items())},
            tuple(
                Week(monday, len(weeks.get(monday, ())), len(held.get(monday, ())))
                for monday in _mondays(min(weeks), max(weeks))
            ),
        )


def told_in(attempt: Attempt) -> list[Misconception]:
    """The misconceptions that an attempt was told of."""
    return [
        Misconception(attempt.assignment_id, check.check_id, check.code)
        for check in attempt.checks
        if check.code is not None and check.verdict != "passed"
    ]


def monday_of(at: datetime, zone: tzinfo) -> date:
    """The Monday of the ISO week in which a moment lies in a time zone."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _mondays(first: date, last: date) -> list[date]:
    """The weeks from one to another, at most four years of them: the newest."""
    count = min((last - first).days // 7, 208)
    return [last - timedelta(weeks=back) for back in range(count, -1, -1)]
