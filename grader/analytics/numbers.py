"""Numbers: medians and quartiles with how many they were taken over, and the product-moment correlation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt


@dataclass(frozen=True)
class Summary:
    """The middle of some numbers. All None where there are none; the quartiles also where there is only one.

    Quartiles are those of the sample itself (``statistics.quantiles``, method "inclusive").
    """

    n: int
    median: float | None
    lower: float | None
    upper: float | None


def summary(values: Sequence[float]) -> Summary:
    """Median and quartiles of ``values``."""
    if not values:
        return Summary(0, None, None, None)
    if len(values) == 1:
        return Summary(1, float(values[0]), None, None)
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Summary(len(values), median, lower, upper)


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's product-moment correlation; None where one of the two does not vary, or is not finite."""
    n = len(xs)
    if n < 2 or not all(map(isfinite, xs)) or not all(map(isfinite, ys)):
        return None
    if min(xs) == max(xs) or min(ys) == max(ys):
        return None
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    dx, dy = [x - mean_x for x in xs], [y - mean_y for y in ys]
    spread = sqrt(sum(d * d for d in dx)) * sqrt(sum(d * d for d in dy))
    if not spread > 0 or not isfinite(spread):
        return None  # so close together that the squares vanish, or so far apart that they overflow
    return max(-1.0, min(1.0, sum(a * b for a, b in zip(dx, dy, strict=True)) / spread))
