"""Difference quotients (finite differences): were nearly right numbers made by one, and not by a formula?

Only where all is seen: the prediction called ``f`` at two points close together, its numbers err as a
quotient does, by some 1e-12 to 1e-6, and (of a gradient or a directional
derivative) they *are* quotients of the values that ``f`` had there. A formula
in float64 errs by a few units of 1e-16. Numbers that were rounded, or went through single precision, err as
much without a call of ``f`` nearby; a softmax that is shifted before it is computed calls ``f`` elsewhere
without an error; and a formula with a rounded constant that checks itself by a quotient is none.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.arrays import Numbers

NOISE: Final = 2e-13
"""A formula in float64 errs by less than this, relatively; a difference quotient by more."""
_MOST: Final = 1e-3
"""A case at which the answer errs by more, beside the largest entry, does not tell."""
_MOSTLY: Final = 0.75
"""Of the entries that err, so many have to be quotients."""
_LEAST: Final = 2
"""So many entries have to err at least."""

_NEARER: Final = 0.02
"""By so much nearer to a quotient than to what is right is an answer that is that quotient."""
_ROUNDING: Final = 4e-15

_FORMULA: Final = 1e-15
"""By so much, beside the largest entry, a formula errs that is written in another way."""
_TELLING: Final = 3
"""Entries that err and are a quotient to the last bit: one may be by chance, as a quotient errs by some fifty
units in the last place."""

Row = tuple[Numbers | None, Numbers | None, bool, list[Numbers] | None]
"""What came and what is right at one case; whether ``f`` was called at two points near the input; and the
quotients of what it gave there. None: not all that can have been taken are known, so how it errs decides."""


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def looks_differenced(rows: list[Row]) -> bool:
    """Whether ``f`` was called for a quotient at every case, and at most of them the answer is one, and errs.

    At a jump, a quotient is far off.
    """
    erring = entries = near = found = 0
    for actual, expected, called, quotients in rows:
        if not called or actual is None or expected is None or actual.shape != expected.shape:
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
        errs = (gap > NOISE * np.abs(expected)) & (gap > 1e-14 * size) & use
        erring += int(errs.sum())
        entries += int(use.sum())
        found += int((errs & _is_one_of(actual, gap, quotients)).sum())
    return 2 * near >= len(rows) and erring >= max(_LEAST, entries / 4) and found >= _MOSTLY * erring


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def are_quotients_bit_by_bit(rows: list[Row]) -> bool:
    """Whether answers that err by rounding alone are quotients to the last bit, wherever they err by more
    than a formula does: so are quotients of a quadratic function, however wide they are."""
    erring = found = 0
    for actual, expected, called, quotients in rows:
        if not called or not quotients or actual is None or expected is None:
            return False
        if actual.shape != expected.shape or actual.dtype != np.float64 or expected.dtype != np.float64:
            return False
        size = max(1.0, float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))))
        errs = ~(np.abs(actual - expected) <= _FORMULA * size)
        same = np.zeros(actual.shape, bool)
        for each in quotients:
            if each.shape == actual.shape:
                same |= actual == each
        erring += int(errs.sum())
        found += int((errs & same).sum())
    return erring >= _TELLING and found == erring


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def are_quotients(rows: list[Row]) -> bool:
    """Whether wrong answers are quotients, too wide ones say, at most of the entries that are wrong."""
    wrong = found = 0
    for actual, expected, called, quotients in rows:
        if not called or actual is None or expected is None or actual.shape != expected.shape:
            return False
        gap = np.abs(actual - expected)
        errs = gap > NOISE * np.maximum(1.0, np.abs(expected))
        wrong += int(errs.sum())
        found += int((errs & _is_one_of(actual, gap, quotients)).sum())
    return wrong > 0 and found >= _MOSTLY * wrong


def _is_one_of(actual: Numbers, gap: Numbers, quotients: list[Numbers] | None) -> Numbers:
    """Of each entry, whether it is much nearer to a quotient than, by ``gap``, to what is right."""
    if quotients is None:
        return np.ones(actual.shape, bool)
    least = np.maximum(_NEARER * gap, _ROUNDING * np.abs(actual))
    found = np.zeros(actual.shape, bool)
    for each in quotients:
        if each.shape == actual.shape:
            found |= np.abs(actual - each) <= least
    return found
