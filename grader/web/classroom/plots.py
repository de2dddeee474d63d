"""Plots: columns of a bar chart, in units of an SVG's view box. Each leads to its row of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDEST: Final = 60
"""Of a column with its gap: few columns stand to the left, and do not fill the plot."""


@dataclass(frozen=True)
class Column:
    """One column: where it stands, how high it is, and what is written at it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    row: int
    """The row of the table that says the same, from 1."""

    @property
    def middle(self) -> float:
        """Where its labels stand."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Plot:
    """Columns side by side."""

    columns: tuple[Column, ...]
    WIDTH: Final = 520
    HEIGHT: Final = 160
    TOP: Final = 18
    BOTTOM: Final = 136


def plot(bars: Sequence[tuple[str, float, str]], most: float | None = None) -> Plot | None:
    """A plot of labels, values and how a value is written; None where there is nothing to see.

    :param most: the value of a column of full height; None: the largest there is.
    """
    top = max((value for _, value, _ in bars), default=0.0) if most is None else most
    if not bars or top <= 0:
        return None
    apart = min(Plot.WIDTH / len(bars), WIDEST)
    columns = []
    for n, (label, value, written) in enumerate(bars):
        height = round((Plot.BOTTOM - Plot.TOP) * min(max(value / top, 0.0), 1.0), 1)
        columns.append(
            Column(
                round(n * apart + 0.1 * apart, 1), round(Plot.BOTTOM - height, 1), round(0.8 * apart, 1),
                height, label, written, n + 1,
            )
        )  # fmt: skip
    return Plot(tuple(columns))
