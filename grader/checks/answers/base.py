"""A type of typed answer: where the answer is found, and what is said where there is none."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from grader.checks import names, outcomes, results, sentences
from grader.checks.answers.told import Compared, told
from grader.checks.diagnoses.samples import Relation
from grader.checks.kinds.base import Given, Kind
from grader.checks.typed import NotAnAnswer
from grader.model.answer_types import Answer
from grader.model.check import Check
from grader.model.report import CheckResult
from grader.model.text import Text
from grader.model.values import Foreign, Mapping, Nothing, Plain, Sequence, Value, type_name

A = TypeVar("A", bound=Answer)


class AnswerKind(Kind[Check], Generic[A]):
    """One type of answer. What is typed beside the file wins over the file's ``PREDICTIONS``."""

    published: ClassVar[bool] = False
    """Whether it can be judged by what ``visible.json`` holds."""

    def compare(self, check: Check, answer: A, text: str, value: Value | None, given: Given) -> CheckResult:
        """The verdict on an answer.

        :param text: what was typed beside the file; empty when nothing was.
        :param value: what the file's ``PREDICTIONS`` holds instead; None for nothing.
        """
        raise NotImplementedError

    def understood(self, given: Given, answer: A, text: str, value: Value | None) -> Any:
        """What was typed beside the file; where nothing was, what the file has.

        :raises NotAnAnswer: it cannot be read.
        """
        raise NotImplementedError

    def alike(self, one: Any, other: Any) -> bool:
        """Whether two answers that were understood say the same."""
        return bool(one == other)

    def plain(self, mine: Any) -> Plain:
        """What was understood as plain data, for a report."""
        raise NotImplementedError

    def beside(self, mine: Any, answer: A, given: Given) -> Compared | None:
        """What was understood beside what is right; None where that is not one answer, or too large."""
        return None

    def judge(self, check: Check, given: Given) -> CheckResult:
        exercise, seen = given.exercise, given.seen
        assert check.answer is not None
        answer: A = exercise.answer(check.answer)  # type: ignore[assignment]
        if exercise.solution is None and not self.published:
            return results.not_here(check)
        text, in_file = given.typed.get(answer.name, "").strip(), seen.plain.predictions
        value = _entry(in_file, answer.name)
        if not text:
            stopped = outcomes.of_load(seen.plain, exercise.limits)
            if stopped is not None:
                return results.unjudged(check, stopped.verdict, stopped.message, stopped.line)
            bad = _not_a_dict(in_file)
            if bad is not None:
                return results.unjudged(check, "malformed", bad)
            elsewhere = _not_found(check, answer, value, given)
            if elsewhere is not None:
                return elsewhere
            blank, entries = _blanks(value)
            if blank:
                return _not_filled_in(check, answer, blank, entries)
        judged = self.compare(check, answer, text, value, given)
        return told(self, judged, answer, text, value, given)


def no_answer(check: Check, answer: Answer, given: NotAnAnswer | None) -> CheckResult:
    """The verdict where nothing came (None), or nothing that can be read."""
    if given is None:
        return results.unjudged(check, "missing", sentences.missing_answer(answer.name))
    truths = answer.shape if answer.truths and not answer.maybe_none else None
    why = sentences.unreadable_answer(answer.name, given.what[:60], given.why, len(answer.shape), truths)
    return results.unjudged(check, "malformed", why)


def _blanks(value: Value | None) -> tuple[int, int]:
    """How many entries are the ``...`` of a starter that nobody has filled in, and how many there are."""
    match value:
        case Foreign(type="ellipsis"):
            return 1, 1
        case Sequence(items=items):
            counts = [_blanks(item) for item in items]
            return sum(blank for blank, _ in counts), sum(entries for _, entries in counts)
        case _:
            return 0, 1


def _not_filled_in(check: Check, answer: Answer, blank: int, entries: int) -> CheckResult:
    if blank == entries:
        return no_answer(check, answer, None)
    return results.unjudged(check, "missing", sentences.blank_entries(answer.name, blank, entries))


def _not_found(check: Check, answer: Answer, value: Value | None, given: Given) -> CheckResult | None:
    """Why the file's answer is none: only autograd gives it, or it has another name."""
    exercise, seen = given.exercise, given.seen
    with_autograd = _entry(seen.loaded.predictions, answer.name)
    if value is None and with_autograd is not None:
        why = sentences.not_given_without_autograd(answer.name, given.fails_without_autograd())
        return results.unjudged(check, "missing", why)
    if value != with_autograd:
        _, diagnosis = results.diagnose(Relation("autograd-in-prediction"))
        return results.result(check, "failed", sentences.computed_by_autograd(answer.name), diagnosis)
    in_file = seen.plain.predictions
    if value is None and isinstance(in_file, Mapping):
        near = names.near_key(answer.name, in_file, {a.name for a in exercise.answers})
        if near is not None:
            return results.unjudged(check, "missing", sentences.misspelt_answer(answer.name, near))
    if in_file is None and seen.plain.misspelt:
        said = sentences.misspelt_predictions(answer.name, seen.plain.misspelt)
        return results.unjudged(check, "missing", said)
    return None


def _entry(predictions: Value | None, name: str) -> Value | None:
    return predictions.items.get(name) if isinstance(predictions, Mapping) else None


def _not_a_dict(predictions: Value | None) -> Text | None:
    if predictions is None or isinstance(predictions, Mapping | Nothing):
        return None
    return sentences.predictions_not_a_dict(type_name(predictions))
