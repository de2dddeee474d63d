"""Pictures of an attempt: on its page when they are drawn already, else asked for a few times.

A view reads them with :func:`pictures_of`, and its page puts ``pictures(row, drawn)`` (a macro) where they
belong. What is not drawn yet is drawn because somebody looks: in its place is an empty one that asks
:func:`fragment` after a moment, longer each time, as long as it is in sight. A picture is drawn when nothing
else is to be done; after :data:`MOST_ASKED` times, some three minutes, the place says so and has a button
that asks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from markupsafe import Markup
from sqlalchemy.orm import Session

from grader.model.exercise import Exercise
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.pictures.failing import failing_of
from grader.pictures.graph_cases import graph_figures
from grader.pictures.html_tape import tape_figure
from grader.pictures.svg_curve import curve_figure
from grader.store import pictures as stored
from grader.web import access
from grader.web.access import Attempt
from grader.web.context import services
from grader.web.transactions import reading
from grader.web.ui.languages import language

blueprint = Blueprint("pictures", __name__)

MOST_ASKED: Final = 16
FIRST_DELAY: Final = 300
"""Milliseconds before a page asks for the first time; each time it waits twice as long."""
LONGEST_DELAY: Final = 15_000
"""Milliseconds, however often it has asked."""


@dataclass(frozen=True)
class Drawn:
    """What there is to show.

    :ivar figures: the pictures; none when there are none, or none yet.
    :ivar ask_after: milliseconds after which it is worth asking again; 0 when it is not.
    :ivar given_up: it has been asked for long enough, and pictures may come all the same.
    """

    figures: tuple[Markup, ...] = ()
    ask_after: int = 0
    given_up: bool = False


def pictures_of(transaction: Session, attempt: Attempt, asked: int = 0) -> Drawn:
    """The pictures beside the verdict on an attempt, in the reader's language.

    :param asked: how often the page has asked for them.
    """
    row = attempt.row
    if row.report is None or row.shown == "failed" or row.thinned or attempt.withholding:
        return Drawn()
    pictures = stored.find(transaction, row.id)
    if pictures is None:
        if row.shown != "graded":
            return Drawn()
        if asked >= MOST_ASKED:
            return Drawn(given_up=True)
        services().dispatcher.draw(row.id, attempt.assignment.exercise)
        return Drawn(ask_after=min(FIRST_DELAY * 2**asked, LONGEST_DELAY))
    code = url_for("attempts.show", submission_id=row.id)
    return drawn(pictures, attempt.exercise, attempt.report(), code)


def drawn(
    pictures: Pictures, exercise: Exercise | None, report: Report | None, code: str | None = None
) -> Drawn:
    """Pictures that are there, as figures in the reader's language.

    :param report: the verdict beside them; cases that failed in it are marked.
    :param code: the address of a page that shows the code with its lines, if there is one.
    """
    figures = []
    if pictures.curve is not None and pictures.curve.xs:
        marked = failing_of(pictures.curve, exercise, report) if exercise and report else ()
        figures.append(curve_figure(pictures.curve, language(), marked))
    if pictures.graph is not None:
        figures.append(graph_figures(pictures, language(), code))
    figures += [tape_figure(tape, language()) for tape in pictures.tapes]
    return Drawn(tuple(figures))


@blueprint.get("/attempts/<submission_id>/pictures")
@login_required  # type: ignore[untyped-decorator]
def fragment(submission_id: str) -> ResponseReturnValue:
    """What replaces the empty place: the figures, another empty place, a button, or nothing at all."""
    asked = min(max(request.args.get("n", 0, type=int), 0), MOST_ASKED)
    with reading() as transaction:
        attempt = access.attempt(transaction, submission_id)
        drawn = pictures_of(transaction, attempt, asked)
    return render_template("attempts/pictures.html", row=attempt.row, drawn=drawn, asked=asked)
