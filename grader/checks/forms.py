"""Relations of numbers and of forms: they say what an answer is, whatever the reason.

The opposite, a multiple, a mean, the transpose, the sum of the entries: nothing of the graph is needed.
"""

from __future__ import annotations

import numpy as np

from grader.checks.compare import ATOL, FLOAT32_BUDGET, RTOL, same, within
from grader.checks.families import SCALE_ENTRIES, of_family
from grader.checks.points import Numbers
from grader.checks.samples import Relation, Rule, Sample, everywhere


def sign(samples: list[Sample]) -> Relation | None:
    return Relation("sign") if everywhere(samples, lambda s: -s.right, entries=1) else None


def mean(samples: list[Sample]) -> Relation | None:
    """Divided by the number of entries or rows, or multiplied by it where a mean is meant.

    Only cases of different sizes tell this from a plain factor. And only where the function adds up so many
    entries: the length of an axis that nothing is added up along is a number like any other.
    """
    for power, counted, labels in ((-1.0, ("sums", "means"), ()), (1.0, ("means",), ("sum",))):
        for sizes in [*_sizes(samples), *_known_counts(samples, power)]:
            if all(
                s.correct or _counts(s, counted, n) for s, n in zip(samples, sizes, strict=True)
            ) and _fits(samples, [float(max(1, n)) ** power for n in sizes], sizes):
                return Relation("mean-for-sum", labels=labels)
    return None


def one_less(samples: list[Sample]) -> Relation | None:
    """A mean over n entries where n − 1 is meant, or over n − 1 where n is."""
    for sizes in _sizes(samples):
        if any(n < 2 and not s.correct for s, n in zip(samples, sizes, strict=True)):
            continue
        if not all(
            s.correct or any(_counts(s, ("sums", "means"), m) for m in (n, n - 1))
            for s, n in zip(samples, sizes, strict=True)
        ):
            continue
        for power in (1.0, -1.0):
            if _fits(samples, [(max(1, n) / max(1, n - 1)) ** power for n in sizes], sizes):
                return Relation("off-by-one", labels=("|count",))
    return None


def _sizes(samples: list[Sample]) -> list[list[int]]:
    """Each number of entries that a mean may divide by, at every case."""
    most = max(1, *(len(s.sizes) for s in samples))
    return [[s.sizes[k] if k < len(s.sizes) else s.size for s in samples] for k in range(most)]


def _known_counts(samples: list[Sample], power: float) -> list[list[int]]:
    """The whole numbers by which the answers differ from the right ones, where the function's own are known:
    the entries of a product of matrices are no number of entries of either.
    """
    if any("sums" not in (s.relatives or {}) for s in samples):
        return []
    found: list[int] = []
    for s in samples:
        there = np.abs(s.right) > ATOL
        if s.correct or s.given.shape != s.right.shape or not there.any() or not s.given[there].all():
            found.append(1)
            continue
        more, less = (s.given, s.right) if power > 0 else (s.right, s.given)
        ratio = float(np.median(more[there] / less[there]))
        found.append(round(ratio) if 1 < ratio < 1e6 else 1)
    return [found]


def _counts(sample: Sample, counted: tuple[str, ...], n: int) -> bool:
    """Whether the function adds up (or takes a mean over) ``n`` entries; where nothing is known, it may."""
    known = [(sample.relatives or {}).get(name) for name in counted]
    return any(counts is None or n in counts for counts in known)


def _fits(samples: list[Sample], factors: list[float], sizes: list[int]) -> bool:
    """Whether each answer is the right one times its factor, at two sizes or more."""
    off = {n for s, n in zip(samples, sizes, strict=True) if not s.correct and s.right.any()}
    if len(off) < 2:
        return False
    scaled = {id(s): s.right * factor for s, factor in zip(samples, factors, strict=True)}
    return everywhere(samples, lambda s: scaled[id(s)])


def scale(samples: list[Sample]) -> Relation | None:
    ratios: list[float] = []
    budget = RTOL
    for s in samples:
        if s.given.shape != s.right.shape:
            return None
        g, p = s.right.astype(np.float64).ravel(), s.given.astype(np.float64).ravel()
        if not (np.isfinite(g).all() and np.isfinite(p).all()):
            return None
        atol = ATOL * max(1.0, float(np.max(np.abs(g), initial=0.0)))
        zero = np.abs(g) <= atol
        if (np.abs(p[zero]) > atol).any():
            return None
        with np.errstate(over="ignore"):
            ratios += list(p[~zero] / g[~zero])
        if s.given.dtype in (np.float32, np.float16):
            budget = FLOAT32_BUDGET
    if len(ratios) < SCALE_ENTRIES:
        return None
    c = float(np.median(ratios))
    # So near to 1 it is a matter of precision, not of a factor.
    if not np.isfinite(c) or c == 0.0 or abs(c - 1.0) < FLOAT32_BUDGET:
        return None
    if np.max(np.abs(np.array(ratios) - c)) > budget * abs(c):
        return None
    nice = round(c, 6)
    return Relation("scale", factor=nice if nice and abs(nice - c) <= budget * abs(c) else c)


def transpose(samples: list[Sample]) -> Relation | None:
    def turned(s: Sample) -> Numbers | None:
        return s.right.T if s.right.ndim == 2 else None

    return Relation("transpose") if everywhere(samples, turned) else None


def backwards(samples: list[Sample]) -> Relation | None:
    """The right entries in reversed order: along one axis, or along all."""
    most = max(s.right.ndim for s in samples)
    for axes in (None, *range(most if most > 1 else 0)):

        def flipped(s: Sample, axes: int | None = axes) -> Numbers | None:
            return np.flip(s.right, axes) if s.right.ndim and s.right.ndim > (axes or 0) else None

        if everywhere(samples, flipped, entries=3):
            return Relation("reversed")
    return None


def reduced(samples: list[Sample]) -> Relation | None:
    """The entries were added up: one number came (or the same number everywhere) where each has its own."""
    if of_family("reduced", samples) is not None:
        return Relation("reduced")
    telling = 0
    for s in samples:
        if s.right.ndim == 0 or s.right.size < 2:
            if s.given.size != s.right.size or not same(s.given.reshape(-1), s.right.reshape(-1)):
                return None
            continue
        total = np.full(s.given.shape, s.right.sum())
        if s.given.shape not in ((), (1,), s.right.shape) or not same(s.given, total):
            return None
        # 4 for [0, 4] may be its last entry, and 0 for zeros stands for each of them.
        alone = np.full(s.right.shape, s.right.sum())
        telling += bool((np.abs(alone) > ATOL).any()) and not bool(within(alone, s.right).any())
    return Relation("reduced") if telling else None


def not_reduced(samples: list[Sample]) -> Relation | None:
    """The entries should have been added up: the sum (over all, or one axis) of what came is right."""
    for s in samples:
        if s.given.ndim <= s.right.ndim or s.given.size < s.right.size:
            return None
    if not any(s.given.size > s.right.size and s.right.any() for s in samples):
        return None  # an axis of length one is not a sum, and zeros add up to zero however many there are
    axes = (None, *range(min(s.given.ndim for s in samples)))
    for axis in axes:
        if all(same(np.asarray(s.given.sum(axis=axis)), s.right) for s in samples):
            return Relation("not-reduced")
    return None


def float32(samples: list[Sample]) -> Relation | None:
    """Right to single precision, and every number is one that single precision can hold."""
    off = 0
    for s in samples:
        if s.given.shape != s.right.shape or s.given.dtype != np.float64:
            return None
        with np.errstate(over="ignore"):
            if not np.array_equal(s.given, s.given.astype(np.float32).astype(np.float64)):
                return None
        if not same(s.given, s.right, FLOAT32_BUDGET):
            return None
        wrong = s.given[~within(s.given, s.right)]
        # 0.5 for 0.50003 fits into single precision, too, but is not its rounding: that fills all its bits.
        mantissa = np.frexp(wrong)[0] * 2.0**16
        off += int((mantissa != np.rint(mantissa)).sum())
    return Relation("float32-rounding") if off >= 2 else None


def other_shape(samples: list[Sample]) -> Relation | None:
    wrong = [s for s in samples if not s.correct]
    return Relation("shape") if all(s.given.shape != s.right.shape for s in wrong) else None


NUMBER_RULES: tuple[Rule, ...] = (sign, mean, one_less, scale)
"""They say what the numbers are, whatever the reason."""
FORM_RULES: tuple[Rule, ...] = (transpose, backwards, reduced, not_reduced, float32)
