"""One check's verdict: from what was seen at every case, and what is right there.

All or nothing: a check passes when every case is right. The order within a case is
:mod:`grader.checks.compare`'s; the reason, if one can be named, is
:mod:`grader.checks.relations`', over all cases together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from grader.checks import backwards, outcomes, reasons, sentences, torch_errors
from grader.checks.compare import Aspect, Mismatch, compare, is_short, is_whole, same
from grader.checks.counterexample import counterexample
from grader.checks.differences import looks_differenced
from grader.checks.points import Numbers, Point, numbers_of, snapped
from grader.checks.relations import Relation, Sample, find
from grader.checks.results import diagnose, result, shape_of
from grader.model.exercise import PREDICTIONS, THROUGH_AUTOGRAD, Check, Exercise, Function
from grader.model.observation import Differentiated, Outcome, Returned
from grader.model.report import CheckResult, Counterexample, Diagnosis
from grader.model.text import EMPTY, Text
from grader.model.values import Foreign, Mapping, Nothing, Number, Sequence, Tensor, Value, type_name


@dataclass(frozen=True)
class _Judged:
    """One point with its answer and what is wrong with it, if anything."""

    point: Point
    value: Value
    mismatch: Mismatch | None


def judge_function(
    exercise: Exercise,
    check: Check,
    points: list[Point],
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
    points: list[Point],
    again: Outcome | None = None,
) -> CheckResult:
    """The same for anything that was computed at every case: ``function`` says what it is called."""
    if check.kind == "backward" and (unfit := backwards.unfit(check, function, points)) is not None:
        return unfit
    for point in points:
        trouble = outcomes.trouble(point.outcome, function, exercise.limits)
        if trouble is not None:
            return result(check, trouble.verdict, trouble.message)
    judged: list[_Judged] = []
    for point in points:
        stopped = _no_gradient(check, function, point)
        if stopped is not None:
            return stopped
        value = _answer(check, point)
        judged.append(_Judged(point, value, _mismatch(check, point, value)))
    lost = [j for j in judged if _lost(check, j.point)]
    if lost:
        return _cut(check, function, judged, lost)
    rows = [(numbers_of(j.value), j.point.expected, _quotient(j.point)) for j in judged]
    if check.predicts and looks_differenced(rows):
        message, hint = reasons.reason("finite-difference") or (EMPTY, EMPTY)
        return result(check, "failed", message, Diagnosis("finite-difference", hint))
    if all(j.mismatch is None for j in judged):
        return result(check, "passed", _remarks(check, function, judged))
    wrong = _wrong(exercise, check, function, judged)
    if wrong.diagnosis is None and again is not None:
        # Only where nothing else explains it: a gradient that accumulates differs from call to call, too.
        second = _answer_of(check, again, points[0].position)
        if _differs(second, judged[0].value):
            return msgspec.structs.replace(wrong, message=sentences.RANDOM)
    return wrong


# Functions.


def _quotient(point: Point) -> bool:
    """Whether the prediction called ``f`` as a difference quotient does."""
    outcome = point.outcome
    return isinstance(outcome, Returned) and outcome.evidence is not None and outcome.evidence.quotient


def _mismatch(check: Check, point: Point, value: Value) -> Mismatch | None:
    if _is_no_tuple(check, point.outcome):
        return Mismatch(Aspect.TYPE)
    found = compare(point.expected, value, check.rtol)
    if found is None or found.aspect is not Aspect.VALUES or check.kinks != "any-subgradient":
        return found
    given, low, high = (
        found.actual,
        point.relatives.get("subgradient-low"),
        point.relatives.get("subgradient-high"),
    )
    if given is None or low is None or high is None or low.shape != given.shape:
        return found
    # Between the one-sided derivatives, which were taken a millionth to either side.
    slack = 1e-5 * (1.0 + np.maximum(np.abs(low), np.abs(high)))
    return None if ((given >= low - slack) & (given <= high + slack)).all() else found


def _answer(check: Check, point: Point) -> Value:
    value = _answer_of(check, point.outcome, point.position)
    assert value is not None
    return value


def _answer_of(check: Check, outcome: Outcome, position: int) -> Value | None:
    if isinstance(outcome, Returned):
        return item_of(outcome.value, _which(check))
    if not isinstance(outcome, Differentiated):
        return None
    if check.kind in THROUGH_AUTOGRAD:
        return outcome.grads[position] if position < len(outcome.grads) else Nothing()
    return outcome.value


def _which(check: Check) -> int | str | None:
    """Which item is meant of what the student's function returns: of a prediction, or of f itself."""
    return check.item if check.kind in PREDICTIONS else check.output


def item_of(value: Value, which: int | str | None) -> Value:
    """One item of a tuple or a dict that was returned; the whole where there is no such item."""
    if (
        isinstance(which, int)
        and isinstance(value, Sequence)
        and -len(value.items) <= which < len(value.items)
    ):
        return value.items[which]
    if isinstance(which, str) and isinstance(value, Mapping) and which in value.items:
        return value.items[which]
    return value


def _is_no_tuple(check: Check, outcome: Outcome) -> bool:
    """Whether an item is asked of something that has none. One gradient alone is the first of one."""
    which = _which(check)
    return (
        isinstance(outcome, Returned)
        and which not in (None, 0)
        and isinstance(outcome.value, Tensor | Number)
    )


def _differs(again: Value | None, first: Value) -> bool:
    """Whether the same input gave other numbers the second time: chance, or something that was remembered."""
    a, b = numbers_of(again) if again is not None else None, numbers_of(first)
    if a is None or b is None or a.shape != b.shape or "c" in (a.dtype.kind, b.dtype.kind):
        return False
    return not same(a, b)


def _no_gradient(check: Check, function: Function, point: Point) -> CheckResult | None:
    """For a gradient through the student's f: why there is nothing to differentiate, if so."""
    outcome = point.outcome
    if check.kind not in THROUGH_AUTOGRAD or not isinstance(outcome, Differentiated):
        return None
    got = numbers_of(outcome.value)
    if outcome.problem == "raised" and outcome.error is not None:
        error = outcome.error
        if check.order > 1 and "once_differentiable" in error.message:
            message, diagnosis = diagnose(Relation("once-differentiable"))
            return result(check, "error", message, diagnosis)
        said = torch_errors.translated(error)
        if said is None and error.line is not None:
            said = sentences.raised(error.type, error.message, error.line)
        elif said is None:
            said = sentences.autograd_raised(error.type, error.message)
        return result(check, "error", said)
    if isinstance(outcome.value, Nothing):
        return result(check, "failed", sentences.returned_none(function.name))
    if got is None or isinstance(outcome.value, Sequence):
        # A list of tensors still reaches the input: it is no cut graph.
        if check.output is not None and isinstance(outcome.value, Sequence | Mapping):
            message = sentences.no_item(function.name, type_name(outcome.value), check.output)
            return result(check, "failed", message)
        return result(check, "failed", sentences.wrong_type(function.name, type_name(outcome.value)))
    if point.value is not None and got.shape != point.value.shape:
        message = sentences.no_gradient_to_compare(function.name, shape_of(got), shape_of(point.value))
        _, hint = reasons.of_gradient("shape", message, EMPTY)
        return result(check, "failed", message, Diagnosis("shape", hint))
    return None


def _lost(check: Check, point: Point) -> bool:
    """Whether autograd finds no way from the output of the student's f back to the input, and should."""
    outcome = point.outcome
    if check.kind != "gradient" or not isinstance(outcome, Differentiated) or point.expected is None:
        return False
    return bool(outcome.problem) or isinstance(outcome.grads[point.position], Nothing)


def _cut(check: Check, function: Function, judged: list[_Judged], lost: list[_Judged]) -> CheckResult:
    """The graph is cut: everywhere, which is the reason; or at some cases, which are all that is claimed."""
    if all(_lost(check, j.point) or j.point.expected is None for j in judged):
        message, diagnosis = diagnose(Relation("cut-graph"))
        return result(check, "failed", message, diagnosis)
    shown = next((j for j in lost if j.point.visible), None)
    if shown is not None:
        return result(check, "failed", sentences.CUT_HERE, None, _example(function, shown))
    first = next((j for j in judged if j.mismatch is not None and j not in lost), None)
    if first is None:
        return result(check, "failed", sentences.cut_elsewhere(function.name))
    visible = next((j for j in judged if j.mismatch is not None and j.point.visible), None)
    said = _plain_message(check, function, judged, first)
    also = sentences.CUT_AT_OTHERS
    return result(
        check,
        "failed",
        Text(f"{said.en} {also.en}", f"{said.zh}{also.zh}"),
        None,
        _example(function, visible) if visible is not None else None,
    )


def _example(function: Function, judged: _Judged) -> Counterexample:
    """A visible case at which the answer is wrong."""
    p = judged.point
    # Only what this function is called with: a v beside it belongs to another one.
    inputs = {name: p.inputs[name] for name in function.args if name in p.inputs}
    worst = judged.mismatch.worst if judged.mismatch is not None else ()
    return counterexample(inputs, p.expected, judged.value, worst)


def _wrong(exercise: Exercise, check: Check, function: Function, judged: list[_Judged]) -> CheckResult:
    """At least one case is wrong: say in which respect, and why."""
    first = next(j for j in judged if j.mismatch is not None)
    visible = next((j for j in judged if j.mismatch is not None and j.point.visible), None)
    example = _example(function, visible) if visible is not None else None
    relation = _relation(check, judged)
    if relation is not None:
        message, diagnosis = diagnose(relation, exercise)
        if check.kind == "value" and not relation.code.startswith("author:"):
            message, hint = reasons.of_value(relation.code, message, diagnosis.hint, relation.labels)
            diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
        if check.kind in THROUGH_AUTOGRAD and not relation.code.startswith("author:"):
            message, hint = reasons.of_gradient(relation.code, message, diagnosis.hint, relation.labels)
            diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
        if check.order > 1 and not relation.code.startswith("author:"):
            message, hint = reasons.of_order(relation.code, message, diagnosis.hint)
            diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
        if relation.code in _FORM:
            aspect = _FORM[relation.code]
            first = next(j for j in judged if j.mismatch is not None and j.mismatch.aspect is aspect)
            message = _plain_message(check, function, judged, first)
        return result(check, "failed", message, diagnosis, example)
    message = _plain_message(check, function, judged, first, _items(exercise, check))
    return result(check, "failed", message, None, example)


_FORM: Final = {
    "shape": Aspect.SHAPE,
    "dtype": Aspect.DTYPE,
    "nan": Aspect.FINITE,
    "none-for-zero": Aspect.NONE,
    "zero-for-none": Aspect.NOT_NONE,
}
"""Codes whose sentence is about one answer: the first that is wrong in this respect."""


def _relation(check: Check, judged: list[_Judged]) -> Relation | None:
    aspects = {j.mismatch.aspect for j in judged if j.mismatch is not None}
    if Aspect.NONE in aspects:
        wrong = [j for j in judged if j.mismatch is not None]
        zero = all(
            j.mismatch is not None
            and j.mismatch.aspect is Aspect.NONE
            and j.point.expected is not None
            and not j.point.expected.any()
            for j in wrong
        )
        return Relation("none-for-zero") if zero and len(wrong) < len(judged) else None
    if aspects == {Aspect.NOT_NONE}:
        given = [numbers_of(j.value) for j in judged if j.mismatch is not None]
        return Relation("zero-for-none") if all(g is not None and not g.any() for g in given) else None
    if aspects & {Aspect.TYPE, Aspect.NOT_NONE}:
        return None
    if Aspect.DTYPE in aspects:
        return Relation("dtype")
    if Aspect.FINITE in aspects:
        return _author_only(judged) or (Relation("nan") if _lost_numbers(judged) else None)
    if check.kind == "gradient" and check.order > 1 and _is_constant(judged):
        return Relation("once-differentiable")
    found = find(
        _samples(judged), gradients=check.kind != "value", predicted=check.kind not in THROUGH_AUTOGRAD
    )
    if found == Relation("finite-difference") and not all(_quotient(j.point) for j in judged):
        return None
    if check.kind in THROUGH_AUTOGRAD and found == Relation("value-not-gradient"):
        return None  # a coincidence: autograd hands out no values
    if check.kind == "gradient" and found == Relation("second-derivative"):
        return found if _returns_the_derivative(judged) else None
    return found


def _is_constant(judged: list[_Judged]) -> bool:
    """Whether the right function has a gradient that cannot be differentiated again: its next one is zero
    everywhere, though the values are right at every case and their second derivative is not zero."""
    due = 0
    for j in judged:
        outcome, right = j.point.outcome, j.point.expected
        given = numbers_of(j.value)
        if not isinstance(outcome, Differentiated) or given is None or right is None or given.any():
            return False
        value = numbers_of(outcome.value)
        if value is None or j.point.value is None or not same(value, j.point.value):
            return False
        due += int(np.count_nonzero(right))
    return due >= 3


def _returns_the_derivative(judged: list[_Judged]) -> bool:
    """Whether the student's f is f′: many functions have the gradient 2, but only 2x is x² differentiated."""
    return all(
        isinstance(j.point.outcome, Differentiated)
        and j.point.expected is not None
        and (value := numbers_of(j.point.outcome.value)) is not None
        and same(value, j.point.expected)
        for j in judged
        if j.point.visible  # where the cotangent is ones
    )


def _lost_numbers(judged: list[_Judged]) -> bool:
    """Whether NaN or infinity came, and only where the right answer is finite."""
    odd = [j for j in judged if j.mismatch is not None and j.mismatch.aspect is Aspect.FINITE]
    return all(
        j.mismatch is not None
        and j.mismatch.actual is not None
        and j.point.expected is not None
        and not (np.isfinite(j.mismatch.actual) & ~np.isfinite(j.point.expected)).any()
        for j in odd
    )


def _author_only(judged: list[_Judged]) -> Relation | None:
    relation = find(_samples(judged))
    return relation if relation is not None and relation.code.startswith("author:") else None


def _samples(judged: list[_Judged]) -> list[Sample]:
    samples: list[Sample] = []
    for j in judged:
        given, right = numbers_of(j.value), j.point.expected
        if given is None or right is None or (given.dtype.kind == "c") > (right.dtype.kind == "c"):
            return []
        p = j.point
        samples.append(
            Sample(
                right,
                given,
                p.value,
                p.size,
                p.branch,
                p.relatives,
                p.misconceptions,
                j.mismatch is None,
                p.sizes,
            )
        )
    return samples


def _items(exercise: Exercise, check: Check) -> int:
    """How many items the checks ask of what this function returns."""
    asked = [_which(c) for c in exercise.checks if c.function == check.function]
    return 1 + max((which for which in asked if isinstance(which, int)), default=0)


def _plain_message(
    check: Check, function: Function, judged: list[_Judged], first: _Judged, items: int = 0
) -> Text:
    """What is wrong, without a reason.

    :param items: how many items a tuple should have, where that is what is wrong.
    """
    name, mismatch, expected = function.name, first.mismatch, first.point.expected
    assert mismatch is not None
    actual = mismatch.actual
    match mismatch.aspect:
        case Aspect.NONE:
            which = _which(check)
            if which is not None and _holds_items(first.point.outcome):
                return sentences.item_is_none(name, which)
            return sentences.returned_none(name)
        case Aspect.NOT_NONE:
            return sentences.not_none(_who(check, name))
        case Aspect.TYPE:
            which = _which(check)
            if _is_no_tuple(check, first.point.outcome):
                return sentences.no_tuple(name, type_name(first.value), which, items)
            if which is not None and isinstance(first.value, Sequence | Mapping):
                return sentences.no_item(name, type_name(first.value), which)
            foreign = first.value.type if isinstance(first.value, Foreign) else type_name(first.value)
            return sentences.wrong_type(name, foreign)
        case _:
            pass
    assert actual is not None and expected is not None
    who = _who(check, name)
    match mismatch.aspect:
        case Aspect.SHAPE:
            return sentences.wrong_shape(who, shape_of(actual), shape_of(expected))
        case Aspect.DTYPE:
            return sentences.wrong_dtype(who, actual.dtype.name, is_value=check.kind == "value")
        case Aspect.FINITE:
            got = actual[mismatch.worst]
            if np.isfinite(got):
                return sentences.not_finite_expected(who)
            return sentences.not_finite(who, "NaN" if np.isnan(got) else "±∞")
        case _:
            if not first.point.visible:
                visible = [j for j in judged if j.point.visible]
                contracted = check.kind in THROUGH_AUTOGRAD and check.cotangent in ("sum", "random")
                return sentences.wrong_hidden(who, bool(visible), contracted=contracted)
            where = f"[{', '.join(map(str, mismatch.worst))}]" if mismatch.worst else ""
            return sentences.wrong_value(
                who,
                where,
                _entry(np.asarray(snapped(expected)), mismatch.worst),
                _entry(actual, mismatch.worst),
            )


def _holds_items(outcome: Outcome) -> bool:
    return isinstance(outcome, Returned) and isinstance(outcome.value, Sequence | Mapping)


def _who(check: Check, name: str) -> Text:
    """What is judged, as the subject of a sentence."""
    if check.kind == "backward":
        return sentences.backward_of(name)
    return sentences.through(name) if check.kind == "gradient" else Text(name, name)


def _entry(values: Numbers, where: tuple[int, ...]) -> str:
    """One entry as a reader knows it: a number, True or False."""
    found = values[where]
    if values.dtype.kind == "b":
        return str(bool(found))
    return sentences.number(complex(found) if values.dtype.kind == "c" else float(found))


def _remarks(check: Check, function: Function, judged: list[_Judged]) -> Text:
    """What is worth saying about a right answer."""
    notes: list[Text] = []
    if any(is_short(j.value) for j in judged):
        notes.append(sentences.FLOAT32)
    if any(is_whole(j.point.expected, j.value) for j in judged):
        notes.append(sentences.WHOLE_VALUE if check.kind == "value" else sentences.WHOLE)
    if any(getattr(j.point.outcome, "mutated", ()) for j in judged):
        notes.append(sentences.mutated(function.name))
    return Text(" ".join(n.en for n in notes), "".join(n.zh for n in notes))
