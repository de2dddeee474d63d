"""Fast path for the common case: every answer of a check is there, plain, and right.

Says "passed", or nothing at all; then :mod:`grader.checks.judge` looks closely. What passes here
passes there, without a remark: finite float64 numbers of the right shape within the tolerance,
no evidence, nothing changed in place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from grader.checks.arrays import Numbers
from grader.checks.compare import RTOL, SMALL, absolute, all_near
from grader.model.check import Check
from grader.model.observation import Differentiated, Outcome, Returned
from grader.model.values import Array, Number, Tensor, Value


@dataclass(frozen=True, slots=True)
class Sure:
    """What is right at one point, ready to be compared.

    :ivar data: the same as little-endian bytes, in C order.
    :ivar atol: the absolute tolerance that goes with these numbers.
    """

    shape: tuple[int, ...]
    data: bytes
    numbers: list[float]
    atol: float


def sure(expected: Numbers | None) -> Sure | None:
    """None for what needs a closer look: no numbers, many, not finite, or not float64."""
    if expected is None or expected.dtype != np.float64 or expected.size > SMALL:
        return None
    numbers = expected.ravel().tolist()
    atol = absolute(max(map(abs, numbers), default=0.0))
    return Sure(expected.shape, expected.tobytes(), numbers, atol) if atol < math.inf else None


def passes(check: Check, seen: Iterable[tuple[Sure | None, tuple[int, ...] | None, Outcome | None]]) -> bool:
    """Whether ``check`` passes without a remark; False says nothing.

    :param seen: at each case what is right, the shape of the reference's own value, and what came.
    """
    if check.rtol != RTOL or check.item is not None or check.own_backward:
        return False  # of a backward the values are looked at, too
    gradient = check.through_autograd
    for right, shape, outcome in seen:
        value: Value
        if isinstance(outcome, Returned):
            if outcome.mutated or (outcome.evidence is not None and outcome.evidence.quotient):
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
        if not _holds(right, value.array):
            return False
    return True


def _holds(right: Sure, array: Array) -> bool:
    """Whether the numbers are plainly right."""
    if array.dtype != "float64" or array.shape != right.shape:
        return False
    # A function written as the reference is gives the same bits.
    return array.data == right.data or all_near(memoryview(array.data).cast("d"), right.numbers, right.atol)
