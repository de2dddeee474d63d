"""Counts of entries over which a mean may be taken: of the axes of a case, and of the sums that the function has."""

from __future__ import annotations

import numpy as np

from grader.checks.compare import ATOL
from grader.checks.diagnoses.samples import Sample, everywhere


def sizes_of(samples: list[Sample]) -> list[list[int]]:
    """Each number of entries that a mean may divide by, at every case."""
    most = max(1, *(len(s.sizes) for s in samples))
    return [[s.sizes[k] if k < len(s.sizes) else s.size for s in samples] for k in range(most)]


def known_counts(samples: list[Sample], power: float) -> list[list[int]]:
    """The whole numbers by which the answers differ from the right ones, where the function's own are known:
    the entries of a product of matrices are no number of entries of either.
    """
    if any(s.wrong_gradients.sums is None for s in samples):
        return []
    found: list[int] = []
    for s in samples:
        found.append(1 if s.correct or s.given.shape != s.right.shape else _count(s, power))
    return [found]


def _count(sample: Sample, power: float) -> int:
    """By which whole number the largest entry differs, which has the least of rounding; 1: by none."""
    if not sample.right.size:
        return 1
    at = int(np.argmax(np.abs(sample.right)))
    right, given = float(sample.right.flat[at]), float(sample.given.flat[at])
    more, less = (given, right) if power > 0 else (right, given)
    ratio = more / less if abs(right) > ATOL and given else 1.0
    return round(ratio) if 1 < ratio < 1e6 else 1


def counts(sample: Sample, counted: tuple[str, ...], n: int) -> bool:
    """Whether the function adds up (or takes a mean over) ``n`` entries; where nothing is known, it may."""
    read = sample.wrong_gradients
    known = [{"sums": read.sums, "means": read.means}[name] for name in counted]
    return any(counts is None or n in counts for counts in known)


def times_entries(samples: list[Sample], factors: list[float], sizes: list[int]) -> bool:
    """Whether each answer is the right one times its factor, at two sizes or more."""
    off = {n for s, n in zip(samples, sizes, strict=True) if not s.correct and s.right.any()}
    if len(off) < 2:
        return False
    scaled = {id(s): s.right * factor for s, factor in zip(samples, factors, strict=True)}
    return everywhere(samples, lambda s: scaled[id(s)])
