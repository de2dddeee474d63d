"""Improbable agreement: pairs of students who share what hardly anybody else has. A hint, never a verdict.

Short answers about autograd are alike by nature; so what counts is how rare a thing is in *this* class. If of
the n − 1 others k − 1 have it, too, its weight is ln((n − 1)/(k − 1)), an inverse document frequency (Spärck
Jones, "A statistical interpretation of term specificity", Journal of Documentation 28, 1972). What much of
the class has, and what the exercise gave, weighs nothing.

Two students may well agree who learnt together, had the same tutor or read the same page, which is no
offence. A weight is something to sort by, and no probability: what is written together comes together.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from math import log
from typing import Final

from grader.analytics.normal_tree import Fragment

FEWEST_STUDENTS: Final = 10
"""In a smaller class nothing is rare."""
RARE: Final = 0.05
"""What a greater part of the class has is no agreement of two."""
MOST_HOLDERS: Final = 25
"""However large the class is: it bounds the pairs that are looked at."""
COUNTED_FRAGMENTS: Final = 2
"""Of the fragments of a pair, the rarest: those of one text hang together. With three, a class of 200 that
chooses at random among the texts of an exercise of ours has up to 30 pairs told; with two, at most three."""
CLOSE: Final = timedelta(minutes=30)
"""Apart, at most, to be called close in time."""

Answer = tuple[str, str | None, str]
"""A wrong answer: the check, the diagnosis' code if there was one, how alike it is."""


@dataclass(frozen=True)
class Handed:
    """One submission to the assignment: its wrong answers, and its fragments (of a normalised tree)."""

    user_id: int
    submission_id: str
    at: datetime
    wrong: frozenset[Answer]
    fragments: Mapping[str, Fragment]


@dataclass(frozen=True)
class SharedAnswer:
    """The same wrong answer, which ``holders`` of the class gave; ``submissions``: where it came first."""

    check_id: str
    code: str | None
    holders: int
    submissions: tuple[str, str]


@dataclass(frozen=True)
class SharedFragment:
    """The same piece of code, which ``holders`` of the class wrote, as large as it can be chosen."""

    size: int
    holders: int
    submissions: tuple[str, str]
    lines: tuple[tuple[int, int], tuple[int, int]]
    """Its first and last line in either."""


@dataclass(frozen=True)
class Closeness:
    """What is shared was handed in ``minutes`` apart.

    ``active`` students of the class, the two included, handed something in as close to the first of the two.
    """

    minutes: float
    active: int


@dataclass(frozen=True)
class Agreement:
    """What two of ``students`` share, and how common each thing is in the class."""

    users: tuple[int, int]
    students: int
    answers: tuple[SharedAnswer, ...]
    fragments: tuple[SharedFragment, ...]
    close: Closeness | None
    weight: float


@dataclass(frozen=True)
class _Item:
    """A thing of a student's, where it came first."""

    at: datetime
    submission_id: str
    fragment: Fragment | None = None


_Key = Answer | str
_Items = dict[_Key, _Item]


def agreements(
    handed: Iterable[Handed], given: Collection[str] = frozenset(), *, most: int = 50
) -> list[Agreement]:
    """Pairs that share rare things, the rarest first; none in a class of fewer than ten.

    A pair is told whose weight is at least ln(n(n−1)/2): were all things independent, about one pair
    of a class would reach that by chance.

    :param handed: submissions to one assignment; several of one student are taken together.
    :param given: keys of the fragments that the exercise gave: of its starter, and of code in its text.
    """
    rows = sorted(handed, key=lambda each: (each.at, each.submission_id))
    items = _items(rows, frozenset(given))
    n = len(items)
    if n < FEWEST_STUDENTS:
        return []
    holders = _rare(items, n)
    shared: dict[tuple[int, int], list[_Key]] = {}
    for key, users in holders.items():
        for pair in combinations(users, 2):
            shared.setdefault(pair, []).append(key)
    moments = _Moments(rows)
    least = log(n * (n - 1) / 2)
    counts = {key: len(users) for key, users in holders.items()}
    found = (_pair(pair, keys, items, counts, n, moments) for pair, keys in shared.items())
    return heapq.nsmallest(
        most, (each for each in found if each.weight >= least), key=lambda each: (-each.weight, each.users)
    )


def _items(rows: Iterable[Handed], given: frozenset[str]) -> dict[int, _Items]:
    """What each student has, each thing where it came first."""
    items: dict[int, _Items] = {}
    for row in rows:
        mine = items.setdefault(row.user_id, {})
        for answer in row.wrong:
            mine.setdefault(answer, _Item(row.at, row.submission_id))
        for key, fragment in row.fragments.items():
            if key not in given:
                mine.setdefault(key, _Item(row.at, row.submission_id, fragment))
    return items


def _rare(items: Mapping[int, _Items], n: int) -> dict[_Key, list[int]]:
    """Who has each thing that at least two and few of the class have."""
    holders: dict[_Key, list[int]] = {}
    for user in sorted(items):
        for key in items[user]:
            holders.setdefault(key, []).append(user)
    most = min(max(2, int(RARE * n)), MOST_HOLDERS)
    return {key: users for key, users in holders.items() if 2 <= len(users) <= most}


def _pair(
    pair: tuple[int, int],
    keys: list[_Key],
    items: Mapping[int, _Items],
    counts: Mapping[_Key, int],
    n: int,
    moments: _Moments,
) -> Agreement:
    """What a pair shares. Answers and fragments come of one text: only the heavier of the two is counted."""
    mine, other = items[pair[0]], items[pair[1]]
    answers: dict[str, Answer] = {}
    whole: list[str] = []
    common = set(keys)
    for key in keys:
        if isinstance(key, tuple):
            known = answers.get(key[0])
            if known is None or _order(key, counts) < _order(known, counts):
                answers[key[0]] = key
        elif not any((f := side[key].fragment) is not None and f.within in common for side in (mine, other)):
            whole.append(key)
    whole.sort(key=lambda key: (counts[key], -_fragment(mine[key]).size, key))
    of_answers = sum(_weight(counts[key], n) for key in answers.values())
    of_fragments = sum(_weight(counts[key], n) for key in whole[:COUNTED_FRAGMENTS])
    told: list[_Key] = [*answers.values(), *whole]
    close = min((moments.between(mine[key], other[key], n) for key in told), key=lambda c: c.minutes)
    near = close if close.minutes * 60 <= CLOSE.total_seconds() else None
    weight = max(of_answers, of_fragments) + (_weight(near.active, n) if near is not None else 0.0)
    return Agreement(
        pair,
        n,
        tuple(
            SharedAnswer(key[0], key[1], counts[key], (mine[key].submission_id, other[key].submission_id))
            for key in sorted(answers.values(), key=lambda key: _order(key, counts))
        ),
        tuple(_shared(mine[key], other[key], counts[key]) for key in whole),
        near,
        weight,
    )


def _weight(holders: int, n: int) -> float:
    """Of something that ``holders`` of n students have, the pair included."""
    return log((n - 1) / (holders - 1))


def _order(key: Answer, counts: Mapping[_Key, int]) -> tuple[int, str, str, str]:
    return counts[key], key[0], key[1] or "", key[2]


def _fragment(item: _Item) -> Fragment:
    assert item.fragment is not None
    return item.fragment


def _shared(mine: _Item, other: _Item, holders: int) -> SharedFragment:
    a, b = _fragment(mine), _fragment(other)
    submissions = (mine.submission_id, other.submission_id)
    return SharedFragment(a.size, holders, submissions, ((a.line, a.last), (b.line, b.last)))


class _Moments:
    """When anybody handed something in: what closeness is held against."""

    def __init__(self, rows: Iterable[Handed]) -> None:
        events = sorted((row.at, row.user_id) for row in rows)
        self._times = [at for at, _ in events]
        self._users = [user for _, user in events]
        self._active: dict[datetime, int] = {}

    def between(self, a: _Item, b: _Item, n: int) -> Closeness:
        """How far apart two things are. How many were active is only counted where that is close."""
        apart = abs(a.at - b.at)
        active = self._around(min(a.at, b.at)) if apart <= CLOSE else n
        return Closeness(apart.total_seconds() / 60, active)

    def _around(self, at: datetime) -> int:
        if at not in self._active:
            first, last = bisect_left(self._times, at - CLOSE), bisect_right(self._times, at + CLOSE)
            self._active[at] = len(set(self._users[first:last]))
        return self._active[at]
