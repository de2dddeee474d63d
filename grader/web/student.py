"""A student's pages: opening an exercise and handing in.

The page of an exercise is made in :mod:`grader.web.exercise_page`, the list of exercises in
:mod:`grader.web.home`, what was tried before in :mod:`grader.web.history`.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from grader.store import gradebook
from grader.web import exercise_page, history, intake
from grader.web.courses import Attempt, Place, attempt, course_called, place
from grader.web.home import page as home_page
from grader.web.intake import Draft, Refused
from grader.web.languages import _
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
    """The exercise, its form, and the verdict that the address names."""
    with reading(more=True) as transaction:
        where = place(transaction, course, exercise)
    return exercise_page.show(where)


@student.post("/courses/<course>/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def submit(course: str, exercise: str) -> ResponseReturnValue:
    """Store, have it graded, wait a moment, and lead to the page with the verdict beneath the form.

    A script gets the verdict alone, to put it there itself.
    """
    with reading(more=True) as transaction:
        where = place(transaction, course, exercise)
    draft = intake.from_form(request.form, request.files.get("file"), where.exercise)
    try:
        if not where.may_submit:
            raise Refused(_("This exercise is closed. Nothing was submitted."), 403)
        intake.check(draft, where.exercise)
        spend_submission(current_user.id)
    except Refused as refusal:
        return _refused(where, draft, refusal), refusal.status
    except TooManyRequests as error:
        problem = _("You are submitting very fast. Wait a minute; what you wrote is still here.")
        return _refused(where, draft, Refused(problem)), 429, {"Retry-After": str(error.retry_after)}
    key = intake.form_key(where.assignment, draft, request.form.get("request_key") or secrets.token_hex(16))
    row = intake.hand_in(where.assignment, where.exercise, current_user.id, draft, key, form=request.form)
    if row.state in {"queued", "running"}:
        services().wait(row.id, PATIENCE)
    return _answer(where, row.id)


def _refused(where: Place, draft: Draft, refusal: Refused) -> str:
    if by_script():
        return render_template("_refused.html", problem=refusal.sentence, flaws=draft.flaws)
    if refusal.at_file:
        return exercise_page.page(where, draft.as_typed, file_problem=refusal.sentence)
    return exercise_page.page(where, draft, problem=refusal.sentence)


def _answer(where: Place, submission_id: str) -> ResponseReturnValue:
    # Another state of the database than before it was graded, so another transaction.
    with reading(more=True) as transaction:
        found = attempt(transaction, submission_id)
    waiting = _waiting(found)
    if by_script():
        return _outcome(found), 202 if waiting else 200
    if waiting:
        return redirect(url_for("student.show_attempt", submission_id=submission_id), 303)
    course, exercise = where.course.slug, where.exercise.slug
    address = url_for("student.exercise", course=course, exercise=exercise, attempt=submission_id)
    return redirect(f"{address}#verdict", 303)


def _waiting(found: Attempt) -> bool:
    return found.row.state in {"queued", "running"} and found.row.report is None


@student.get("/attempts/<submission_id>/verdict")
@login_required  # type: ignore[untyped-decorator]
def outcome(submission_id: str) -> ResponseReturnValue:
    """The verdict alone, as a submit by script is answered.

    While there is none, a script that takes JSON gets 202 and the state.
    """
    with reading(more=True) as transaction:
        found = attempt(transaction, submission_id)
    if _waiting(found) and request.accept_mimetypes.best == "application/json":
        return _not_yet(found)
    return _outcome(found)


def _not_yet(found: Attempt) -> ResponseReturnValue:
    """What is still before an attempt, and when to ask again."""
    ahead = services().dispatcher.ahead(found.row.id)
    if ahead is None:
        return jsonify(state=found.row.state), 202
    state = "running" if ahead.running else found.row.state
    said = jsonify(state=state, before=ahead.before, about_s=round(ahead.seconds, 2))
    return said, 202, {"Retry-After": str(max(1, round(ahead.seconds)))}


def _outcome(found: Attempt) -> str:
    """The verdict with what the page needs for the next attempt: a new key, and the standing at its top."""
    with reading() as transaction:
        cell = gradebook.cell(transaction, current_user.id, found.assignment.id)
        said = told(transaction, found)
    return render_template("_outcome.html", cell=cell, request_key=secrets.token_hex(16), **said)


def keep_typed(problem: str, status: int) -> ResponseReturnValue:
    """Answer a form that was refused before its view ran, with everything typed still in it."""
    values = request.view_args or {}
    with reading(more=True) as transaction:
        where = place(transaction, values["course"], values["exercise"])
    draft = intake.from_form(request.form, request.files.get("file"), where.exercise)
    return exercise_page.page(where, draft, problem=problem), status


@student.get("/courses/<course>")
@login_required  # type: ignore[untyped-decorator]
def course(course: str) -> ResponseReturnValue:
    """A course's address leads to its part of the home page."""
    with reading() as transaction:
        found, _role = course_called(transaction, course)
    return redirect(url_for("student.home", _anchor=f"course-{found.slug}"))
