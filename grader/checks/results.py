"""A check's result, put together: its points, its sentence, its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from grader.checks import places, reasons
from grader.checks.points import Numbers
from grader.checks.relations import Relation
from grader.model.exercise import Check, Exercise
from grader.model.report import CheckResult, Counterexample, Diagnosis, Verdict
from grader.model.text import EMPTY, Text

_OF_LABEL: Final[dict[str, Callable[[str], tuple[Text, Text]]]] = {
    "missing-factor": places.missing_factor,
    "undetached": places.undetached,
    "diagonal-only": places.diagonal_of,
    "by-another-input": places.by_another_input,
    "by-an-intermediate": places.by_an_intermediate,
    "off-by-one": places.off_by_one,
    "factor-order": places.factor_order,
}
"""Codes whose sentence says which place of the graph is meant."""


def shape_of(values: Numbers) -> str:
    return "()" if not values.shape else f"({', '.join(map(str, values.shape))}{',' * (values.ndim == 1)})"


def result(
    check: Check,
    verdict: Verdict,
    message: Text,
    diagnosis: Diagnosis | None = None,
    counterexample: Counterexample | None = None,
) -> CheckResult:
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
    )


def unjudged(check: Check, verdict: Verdict, message: Text) -> CheckResult:
    """A verdict that needs no answer: the whole file failed, or the check is not judged here."""
    return result(check, verdict, message)


def passed(check: Check) -> CheckResult:
    """Full points, and nothing to remark."""
    return result(check, "passed", EMPTY)


def diagnose(relation: Relation, exercise: Exercise | None = None) -> tuple[Text, Diagnosis]:
    code = relation.code
    if code.startswith("author:") and exercise is not None and exercise.solution is not None:
        wrong = next(m for m in exercise.solution.misconceptions if m.id == code.removeprefix("author:"))
        message, hint = wrong.message, wrong.hint
    elif code in ("scale", "sign") and relation.labels:
        message, hint = places.scaled_path(relation.labels[0], relation.factor or -1.0)
    elif code == "scale":
        assert relation.factor is not None
        message, hint = reasons.scale(relation.factor)
    elif code == "one-branch":
        branches = exercise.solution.branches if exercise is not None and exercise.solution else ()
        names = {b.id: b.name for b in branches}
        message, hint = reasons.one_branch([names.get(b, Text(b, b)) for b in relation.branches])
    elif code == "missing-path":
        one = len(relation.labels) == 1
        message, hint = (
            places.missing_path(relation.labels[0]) if one else places.missing_paths(list(relation.labels))
        )
    elif code in _OF_LABEL and relation.labels:
        message, hint = _OF_LABEL[code](relation.labels[0])
    elif code == "cut-graph" and relation.labels:
        message, hint = reasons.ALL_ZERO
    elif code == "mean-for-sum" and relation.labels:
        message, hint = reasons.SUM_FOR_MEAN
    else:
        message, hint = reasons.reason(code) or (EMPTY, EMPTY)
    return message, Diagnosis(code, hint, relation.factor)
