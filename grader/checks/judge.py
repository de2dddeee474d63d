"""Judging one check: its verdict, from what was seen at every case and what is right there.

All or nothing: a check passes when every case is right. The order within a case is
:mod:`grader.checks.compare`'s; the reason, if one can be named, is
:mod:`grader.checks.diagnoses`', over all cases together.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from grader.checks import backwards, outcomes, sentences, torch_errors
from grader.checks.arrays import Numbers, from_numpy, numbers_of, to_numpy
from grader.checks.compare import Aspect, Mismatch, compare, same
from grader.checks.counterexample import counterexample
from grader.checks.diagnoses import registry
from grader.checks.diagnoses.finder import find
from grader.checks.diagnoses.samples import Relation, Sample
from grader.checks.differences import Row, are_quotients, are_quotients_bit_by_bit, looks_differenced
from grader.checks.items import is_no_tuple, item_of, items_asked
from grader.checks.observed import Observed, by_own_function
from grader.checks.remarks import no_tensor, none_returned, plain_message, remarks
from grader.checks.results import diagnose, result, shape_of
from grader.model.check import Check
from grader.model.exercise import Exercise, Function
from grader.model.observation import Differentiated, Outcome, Returned
from grader.model.report import CheckResult, Counterexample, Diagnosis
from grader.model.text import EMPTY, Text
from grader.model.values import Mapping, Nothing, Sequence, Tensor, Value, type_name


def judge_function(
    exercise: Exercise,
    check: Check,
    points: list[Observed],
    again: Outcome | None = None,
) -> CheckResult:
    """Judge a check about a function of the student's.

    :param points: one per case, visible ones first.
    :param again: what came of asking the first case once more, with another seed.
    """
    assert check.function is not None
    return judge_points(exercise, check, exercise.function(check.function), points, again)


def judge_points(
    exercise: Exercise,
    check: Check,
    function: Function,
    points: list[Observed],
    again: Outcome | None = None,
) -> CheckResult:
    """The same for anything that was computed at every case: ``function`` says what it is called."""
    if check.own_backward and (unfit := backwards.unfit(check, function, points)) is not None:
        return unfit
    for point in points:
        trouble = outcomes.trouble(point.outcome, function, exercise.limits)
        if trouble is not None:
            return result(check, trouble.verdict, trouble.message, line=trouble.line)
    for point in points:
        stopped = _no_gradient(check, function, point)
        if stopped is not None:
            seen = [p for p in points if p.visible and p.mismatch is not None and not _lost(check, p)]
            # What stops at an input that nobody sees is not told below one that is wrong as it is.
            return stopped if point.visible or not seen else _plainly_wrong(check, function, points, seen[0])
        point.given = _as_precise(_answer(check, point), point.outcome)
        point.mismatch = _mismatch(check, point, point.given)
    lost = [j for j in points if _lost(check, j)]
    if lost:
        return _cut(check, function, points, lost)
    rows = _rows(check, points) if check.predicts else []
    if check.predicts and (looks_differenced(rows) or are_quotients_bit_by_bit(rows)):
        message, diagnosis = diagnose(Relation("finite-difference"))
        return result(check, "failed", message, diagnosis)
    if all(j.mismatch is None for j in points):
        return result(check, "passed", remarks(check, function, points))
    wrong = _wrong(exercise, check, function, points)
    if wrong.diagnosis is None and again is not None:
        # Only where nothing else explains it: a gradient that accumulates differs from call to call, too.
        second = _answer_of(check, again, points[0].position)
        if _differs(second, points[0].given):
            return msgspec.structs.replace(wrong, message=sentences.RANDOM)
    return wrong


# Functions.


def _rows(check: Check, points: list[Observed]) -> list[Row]:
    """Of each case what came, what is right, and the quotients that can have been taken there."""
    return [(numbers_of(j.given), j.expected, *_quotients(check, j)) for j in points]


def _quotients(check: Check, point: Observed) -> tuple[bool, list[Numbers] | None]:
    """Whether the prediction called ``f`` as a difference quotient does, and those that it can have taken.

    All are known of the gradient of the sum, and of a derivative along an argument.
    """
    outcome = point.outcome
    if not isinstance(outcome, Returned) or outcome.evidence is None or not outcome.evidence.quotient:
        return False, None
    found = [to_numpy(each) for each in outcome.evidence.quotients]
    gradient = check.whole_gradient and check.order == 1 and check.cotangent in ("sum", "random")
    known = found and (gradient or check.how == "jvp")
    return True, found if known else None


def _mismatch(check: Check, point: Observed, value: Value) -> Mismatch | None:
    if is_no_tuple(check, point.outcome):
        return Mismatch(Aspect.TYPE)
    found = compare(point.expected, value, check.rtol)
    if found is None or found.aspect is not Aspect.VALUES or check.kinks != "any-subgradient":
        return found
    given, low, high = found.actual, point.wrong_gradients.low, point.wrong_gradients.high
    if given is None or low is None or high is None or low.shape != given.shape:
        return found
    # Between the one-sided derivatives, which were taken a millionth to either side.
    slack = 1e-5 * (1.0 + np.maximum(np.abs(low), np.abs(high)))
    return None if ((given >= low - slack) & (given <= high + slack)).all() else found


def _answer(check: Check, point: Observed) -> Value:
    value = _answer_of(check, point.outcome, point.position)
    assert value is not None
    return value


def _as_precise(value: Value, outcome: Outcome) -> Value:
    """A gradient in the precision of the function that it went through: back to the input it is widened."""
    through = numbers_of(outcome.value) if isinstance(outcome, Differentiated) else None
    given = numbers_of(value) if isinstance(value, Tensor) else None
    if through is None or given is None or through.dtype not in (np.float32, np.float16):
        return value
    return Tensor(from_numpy(given, through.dtype.name)) if given.dtype == np.float64 else value


def _answer_of(check: Check, outcome: Outcome, position: int) -> Value | None:
    if isinstance(outcome, Returned):
        return item_of(outcome.value, check.which)
    if not isinstance(outcome, Differentiated):
        return None
    if check.through_autograd:
        return outcome.grads[position] if position < len(outcome.grads) else Nothing()
    return outcome.value


def _differs(again: Value | None, first: Value) -> bool:
    """Whether the same input gave other numbers the second time: chance, or something that was remembered."""
    a, b = numbers_of(again) if again is not None else None, numbers_of(first)
    if a is None or b is None or a.shape != b.shape or "c" in (a.dtype.kind, b.dtype.kind):
        return False
    return not same(a, b)


def _no_gradient(check: Check, function: Function, point: Observed) -> CheckResult | None:
    """For a gradient through the student's f: why there is nothing to differentiate, if so."""
    outcome = point.outcome
    if not check.through_autograd or not isinstance(outcome, Differentiated):
        return None
    got = numbers_of(outcome.value)
    other_shape = got is not None and point.value is not None and got.shape != point.value.shape
    if (
        outcome.problem == "raised"
        and outcome.error is not None
        and not (
            other_shape and outcome.error.line is None  # it is our own question that does not fit
        )
    ):
        error = outcome.error
        if error.line is None and torch_errors.used_up(error):
            return result(check, "error", sentences.graph_used_up(function.name))
        if check.order > 1 and "once_differentiable" in error.message:
            message, diagnosis = diagnose(Relation("once-differentiable"))
            return result(check, "error", message, diagnosis)
        said = torch_errors.translated(error)
        if said is None and error.line is not None:
            said = sentences.raised(error.type, error.message, error.line)
        elif said is None:
            said = sentences.autograd_raised(error.type, error.message)
        return result(check, "error", said, line=error.culprit or error.line)
    if isinstance(outcome.value, Nothing):
        return result(check, "failed", none_returned(function.name, outcome))
    if got is None or isinstance(outcome.value, Sequence):
        # A list of tensors still reaches the input: it is no cut graph.
        if check.output is not None and isinstance(outcome.value, Sequence | Mapping):
            message = sentences.no_item(function.name, type_name(outcome.value), check.output)
            return result(check, "failed", message)
        return result(check, "failed", no_tensor(function.name, outcome.value))
    if point.value is not None and other_shape:
        message = sentences.no_gradient_to_compare(function.name, shape_of(got), shape_of(point.value))
        _, hint = registry.of_gradient(Relation("shape"), message, EMPTY)
        return result(check, "failed", message, Diagnosis("shape", hint))
    return None


def _lost(check: Check, point: Observed) -> bool:
    """Whether autograd finds no way from the output of the student's f back to the input, and should."""
    outcome = point.outcome
    if not check.through_function or not isinstance(outcome, Differentiated) or point.expected is None:
        return False
    return bool(outcome.problem) or isinstance(outcome.grads[point.position], Nothing)


def _cut(check: Check, function: Function, judged: list[Observed], lost: list[Observed]) -> CheckResult:
    """The graph is cut: everywhere, which is the reason; or at some cases, which are all that is claimed."""
    if all(_lost(check, j) or j.expected is None for j in judged):
        leads = all(isinstance(j.outcome, Differentiated) and j.outcome.leads for j in lost)
        message, diagnosis = diagnose(Relation("cut-graph", variant="none" if leads else ""))
        return result(check, "failed", message, diagnosis)
    shown = next((j for j in lost if j.visible), None)
    if shown is not None:
        return result(check, "failed", sentences.CUT_HERE, None, _example(function, shown))
    first = next((j for j in judged if j.mismatch is not None and j not in lost), None)
    if first is None:
        return result(check, "failed", sentences.cut_elsewhere(function.name))
    visible = next((j for j in judged if j.mismatch is not None and j.visible), None)
    said = plain_message(check, function, judged, first)
    also = sentences.CUT_AT_OTHERS
    return result(
        check,
        "failed",
        Text(f"{said.en} {also.en}", f"{said.zh}{also.zh}"),
        None,
        _example(function, visible) if visible is not None else None,
    )


def _example(function: Function, judged: Observed) -> Counterexample:
    """A visible case at which the answer is wrong."""
    p = judged
    # Only what this function is called with: a v beside it belongs to another one.
    inputs = {name: p.inputs[name] for name in function.args if name in p.inputs}
    worst = judged.mismatch.worst if judged.mismatch is not None else ()
    return counterexample(inputs, p.expected, judged.given, worst)


def _wrong(exercise: Exercise, check: Check, function: Function, judged: list[Observed]) -> CheckResult:
    """At least one case is wrong: say in which respect, and why."""
    first = next(j for j in judged if j.mismatch is not None)
    visible = next((j for j in judged if j.mismatch is not None and j.visible), None)
    example = _example(function, visible) if visible is not None else None
    relation = _relation(check, judged)
    if relation is not None and relation.code in _FORM:
        of_form = [j for j in judged if j.mismatch is not None and j.mismatch.aspect is _FORM[relation.code]]
        shown = next((j for j in of_form if j.visible), None)
        first = shown or of_form[0]
        if shown is not None:
            example = _example(function, shown)
        elif visible is not None and relation.code != "dtype":  # whole numbers are of that type there, too
            # What one sees is wrong in another respect, and this would be said below it.
            relation, first = None, visible
    if relation is not None:
        message, diagnosis = diagnose(relation, exercise)
        if not relation.code.startswith("author:"):
            hint = diagnosis.hint
            if check.of_values:
                message, hint = registry.of_value(relation, message, hint)
            if check.through_autograd:
                # Where a backward of their own is on the way, the mistake need not be in f.
                own = by_own_function(check, judged)
                message, hint = registry.of_gradient(relation, message, hint, own_function=own)
            if check.order > 1:
                message, hint = registry.of_order(relation, message, hint)
            if check.requires_autograd:
                message, hint = registry.of_asked(relation, message, hint)
            diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
        if relation.code in _FORM:
            message = plain_message(check, function, judged, first)
        return result(check, "failed", message, diagnosis, example)
    items, values = items_asked(exercise, check), _values_of_the_same(exercise, check)
    message = plain_message(check, function, judged, first, items, values)
    return result(check, "failed", message, None, example)


def _plainly_wrong(check: Check, function: Function, judged: list[Observed], first: Observed) -> CheckResult:
    """A visible case is wrong, and no reason is looked for."""
    message = plain_message(check, function, judged, first)
    return result(check, "failed", message, None, _example(function, first))


def _values_of_the_same(exercise: Exercise, check: Check) -> Check | None:
    """The check of the values of what this one differentiates."""
    meant = (check.function, check.of, check.output)
    return next((c for c in exercise.checks if c.of_values and (c.function, c.of, c.output) == meant), None)


_FORM: Final = {
    "shape": Aspect.SHAPE,
    "dtype": Aspect.DTYPE,
    "nan": Aspect.FINITE,
    "none-for-zero": Aspect.NONE,
    "zero-for-none": Aspect.NOT_NONE,
}
"""Codes whose sentence is about one answer: the first that is wrong in this respect."""


def _relation(check: Check, judged: list[Observed]) -> Relation | None:
    aspects = {j.mismatch.aspect for j in judged if j.mismatch is not None}
    if Aspect.NONE in aspects:
        wrong = [j for j in judged if j.mismatch is not None]
        zero = all(
            j.mismatch is not None
            and j.mismatch.aspect is Aspect.NONE
            and j.expected is not None
            and not j.expected.any()
            for j in wrong
        )
        return Relation("none-for-zero") if zero and len(wrong) < len(judged) else None
    if aspects == {Aspect.NOT_NONE}:
        given = [numbers_of(j.given) for j in judged if j.mismatch is not None]
        return Relation("zero-for-none") if all(g is not None and not g.any() for g in given) else None
    if aspects & {Aspect.TYPE, Aspect.NOT_NONE}:
        return None
    if Aspect.DTYPE in aspects:
        return _author_only(judged) or Relation("dtype")
    if Aspect.FINITE in aspects:
        return _author_only(judged) or (Relation("nan") if _lost_numbers(judged) else None)
    if check.through_autograd and check.order > 1 and _is_constant(judged):
        return Relation("once-differentiable")
    found = find(_samples(judged), gradients=not check.of_values, predicted=not check.through_autograd)
    if found == Relation("finite-difference") and not are_quotients(_rows(check, judged)):
        return None
    if check.through_autograd and found == Relation("value-not-gradient"):
        return None  # a coincidence: autograd hands out no values
    if check.through_function and found == Relation("second-derivative"):
        return found if _returns_the_derivative(judged) else None
    return found


def _is_constant(judged: list[Observed]) -> bool:
    """Whether the right function has a gradient that cannot be differentiated again: its next one is zero
    everywhere, though the values are right at every case and their second derivative is not zero."""
    due = 0
    for j in judged:
        outcome, right = j.outcome, j.expected
        given = numbers_of(j.given)
        if not isinstance(outcome, Differentiated) or given is None or right is None or given.any():
            return False
        value = numbers_of(outcome.value)
        if value is None or j.value is None or not same(value, j.value):
            return False
        due += int(np.count_nonzero(right))
    return due >= 3


def _returns_the_derivative(judged: list[Observed]) -> bool:
    """Whether the student's f is f′: many functions have the gradient 2, but only 2x is x² differentiated."""
    return all(
        isinstance(j.outcome, Differentiated)
        and j.expected is not None
        and (value := numbers_of(j.outcome.value)) is not None
        and same(value, j.expected)
        for j in judged
        if j.visible  # where the cotangent is ones
    )


def _lost_numbers(judged: list[Observed]) -> bool:
    """Whether NaN or infinity came, and only where the right answer is finite."""
    odd = [j for j in judged if j.mismatch is not None and j.mismatch.aspect is Aspect.FINITE]
    return all(
        j.mismatch is not None
        and j.mismatch.actual is not None
        and j.expected is not None
        and not (np.isfinite(j.mismatch.actual) & ~np.isfinite(j.expected)).any()
        for j in odd
    )


def _author_only(judged: list[Observed]) -> Relation | None:
    relation = find(_samples(judged))
    return relation if relation is not None and relation.code.startswith("author:") else None


def _samples(judged: list[Observed]) -> list[Sample]:
    samples: list[Sample] = []
    for j in judged:
        given, right = numbers_of(j.given), j.expected
        if given is None or right is None or (given.dtype.kind == "c") > (right.dtype.kind == "c"):
            return []
        p = j
        samples.append(
            Sample(
                right,
                given,
                p.value,
                p.size,
                p.branch,
                p.wrong_gradients,
                p.misconceptions,
                j.mismatch is None,
                p.sizes,
            )
        )
    return samples
