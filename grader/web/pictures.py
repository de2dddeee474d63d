"""The pictures of an attempt: on its page when they are drawn already, else asked for a few times.

A view reads them with :func:`pictures_of`, and its page puts ``pictures(row, drawn)`` (a macro) where they
belong. What is not drawn yet is drawn because somebody looks: in its place is an empty one that asks
:func:`fragment` after a moment, longer each time, and after :data:`MOST_ASKED` times gives up without a
word: a picture is drawn when nothing else is to be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required
from markupsafe import Markup
from sqlalchemy.orm import Session

from grader.store import pictures as stored
from grader.store.tables import Submission
from grader.web.courses import attempt
from grader.web.graph import graph_figure
from grader.web.plot import curve_figure
from grader.web.services import services
from grader.web.transactions import reading

pictures = Blueprint("pictures", __name__)

MOST_ASKED: Final = 5
FIRST_DELAY: Final = 300
"""Milliseconds before a page asks for the first time; each time it waits twice as long."""


@dataclass(frozen=True)
class Drawn:
    """What there is to show.

    :ivar figures: the pictures; none when there are none, or none yet.
    :ivar ask_after: milliseconds after which it is worth asking again; 0 when it is not.
    """

    figures: tuple[Markup, ...] = ()
    ask_after: int = 0


def pictures_of(transaction: Session, row: Submission, exercise: str, asked: int = 0) -> Drawn:
    """The pictures beside the verdict on ``row``, in the reader's language.

    :param asked: how often the page has asked for them.
    """
    if row.report is None or row.state == "failed" or row.thinned:
        return Drawn()
    found = stored.find(transaction, row.id)
    if found is None:
        if row.state != "graded" or asked >= MOST_ASKED:
            return Drawn()
        services().dispatcher.draw(row.id, exercise)
        return Drawn(ask_after=FIRST_DELAY * 2**asked)
    figures = []
    if found.curve is not None and found.curve.xs:
        figures.append(curve_figure(found.curve))
    if found.graph is not None:
        figures.append(graph_figure(found.graph))
    return Drawn(tuple(figures))


@pictures.get("/attempts/<submission_id>/pictures")
@login_required  # type: ignore[untyped-decorator]
def fragment(submission_id: str) -> ResponseReturnValue:
    """What replaces the empty place: the figures, another empty place, or nothing at all."""
    asked = min(max(request.args.get("n", 0, type=int), 0), MOST_ASKED)
    with reading() as transaction:
        found = attempt(transaction, submission_id)
        drawn = pictures_of(transaction, found.row, found.assignment.exercise, asked)
    return render_template("pictures.html", row=found.row, drawn=drawn, asked=asked)
