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

from grader.checks import outcomes, sentences, typed
from grader.checks.compare import SMALL, Aspect, Mismatch, compare, is_short, same
from grader.checks.points import Numbers, Point, numbers_of, plain, plain_value
from grader.checks.quick import NOISE
from grader.checks.reach import Reach
from grader.checks.relations import Relation, Sample, find
from grader.checks.typed import NotAnAnswer, Typed
from grader.model.exercise import Answer, Check, Exercise, Function
from grader.model.observation import Differentiated, Evidence, Outcome, Returned
from grader.model.report import CheckResult, Counterexample, Diagnosis, Verdict
from grader.model.text import EMPTY, Text
from grader.model.values import Foreign, Nothing, Sequence, Value, type_name


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
    reached: Reach | None = None,
) -> CheckResult:
    """Judge a check about a function of the student's.

    :param points: one per case, visible ones first.
    :param again: what came of asking the first case once more, with another seed.
    :param reached: what the file names that makes evidence about its predictions worthless.
    """
    assert check.function is not None
    function = exercise.function(check.function)
    answered = [p for p in points if outcomes.trouble(p.outcome, function, exercise.limits) is None]
    caught = None if check.autograd_allowed or check.kind in ("value", "gradient") else _evidence(answered)
    if caught is not None:
        message, hint = sentences.reason(caught) or (EMPTY, EMPTY)
        return _result(check, "failed", message, Diagnosis(caught, hint))
    for point in points:
        trouble = outcomes.trouble(point.outcome, function, exercise.limits)
        if trouble is not None:
            return _result(check, trouble.verdict, trouble.message)
    if reached is not None and predicts(check):
        return _result(check, "forbidden", sentences.reaches(reached.name[:40], reached.line, reached.kind))
    judged: list[_Judged] = []
    for point in points:
        cut = _cut(check, function, point)
        if cut is not None:
            return cut
        value = _answer(check, point)
        judged.append(_Judged(point, value, compare(point.expected, value, check.rtol)))
    if all(j.mismatch is None for j in judged):
        if predicts(check) and _looks_differenced(judged):
            message, hint = sentences.reason("finite-difference") or (EMPTY, EMPTY)
            return _result(check, "failed", message, Diagnosis("finite-difference", hint))
        return _result(check, "passed", _remarks(function, judged))
    result = _wrong(exercise, check, function, judged)
    if result.diagnosis is None and again is not None:
        # Only where nothing else explains it: a gradient that accumulates differs from call to call, too.
        second = _answer_of(check, again, points[0].position)
        if _differs(second, judged[0].value):
            return msgspec.structs.replace(result, message=sentences.RANDOM)
    return result


def predicts(check: Check) -> bool:
    """Whether the check wants a prediction, made without autograd."""
    return check.kind in ("prediction", "vjp") and not check.autograd_allowed


def passed(check: Check) -> CheckResult:
    """Full points, and nothing to remark."""
    return _result(check, "passed", EMPTY)


def judge_answer(
    exercise: Exercise,
    check: Check,
    given: Typed | NotAnAnswer | None,
    expected: Numbers | None,
    relatives: dict[str, Numbers],
    misconceptions: dict[str, Numbers | None],
) -> CheckResult:
    """Judge a check about a typed answer.

    :param given: what was typed; :class:`NotAnAnswer` when it cannot be read, None when it never came.
    :param expected: the right answer, None for None.
    """
    assert check.answer is not None
    answer = exercise.answer(check.answer)
    if given is None:
        return _result(check, "missing", sentences.missing_answer(answer.name))
    if isinstance(given, NotAnAnswer):
        return _result(
            check, "malformed", sentences.unreadable_answer(answer.name, given.what[:60], given.why)
        )
    if _answer_right(expected, given):
        return _result(check, "passed", EMPTY)
    named = _named_answer(exercise, given, misconceptions)
    if named is None:
        message, diagnosis = _answer_reason(check, answer, given, expected, relatives)
    else:
        message, diagnosis = named
    return _result(check, "failed", message, diagnosis)


# Functions.


def _answer(check: Check, point: Point) -> Value:
    value = _answer_of(check, point.outcome, point.position)
    assert value is not None
    return value


def _answer_of(check: Check, outcome: Outcome, position: int) -> Value | None:
    if isinstance(outcome, Returned):
        return outcome.value
    if not isinstance(outcome, Differentiated):
        return None
    if check.kind == "gradient":
        return outcome.grads[position] if position < len(outcome.grads) else Nothing()
    return outcome.value


def _differs(again: Value | None, first: Value) -> bool:
    """Whether the same input gave other numbers the second time: chance, or something that was remembered."""
    a, b = numbers_of(again) if again is not None else None, numbers_of(first)
    if a is None or b is None or a.shape != b.shape or "c" in (a.dtype.kind, b.dtype.kind):
        return False
    return not same(a, b)


def _cut(check: Check, function: Function, point: Point) -> CheckResult | None:
    """For a gradient through the student's f: why autograd has none to compare, if so."""
    outcome = point.outcome
    if check.kind != "gradient" or not isinstance(outcome, Differentiated):
        return None
    got = numbers_of(outcome.value)
    if outcome.problem == "raised" and outcome.error is not None:
        error = outcome.error
        if error.line is not None:
            message = sentences.raised(error.type, error.message, error.line)
        else:
            message = sentences.autograd_raised(error.type, error.message)
        return _result(check, "error", message)
    if isinstance(outcome.value, Nothing):
        return _result(check, "failed", sentences.returned_none(function.name))
    if got is None or isinstance(outcome.value, Sequence):
        # A list of tensors still reaches the input: it is no cut graph.
        return _result(check, "failed", sentences.wrong_type(function.name, type_name(outcome.value)))
    if point.value is not None and got.shape != point.value.shape:
        message = sentences.no_gradient_to_compare(function.name, _shape(got), _shape(point.value))
        _, hint = sentences.of_gradient("shape", message, EMPTY)
        return _result(check, "failed", message, Diagnosis("shape", hint))
    lost = bool(outcome.problem) or isinstance(outcome.grads[point.position], Nothing)
    if lost and point.expected is not None:
        message, diagnosis = _diagnosis(Relation("cut-graph"))
        return _result(check, "failed", message, diagnosis)
    return None


def _evidence(points: list[Point]) -> str | None:
    """The code for a prediction that was not predicted."""
    seen = [p.outcome.evidence for p in points if isinstance(p.outcome, Returned) and p.outcome.evidence]
    none = Evidence()
    if any(e.sequence != none.sequence or e.forward for e in seen):
        return "autograd-in-prediction"
    if any(e.complex or e.nearby for e in seen):
        return "finite-difference"
    return None


def _looks_differenced(judged: list[_Judged]) -> bool:
    """Whether answers that pass carry the noise of a difference quotient.

    A formula in float64 is right to a few units of 1e-16; a quotient errs by about 1e-11 to
    1e-7. So does a constant that was rounded, but smoothly. A quotient is a whole number of
    roundings of f over its step, or errs up and down without a pattern.
    """
    if _exact(judged):
        return False
    rows: list[tuple[float, float, float, float]] = []
    for j in judged:
        actual, expected, value = numbers_of(j.value), j.point.expected, j.point.value
        if actual is None or expected is None or actual.dtype != np.float64:
            return False
        with np.errstate(over="ignore"):
            if actual.size and np.array_equal(actual, actual.astype(np.float32)):
                continue  # single precision somewhere on the way, or small integers
        use = (expected != 0) & np.isfinite(expected)
        total = np.full(expected.shape, 0.0 if value is None else np.sum(value))
        own = value if value is not None and value.shape == expected.shape else total
        rows += list(zip(actual[use], expected[use], own[use], total[use], strict=True))
    if len(rows) < 4:
        return False
    table = np.array(rows)
    sizes = np.abs(table[:, 0] / table[:, 1] - 1.0)
    noisy = sizes > NOISE
    if noisy.sum() < max(4, 0.75 * len(rows)) or sizes.max() < 1e-11:
        return False
    return _counted_in_roundings(table[noisy]) or _erratic(table)


def _exact(judged: list[_Judged]) -> bool:
    """Whether fewer than four entries err by more than a formula in float64 does: the usual case."""
    noisy = 0
    for j in judged:
        actual, expected = numbers_of(j.value), j.point.expected
        if actual is None or expected is None or actual.size > SMALL or actual.shape != expected.shape:
            return False
        for p, g in zip(actual.ravel().tolist(), expected.ravel().tolist(), strict=True):
            noisy += bool(g) and not abs(p / g - 1.0) <= NOISE
    return noisy < 4


def _counted_in_roundings(table: Numbers) -> bool:
    """Whether each answer times one usual step is a whole number of units in the last place of f."""
    for value in (table[:, 2], table[:, 3]):
        known = value != 0
        unit = np.spacing(np.abs(value[known])) / 2
        for step in _STEPS:
            count = np.abs(table[known, 0]) * step / unit
            # Beyond this, the quotient's own rounding is as large as what is looked for.
            count = count[count < 1e13]
            if len(count) >= 4 and (np.abs(count - np.rint(count)) < 0.01).all():
                return True
    return False


def _erratic(table: Numbers) -> bool:
    """Errors up and down, of very different size, that no smooth function of gradient and value explains."""
    actual, right, value = table[:, 0], table[:, 1], table[:, 2]
    sizes, up = np.abs(actual / right - 1.0), (actual / right > 1.0).sum()
    if len(table) < 12 or not 2 <= up <= len(table) - 2 or sizes.max() <= 3 * sizes.min():
        return False
    g, f = right / np.abs(right).max(), value / max(np.abs(value).max(), 1e-300)
    basis = np.stack([np.ones_like(g), g, f, g * g, f * f, g * f], axis=1)
    error = actual - right
    error = error / np.abs(error).max()
    left = error - basis @ np.linalg.lstsq(basis, error, rcond=None)[0]
    return bool((left**2).sum() > 0.05 * (error**2).sum())


_EPS: Final = float(np.finfo(np.float64).eps)
_STEPS: Final = (
    *(m * 10.0**-k for k in range(3, 10) for m in (1, 2, 3, 4, 5, 6, 8)),
    *(m * step for step in (_EPS ** (1 / 2), _EPS ** (1 / 3)) for m in (1, 2)),
)
"""What one divides by: usual steps, and twice each."""


def _wrong(exercise: Exercise, check: Check, function: Function, judged: list[_Judged]) -> CheckResult:
    """At least one case is wrong: say in which respect, and why."""
    first = next(j for j in judged if j.mismatch is not None)
    visible = next((j for j in judged if j.mismatch is not None and j.point.visible), None)
    example = None
    if visible is not None:
        p = visible.point
        # Only what this function is called with: a v beside it belongs to another one.
        inputs = {name: p.inputs[name] for name in function.args if name in p.inputs}
        example = Counterexample(inputs, plain(p.expected), plain_value(visible.value))
    relation = _relation(check, judged)
    if relation is not None:
        message, diagnosis = _diagnosis(relation, exercise)
        if check.kind == "value" and not relation.code.startswith("author:"):
            message, hint = sentences.of_value(relation.code, message, diagnosis.hint)
            diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
        if check.kind == "gradient" and not relation.code.startswith("author:"):
            message, hint = sentences.of_gradient(relation.code, message, diagnosis.hint)
            diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
        if relation.code in _FORM:
            aspect = _FORM[relation.code]
            first = next(j for j in judged if j.mismatch is not None and j.mismatch.aspect is aspect)
            message = _plain_message(check, function, judged, first)
        return _result(check, "failed", message, diagnosis, example)
    return _result(check, "failed", _plain_message(check, function, judged, first), None, example)


_FORM: Final = {
    "shape": Aspect.SHAPE,
    "dtype": Aspect.DTYPE,
    "nan": Aspect.FINITE,
    "none-for-zero": Aspect.NONE,
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
    if aspects & {Aspect.TYPE, Aspect.NOT_NONE}:
        return None
    if Aspect.DTYPE in aspects:
        return Relation("dtype")
    if Aspect.FINITE in aspects:
        return _author_only(judged) or (Relation("nan") if _lost_numbers(judged) else None)
    found = find(_samples(judged), gradients=check.kind != "value", predicted=check.kind != "gradient")
    if check.kind == "gradient" and found == Relation("second-derivative"):
        return found if _returns_the_derivative(judged) else None
    return found


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
        if given is None or right is None or given.dtype.kind == "c":
            return []
        p = j.point
        samples.append(
            Sample(right, given, p.value, p.size, p.branch, p.relatives, p.misconceptions, j.mismatch is None)
        )
    return samples


def _diagnosis(relation: Relation, exercise: Exercise | None = None) -> tuple[Text, Diagnosis]:
    code = relation.code
    if code.startswith("author:") and exercise is not None and exercise.solution is not None:
        wrong = next(m for m in exercise.solution.misconceptions if m.id == code.removeprefix("author:"))
        message, hint = wrong.message, wrong.hint
    elif code == "scale":
        assert relation.factor is not None
        message, hint = sentences.scale(relation.factor)
    elif code == "one-branch":
        branches = exercise.solution.branches if exercise is not None and exercise.solution else ()
        names = {b.id: b.name for b in branches}
        message, hint = sentences.one_branch([names.get(b, Text(b, b)) for b in relation.branches])
    else:
        message, hint = sentences.reason(code) or (EMPTY, EMPTY)
    return message, Diagnosis(code, hint, relation.factor)


def _plain_message(check: Check, function: Function, judged: list[_Judged], first: _Judged) -> Text:
    """What is wrong, without a reason."""
    name, mismatch, expected = function.name, first.mismatch, first.point.expected
    assert mismatch is not None
    actual = mismatch.actual
    match mismatch.aspect:
        case Aspect.NONE:
            return sentences.returned_none(name)
        case Aspect.NOT_NONE:
            return sentences.answer_not_none(name)
        case Aspect.TYPE:
            foreign = first.value.type if isinstance(first.value, Foreign) else type_name(first.value)
            return sentences.wrong_type(name, foreign)
        case _:
            pass
    assert actual is not None and expected is not None
    who = sentences.through(name) if check.kind == "gradient" else Text(name, name)
    match mismatch.aspect:
        case Aspect.SHAPE:
            return sentences.wrong_shape(who, _shape(actual), _shape(expected))
        case Aspect.DTYPE:
            return sentences.wrong_dtype(who, actual.dtype.name, is_value=check.kind == "value")
        case Aspect.FINITE:
            got = float(actual[mismatch.worst])
            if np.isfinite(got):
                return sentences.not_finite_expected(who)
            return sentences.not_finite(who, "NaN" if np.isnan(got) else "±∞")
        case _:
            if not first.point.visible:
                visible = [j for j in judged if j.point.visible]
                return sentences.wrong_hidden(who, bool(visible))
            where = f"[{', '.join(map(str, mismatch.worst))}]" if mismatch.worst else ""
            return sentences.wrong_value(
                who,
                where,
                sentences.number(float(expected[mismatch.worst])),
                sentences.number(float(actual[mismatch.worst])),
            )


def _remarks(function: Function, judged: list[_Judged]) -> Text:
    """What is worth saying about a right answer."""
    notes: list[Text] = []
    if any(is_short(j.value) for j in judged):
        notes.append(sentences.FLOAT32)
    if any(getattr(j.point.outcome, "mutated", ()) for j in judged):
        notes.append(sentences.mutated(function.name))
    return Text(" ".join(n.en for n in notes), "".join(n.zh for n in notes))


# Typed answers.


def _answer_right(expected: Numbers | None, given: Typed) -> bool:
    if expected is None or given.values is None:
        return expected is None and given.values is None
    return (
        expected.shape == given.values.shape
        and (expected.dtype.kind == "b") == (given.values.dtype.kind == "b")
        and bool(typed.agrees(expected, given).all())
    )


def _named_answer(
    exercise: Exercise, given: Typed, misconceptions: dict[str, Numbers | None]
) -> tuple[Text, Diagnosis] | None:
    matches = [name for name, wrong in sorted(misconceptions.items()) if _answer_right(wrong, given)]
    return _diagnosis(Relation(f"author:{matches[0]}"), exercise) if len(matches) == 1 else None


def _answer_reason(
    check: Check, answer: Answer, given: Typed, expected: Numbers | None, relatives: dict[str, Numbers]
) -> tuple[Text, Diagnosis | None]:
    name, values = answer.name, given.values
    if expected is None:
        return sentences.answer_not_none(name), None
    if values is None:
        if not expected.any():
            return _diagnosis(Relation("none-for-zero"))
        return sentences.answer_none(name), None
    if (values.dtype.kind == "b") != (expected.dtype.kind == "b"):
        return sentences.wrong_answer_type(name, expected.dtype.kind == "b"), None
    said = sentences.wrong_shape(Text(name, name), _shape(values), _shape(expected))
    if values.shape != expected.shape and expected.dtype.kind == "b":
        _, diagnosis = _diagnosis(Relation("shape"))
        return said, diagnosis
    if expected.dtype.kind == "b":
        return sentences.wrong_typed(name), None
    if not np.isfinite(values).all() and np.isfinite(expected).all():
        return _diagnosis(Relation("nan"))
    is_value = check.kind == "value"
    sample = Sample(expected, values, size=expected.size, relatives=relatives)
    relation = find([sample], gradients=not is_value)
    if relation is None:
        if values.shape != expected.shape:
            return said, None
        return sentences.wrong_typed(name), None
    message, diagnosis = _diagnosis(relation)
    if relation.code == "shape":
        message = said
    elif is_value:
        message, hint = sentences.of_value(relation.code, message, diagnosis.hint)
        diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
    return message, diagnosis


# Both.


def _shape(values: Numbers) -> str:
    return "()" if not values.shape else f"({', '.join(map(str, values.shape))}{',' * (values.ndim == 1)})"


def _result(
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
    return _result(check, verdict, message)
