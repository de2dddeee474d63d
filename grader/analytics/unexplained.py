"""Failures without a reason: the wrong answers that no diagnosis names, the most typical first.

They are the next misconceptions to write. Two answers are alike if they have the same key: that of the
normalised syntax tree, or that of the wrong numbers (:mod:`grader.analytics.alike`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from grader.analytics.rows import Attempt

MOST_TYPICAL: Final = 3


@dataclass(frozen=True)
class Unexplained:
    """Alike wrong answers to a check, none of which was told a reason.

    :ivar users: whose they are, who gave it first first.
    :ivar submissions: all of them, from the oldest to the newest.
    :ivar example: the submission to look at: of all these the newest, whose report is the last to be thinned.
    :ivar now: how many of the students' latest attempts hold it.
    """

    assignment_id: int
    check_id: str
    key: str
    users: tuple[int, ...]
    submissions: tuple[str, ...]
    example: str
    now: int


@dataclass(frozen=True)
class Untold:
    """Wrong answers without a reason: how many there are, and the most typical.

    :ivar failures: checks of attempts that failed without a reason.
    :ivar students: whose they are.
    :ivar groups: groups of alike answers in all.
    :ivar typical: the largest of them, by the number of students.
    """

    failures: int
    students: int
    groups: int
    typical: tuple[Unexplained, ...]


def unexplained(
    attempts: Iterable[Attempt], keys: Mapping[tuple[str, str], str], *, most: int = MOST_TYPICAL
) -> Untold:
    """Group the failures without a reason by how alike the answers are.

    One student's many tries count once: what is typical is what many students write.

    :param keys: how alike each answer is, by ``(submission_id, check_id)``. One without a key is a group of
        its own.
    """
    groups: dict[tuple[int, str, str], list[Attempt]] = {}
    latest: dict[tuple[int, int], Attempt] = {}
    failures = 0
    for attempt in attempts:
        mine = attempt.user_id, attempt.assignment_id
        if mine not in latest or latest[mine].number < attempt.number:
            latest[mine] = attempt
        for check in attempt.checks:
            if check.unexplained:
                failures += 1
                key = keys.get((attempt.submission_id, check.check_id)) or f"only {attempt.submission_id}"
                groups.setdefault((attempt.assignment_id, check.check_id, key), []).append(attempt)
    found = [_group(*place, alike, latest) for place, alike in groups.items()]
    found.sort(key=lambda g: (-len(g.users), -len(g.submissions), g.assignment_id, g.check_id, g.key))
    students = {user for group in found for user in group.users}
    return Untold(failures, len(students), len(found), tuple(found[:most]))


def _group(
    assignment_id: int, check_id: str, key: str, alike: list[Attempt], latest: dict[tuple[int, int], Attempt]
) -> Unexplained:
    alike = sorted(alike, key=lambda attempt: (attempt.at, attempt.submission_id))
    return Unexplained(
        assignment_id,
        check_id,
        key,
        tuple(dict.fromkeys(attempt.user_id for attempt in alike)),
        tuple(attempt.submission_id for attempt in alike),
        alike[-1].submission_id,
        sum(latest[attempt.user_id, assignment_id] is attempt for attempt in alike),
    )
