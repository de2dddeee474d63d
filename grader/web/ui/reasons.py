"""Reasons: what a diagnosis' code says of an answer, in a few words."""

from __future__ import annotations

from flask import g

from grader.model.exercise import Exercise
from grader.web.ui.languages import _, say

AUTHORS = "author:"


def reason(exercise: Exercise | None, code: str) -> str:
    """What the answer is, said behind "the answer …"; the author's sentence where the code is an author's.

    A code that nobody knows any more is said as it is.
    """
    return _said(exercise, code) or code


def short(exercise: Exercise | None, code: str) -> str:
    """The same as a student reads it, with its subject, to stand in a row of several, so without a full stop.

    Empty for a code that nobody knows any more.
    """
    said = _said(exercise, code).rstrip(".。")
    if not said or code.startswith(AUTHORS):
        return said
    return _("an answer %(reason)s", reason=said)


def _said(exercise: Exercise | None, code: str) -> str:
    if code.startswith(AUTHORS):
        wanted = code.removeprefix(AUTHORS)
        known = exercise.solution.misconceptions if exercise is not None and exercise.solution else ()
        return next((say(each.message) for each in known if each.id == wanted), "")
    if "reasons" not in g:
        g.reasons = _words()
    return str(g.reasons.get(code, ""))


def _words() -> dict[str, str]:
    return {
        "sign": _("has the wrong sign"),
        "scale": _("is the right one times a constant"),
        "mean-for-sum": _("is that of a mean where a sum is due, or the other way round"),
        "transpose": _("is the transpose of the right one"),
        "shape": _("has another shape"),
        "dtype": _("is not made of floating-point numbers"),
        "nan": _("is NaN or infinite where the right one is finite"),
        "none-for-zero": _("is None where the gradient is zero"),
        "value-not-gradient": _("is the function's value, not its gradient"),
        "second-derivative": _("was differentiated once too often"),
        "accumulated": _("still holds an earlier gradient"),
        "reduced": _("was summed or averaged to fewer entries"),
        "not-reduced": _("was not summed where it has to be"),
        "diagonal-only": _("uses the diagonal of the Jacobian alone"),
        "missing-path": _("lacks what comes along one path of the graph"),
        "undetached": _("differentiates through a detach"),
        "missing-factor": _("lacks one local derivative of the chain rule"),
        "one-branch": _("is wrong on one branch only"),
        "float32-rounding": _("was rounded to single precision on the way"),
        "autograd-in-prediction": _("was asked of autograd where it had to be predicted"),
        "finite-difference": _("is a difference quotient"),
        "cut-graph": _("does not reach the input: the graph is cut"),
        "by-another-input": _("is the gradient by another input"),
        "by-an-intermediate": _("is the gradient by something computed on the way"),
        "off-by-one": _("has n − 1 for n"),
        "reversed": _("has the right entries in reversed order"),
        "zero-for-none": _("is zero where there is no gradient at all"),
        "incoming-ignored": _("does not multiply by the incoming gradient"),
        "once-differentiable": _("cannot be differentiated once more"),
        "factor-order": _("multiplies matrices in another order, or one of them transposed"),
    }
