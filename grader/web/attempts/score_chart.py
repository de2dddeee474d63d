"""Score chart: the scores of a student's attempts at one exercise as a step line, in an SVG's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.store.tables import Submission


@dataclass(frozen=True)
class Point:
    """One attempt in the drawing of scores."""

    x: float
    y: float
    attempt: int
    counts: bool
    best: bool
    score: float
    most: float

    @property
    def anchor(self) -> str:
        """Where a text at this point is held, so that it stays inside the drawing."""
        return "start" if self.x < 60 else "end" if self.x > Chart.WIDTH - 60 else "middle"


@dataclass(frozen=True)
class Chart:
    """Scores over attempts, oldest first, in the units of the drawing's view box."""

    points: tuple[Point, ...]
    WIDTH = 360
    HEIGHT = 108
    TOP, BOTTOM, LEFT, RIGHT = 22, 86, 10, 350

    @property
    def graded(self) -> tuple[Point, ...]:
        """The points that are joined."""
        return tuple(point for point in self.points if point.counts)

    @property
    def best(self) -> Point:
        """The earliest of the highest."""
        return next(point for point in self.points if point.best)

    @property
    def steps(self) -> str:
        """The path through the graded points: level to the next attempt, then up or down."""
        first, *others = self.graded
        return f"M{first.x:g} {first.y:g}" + "".join(f"H{point.x:g}V{point.y:g}" for point in others)


def chart(rows: Sequence[Submission]) -> Chart | None:
    """The drawing of some attempts, given newest first; None with fewer than two graded ones."""
    oldest_first = rows[::-1]
    shares = [_share(row) for row in oldest_first]
    graded = [share for share in shares if share is not None]
    if len(graded) < 2:
        return None
    best = shares.index(max(graded))
    apart = (Chart.RIGHT - Chart.LEFT) / (len(rows) - 1)
    points = [
        Point(
            x=round(Chart.LEFT + n * apart, 1),
            y=round(Chart.BOTTOM - (share or 0.0) * (Chart.BOTTOM - Chart.TOP), 1),
            attempt=row.attempt,
            counts=share is not None,
            best=n == best,
            score=row.score or 0.0,
            most=row.max_score or 0.0,
        )
        for n, (row, share) in enumerate(zip(oldest_first, shares, strict=True))
    ]
    return Chart(tuple(points))


def _share(row: Submission) -> float | None:
    """What part of the points an attempt has."""
    if row.score is None:
        return None
    return min(max(row.score / row.max_score, 0.0), 1.0) if row.max_score else 0.0
