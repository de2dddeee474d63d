"""The common case, fast: every answer of a check is there, plain, and right.

Says "passed", or nothing at all; then :mod:`grader.checks.judge` looks closely. What passes here
passes there, without a remark: finite float64 numbers of the right shape within the tolerance,
no evidence, nothing changed in place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.checks.compare import ATOL, RTOL, SMALL
from grader.checks.points import Numbers
from grader.model.exercise import PREDICTIONS, Check
from grader.model.observation import Differentiated, Evidence, Outcome, Returned
from grader.model.values import Array, Number, Tensor, Value

NOISE: Final = 2e-13
"""A formula in float64 errs by less than this, relatively; a difference quotient by more."""
_NOTHING: Final = Evidence()


@dataclass(frozen=True, slots=True)
class Sure:
    """What is right at one point, ready to be compared.

    :ivar atol: the absolute tolerance that goes with these numbers.
    """

    shape: tuple[int, ...]
    numbers: list[float]
    atol: float


def sure(expected: Numbers | None) -> Sure | None:
    """None for what needs a closer look: no numbers, many, not finite, or not float64."""
    if expected is None or expected.dtype != np.float64 or expected.size > SMALL:
        return None
    numbers = expected.ravel().tolist()
    atol = ATOL * max(1.0, *map(abs, numbers)) if numbers else ATOL
    return Sure(expected.shape, numbers, atol) if atol < math.inf else None


def passes(check: Check, seen: Iterable[tuple[Sure | None, tuple[int, ...] | None, Outcome | None]]) -> bool:
    """Whether ``check`` passes without a remark; False says nothing.

    :param seen: at each case what is right, the shape of the reference's own value, and what came.
    """
    if check.rtol != RTOL or check.item is not None:
        return False
    predicts = check.kind in PREDICTIONS and not check.autograd_allowed
    gradient = check.kind == "gradient"
    noisy = 0
    for right, shape, outcome in seen:
        value: Value
        if isinstance(outcome, Returned):
            if outcome.mutated or (predicts and outcome.evidence not in (None, _NOTHING)):
                return False
            value = outcome.value
        elif isinstance(outcome, Differentiated):
            if outcome.mutated or outcome.problem:
                return False
            value = outcome.grads[0] if gradient else outcome.value
            own = outcome.value
            if gradient and not (isinstance(own, Tensor) and own.array.shape == shape):
                return False  # with a cotangent of ones, a sum inside f would not show
        else:
            return False
        if right is None or not isinstance(value, Tensor | Number):
            return False
        errors = _errors(right, value.array)
        if errors < 0:
            return False
        noisy += errors
    # So many that the numbers may come from differences: that is for the judge.
    return not predicts or noisy < 4


def _errors(right: Sure, array: Array) -> int:
    """How many entries err by more than a formula does; -1 where the answer is not plainly right."""
    if array.dtype != "float64" or array.shape != right.shape:
        return -1
    noisy, atol = 0, right.atol
    for p, g in zip(memoryview(array.data).cast("d"), right.numbers, strict=True):
        error = abs(p - g)
        # A NaN or an infinity makes the comparison false.
        if not error <= atol + RTOL * abs(g):
            return -1
        noisy += bool(g) and error > NOISE * abs(g)
    return noisy
