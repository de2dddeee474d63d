"""Formulas that are typed, shown back in print: while they are typed and when a form is filled again."""

from __future__ import annotations

from flask import Blueprint, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from grader.model.exercise import Exercise
from grader.web.access import Place
from grader.web.context import services
from grader.web.exercise.answer_boxes import PREFIX
from grader.web.exercise.guest_door import place_or_guest
from grader.web.ui.languages import _, say

blueprint = Blueprint("formulas", __name__)

LONGEST = 2000
"""Characters that are handed on. The reader takes fewer, and says so itself."""


@blueprint.get("/courses/<course>/<exercise>/formula")
def formula(course: str, exercise: str) -> str:
    """A piece of a page: ``?answer=NAME&predict-NAME=…`` in print, or what is wrong with it.

    ``text`` may stand for ``predict-NAME``, which is how the form's own input calls what it holds.
    """
    where = place_or_guest(course, exercise)
    if isinstance(where, Place) and where.upcoming:
        raise NotFound
    name = request.args.get("answer", "")
    if name not in {answer.name for answer in where.exercise.answers if answer.at_every_case}:
        raise NotFound
    return str(printed(where.exercise, name, request.args.get(PREFIX + name, request.args.get("text", ""))))


def printed(exercise: Exercise, name: str, text: str) -> Markup:
    """The formula in MathML, or a quiet sentence; nothing where nothing is typed or nobody typesets."""
    typeset = services().typeset
    if typeset is None or not text.strip():
        return Markup()
    found = typeset(exercise, name, text[:LONGEST])
    if found.problem is not None:
        said = _("Not a formula yet: %(why)s.", why=say(found.problem))
        return Markup('<span class="quiet">{}</span>').format(said)
    return Markup(found.mathml)  # noqa: S704 - made from what was understood, with every name escaped
