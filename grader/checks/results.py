"""Results of checks, put together: points, a sentence, a reason."""

from __future__ import annotations

import msgspec

from grader.checks import sentences
from grader.checks.arrays import Numbers
from grader.checks.diagnoses import registry
from grader.checks.diagnoses.samples import Relation
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.report import CheckResult, Counterexample, Diagnosis, Verdict
from grader.model.text import EMPTY, Text


def shape_of(values: Numbers) -> str:
    return "()" if not values.shape else f"({', '.join(map(str, values.shape))}{',' * (values.ndim == 1)})"


def result(
    check: Check,
    verdict: Verdict,
    message: Text,
    diagnosis: Diagnosis | None = None,
    counterexample: Counterexample | None = None,
    *,
    line: int | None = None,
) -> CheckResult:
    """:param line: of the student's file, where it is known to be the reason."""
    return CheckResult(
        id=check.id,
        kind=check.kind,
        title=check.title,
        verdict=verdict,
        points=check.points if verdict == "passed" else 0.0,
        max_points=check.points,
        message=message,
        diagnosis=diagnosis,
        counterexample=counterexample,
        line=line,
    )


def unjudged(check: Check, verdict: Verdict, message: Text, line: int | None = None) -> CheckResult:
    """A verdict that needs no answer: the whole file failed, or the check is not judged here."""
    return result(check, verdict, message, line=line)


def not_here(check: Check) -> CheckResult:
    """Not judged in a copy without solutions, and worth nothing there, so that full marks can be had."""
    return unjudged(msgspec.structs.replace(check, points=0.0), "skipped", sentences.NOT_JUDGED_HERE)


def passed(check: Check) -> CheckResult:
    """Full points, and nothing to remark."""
    return result(check, "passed", EMPTY)


def diagnose(relation: Relation, exercise: Exercise | None = None) -> tuple[Text, Diagnosis]:
    """What is said of a relation: a message, and the diagnosis with its hint."""
    message, hint = registry.say(relation, exercise)
    return message, Diagnosis(relation.code, hint, relation.factor)
