"""Places in the drawing of a curve: from its numbers to the drawing's own units, for all of its panels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grader.pictures.failing import Place
from grader.pictures.scale import Scale

_BEYOND: Final = 4
"""A line is followed so many heights of a panel outside of it, and no farther."""


@dataclass(frozen=True)
class Field:
    """The rectangle of one panel, from its top downwards."""

    scale: Scale
    top: int
    height: int

    def down(self, y: float) -> float:
        """Where ``y`` is, from the top of the drawing."""
        part = 1.0 - self.scale.height(y)
        return self.top + min(1.0 + _BEYOND, max(-float(_BEYOND), part)) * self.height


@dataclass(frozen=True)
class Frame:
    """All panels, over the numbers from ``x0`` to ``x1``."""

    x0: float
    x1: float
    left: int
    width: int
    fields: dict[Place, Field]

    def across(self, x: float) -> float:
        """Where ``x`` is, from the left of the drawing."""
        return self.left + (x - self.x0) / ((self.x1 - self.x0) or 1.0) * self.width
