"""One case of one check as it was observed: an input, what is right there, and what came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.checks.arrays import Numbers
from grader.checks.compare import Mismatch
from grader.checks.wrong_gradients import NONE_KNOWN, WrongGradients
from grader.model.check import Check
from grader.model.observation import Differentiated, Graph, Outcome, Raised, Skipped
from grader.model.values import Nothing, Plain, Value

_SKIPPED, _NOTHING = Skipped(), Nothing()


@dataclass(slots=True)
class Observed:
    """One case of one check.

    :ivar inputs: the case's inputs as plain data, for a counterexample.
    :ivar expected: the right answer; None where autograd itself answers None.
    :ivar outcome: what the student's code did there, as it may be told. :ivar raw: the same, as it came.
    :ivar given: the answer in it. :ivar mismatch: what is wrong with that, if anything; the judge fills in
        both.
    :ivar position: which gradient of a :class:`~grader.model.observation.Differentiated` is meant.
    :ivar value: the reference's ``f(x)``.
    :ivar size: how many entries the differentiated input has.
    :ivar sizes: lengths of the inputs' axes and numbers of their entries.
    :ivar wrong_gradients: wrong answers read off the reference's graph.
    :ivar misconceptions: the author's wrong answers, by id.
    :ivar graph: what the reference's leaves; of a check about it. :ivar raised: the error that is right.
    """

    case: str
    visible: bool
    inputs: dict[str, Plain]
    expected: Numbers | None
    outcome: Outcome
    position: int = 0
    branch: str = ""
    value: Numbers | None = None
    size: int = 1
    sizes: tuple[int, ...] = ()
    wrong_gradients: WrongGradients = NONE_KNOWN
    misconceptions: dict[str, Numbers] = field(default_factory=dict)
    raw: Outcome = _SKIPPED
    given: Value = _NOTHING
    mismatch: Mismatch | None = None
    graph: Graph | None = None
    raised: Raised | None = None


def by_own_function(check: Check, points: Iterable[Observed]) -> bool:
    """Whether a ``backward`` of the student's own was on the way, at any case."""
    return check.own_backward or any(
        isinstance(point.outcome, Differentiated) and point.outcome.own_function for point in points
    )
