"""Typed formulas: read once, computed at every case, and judged like code."""

from __future__ import annotations

from grader.checks import formula, judge, results, sentences
from grader.checks.formula import NotAFormula
from grader.checks.points import Numbers, from_numpy, to_numpy
from grader.grading.plan import Plan, arguments, wrt_of
from grader.grading.points import point
from grader.grading.truth import Truth
from grader.model.exercise import Check, Exercise, Function
from grader.model.observation import Returned
from grader.model.report import CheckResult
from grader.model.values import Number, Tensor, Value, Words


def judge_formula(plan: Plan, check: Check, typed_in: str, value: Value | None, truth: Truth) -> CheckResult:
    """Judge a check about a typed formula.

    :param typed_in: what was typed beside the file; empty when nothing was.
    :param value: what the file's ``PREDICTIONS`` holds instead.
    """
    exercise = plan.exercise
    assert check.answer is not None and check.of is not None
    text = typed_in or _text_of(value)
    if text is None:
        if value is None:
            return results.unjudged(check, "missing", sentences.missing_answer(check.answer))
        return results.unjudged(check, "malformed", sentences.formula_as_text(check.answer))
    names = arguments(exercise, check, check.of)
    points = []
    try:
        read = read_formula(exercise, check, text)
        for case in plan.cases:
            right = truth.rights[check.id, case.name]
            at = {name: to_numpy(array) for name, array in case.inputs.items()}
            values: dict[str, Numbers] = {} if right.value is None else {check.of: right.value}
            found = formula.evaluate(read, at, values)
            outcome = Returned(Tensor(from_numpy(found)))
            points.append(point(case, right, outcome, truth.branches.get(case.name, "")))
    except NotAFormula as error:
        return results.unjudged(
            check, "malformed", sentences.unreadable_answer(check.answer, error.what[:60], error.why)
        )
    return judge.judge_points(exercise, check, Function(check.answer, tuple(names)), points)


def read_formula(exercise: Exercise, check: Check, text: str) -> formula.Formula:
    """What was typed, as it is understood.

    :raises NotAFormula: it cannot be.
    """
    assert check.of is not None
    names = arguments(exercise, check, check.of)
    subject = wrt_of(exercise, check, names)
    inputs = [i.name for i in exercise.inputs]
    return formula.parse(text, inputs, {check.of: names}, subject)


def _text_of(value: Value | None) -> str | None:
    match value:
        case Words(text=text):
            return text
        case Number(array=array) if array.dtype in ("int64", "float64"):
            return repr(to_numpy(array).item())
        case _:
            return None
