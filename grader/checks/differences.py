"""Difference quotients (finite differences): were nearly right numbers made by one, and not by a formula?

Only where both are seen: the prediction called ``f`` at two points close together, and its numbers err as a
quotient does, by some 1e-12 to 1e-6. A formula in float64 errs by a few units of 1e-16. Numbers that were
rounded, or went through single precision, err as much without a call of ``f`` nearby; a softmax that is
shifted before it is computed calls ``f`` elsewhere without an error.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.arrays import Numbers

NOISE: Final = 2e-13
"""A formula in float64 errs by less than this, relatively; a difference quotient by more."""
_MOST: Final = 1e-3
"""A case at which the answer errs by more, beside the largest entry, does not tell."""
_LEAST: Final = 2
"""So many entries have to err at least."""

Row = tuple[Numbers | None, Numbers | None, bool]
"""What came and what is right at one case, and whether ``f`` was called at two points near the input."""


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def looks_differenced(rows: list[Row]) -> bool:
    """Whether ``f`` was called for a quotient at every case, and at most of them the answer errs as one does.

    At a jump, a quotient is far off.
    """
    erring = entries = near = 0
    for actual, expected, quotient in rows:
        if not quotient or actual is None or expected is None or actual.shape != expected.shape:
            return False
        if actual.dtype != np.float64 or expected.dtype != np.float64:
            return False
        size = max(1.0, float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))))
        use = np.isfinite(expected) & np.isfinite(actual)
        gap = np.abs(actual - expected)
        if (gap[use] > _MOST * size).any():
            continue
        near += 1
        # Where the right number is only rounding beside the others, a better formula is no quotient.
        erring += int(((gap > NOISE * np.abs(expected)) & (gap > 1e-14 * size) & use).sum())
        entries += int(use.sum())
    return 2 * near >= len(rows) and erring >= max(_LEAST, entries / 4)
