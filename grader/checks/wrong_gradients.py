"""Wrong gradients that are known at one case, ready to be compared with what came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from grader.checks.arrays import Numbers, to_numpy
from grader.model.wrong_gradients import GraphReading, Mistake

Counts = frozenset[int]


@dataclass(frozen=True)
class WrongGradients:
    """What the reference's graph tells at one case, and what other questions add to it.

    :ivar by_mistake: what comes of each mistake, in any shape.
    :ivar sums: over how many entries the function adds up somewhere; None where that is not known.
    :ivar means: over how many it takes a mean.
    :ivar independent: pairs of places, either way round, along whose edges the gradients add up; None where
        that is not known.
    :ivar low: the least derivative a little to either side, entry by entry. :ivar high: the greatest.
    """

    by_mistake: Mapping[Mistake, Numbers] = field(default_factory=dict)
    sums: Counts | None = None
    means: Counts | None = None
    independent: frozenset[tuple[str, str]] | None = None
    low: Numbers | None = None
    high: Numbers | None = None

    def single(self, code: str) -> Numbers | None:
        """The wrong gradient of a code of which there is only one, at no place in particular."""
        return self.by_mistake.get(Mistake(code))

    def several(self, code: str) -> dict[Mistake, Numbers]:
        """The wrong gradients of a code of which there is one for each place."""
        return self._several.get(code, {})

    def also(self, more: Mapping[Mistake, Numbers]) -> WrongGradients:
        """The same with ``more``."""
        return WrongGradients(
            {**self.by_mistake, **more}, self.sums, self.means, self.independent, self.low, self.high
        )

    @cached_property
    def _several(self) -> dict[str, dict[Mistake, Numbers]]:
        found: dict[str, dict[Mistake, Numbers]] = {}
        for mistake, numbers in self.by_mistake.items():
            if mistake.place:
                found.setdefault(mistake.code, {})[mistake] = numbers
        return found


NONE_KNOWN = WrongGradients()


def wrong_gradients(read: GraphReading | None) -> WrongGradients:
    """What came over the wire, as arrays."""
    if read is None:
        return NONE_KNOWN
    return WrongGradients(
        {wrong.mistake: to_numpy(wrong.array) for wrong in read.wrong},
        _counts(read.sums),
        _counts(read.means),
        None if read.independent is None else _either_way(read.independent),
        None if read.low is None else to_numpy(read.low),
        None if read.high is None else to_numpy(read.high),
    )


def _counts(counts: Iterable[int] | None) -> Counts | None:
    return None if counts is None else frozenset(counts)


def _either_way(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset(pair for one, other in pairs for pair in ((one, other), (other, one)))
