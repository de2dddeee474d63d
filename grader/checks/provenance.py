"""Provenance: does an answer come from autograd? Seen by asking with autograd and in a child without.

Where a derivative has to be predicted, an answer that is right with autograd's kernels and not without them
was asked of autograd. Where it has to be asked of autograd, one that is right without them was not. The two
calls differ in nothing else, so nothing has to be known of how the code goes about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.checks import sentences
from grader.checks.arrays import Numbers, numbers_of
from grader.checks.compare import compare
from grader.checks.diagnoses.samples import Relation
from grader.checks.items import item_of
from grader.checks.names import enclosing
from grader.checks.results import diagnose, result
from grader.model.check import Check
from grader.model.observation import Defined, Differentiated, Missing, Outcome, Raised, Returned
from grader.model.report import CheckResult


@dataclass(frozen=True)
class Compared:
    """One case, asked in both children.

    :ivar expected: what is right. :ivar here: what came where the check is judged. :ivar there: in the
        other child.
    """

    expected: Numbers | None
    here: Outcome
    there: Outcome


_VARIES: Final = re.compile(r"\[[^\]]*\]|[A-Za-z]+Backward\d*|[-+]?\d+")
"""Of torch's messages, what differs from one program to the next: shapes, nodes' names, numbers."""


def same_message(one: str, other: str) -> bool:
    """Whether two errors say the same, numbers, shapes and names of nodes aside."""
    return _VARIES.sub("#", one).split() == _VARIES.sub("#", other).split()


def judge(
    check: Check,
    judged: CheckResult,
    compared: list[Compared],
    defined: tuple[Defined, ...],
    missing: int | None = None,
) -> CheckResult:
    """``judged``, or what is to be said instead.

    :param missing: the line outside of the functions that fails only where autograd does not exist.
    """
    if check.requires_autograd:
        return _required(check, judged, compared)
    if judged.verdict == "passed":
        return judged
    for case in compared:
        line = _asked_at(case.here)
        if line is not None:
            function = enclosing(line, defined)
            if function == check.of != check.function:
                return result(check, "error", sentences.function_needs_autograd(function, line), line=line)
    if any(isinstance(c.here, Missing) and isinstance(c.there, Returned | Raised) for c in compared):
        return result(
            check, "missing", sentences.defined_with_autograd(check.function or "", missing), line=missing
        )
    # Where the right answer is zero, it may come without the kernels, too. And code that fails without them
    # gives no other answer: it may only check itself.
    wrong = [case.here for case in compared if not _right(check, case.expected, case.here)]
    if wrong and all(_right(check, case.expected, case.there) for case in compared):
        if not all(isinstance(here, Returned) for here in wrong):
            return judged
        asked = next((line for line in map(_asked_at, wrong) if line is not None), None)
        if asked is not None and all(isinstance(here, Returned) and here.own_function for here in wrong):
            return result(check, "error", sentences.own_function_alone(asked), line=asked)
        message, diagnosis = diagnose(Relation("autograd-in-prediction"))
        return result(check, "failed", message, diagnosis, line=asked)
    for case in compared:
        if isinstance(case.here, Returned) and case.here.asked and _empty(case.here):
            return result(check, "error", sentences.no_autograd_here(case.here.asked), line=case.here.asked)
    return judged


def _asked_at(outcome: Outcome) -> int | None:
    """The line that asked autograd where there is none."""
    if isinstance(outcome, Raised):
        return outcome.line if outcome.absent else None
    return outcome.asked or None if isinstance(outcome, Returned) else None


def _empty(outcome: Returned) -> bool:
    """Whether what came back is what asking autograd gives where there is none: None, or NaN."""
    numbers = numbers_of(outcome.value)
    return numbers is None or (numbers.dtype.kind in "fc" and bool(np.isnan(numbers).all()))


def _required(check: Check, judged: CheckResult, compared: list[Compared]) -> CheckResult:
    if judged.verdict != "passed" or not compared:
        return judged
    if check.raises:
        if all(
            isinstance(c.here, Raised)
            and isinstance(c.there, Raised)
            and same_message(c.here.message, c.there.message)
            for c in compared
        ):
            return result(check, "failed", sentences.RAISED_WITHOUT_AUTOGRAD)
        return judged
    if all(_right(check, case.expected, case.there) for case in compared):
        return result(check, "failed", sentences.NOT_FROM_AUTOGRAD)
    return judged


def _right(check: Check, expected: Numbers | None, outcome: Outcome) -> bool:
    if not isinstance(outcome, Returned | Differentiated):
        return False
    return compare(expected, item_of(outcome.value, check.which), check.rtol) is None
