"""Whether numbers that pass were made by a difference quotient instead of a formula."""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.compare import SMALL
from grader.checks.points import Numbers
from grader.checks.quick import NOISE

Row = tuple[Numbers | None, Numbers | None, Numbers | None]
"""What came, what is right, and the value of f at one case."""


@np.errstate(over="ignore", invalid="ignore")  # next to a number too small to divide by
def looks_differenced(judged: list[Row]) -> bool:
    """Whether answers that pass carry the noise of a difference quotient.

    A formula in float64 is right to a few units of 1e-16; a quotient errs by about 1e-11 to
    1e-7. So does a constant that was rounded, but smoothly. A quotient is a whole number of
    roundings of f over its step, or errs up and down without a pattern.
    """
    if _exact(judged):
        return False
    rows: list[tuple[float, float, float, float]] = []
    for actual, expected, value in judged:
        if actual is None or expected is None or actual.dtype != np.float64:
            return False
        with np.errstate(over="ignore"):
            if actual.size and np.array_equal(actual, actual.astype(np.float32)):
                continue  # single precision somewhere on the way, or small integers
        use = (expected != 0) & np.isfinite(expected)
        total = np.full(expected.shape, 0.0 if value is None else np.sum(value))
        own = value if value is not None and value.shape == expected.shape else total
        rows += list(zip(actual[use], expected[use], own[use], total[use], strict=True))
    if len(rows) < 4:
        return False
    table = np.array(rows)
    sizes = np.abs(table[:, 0] / table[:, 1] - 1.0)
    # Where the right number itself is only rounding (1 − tanh² far out), a better formula is no quotient.
    own = 1e-14 * np.maximum(1.0, np.abs(table[:, 3]))
    noisy = (sizes > NOISE) & (np.abs(table[:, 0] - table[:, 1]) > own)
    if noisy.sum() < max(4, 0.75 * len(rows)) or sizes.max() < 1e-11:
        return False
    return _counted_in_roundings(table[noisy]) or _erratic(table)


def _exact(judged: list[Row]) -> bool:
    """Whether fewer than four entries err by more than a formula in float64 does: the usual case."""
    noisy = 0
    for actual, expected, _ in judged:
        if actual is None or expected is None or actual.size > SMALL or actual.shape != expected.shape:
            return False
        for p, g in zip(actual.ravel().tolist(), expected.ravel().tolist(), strict=True):
            noisy += bool(g) and not abs(p / g - 1.0) <= NOISE
    return noisy < 4


def _counted_in_roundings(table: Numbers) -> bool:
    """Whether each answer times one usual step is a whole number of units in the last place of f."""
    for value in (table[:, 2], table[:, 3]):
        known = value != 0
        unit = np.spacing(np.abs(value[known])) / 2
        for step in _STEPS:
            count = np.abs(table[known, 0]) * step / unit
            # Beyond this, the quotient's own rounding is as large as what is looked for.
            count = count[count < 1e13]
            if len(count) >= 4 and (np.abs(count - np.rint(count)) < 0.01).all():
                return True
    return False


def _erratic(table: Numbers) -> bool:
    """Errors up and down, of very different size, that no smooth function of gradient and value explains."""
    actual, right, value = table[:, 0], table[:, 1], table[:, 2]
    sizes, up = np.abs(actual / right - 1.0), (actual / right > 1.0).sum()
    if len(table) < 12 or not 2 <= up <= len(table) - 2 or sizes.max() <= 3 * sizes.min():
        return False
    if not np.isfinite(table).all():
        return False
    g, f = right / np.abs(right).max(), value / max(np.abs(value).max(), 1e-300)
    basis = np.stack([np.ones_like(g), g, f, g * g, f * f, g * f], axis=1)
    error = actual - right
    error = error / np.abs(error).max()
    left = error - basis @ np.linalg.lstsq(basis, error, rcond=None)[0]
    return bool((left**2).sum() > 0.05 * (error**2).sum())


_EPS: Final = float(np.finfo(np.float64).eps)
_STEPS: Final = (
    *(m * 10.0**-k for k in range(3, 10) for m in (1, 2, 3, 4, 5, 6, 8)),
    *(m * step for step in (_EPS ** (1 / 2), _EPS ** (1 / 3)) for m in (1, 2)),
)
"""What one divides by: usual steps, and twice each."""
