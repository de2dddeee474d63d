"""A typed formula shown back while it is being typed: read exactly as it will be judged, and not judged."""

from __future__ import annotations

from grader.checks.formula import NotAFormula, to_mathml
from grader.grading.formulas import read_formula
from grader.model.exercise import Exercise
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
