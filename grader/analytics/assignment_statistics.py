"""Statistics of an assignment: scores, attempts, time, success by attempt and by check. Always with n."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.analytics.discrimination import Discrimination, discrimination
from grader.analytics.numbers import Summary, summary
from grader.analytics.rows import Attempt, Series, best_of, series

BINS: Final = 10
"""Of the distribution, full marks aside: tenths of the points."""


@dataclass(frozen=True)
class Bin:
    """Students whose share of the points is at least ``lower`` and below ``upper`` (full marks: both 1)."""

    lower: float
    upper: float
    users: tuple[int, ...]


@dataclass(frozen=True)
class ByCount:
    """Students who needed so many attempts."""

    attempts: int
    users: tuple[int, ...]


@dataclass(frozen=True)
class AtAttempt:
    """Of ``made`` students who made an n-th attempt, ``passed`` had full marks in it.

    ``by_then`` had them in it or before, of all who tried.
    """

    number: int
    made: int
    passed: int
    by_then: int


@dataclass(frozen=True)
class CheckFigures:
    """One check: of ``tried`` students how many passed it at once, ever, and in their latest attempt."""

    check_id: str
    kind: str
    max_points: float
    tried: int
    first: int
    ever: int
    latest: int
    discrimination: Discrimination
    """Of how the check was done at the first attempt."""


@dataclass(frozen=True)
class AssignmentStatistics:
    """All figures: ``tried`` students made ``attempts`` attempts, and ``passed`` of them have full marks."""

    assignment_id: int
    tried: int
    attempts: int
    passed: int
    scores: Summary
    """Shares of the points that count."""
    bins: tuple[Bin, ...]
    to_full_marks: Summary
    """Attempts up to the first with full marks, of those who have them."""
    counts: tuple[ByCount, ...]
    minutes_to_pass: Summary
    """From the first attempt to the first with full marks, of those who needed more than one attempt."""
    by_attempt: tuple[AtAttempt, ...]
    checks: tuple[CheckFigures, ...]
    """In the order of the exercise as it was graded last."""


def assignment_statistics(
    assignment_id: int,
    attempts: Iterable[Attempt],
    *,
    shares: Mapping[int, float] | None = None,
    elsewhere: Mapping[int, float] | None = None,
) -> AssignmentStatistics:
    """The figures of one assignment.

    Attempts are counted by their place among the graded ones.

    :param shares: the share of the points that counts, by student, where lateness or an override decides; the
        best attempt's for who is not in it.
    :param elsewhere: each student's points in the course's other assignments, for the discrimination.
    """
    by_user = {
        user: mine
        for (user, place), mine in series(a for a in attempts if a.assignment_id == assignment_id).items()
        if place == assignment_id
    }
    counted = {user: _share(best_of(mine)) for user, mine in by_user.items()}
    counted |= {user: share for user, share in (shares or {}).items() if user in by_user}
    needed = {user: _first_pass(mine) for user, mine in by_user.items()}
    passing = {user: n for user, n in needed.items() if n is not None}
    minutes = [
        max(0.0, (by_user[user][n - 1].at - by_user[user][0].at).total_seconds() / 60)
        for user, n in passing.items()
        if n > 1
    ]
    return AssignmentStatistics(
        assignment_id,
        len(by_user),
        sum(map(len, by_user.values())),
        len(passing),
        summary(list(counted.values())),
        _bins(counted),
        summary(list(passing.values())),
        _counts(passing),
        summary(minutes),
        _by_attempt(list(by_user.values()), list(passing.values())),
        _checks(by_user, elsewhere or {}),
    )


def _share(attempt: Attempt) -> float:
    return attempt.score / attempt.max_score if attempt.max_score > 0 else float(attempt.passed)


def _first_pass(mine: Series) -> int | None:
    """Which attempt of a series is the first with full marks, from 1."""
    return next((n for n, attempt in enumerate(mine, 1) if attempt.passed), None)


def _bins(shares: Mapping[int, float]) -> tuple[Bin, ...]:
    users: list[list[int]] = [[] for _ in range(BINS + 1)]
    for user, share in shares.items():
        # 0.3 of the points may be 0.29999999999999998
        users[max(0, min(BINS, int(share * BINS + 1e-9)))].append(user)
    return tuple(
        Bin(i / BINS, min(1.0, (i + 1) / BINS), tuple(sorted(members))) for i, members in enumerate(users)
    )


def _counts(passing: Mapping[int, int]) -> tuple[ByCount, ...]:
    users: dict[int, list[int]] = {}
    for user, count in passing.items():
        users.setdefault(count, []).append(user)
    return tuple(ByCount(count, tuple(sorted(users[count]))) for count in sorted(users))


def _by_attempt(all_series: Sequence[Series], passing: Sequence[int]) -> tuple[AtAttempt, ...]:
    longest = max(map(len, all_series), default=0)
    made, passed, first = [0] * (longest + 2), [0] * (longest + 2), [0] * (longest + 2)
    for mine in all_series:
        made[len(mine)] += 1
        for n, attempt in enumerate(mine, 1):
            passed[n] += attempt.passed
    for n in passing:
        first[n] += 1
    for n in range(longest, 0, -1):
        made[n] += made[n + 1]
    found, by_then = [], 0
    for n in range(1, longest + 1):
        by_then += first[n]
        found.append(AtAttempt(n, made[n], passed[n], by_then))
    return tuple(found)


def _checks(by_user: Mapping[int, Series], elsewhere: Mapping[int, float]) -> tuple[CheckFigures, ...]:
    newest = max((mine[-1] for mine in by_user.values()), key=lambda a: a.at, default=None)
    if newest is None:
        return ()
    firsts = {user: mine[0] for user, mine in by_user.items()}
    found = []
    for check in newest.checks:
        tried = first = ever = latest = 0
        for mine in by_user.values():
            verdicts = [c.verdict for a in mine for c in a.checks if c.check_id == check.check_id]
            if verdicts:
                tried += 1
                first += verdicts[0] == "passed"
                ever += "passed" in verdicts
                latest += verdicts[-1] == "passed"
        found.append(
            CheckFigures(
                check.check_id, check.kind, check.max_points, tried, first, ever, latest,
                discrimination(check.check_id, firsts, elsewhere),
            )
        )  # fmt: skip
    return tuple(found)
