"""Answers with a mistake planted in them, and what the finder must make of each.

Numbers are drawn from a continuous distribution, so that nothing holds by accident: the mistake that
was planted is the only relation there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from grader.checks.arrays import Numbers
from grader.checks.compare import same
from grader.checks.diagnoses.samples import Relation, Sample

from .notation import by_notation, known, labels

PATHS: Final = ("missing-path:0.0:u|mul", "missing-path:0.1:v|mul", "missing-path:2.0:x|add")
FACTORS: Final = ("missing-factor:1:u|sin", "missing-factor:3:v|exp")
CUTS: Final = ("undetached:0:d|", "undetached:1:e|")
OTHERS: Final = (
    "by-another-input:1:w|",
    "off-by-one:fewer:|fewer",
    "by-an-intermediate:4:u|exp",
    "factor-order:2.0-exchanged:|exchanged",
    "diagonal-only:5:p|softmax",
)
"""Other questions, and wrong answers about a step on the way."""
BEFORE: Final = "accumulated:other"


@dataclass(frozen=True)
class Mistake:
    """One way to be wrong.

    :ivar make: the wrong answer to a sample.
    :ivar found: what the finder says.
    :ivar fits: of which right gradients the mistake can be made, by their dimensions.
    """

    make: Callable[[Sample], Numbers]
    found: Relation
    fits: tuple[int, ...] = (1, 2)


def _wrong(key: str) -> Callable[[Sample], Numbers]:
    return lambda s: wrong_gradients(s)[key]


def wrong_gradients(s: Sample) -> dict[str, Numbers]:
    """What was read off the graph."""
    return by_notation(s.wrong_gradients)


def _term(s: Sample, key: str) -> Numbers:
    return s.right - wrong_gradients(s)[key]


def _rows(s: Sample) -> Numbers:
    """Three rows that add up to the right gradient."""
    assert s.value is not None
    first, second = s.value, wrong_gradients(s)["diagonal-only"]
    return np.stack((first, second, s.right - first - second))


MISTAKES: Final[dict[str, Mistake]] = {
    "sign": Mistake(lambda s: -s.right, Relation("sign")),
    "half": Mistake(lambda s: s.right / 2, Relation("scale", factor=0.5)),
    "seven": Mistake(lambda s: s.right * 7, Relation("scale", factor=7.0)),
    "mean": Mistake(lambda s: s.right / s.size, Relation("mean-for-sum")),
    "sum": Mistake(lambda s: s.right * s.size, Relation("mean-for-sum", variant="sum")),
    "mean of a row": Mistake(lambda s: s.right / s.right.shape[-1], Relation("mean-for-sum"), (2,)),
    "value": Mistake(lambda s: np.asarray(s.value), Relation("value-not-gradient")),
    "second": Mistake(_wrong("second-derivative"), Relation("second-derivative")),
    "diagonal": Mistake(_wrong("diagonal-only"), Relation("diagonal-only")),
    "turned": Mistake(_wrong("transpose"), Relation("transpose")),
    "transposed": Mistake(lambda s: s.right.T, Relation("transpose"), (2,)),
    "one cut undone": Mistake(_wrong(CUTS[0]), Relation("undetached", labels=labels("d|"))),
    "a path": Mistake(_wrong(PATHS[1]), Relation("missing-path", labels=labels("v|mul"))),
    "a factor": Mistake(_wrong(FACTORS[1]), Relation("missing-factor", labels=labels("v|exp"))),
    "two paths": Mistake(
        lambda s: wrong_gradients(s)[PATHS[0]] + wrong_gradients(s)[PATHS[2]] - s.right,
        Relation("missing-path", labels=labels("u|mul", "x|add")),
    ),
    "sign of a term": Mistake(
        lambda s: s.right - 2 * _term(s, PATHS[2]), Relation("sign", labels=labels("x|add"))
    ),
    "a term twice": Mistake(
        lambda s: s.right + _term(s, PATHS[0]), Relation("scale", factor=2.0, labels=labels("u|mul"))
    ),
    "another input": Mistake(_wrong(OTHERS[0]), Relation("by-another-input", labels=labels("w|"))),
    "a round less": Mistake(_wrong(OTHERS[1]), Relation("off-by-one", labels=labels("|fewer"))),
    "on the way": Mistake(_wrong(OTHERS[2]), Relation("by-an-intermediate", labels=labels("u|exp"))),
    "another order": Mistake(_wrong(OTHERS[3]), Relation("factor-order", labels=labels("|exchanged"))),
    "a step's diagonal": Mistake(_wrong(OTHERS[4]), Relation("diagonal-only", labels=labels("p|softmax"))),
    "one entry less": Mistake(
        lambda s: s.right * s.size / (s.size - 1), Relation("off-by-one", labels=labels("|count"))
    ),
    "backwards": Mistake(lambda s: np.flip(s.right), Relation("reversed")),
    "accumulated": Mistake(_wrong(BEFORE), Relation("accumulated")),
    "zeros": Mistake(lambda s: np.zeros_like(s.right), Relation("cut-graph", variant="zero")),
    "reduced": Mistake(lambda s: np.asarray(s.right.sum()), Relation("reduced")),
    "spread": Mistake(lambda s: np.full_like(s.right, s.right.sum()), Relation("reduced")),
    "not reduced": Mistake(_rows, Relation("not-reduced", variant="axis")),
    "single": Mistake(
        lambda s: (s.right * (1 + 2e-5)).astype(np.float32).astype(np.float64), Relation("float32-rounding")
    ),
    "quotient": Mistake(
        lambda s: s.right + 1e-3 * wrong_gradients(s)["second-derivative"], Relation("finite-difference")
    ),
    "an axis": Mistake(lambda s: s.right[..., None], Relation("shape")),
}


def questions(seed: int, dimensions: int, cases: int) -> list[Sample]:
    """Cases of different sizes with everything that can be known of them; all answers are right."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(cases):
        shape = ((3 + n,), (2, 3 + n))[dimensions - 1]

        def draw(shape: tuple[int, ...] = shape) -> Numbers:
            numbers: Numbers = rng.uniform(0.5, 3.0, shape) * rng.choice((-1.0, 1.0), shape)
            return numbers

        right = draw()
        keys = (*PATHS, *FACTORS, *CUTS, *OTHERS, BEFORE, "second-derivative", "diagonal-only", "transpose")
        found.append(
            Sample(
                right,
                right,
                value=draw(),
                size=right.size,
                wrong_gradients=known({key: draw() for key in keys}),
                misconceptions={"author": draw()},
                correct=True,
                sizes=(*shape, right.size),
            )
        )
    return found


def answer(s: Sample, given: Numbers) -> Sample:
    """The sample with another answer; ``correct`` as the judge says."""
    return replace(s, given=given, correct=same(given, s.right))


def changed(s: Sample, change: Callable[[Numbers], Numbers]) -> Sample:
    """The sample with the same done to all its numbers."""
    return replace(
        s,
        right=change(s.right),
        given=change(s.given),
        value=None if s.value is None else change(s.value),
        wrong_gradients=known({key: change(v) for key, v in wrong_gradients(s).items()}),
        misconceptions={key: change(v) for key, v in (s.misconceptions or {}).items()},
    )


def permuted(s: Sample, rng: Any) -> Sample:
    """The sample with the entries of each array in another order, the same for all."""
    size, shape = s.right.size, s.right.shape
    order = rng.permutation(size)

    def change(a: Numbers) -> Numbers:
        if a.shape[a.ndim - len(shape) :] == shape:
            front = a.shape[: a.ndim - len(shape)]
            return a.reshape(*front, size)[..., order].reshape(a.shape)
        return a.reshape(size)[order].reshape(a.shape) if a.size == size else a

    return changed(s, change)
