"""Custom ``backward`` (``autograd.Function``): what is wrong with the class before gradients are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from grader.checks import sentences
from grader.checks.compare import compare
from grader.checks.observed import Observed
from grader.checks.results import result
from grader.model.check import Check
from grader.model.exercise import Function
from grader.model.observation import Differentiated, Missing
from grader.model.report import CheckResult
from grader.model.values import Nothing

_NO_GRAPH: Final = re.compile(
    r"does not require grad|does not have a grad_fn|not have been used in the graph"
)
"""How torch's errors read where a backward asks autograd, which does not exist where it is run."""
_COUNT: Final = re.compile(r"incorrect number of gradients \(expected (\d{1,4}), got (\d{1,4})\)")


def unfit(check: Check, function: Function, points: Iterable[Observed]) -> CheckResult | None:
    """Why there is no gradient to compare: no such class, another forward, a backward that fails."""
    for point in points:
        outcome = point.outcome
        if isinstance(outcome, Missing):
            return result(check, "missing", sentences.missing_class(function.name, outcome.found))
        if not isinstance(outcome, Differentiated):
            continue
        error = outcome.error
        count = _COUNT.search(error.message) if error is not None else None
        if count is not None:
            said = sentences.backward_count(function.name, int(count.group(1)), int(count.group(2)))
            return result(check, "error", said)
        if outcome.problem == "raised" and error is not None and _NO_GRAPH.search(error.message):
            said = sentences.backward_asks_autograd(function.name, error.line)
            return result(check, "error", said, line=error.line)
        if point.value is not None and not isinstance(outcome.value, Nothing):
            if compare(point.value, outcome.value, check.rtol) is not None:
                return result(check, "failed", sentences.other_forward(function.name))
            nothing = not outcome.problem and isinstance(outcome.grads[point.position], Nothing)
            if nothing and point.expected is not None:
                return result(check, "failed", sentences.backward_returned_none(function.name, check.wrt))
    return None
