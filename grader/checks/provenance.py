"""Does an answer come from autograd? Seen by asking in both children, with autograd and without.

Where a derivative has to be predicted, an answer that is right with autograd's kernels and not without them
was asked of autograd. Where it has to be asked of autograd, one that is right without them was not. The two
calls differ in nothing else, so nothing has to be known of how the code goes about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.checks import reasons, sentences
from grader.checks.behaviour import same_message
from grader.checks.compare import compare
from grader.checks.judge import item_of
from grader.checks.names import enclosing
from grader.checks.points import Numbers
from grader.checks.results import result
from grader.model.exercise import Check
from grader.model.observation import Defined, Differentiated, Outcome, Raised, Returned
from grader.model.report import CheckResult, Diagnosis
from grader.model.text import EMPTY


@dataclass(frozen=True)
class Compared:
    """One case, asked in both children.

    :ivar expected: what is right. :ivar here: what came where the check is judged. :ivar there: in the
        other child.
    """

    expected: Numbers | None
    here: Outcome
    there: Outcome


def judge(
    check: Check,
    judged: CheckResult,
    compared: list[Compared],
    defined: tuple[Defined, ...],
) -> CheckResult:
    """``judged``, or what is to be said instead."""
    if check.requires_autograd:
        return _required(check, judged, compared)
    if judged.verdict == "passed":
        return judged
    for case in compared:
        here = case.here
        if isinstance(here, Raised) and here.absent and here.line is not None:
            function = enclosing(here.line, defined)
            if function == check.of != check.function:
                return result(check, "error", sentences.function_needs_autograd(function, here.line))
    # Where the right answer is zero, it may come without the kernels, too.
    if (
        compared
        and all(_right(check, case.expected, case.there) for case in compared)
        and not all(_right(check, case.expected, case.here) for case in compared)
    ):
        message, hint = reasons.reason("autograd-in-prediction") or (EMPTY, EMPTY)
        return result(check, "failed", message, Diagnosis("autograd-in-prediction", hint))
    return judged


def _required(check: Check, judged: CheckResult, compared: list[Compared]) -> CheckResult:
    if judged.verdict != "passed" or not compared:
        return judged
    if check.kind == "raises":
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
    which = check.output if check.kind == "value" else check.item
    return compare(expected, item_of(outcome.value, which), check.rtol) is None
