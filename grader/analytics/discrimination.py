"""Discrimination: how well one check tells those who do well in the rest from those who do not.

The corrected item–total correlation: Pearson's, of a check's points with the total of everything *else*. With
the check in the total, a correlation would be found among random points. (Henrysson, "Correction of
item-total correlations in item analysis", Psychometrika 28, 1963.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from grader.analytics.numbers import correlation
from grader.analytics.rows import Attempt

FEWEST: Final = 10
"""Students. A correlation near zero has a standard error of about 1/√(n − 1): with fewer, over a third."""


@dataclass(frozen=True)
class Discrimination:
    """The correlation over ``n`` students.

    None where n is too small, or where all have the same points at the check, or in the rest.
    """

    value: float | None
    n: int


def discrimination(
    check_id: str, attempts: Mapping[int, Attempt], elsewhere: Mapping[int, float]
) -> Discrimination:
    """Correlate the points at a check with those at the other checks and in the other assignments.

    :param attempts: each student's attempt: the first, as in a later one nearly all have full marks.
    :param elsewhere: each student's points in other assignments; none where absent.
    """
    here: list[float] = []
    rest: list[float] = []
    for user, attempt in attempts.items():
        points = [check.points for check in attempt.checks if check.check_id == check_id]
        if points:
            here.append(points[0])
            others = sum(check.points for check in attempt.checks if check.check_id != check_id)
            rest.append(others + elsewhere.get(user, 0.0))
    return Discrimination(correlation(here, rest) if len(here) >= FEWEST else None, len(here))
