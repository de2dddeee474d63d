"""What was said and how it was: of each typed answer, beside its box, after a run.

The judge has compared; here it is only laid out. What is right is told where the report tells it, and the
report of a student whose feedback is kept back tells nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.model.answer_types import Answer
from grader.model.exercise import Exercise
from grader.model.given import asked_in
from grader.model.report import CheckResult, Report
from grader.model.text import EMPTY, Text
from grader.store.first_predictions import First
from grader.store.tables import Submission
from grader.web.ui.languages import language, say
from grader.web.ui.numbers import number

Place = tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A piece of an answer as it is shown: brackets and commas, or one entry. :ivar right: of an entry."""

    text: str
    right: bool | None = None


@dataclass(frozen=True)
class Told:
    """What is told of one answer, or of one entry of it.

    :ivar right: the verdict of the attempt that is shown; None where it says nothing of this answer.
    :ivar said: what was answered, entry by entry where it was judged so.
    :ivar was: what it was; empty where that is not told.
    :ivar note: that the file says something else than the box.
    :ivar first: the first prediction; None: nothing was said, or it is the one that is shown.
    :ivar is_first: whether the one that is shown is the first.
    """

    right: bool | None = None
    said: tuple[Part, ...] = ()
    was: str = ""
    note: Text = EMPTY
    first: First | None = None
    is_first: bool = False


@dataclass(frozen=True)
class Line:
    """A line of given code.

    :ivar answer: what it asks for. :ivar at: the one entry of it that it asks for; empty: all of it.
    """

    text: str
    answer: Answer | None = None
    at: Place = ()
    begins: bool = True
    """Whether no line above asks for another entry of it."""

    @property
    def remark(self) -> bool:
        """Whether it is a comment alone: where there is little room, a long one hangs behind its ``#``."""
        return self.text.startswith("#")


def given_lines(exercise: Exercise) -> list[Line]:
    """The given code in the reader's language, line by line."""
    code = exercise.given_in(language())
    answers = {answer.name: answer for answer in exercise.answers}
    asked = {place.line: place for place in asked_in(code)}
    lines, begun = [], set()
    for n, text in enumerate(code.rstrip("\n").split("\n"), 1):
        place = asked.get(n)
        if place is None:
            lines.append(Line(text))
        else:
            lines.append(Line(text, answers[place.name], place.at, place.name not in begun))
            begun.add(place.name)
    return lines


def answers_below(exercise: Exercise) -> list[Answer]:
    """The answers that have no place in the given code."""
    return [answer for answer in exercise.answers if not exercise.asks_in_code(answer.name)]


def told_of(
    exercise: Exercise,
    firsts: Mapping[str, First],
    row: Submission | None = None,
    report: Report | None = None,
) -> dict[tuple[str, Place], Told]:
    """What is told at each place, by the answer's name and the index of its entry; () is all of it.

    :param row: the attempt that is shown. :param report: of it, as its reader may see it.
    """
    judged = {}
    if report is not None and report.status == "graded":
        results = {check.id: check for check in report.checks}
        judged = {check.answer: results.get(check.id) for check in reversed(exercise.checks) if check.answer}
    entries = {(place.name, place.at) for place in asked_in(exercise.given) if place.at}
    # Of every place something is sent, so that what an earlier verdict told there goes.
    told: dict[tuple[str, Place], Told] = dict.fromkeys(entries, Told())
    for answer in exercise.answers:
        result = judged.get(answer.name)
        first = firsts.get(answer.name)
        whole = _told(answer, result, first, row)
        marks = result.typed.entries if result is not None and result.typed is not None else None
        told[answer.name, ()] = whole
        for name, at in entries:
            if name == answer.name and result is not None and isinstance(_at(marks, at), bool):
                told[name, at] = _entry(answer, result, marks, at)
                # What each place tells is not told again of them all.
                told[name, ()] = Told(note=whole.note, first=whole.first, is_first=whole.is_first)
    return told


def _told(answer: Answer, result: CheckResult | None, first: First | None, row: Submission | None) -> Told:
    typed = result.typed if result is not None else None
    text = typed.said if typed is not None else "" if row is None else row.predictions.get(answer.name, "")
    if result is None or result.verdict not in ("passed", "failed") or not text:
        return Told(first=first)
    right = result.verdict == "passed"
    is_first = first is not None and row is not None and first.submission_id == row.id
    said: tuple[Part, ...] = (Part(_word(answer, text)),)
    was = ""
    example = result.counterexample
    if typed is not None and example is not None and not example.inputs:
        said = tuple(_parts(answer, example.actual, typed.entries))
        was = "".join(part.text for part in _parts(answer, example.expected))
    note = EMPTY if typed is None else typed.note
    return Told(right, said, was, note, None if is_first else first, is_first)


def _entry(answer: Answer, result: CheckResult, marks: Any, at: Place) -> Told:
    right = bool(_at(marks, at))
    example = result.counterexample
    if example is None or right:
        return Told(right)
    said = Part(_word(answer, _at(example.actual, at)))
    return Told(right, (said,), _word(answer, _at(example.expected, at)))


def _parts(answer: Answer, value: Any, marks: Any = None) -> Iterator[Part]:
    if not isinstance(value, list):
        yield Part(_word(answer, value), marks if isinstance(marks, bool) else None)
        return
    yield Part("[")
    for n, item in enumerate(value):
        if n:
            yield Part(", ")
        yield from _parts(answer, item, marks[n] if isinstance(marks, list) else None)
    yield Part("]")


def _at(nested: Any, at: Place) -> Any:
    """An entry of nested lists; None where there is none: the exercise was another one when it was judged."""
    for index in at:
        if not isinstance(nested, list) or index >= len(nested):
            return None
        nested = nested[index]
    return nested


def _word(answer: Answer, value: Any) -> str:
    """One entry: a number, or what a choice's id stands for."""
    return next((say(option.text) for option in answer.option if option.id == value), number(value))
