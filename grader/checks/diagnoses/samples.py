"""Samples, one a case, at which the finder looks; and the relation over all of them that it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.checks.arrays import Numbers
from grader.checks.compare import absolute, same, within
from grader.checks.wrong_gradients import NONE_KNOWN, WrongGradients
from grader.model.text import Text
from grader.model.wrong_gradients import NO_LABEL, Label

SCALE_ENTRIES: Final = 3
"""So many entries that are not zero must agree on a factor before it is called one."""


@dataclass(frozen=True)
class Sample:
    """One case at which an answer with numbers came.

    :ivar right: the right gradient. :ivar given: the student's. Shapes may differ.
    :ivar value: the function's value there. :ivar size: entries of the differentiated input.
    """

    right: Numbers
    given: Numbers
    value: Numbers | None = None
    size: int = 1
    branch: str = ""
    wrong_gradients: WrongGradients = NONE_KNOWN
    misconceptions: dict[str, Numbers] | None = None
    correct: bool = False
    sizes: tuple[int, ...] = ()
    """Lengths of the inputs' axes, and numbers of their entries: what a mean may divide by."""


@dataclass(frozen=True)
class Relation:
    """What was found.

    :ivar code: of the contract. :ivar factor: for ``scale``. :ivar branches: for ``one-branch``.
    :ivar labels: what the graph calls the place, for what was read off it; two places have two.
    :ivar variant: which of several stories of one code it is.
    """

    code: str
    factor: float | None = None
    branches: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    variant: str = ""
    branch_names: tuple[Text, ...] = ()
    """What the branches are called in a sentence."""

    @property
    def author(self) -> str | None:
        """The misconception of the exercise's author that it is, by id; None where it is a code of ours."""
        return self.code.removeprefix("author:") if self.code.startswith("author:") else None

    @property
    def label(self) -> Label:
        """The place, where there is one."""
        return self.labels[0] if self.labels else NO_LABEL


def everywhere(
    samples: list[Sample],
    pick: Callable[[Sample], Numbers | None],
    entries: int = 2,
    telling_of: Callable[[Numbers, Numbers], int] | None = None,
) -> bool:
    """Whether ``given`` is what ``pick`` makes of each sample, in ``entries`` telling numbers or more.

    Zeros tell nothing: a function that is not written yet returns them, too.
    """
    count = 0
    for sample in samples:
        candidate = pick(sample)
        if candidate is None and sample.correct:
            continue  # with one entry a matrix is its own diagonal: nothing of the kind is there to be wrong
        if candidate is None or not same(sample.given, candidate):
            return False
        count += (telling_of or telling)(candidate, sample.right)
    return count >= entries


def telling(candidate: Numbers, right: Numbers) -> int:
    """How many entries of a wrong answer are neither zero nor the right one's."""
    size = float(np.max(np.abs(right), initial=0.0, where=np.isfinite(right)))
    with np.errstate(invalid="ignore"):
        there = np.abs(candidate) > absolute(size)  # rounding is no number
    if candidate.shape != right.shape:
        return int(there.sum())
    return int((~within(candidate, right) & there).sum())


def all_telling(samples: list[Sample]) -> int:
    """How many telling entries the wrong answers have together."""
    return sum(0 if s.correct else telling(s.given, s.right) for s in samples)


def only_ones(samples: list[Sample]) -> bool:
    """Whether the answer is one at every entry: that is so of many mistakes, and names none of them."""
    return all(bool((s.given == 1.0).all()) for s in samples if not s.correct)
