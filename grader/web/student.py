"""A student's pages: one exercise and handing in. The list of exercises is in :mod:`grader.web.home`,
what was tried before in :mod:`grader.web.history`."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from grader.store import attempts, drafts, gradebook
from grader.store.gradebook import Cell
from grader.store.tables import utcnow
from grader.web import history, intake
from grader.web.courses import Place, attempt, course_called, place
from grader.web.home import page as home_page
from grader.web.intake import Draft, Refused
from grader.web.languages import _, language
from grader.web.security import spend_submission
from grader.web.services import by_script, services
from grader.web.told import told
from grader.web.transactions import reading

student = Blueprint("student", __name__)
history.routes(student)

PATIENCE = 2.0
"""Seconds a POST waits for its verdict before it answers that grading goes on."""


@student.get("/")
@login_required  # type: ignore[untyped-decorator]
def home() -> ResponseReturnValue:
    """The courses and their exercises."""
    return home_page()


@student.get("/courses/<course>/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def exercise(course: str, exercise: str) -> ResponseReturnValue:
    """The exercise, with the draft, the last attempt's code, the starter, or ``?from=ATTEMPT``'s code."""
    wanted = request.args.get("from")
    with reading() as transaction:
        where = place(transaction, course, exercise)
        mine = current_user.id, where.assignment.id
        standing = gradebook.cell(transaction, *mine)
        kept = drafts.find(transaction, *mine)
        draft, restored = Draft(where.exercise.starter_in(language()).encode()), None
        if wanted != "starter":
            chosen = attempts.handed_in(transaction, *mine, wanted) if wanted else None
            if kept is not None and chosen is None:  # what was handed in is no draft any more
                draft, restored = Draft(kept.source, kept.predictions), kept.saved_at
            elif (before := chosen or attempts.handed_in(transaction, *mine)) is not None:
                _id, source, predictions = before
                draft = Draft(source, predictions)
    seen = kept.saved_at.isoformat() if kept is not None else ""
    return _exercise_page(where, draft, standing, restored=restored, seen=seen)


@student.post("/courses/<course>/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def submit(course: str, exercise: str) -> ResponseReturnValue:
    """Store, have it graded, wait a moment, and answer with the verdict beneath the form.

    A script gets the verdict alone, to put it there itself.
    """
    with reading() as transaction:
        where = place(transaction, course, exercise)
        standing = gradebook.cell(transaction, current_user.id, where.assignment.id)
    draft = intake.from_form(request.form, request.files.get("file"), where.exercise)
    try:
        if not where.may_submit:
            raise Refused(_("This exercise is closed. Nothing was submitted."), 403)
        intake.check(draft, where.exercise)
        spend_submission(current_user.id)
    except Refused as refusal:
        return _refused(where, draft, standing, refusal.sentence), refusal.status
    except TooManyRequests as error:
        problem = _("You are submitting very fast. Wait a minute; what you wrote is still here.")
        return _refused(where, draft, standing, problem), 429, {"Retry-After": str(error.retry_after)}
    key = intake.form_key(where.assignment, draft, request.form.get("request_key") or secrets.token_hex(16))
    row = intake.hand_in(where.assignment, where.exercise, current_user.id, draft, key, form=request.form)
    if row.state in {"queued", "running"}:
        services().wait(row.id, PATIENCE)
    return _answer(where, draft, row.id)


def _refused(where: Place, draft: Draft, standing: Cell, problem: str) -> str:
    if by_script():
        return render_template("_refused.html", problem=problem, flaws=draft.flaws)
    return _exercise_page(where, draft, standing, problem=problem)


def _answer(where: Place, draft: Draft, submission_id: str) -> ResponseReturnValue:
    # Another state of the database than before it was graded, so another transaction.
    with reading() as transaction:
        found = attempt(transaction, submission_id, source=True)
        said = told(transaction, found)
        standing = gradebook.cell(transaction, current_user.id, where.assignment.id)
        waiting = found.row.state in {"queued", "running"} and found.row.report is None
        around = attempts.neighbours(transaction, found.row) if waiting else (None, None)
    if by_script():
        return _outcome(said, standing), 202 if waiting else 200
    if waiting:
        return history.page(said, around), 202
    return _exercise_page(where, draft, standing, said=said)


@student.get("/attempts/<submission_id>/verdict")
@login_required  # type: ignore[untyped-decorator]
def outcome(submission_id: str) -> ResponseReturnValue:
    """The verdict alone, as a submit by script is answered; it asks again by itself while there is none."""
    with reading() as transaction:
        found = attempt(transaction, submission_id)
        said = told(transaction, found)
        standing = gradebook.cell(transaction, current_user.id, found.assignment.id)
    return _outcome(said, standing)


def _outcome(said: dict[str, Any], standing: Cell) -> str:
    """The verdict with what the page needs for the next attempt: a new key, and the standing at its top."""
    return render_template("_outcome.html", cell=standing, request_key=secrets.token_hex(16), **said)


def keep_typed(problem: str, status: int) -> ResponseReturnValue:
    """Answer a submit that was refused before its view ran, with everything typed still in the form."""
    values = request.view_args or {}
    with reading() as transaction:
        where = place(transaction, values["course"], values["exercise"])
        standing = gradebook.cell(transaction, current_user.id, where.assignment.id)
    draft = intake.from_form(request.form, request.files.get("file"), where.exercise)
    return _exercise_page(where, draft, standing, problem=problem), status


def _exercise_page(
    where: Place,
    draft: Draft,
    standing: Cell,
    *,
    problem: str = "",
    said: dict[str, Any] | None = None,
    restored: datetime | None = None,
    seen: str = "",
) -> str:
    upcoming = where.assignment.opens is not None and utcnow() < where.assignment.opens
    if where.role == "student" and upcoming:
        return render_template("upcoming.html", place=where)
    return render_template(
        "exercise.html",
        place=where,
        exercise=where.exercise,
        cell=standing,
        draft=draft,
        problem=problem,
        restored=restored,
        seen=seen,
        request_key=secrets.token_hex(16),
        form_url=url_for("student.submit", course=where.course.slug, exercise=where.exercise.slug),
        words=script_words(),
        **(said or {"row": None}),
    )


def script_words() -> dict[str, str]:
    """The sentences that the page's script says, in the reader's language."""
    return {
        "grading": _("Being graded …"),
        "offline": _("The connection is lost. Your work is safe on this page; it is sent again by itself."),
        "failed": _("Something failed on our side. Nothing is lost: submit again in a moment."),
        "unsaved": _("Not saved yet: no connection. Keep this page open."),
        "signed_out": _("You are no longer signed in, so drafts are not saved. Submitting keeps your text."),
        "elsewhere": _("A newer draft was saved in another window, so this one is not."),
        "keep_mine": _("Keep this one"),
        "take_other": _("Show the other"),
        "not_read": _("The file could not be read just now. Choose it again in a moment."),
        "too_large": _("This file is larger than 256 KiB, which is the most for a Python file here."),
        "far_too_large": _("This file is larger than 2 MiB, which is the most for a file here."),
    }


@student.get("/courses/<course>")
@login_required  # type: ignore[untyped-decorator]
def course(course: str) -> ResponseReturnValue:
    """A course's address leads to its part of the home page."""
    with reading() as transaction:
        found, _role = course_called(transaction, course)
    return redirect(url_for("student.home", _anchor=f"course-{found.slug}"))
