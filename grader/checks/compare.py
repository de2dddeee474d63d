"""Comparison within a tolerance: whether an answer is right, and if not, in which respect first.

The order: type → None pattern → shape → dtype → finiteness → values (sign and constant
ratio are found by :mod:`grader.checks.diagnoses`, over all cases together). Nothing is
ever broadcast: a scalar is not a vector.

Tolerance for float64: ``|p − g| ≤ atol + rtol·|g|``, the rule of :func:`numpy.isclose`, with ``rtol``
1e-6 and ``atol`` 1e-9·max(1, max|g|). An answer in float32 has a budget of 1e-4 instead, and it is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, overload

import numpy as np

from grader.checks.arrays import Numbers, numbers_of
from grader.model.values import Nothing, Number, Sequence, Tensor, Value

RTOL = 1e-6
ATOL = 1e-9
SMALL = 64
FLOAT32_BUDGET = 1e-4
FLOAT16_BUDGET = 1e-2


class Aspect(Enum):
    """In which respect an answer is wrong, in the order of judgement."""

    TYPE = "type"
    NONE = "none"
    """None came where numbers are due."""
    NOT_NONE = "not-none"
    """Numbers came where autograd gives None."""
    SHAPE = "shape"
    DTYPE = "dtype"
    FINITE = "finite"
    VALUES = "values"


@dataclass(frozen=True)
class Mismatch:
    """The first respect in which an answer is wrong.

    :ivar actual: the answer's numbers, where it has any.
    :ivar worst: index of the entry that is furthest off, for :attr:`Aspect.VALUES`.
    """

    aspect: Aspect
    actual: Numbers | None = None
    worst: tuple[int, ...] = ()


def compare(expected: Numbers | None, value: Value, rtol: float = RTOL) -> Mismatch | None:
    """None when ``value`` is right; else the first respect in which it is not.

    :param expected: float, int or bool numbers of any shape; None for "no gradient".
    :param value: what the student's function returned.
    :param rtol: the relative tolerance of the exercise, for float64.
    """
    if isinstance(value, Nothing):
        return None if expected is None else Mismatch(Aspect.NONE)
    if isinstance(value, Sequence) or not isinstance(value, Tensor | Number):
        return Mismatch(Aspect.TYPE)
    actual = numbers_of(value)
    assert actual is not None
    if expected is None:
        return Mismatch(Aspect.NOT_NONE, actual)
    if actual.shape != expected.shape:
        return Mismatch(Aspect.SHAPE, actual)
    if not _dtype_fits(expected, actual, rtol, is_python=isinstance(value, Number)):
        return Mismatch(Aspect.DTYPE, actual)
    if actual.size <= SMALL and actual.dtype == expected.dtype == np.float64:
        p, g = actual.ravel().tolist(), expected.ravel().tolist()
        atol = absolute(max(map(abs, g), default=0.0))
        if atol < math.inf and all_near(p, g, atol, rtol):
            return None
        if all(x - x == 0.0 for x in (*p, *g)):
            return Mismatch(Aspect.VALUES, actual, _worst_of_few(p, g, atol, rtol, actual.shape))
    finite = np.isfinite(actual)
    if not np.array_equal(finite, np.isfinite(expected)):
        return Mismatch(Aspect.FINITE, actual, _first(finite != np.isfinite(expected)))
    off = ~within(actual, expected, rtol)
    if off.any():
        return Mismatch(Aspect.VALUES, actual, _worst(actual, expected, off))
    return None


def absolute(size: float) -> float:
    """``atol`` beside numbers of which the largest is ``size``."""
    return ATOL * max(1.0, size)


@overload
def near(p: float, g: float, atol: float, rtol: float = RTOL) -> bool: ...
@overload
def near(p: Numbers | float, g: Numbers, atol: float, rtol: float = RTOL) -> Numbers: ...
@overload
def near(p: Numbers, g: float, atol: float, rtol: float = RTOL) -> Numbers: ...
def near(p: Any, g: Any, atol: float, rtol: float = RTOL) -> Any:
    """``|p − g| ≤ atol + rtol·|g|``, as in :func:`numpy.isclose`: of two numbers, or entry by entry.

    The one formula by which numbers are the same. ``g`` is what is right; beside NaN it is false.
    """
    return abs(p - g) <= atol + rtol * abs(g)


def all_near(p: Iterable[float], g: Iterable[float], atol: float, rtol: float = RTOL) -> bool:
    """:func:`near` at every entry of a few, which Python compares faster than numpy does.

    A NaN or an infinity on either side makes it false.
    """
    # Written out: a call for each entry would be a tenth of all that a right answer costs.
    return all(abs(a - b) <= atol + rtol * abs(b) for a, b in zip(p, g, strict=True))


def within(actual: Numbers, expected: Numbers, rtol: float = RTOL) -> Numbers:
    """Entry by entry, whether ``actual`` is ``expected`` within the tolerance of its dtype.

    Shapes must be equal. NaN equals NaN, and an infinity equals itself.
    """
    wide = np.complex128 if "c" in (actual.dtype.kind, expected.dtype.kind) else np.float64
    p, g = actual.astype(wide), expected.astype(wide)
    size = float(np.max(np.abs(g), initial=0.0, where=np.isfinite(g)))
    atol = absolute(size)
    if actual.dtype in (np.float32, np.complex64):
        rtol, atol = max(rtol, FLOAT32_BUDGET), max(atol, 1e-2 * FLOAT32_BUDGET * max(1.0, size))
    elif actual.dtype == np.float16:
        rtol, atol = max(rtol, FLOAT16_BUDGET), max(atol, 1e-2 * FLOAT16_BUDGET * max(1.0, size))
    same = (p == g) | (np.isnan(p) & np.isnan(g))
    with np.errstate(invalid="ignore", over="ignore"):
        right: Numbers = same | (near(p, g, atol, rtol) & np.isfinite(p) & np.isfinite(g))
    return right


def same(a: Numbers, b: Numbers, rtol: float = RTOL) -> bool:
    """Whether two arrays have one shape and are equal within the tolerance; never broadcasts."""
    if a.shape != b.shape:
        return False
    if a.size <= SMALL and a.dtype == b.dtype == np.float64:
        # The finder asks this of dozens of candidates; most differ in their first number.
        p, g = a.ravel().tolist(), b.ravel().tolist()
        atol = absolute(max(map(abs, g), default=0.0))
        if atol < math.inf and all(x - x == 0.0 for x in p):
            return all_near(p, g, atol, rtol)
    return bool(within(a, b, rtol).all())


def is_short(value: Value) -> bool:
    """Whether the answer came in a float shorter than float64 (judged with a wider budget)."""
    return isinstance(value, Tensor) and value.array.dtype in ("float32", "float16", "complex64")


def is_half(value: Value) -> bool:
    """Whether it came in float16, which has the widest budget."""
    return isinstance(value, Tensor) and value.array.dtype == "float16"


def is_whole(expected: Numbers | None, value: Value) -> bool:
    """Whether whole numbers came in a tensor where floating-point numbers are right."""
    return (
        isinstance(value, Tensor)
        and expected is not None
        and expected.dtype.kind == "f"
        and numbers_of(value).dtype.kind in "iu"  # type: ignore[union-attr]
    )


def _dtype_fits(expected: Numbers, actual: Numbers, rtol: float, *, is_python: bool) -> bool:
    """Whether the right numbers can stand in what came.

    Whole numbers are as good as 4.0 where they are right, but for rounding; where a fraction is right, it is
    their type that is to blame. Truth values are no numbers: there is no -True.
    """
    if actual.dtype.kind == "c":
        return expected.dtype.kind == "c"
    if actual.dtype.kind == "b" or expected.dtype.kind == "b":
        return actual.dtype.kind == expected.dtype.kind
    if actual.dtype.kind == "f" or expected.dtype.kind in "iu" or is_python:
        return True
    return bool((within(np.rint(expected), expected, rtol) & ~np.isnan(expected)).all())


def _first(mask: Numbers) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _worst_of_few(
    p: list[float], g: list[float], atol: float, rtol: float, shape: tuple[int, ...]
) -> tuple[int, ...]:
    """The same for a few finite numbers, which Python compares faster than numpy does."""
    gaps = [-1.0 if near(a, b, atol, rtol) else abs(a - b) for a, b in zip(p, g, strict=True)]
    return tuple(int(i) for i in np.unravel_index(gaps.index(max(gaps)), shape))


def _worst(actual: Numbers, expected: Numbers, off: Numbers) -> tuple[int, ...]:
    with np.errstate(invalid="ignore", over="ignore"):
        wide = np.complex128 if "c" in (actual.dtype.kind, expected.dtype.kind) else np.float64
        gap = np.where(off, np.abs(actual.astype(wide) - expected.astype(wide)), -1.0)
    gap = np.nan_to_num(gap, nan=np.inf, posinf=np.inf)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(gap)), gap.shape))
