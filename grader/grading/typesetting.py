"""What is typed, read exactly as it will be judged, and not judged: a formula in print, an answer's flaw."""

from __future__ import annotations

from grader.checks import sentences, typed, words
from grader.checks.formula import NotAFormula, to_mathml
from grader.grading.formulas import read_formula
from grader.model.exercise import Exercise
from grader.model.text import Text
from grader.model.typeset import Typeset


def typeset(exercise: Exercise, name: str, text: str) -> Typeset:
    """The formula ``text``, typed for the answer ``name``, in print.

    It says nothing about being right: only how it is read, so that ``1/2x`` is no surprise afterwards.

    :raises KeyError: the exercise judges no answer of that name.
    """
    check = next((check for check in exercise.checks if check.answer == name), None)
    if check is None:
        raise KeyError(name)
    try:
        return Typeset(to_mathml(read_formula(exercise, check, text)))
    except NotAFormula as error:
        return Typeset(problem=error.why)


def unreadable(exercise: Exercise, name: str, text: str, one: bool = False) -> Text | None:
    """Why what is typed for the answer ``name`` cannot be judged; None where it can.

    :param one: ``text`` is one of its numbers, from a box of its own.
    :raises KeyError: the exercise judges no answer of that name.
    """
    answer = exercise.answer(name)
    try:
        if answer.type == "formula":
            return typeset(exercise, name, text).problem
        if answer.type in ("choice", "edges"):
            words.parse(text, answer)
        else:
            typed.parse(text, () if one else answer.shape)
    except typed.NotAnAnswer as error:
        return sentences.unreadable_answer(name, error.what[:60], error.why)
    return None
