"""Import of a list: the file is kept here between its preview and the import, which is all or nothing.

::

    upload ──► kept for a day ──► preview ──► import ──► undo
                                   │   ▲        │
                                   └───┘        └──► the preview again, where something changed meanwhile
                              other columns

What the preview showed is named by a digest of its plan. The import makes the plan anew, in the transaction
that carries it out; another plan is shown before anything is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.rosters.headers import Field
from grader.rosters.not_a_list import NotAList
from grader.rosters.people import Choice, Problem, Roster, first_rows, read_roster
from grader.rosters.plan import Plan, make_plan
from grader.store import audit, roster_changes, uploads
from grader.store.tables import Course, Upload
from grader.web.access import taught_course
from grader.web.roster import received
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, language, ngettext

blueprint = Blueprint("roster_import", __name__)

FIELDS: Final[tuple[Field, ...]] = ("name", "first", "last", "login", "email", "sis_id", "section")
MOST_COLUMNS: Final = 60
"""Whose meaning can be chosen; people stand in the first ones."""
STATES: Final = ("new", "changed", "gone", "same")
MOST_SHOWN: Final = 300
"""People of each state; the numbers are of all."""
_COLUMN: Final = re.compile(r"c(\d{1,2})")


@dataclass(frozen=True)
class Looked:
    """A list as it was read, what importing it would do, or why it cannot be read."""

    roster: Roster | None
    plan: Plan | None
    problems: tuple[Problem, ...] = ()
    refused: NotAList | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table whose columns are not understood: the first ones."""


@blueprint.get("/courses/<course>/roster")
@login_required  # type: ignore[untyped-decorator]
def form(course: str) -> ResponseReturnValue:
    """Where a list is sent."""
    with reading() as transaction:
        found = taught_course(transaction, course)
    return _form(found)


@blueprint.post("/courses/<course>/roster")
@login_required  # type: ignore[untyped-decorator]
def upload(course: str) -> ResponseReturnValue:
    """Keep a list, and look at it. What is no table at all is named at once, and not kept."""
    return received.keep(course, "roster", "list", first_rows, _form, "roster_import.preview")


@blueprint.get("/courses/<course>/roster/<uuid:upload_id>")
@login_required  # type: ignore[untyped-decorator]
def preview(course: str, upload_id: UUID) -> ResponseReturnValue:
    """What importing the list would do. Nothing is changed."""
    with reading() as transaction:
        found = taught_course(transaction, course)
        row = received.find(transaction, found, "roster", upload_id)
        looked = None if row is None else _looked(transaction, found, row.data)
    if row is None or looked is None:
        return _form(found, problem=received.too_late()), 404
    return _preview(found, row, looked)


@blueprint.get("/courses/<course>/roster/<uuid:upload_id>/import")
@login_required  # type: ignore[untyped-decorator]
def to_preview(course: str, upload_id: UUID) -> ResponseReturnValue:
    """Where the preview's form posts to, a reload or a change of language leads back to the preview."""
    return redirect(url_for("roster_import.preview", course=course, upload_id=upload_id))


@blueprint.post("/courses/<course>/roster/<uuid:upload_id>/import")
@login_required  # type: ignore[untyped-decorator]
def carry_out(course: str, upload_id: UUID) -> ResponseReturnValue:
    """Import the list as it was shown, all of it or nothing."""
    with writing() as transaction:
        found = taught_course(transaction, course)
        row = received.find(transaction, found, "roster", upload_id)
        if row is None:
            return _form(found, problem=received.too_late()), 404
        roster_changes.locked(transaction, found.id)
        looked = _looked(transaction, found, row.data)
        problem = _why_not(looked)
        if not problem and looked.plan is not None:
            try:
                with transaction.begin_nested():
                    _imported(transaction, found, looked.plan)
                    uploads.forget(transaction, row.id)
            except UsageError as error:
                problem = _("Nothing was imported: %(why)s", why=str(error))
    if problem:
        return _preview(found, row, looked, problem), 409
    return redirect(url_for("participants.listing", course=course), 303)


@blueprint.post("/courses/<course>/roster/undo")
@login_required  # type: ignore[untyped-decorator]
def undo(course: str) -> ResponseReturnValue:
    """Take back the last import, where it is still the one that the page showed."""
    with writing() as transaction:
        found = taught_course(transaction, course)
        roster_changes.locked(transaction, found.id)
        row = roster_changes.latest(transaction, found.id)
        if row is None or str(row.id) != request.form.get("import"):
            flash(_("There is no such import any more: it has been undone, or a later one was made."))
        else:
            undone = roster_changes.undo(transaction, row)
            audit.record(
                transaction, current_user.user.login, "roster.undo", found.slug,
                {"course": found.slug, "people": undone.people},
            )  # fmt: skip
            flash(
                ngettext(
                    "The import is undone, for %(num)d person.",
                    "The import is undone, for %(num)d people.",
                    undone.people,
                )
            )
            if undone.left:
                flash(_("Changed or used since, and left as they are: %(who)s", who=_some(undone.left)))
    return redirect(url_for("participants.listing", course=course), 303)


@blueprint.get("/courses/<course>/roster/undo")
@login_required  # type: ignore[untyped-decorator]
def to_roster(course: str) -> ResponseReturnValue:
    """Where the button posts to, a reload or a change of language leads back to the roster."""
    return redirect(url_for("participants.listing", course=course))


def _looked(transaction: Session, course: Course, data: bytes) -> Looked:
    """Read a list as the form says, and plan its import."""
    try:
        roster = read_roster(data, _choice())
    except NotAList as error:
        return Looked(None, None, refused=error, rows=first_rows(data))
    known, names = roster_changes.known(
        transaction, course.id, [one.login for one in roster.people], [one.email for one in roster.people]
    )
    plan = make_plan(
        roster.people,
        known,
        names,
        with_sections="section" in roster.columns,
        keep_absent=request.values.get("absent") == "stay",
    )
    problems = sorted((*roster.problems, *plan.problems), key=lambda problem: problem.line)
    return Looked(roster, plan, tuple(problems))


def _choice() -> Choice | None:
    """What somebody chose that the columns are; None where nothing was chosen."""
    columns: dict[Field, tuple[int, ...]] = {}
    for name, value in request.values.items():
        place = _COLUMN.fullmatch(name)
        if place is not None and value in FIELDS:
            field: Field = value
            columns[field] = (*columns.get(field, ()), int(place[1]))
    if not any(_COLUMN.fullmatch(name) for name in request.values):
        return None
    several = columns.get("section", ())
    return Choice(
        request.values.get("heading") != "no",
        {field: places[:1] for field, places in columns.items()} | ({"section": several} if several else {}),
    )


def _why_not(looked: Looked) -> str:
    """Why a list is not imported; empty when nothing is against it."""
    plan = looked.plan
    if plan is None or looked.problems:
        return _("Nothing was imported. Mend what is wrong with the list, and send it again.")
    if request.form.get("plan") != plan.digest:
        return _("The course has changed since this page was made. Look once more, then import.")
    if plan.entering and request.form.get("existing") != "yes":
        return _("Tick that the accounts that are there already are the people you mean.")
    if plan.empties() and request.form.get("empties") != "yes":
        return _("Tick that most of the course is to become inactive.")
    return ""


def _imported(transaction: Session, course: Course, plan: Plan) -> None:
    done = roster_changes.apply(transaction, course.id, plan.steps, by=current_user.id, language=language())
    if done.row is None:
        flash(_("The course has these people already. Nothing was changed."))
        return
    counts: dict[str, object] = {state: plan.count(state) for state in STATES}
    audit.record(
        transaction, current_user.user.login, "roster.import", course.slug, {"course": course.slug} | counts
    )
    flash(
        _(
            "Imported: %(new)s new, %(changed)s changed, %(gone)s gone, %(same)s the same.",
            **{state: plan.count(state) for state in STATES},
        )
    )


def _some(logins: tuple[str, ...]) -> str:
    return ", ".join(logins[:10]) + (" …" if len(logins) > 10 else "")


def _form(course: Course, **said: object) -> str:
    return render_template("roster/import.html", course=course, role="instructor", **said)


def _preview(course: Course, row: Upload, looked: Looked, problem: str = "") -> str:
    roster = looked.roster
    top, sample = (roster.top, roster.sample) if roster is not None else (*looked.rows, (), ())[:2]
    meaning = {} if roster is None else {i: field for field, places in roster.columns.items() for i in places}
    steps = () if looked.plan is None else looked.plan.steps
    return render_template(
        "roster/preview.html",
        course=course,
        role="instructor",
        upload=row,
        looked=looked,
        plan=looked.plan,
        roster=roster,
        by_state={state: [step for step in steps if step.state == state] for state in STATES},
        columns=[
            (i, title, sample[i] if i < len(sample) else "", meaning.get(i, ""))
            for i, title in enumerate(top[:MOST_COLUMNS])
        ],
        fields=FIELDS,
        heading="no" if (roster is not None and not roster.has_heading) else "yes",
        absent=request.values.get("absent", ""),
        given={name: value for name, value in request.values.items() if _COLUMN.fullmatch(name)},
        most=MOST_SHOWN,
        problem=problem,
    )
