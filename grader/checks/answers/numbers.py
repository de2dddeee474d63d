"""``number`` and ``bool``: typed numbers, right to the digits typed, or why not."""

from __future__ import annotations

import numpy as np

from grader.checks import sentences, typed
from grader.checks.answers.base import AnswerKind, no_answer
from grader.checks.answers.told import MOST_ENTRIES, Compared
from grader.checks.arrays import Numbers, plain, snapped
from grader.checks.diagnoses import registry
from grader.checks.diagnoses.finder import find
from grader.checks.diagnoses.samples import Relation, Sample
from grader.checks.kinds.base import Given, judges
from grader.checks.results import diagnose, result, shape_of
from grader.checks.typed import NotAnAnswer, Typed
from grader.checks.typed_text import truths
from grader.checks.wrong_gradients import NONE_KNOWN, WrongGradients
from grader.model.answer_types import Answer, BoolAnswer, NumberAnswer
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.report import CheckResult, Diagnosis
from grader.model.text import EMPTY, Text
from grader.model.values import Plain, Sequence, Value, Words
from grader.model.wrong_gradients import Mistake


@judges(NumberAnswer, BoolAnswer)
class NumbersAnswer(AnswerKind[Answer]):
    """Numbers or truth values, from the reference's ``answers()``."""

    def read(self, exercise: Exercise, answer: Answer, text: str, *, one: bool = False) -> Typed:
        return typed.parse(truths(text) if answer.truths else text, () if one else answer.shape)

    def compare(
        self, check: Check, answer: Answer, text: str, value: Value | None, given: Given
    ) -> CheckResult:
        truth = given.truth
        right = truth.answers[answer.name]
        known = NONE_KNOWN
        if right is not None and answer.previous:
            total = right
            for name in answer.previous:
                earlier = truth.answers[name]
                total = total + earlier if earlier is not None else total
            known = WrongGradients({Mistake("accumulated"): total})
        takes_values = any(r.diagnosis and r.diagnosis.code == "value-not-gradient" for r in given.before)
        wrongs = truth.wrong_answers.get(check.id, {})
        said = _said(text, value, answer)
        values = truth.values if takes_values else ()
        return judge_answer(given.exercise, check, said, right, known, wrongs, values)

    def understood(self, given: Given, answer: Answer, text: str, value: Value | None) -> Typed:
        return _read(text, value, answer)

    def alike(self, one: Typed, other: Typed) -> bool:
        if one.values is None or other.values is None:
            return one.values is other.values
        return one.values.dtype.kind == other.values.dtype.kind and np.array_equal(
            one.values, other.values, equal_nan=one.values.dtype.kind != "b"
        )

    def plain(self, mine: Typed) -> Plain:
        large = mine.values is not None and mine.values.size > MOST_ENTRIES
        return f"<shape {shape_of(mine.values)}>" if large and mine.values is not None else plain(mine.values)

    def beside(self, mine: Typed, answer: Answer, given: Given) -> Compared | None:
        expected, values = given.truth.answers[answer.name], mine.values
        if any(each is not None and each.size > MOST_ENTRIES for each in (expected, values)):
            return None
        entries: Plain = None
        if expected is not None and values is not None and expected.shape == values.shape:
            alike = (expected.dtype.kind == "b") == (values.dtype.kind == "b")
            entries = plain(typed.agrees(expected, mine)) if alike else None
        return Compared(plain(snapped(expected)), plain(values), entries)


def _said(text: str, value: Value | None, answer: Answer) -> Typed | NotAnAnswer | None:
    """What was answered; what cannot be read as the error that says why."""
    try:
        return _read(text, value, answer) if text or value is not None else None
    except NotAnAnswer as error:
        return error


def _read(text: str, value: Value | None, answer: Answer) -> Typed:
    """Typed beside the file first, then in the file's ``PREDICTIONS``."""
    if text:
        return typed.parse(truths(text) if answer.truths else text, answer.shape)
    assert value is not None
    return typed.from_value(_with_truths(value) if answer.truths else value, answer.shape)


def _with_truths(value: Value) -> Value:
    """The same for the words of a file."""
    match value:
        case Words(text=text):
            return Words(truths(text))
        case Sequence(type=kind, items=items):
            return Sequence(
                kind,
                tuple(item if not isinstance(item, Words) else Words(truths(item.text)) for item in items),
            )
        case _:
            return value


def judge_answer(
    exercise: Exercise,
    check: Check,
    given: Typed | NotAnAnswer | None,
    expected: Numbers | None,
    wrong_gradients: WrongGradients,
    misconceptions: dict[str, Numbers | None],
    values: tuple[Numbers, ...] = (),
) -> CheckResult:
    """Judge a check about a typed answer.

    :param given: what was typed; :class:`NotAnAnswer` when it cannot be read, None when it never came.
    :param expected: the right answer, None for None.
    :param values: of what is differentiated, where this student takes the value for the gradient elsewhere:
        of a number that is such a value and a misconception's, too, nobody knows which was meant.
    """
    assert check.answer is not None
    answer = exercise.answer(check.answer)
    if given is None or isinstance(given, NotAnAnswer):
        return no_answer(check, answer, given)
    if _answer_right(expected, given):
        return result(check, "passed", EMPTY)
    named = _named_answer(exercise, given, misconceptions)
    if named is not None and any(_answer_right(value, given) for value in values):
        declared = named[1].code.removeprefix("author:")
        assert exercise.solution is not None
        wrong = next(m for m in exercise.solution.misconceptions if m.id == declared)
        if "value-not-gradient" not in wrong.codes:
            return result(check, "failed", sentences.wrong_typed(answer.name))
    if named is None:
        message, diagnosis = _answer_reason(check, answer, given, expected, wrong_gradients)
    else:
        message, diagnosis = named
    return result(check, "failed", message, diagnosis)


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
    return diagnose(Relation(f"author:{matches[0]}"), exercise) if len(matches) == 1 else None


def _answer_reason(
    check: Check, answer: Answer, given: Typed, expected: Numbers | None, wrong_gradients: WrongGradients
) -> tuple[Text, Diagnosis | None]:
    name, values = answer.name, given.values
    if expected is None and values is not None and not values.any():
        _, diagnosis = diagnose(Relation("zero-for-none"))
        return sentences.zeros_not_right(name), diagnosis
    if expected is None:
        return sentences.wrong_typed(name), None
    if values is None and expected.dtype.kind == "b":
        return sentences.answer_truth(name, expected.shape), None
    if values is None:
        if not expected.any():
            return diagnose(Relation("none-for-zero"))
        return sentences.answer_none(name), None
    if (values.dtype.kind == "b") != (expected.dtype.kind == "b"):
        due = expected.dtype.kind == "b"
        return sentences.truths_asked(name, expected.shape) if due else sentences.numbers_asked(name), None
    if values.dtype.kind == "c" and expected.dtype.kind != "c":
        return sentences.answer_not_complex(name), None
    if values.shape != expected.shape and expected.dtype.kind == "b":
        return sentences.truths_asked(name, expected.shape), Diagnosis("shape", sentences.TYPED_SHAPE)
    if expected.dtype.kind == "b":
        return sentences.wrong_typed(name), None
    if not np.isfinite(values).all() and np.isfinite(expected).all():
        message, _ = diagnose(Relation("nan"))
        return message, Diagnosis("nan", sentences.TYPED_NOT_FINITE)
    said = sentences.wrong_shape(Text(name, name), shape_of(values), shape_of(expected))
    digits = typed.digits_right(expected, given)
    if digits == 2:
        return sentences.right_to_two_digits(name), None
    is_value = check.of_values
    sample = Sample(expected, values, size=expected.size, wrong_gradients=wrong_gradients)
    relation = find([sample], gradients=not is_value)
    if relation is None:
        if values.shape != expected.shape:
            return said, None
        return sentences.right_when_rounded(name, digits) if digits else sentences.wrong_typed(name), None
    message, diagnosis = diagnose(relation)
    if relation.code == "shape":
        return said, Diagnosis("shape", sentences.TYPED_SHAPE)
    if is_value:
        message, hint = registry.of_value(relation, message, diagnosis.hint)
        diagnosis = Diagnosis(diagnosis.code, hint, diagnosis.factor)
    return message, diagnosis
