"""Narrowing: whether a sampled function jumps between two neighbouring points, or is only steep there.

A gap is divided again and again around its largest step (bisection, fifteen points at a time) until two
floating-point numbers next to one another still have the step between them: that is a jump. If the step
falls apart into many that are alike, the function is steep and its line is drawn through them. Whatever is
neither (two jumps in one gap, noise, an error on the way) stays a gap of which nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from grader.checks.arrays import Numbers
from grader.grading.stretches import HUGE, Point

INSIDE: Final = 15
"""Points that are asked inside a gap each time: four bits."""
ROUNDS: Final = 13
"""After so many, a gap of a hundredth of the range is as narrow as floating-point numbers are."""
_LARGE: Final = 0.2
"""A step of more than this part of all steps in the gap together may be the jump."""
_ALIKE: Final = 0.25
"""A step of a continuous function has a neighbour of at least this part of its size."""
_SEEN: Final = 0.04
"""A step of less than this part of all together is none that would be seen."""
_TURNS: Final = 2
"""What turns round more often within one gap is noise, or too fast to be followed."""
_WHOLE: Final = 0.5
"""A jump is at least this part of all steps together; the rest is slope."""


@dataclass
class Gap:
    """Between two neighbouring samples, while it is narrowed.

    :ivar found: ``jump``, ``steep`` (continuous), ``unclear``; None while it is not known.
    :ivar points: of a steep one, what a line is to be drawn through, by x, its ends left out.
    :ivar guesses: where to ask first: ends of gaps that are as narrow as they get, of another function.
    """

    left: Point
    right: Point
    found: Literal["jump", "steep", "unclear"] | None = None
    points: list[Point] = field(default_factory=list)
    guesses: tuple[float, ...] = ()
    _all: float = 0.0
    """All steps in the gap together, as far as they are known."""

    def inside(self, dtype: str) -> Numbers:
        """Where to ask next, rising, as ``dtype`` can hold it; nowhere, once it is as narrow as it gets."""
        places = (
            np.array(self.guesses) if self.guesses else np.linspace(self.left[0], self.right[0], INSIDE + 2)
        )
        asked = np.unique(places.astype(dtype).astype(np.float64))
        inside: Numbers = asked[(asked > self.left[0]) & (asked < self.right[0])]
        return inside

    def narrow(self, xs: Numbers, ys: Numbers, finest: float) -> None:
        """Go on from what was answered.

        :param xs: what :meth:`inside` returned; not empty.
        :param ys: the values there; NaN where there is none.
        :param finest: a width at which a gap is as narrow as it gets.
        """
        guessed, self.guesses = self.guesses, ()
        if not (np.abs(ys) < HUGE).all():
            self.found = "unclear"
            return
        at = np.concatenate([[self.left[0]], xs, [self.right[0]]])
        values = np.concatenate([[self.left[1]], ys, [self.right[1]]])
        signed = np.diff(values)
        self._all = max(self._all, float(np.abs(signed).sum()))
        steps = np.abs(signed) / self._all
        large = np.flatnonzero(steps > _LARGE)
        if guessed:
            # Another jump than the guessed one, or none: then as if nothing had been guessed.
            there = [i for i in large if at[i + 1] - at[i] <= finest and steps[i] >= _WHOLE / 2]
            if len(there) == 1:
                self._go_into(at, values, int(there[0]), int(there[0]))
                self.found = "jump"
            return
        self.points += zip(xs.tolist(), ys.tolist(), strict=True)
        if not large.size:
            self.found = "steep" if _smooth(steps, np.sign(signed)) else "unclear"
            return
        first, last = int(large[0]), int(large[-1])
        if last - first >= large.size:  # two jumps with something between them
            self.found = "unclear"
            return
        self._go_into(at, values, first, last)
        if self.right[0] - self.left[0] <= finest:
            self.close()

    def _go_into(self, at: Numbers, values: Numbers, first: int, last: int) -> None:
        self.left = (float(at[first]), float(values[first]))
        self.right = (float(at[last + 1]), float(values[last + 1]))

    def close(self) -> None:
        """It is as narrow as it gets."""
        self.found = "jump" if abs(self.right[1] - self.left[1]) >= _WHOLE * self._all else "unclear"


Ask = Callable[[list[tuple[Gap, Numbers]]], list[Numbers] | None]
"""The values of each gap's series at these points; None when it is not worth asking on."""


def _smooth(steps: Numbers, signs: Numbers) -> bool:
    """Whether the steps are those of a line: each has one like it beside it, and they hardly turn round."""
    beside = np.maximum(np.append(steps[1:], 0.0), np.insert(steps[:-1], 0, 0.0))
    seen = steps > _SEEN
    turns = np.count_nonzero(np.diff(signs[seen]))
    return bool(turns <= _TURNS and (~seen | (beside >= _ALIKE * steps)).all())


def narrowed(gaps: list[Gap], dtype: str, width: float, ask: Ask) -> None:
    """Narrow all ``gaps`` together, until each is known or ``ask`` has no more patience.

    :param dtype: of the function's input.
    :param width: of the whole range.
    """
    finest = 4 * float(np.finfo(dtype).eps) * width
    for _ in range(ROUNDS):
        wanted = []
        for gap in gaps:
            if gap.found is None:
                inside = gap.inside(dtype)
                if inside.size:
                    wanted.append((gap, inside))
                else:
                    gap.close()
        answers = ask(wanted) if wanted else None
        if answers is None:
            break
        for (gap, inside), values in zip(wanted, answers, strict=True):
            gap.narrow(inside, values, finest)
    for gap in gaps:
        if gap.found is None:
            gap.found = "unclear"
