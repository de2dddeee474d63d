"""Typesetting what is typed: read as it will be judged, and not judged; a formula in print, a flaw."""

from __future__ import annotations

from grader.checks import sentences
from grader.checks.formula import Formula, NotAFormula, to_mathml
from grader.checks.registry import read_answer
from grader.checks.typed import NotAnAnswer
from grader.model.exercise import Exercise
from grader.model.text import Text
from grader.model.typeset import Typeset


def typeset(exercise: Exercise, name: str, text: str) -> Typeset:
    """The formula ``text``, typed for the answer ``name``, in print.

    It says nothing about being right: only how it is read, so that ``1/2x`` is no surprise afterwards.

    :raises KeyError: the exercise judges no formula of that name.
    """
    try:
        read = read_answer(exercise, name, text)
        if not isinstance(read, Formula):
            raise KeyError(name)
        return Typeset(to_mathml(read))
    except (NotAnAnswer, NotAFormula) as error:
        return Typeset(problem=error.why)


def unreadable(exercise: Exercise, name: str, text: str, one: bool = False) -> Text | None:
    """Why what is typed for the answer ``name`` cannot be judged; None where it can.

    :param one: ``text`` is one of its numbers, from a box of its own.
    :raises KeyError: the exercise judges no answer of that name.
    """
    if exercise.answer(name).at_every_case:
        return typeset(exercise, name, text).problem
    try:
        read_answer(exercise, name, text, one=one)
    except NotAnAnswer as error:
        return sentences.unreadable_answer(name, error.what[:60], error.why)
    return None
