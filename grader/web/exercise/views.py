"""Exercise page: opening it, handing in, and the verdict beneath the form.

What the page shows is gathered in :mod:`grader.web.exercise.page`; what a form or a JSON body may hold is in
:mod:`grader.web.exercise.submit`.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from grader.store import first_predictions, gradebook
from grader.web import access, request_log
from grader.web.access import Attempt, Place
from grader.web.attempts.verdict import verdict_of
from grader.web.context import STALLED_SECONDS, by_script, services
from grader.web.exercise import guest_pages
from grader.web.exercise import page as exercise_page
from grader.web.exercise.guest_door import GuestPlace, place_or_guest
from grader.web.exercise.onward import onward_of
from grader.web.exercise.said import told_of
from grader.web.exercise.submit import Draft, Refused, check, form_key, from_form, hand_in
from grader.web.rate_limits import spend_submission
from grader.web.transactions import reading
from grader.web.ui.languages import _

blueprint = Blueprint("exercise", __name__)

PATIENCE = 2.0
"""Seconds a POST waits for its verdict before it answers that grading goes on."""


@blueprint.get("/courses/<course>/<exercise>")
def show(course: str, exercise: str) -> ResponseReturnValue:
    """The exercise, its form, and the verdict that the address names."""
    where = place_or_guest(course, exercise)
    return guest_pages.show(where) if isinstance(where, GuestPlace) else exercise_page.show(where)


@blueprint.post("/courses/<course>/<exercise>")
def submit(course: str, exercise: str) -> ResponseReturnValue:
    """Store, have it graded, wait a moment, and lead to the page with the verdict beneath the form.

    A script gets the verdict alone, to put it there itself. What a guest tries is judged and not stored.
    """
    where = place_or_guest(course, exercise)
    if isinstance(where, GuestPlace):
        return guest_pages.submit(where)
    draft = from_form(request.form, request.files.get("file"), where.exercise)
    key = form_key(where.assignment, draft, request.form.get("request_key") or secrets.token_hex(16))
    try:
        if where.archived:
            raise Refused(_("This course is over. Nothing was submitted."), 403)
        check(draft, where.exercise)
        spend_submission(current_user.id)
        mine = where.assignment, where.exercise, current_user.id
        row = hand_in(*mine, draft, key, policy=where.rules, form=request.form)
    except Refused as refusal:
        headers = {} if refusal.wait is None else {"Retry-After": str(refusal.wait)}
        return _refused(where, draft, refusal), refusal.status, headers
    except TooManyRequests as error:
        problem = _("You are submitting very fast. Wait a minute; what you wrote is still here.")
        return _refused(where, draft, Refused(problem)), 429, {"Retry-After": str(error.retry_after)}
    if row.shown in {"queued", "running"}:
        services().wait_if_soon(row.id, PATIENCE)
    return _answer(where, row.id)


def _refused(where: Place, draft: Draft, refusal: Refused) -> str:
    if by_script():
        said = {"problem": refusal.sentence, "flaws": draft.flaws, "wait": refusal.wait}
        return render_template("exercise/_refused.html", **said)
    if refusal.at_file:
        return exercise_page.page(where, draft.as_typed, file_problem=refusal.sentence)
    return exercise_page.page(where, draft, problem=refusal.sentence)


def _answer(where: Place, submission_id: str) -> ResponseReturnValue:
    # Another state of the database than before it was graded, so another transaction.
    with reading(more=True) as transaction:
        attempt = access.attempt(transaction, submission_id)
    waiting = _waiting(attempt)
    if not waiting:
        request_log.told(attempt.row)
    if by_script():
        return _outcome(attempt), 202 if waiting else 200
    if waiting:
        return redirect(url_for("attempts.show", submission_id=submission_id), 303)
    course, exercise = where.course.slug, where.exercise.slug
    address = url_for("exercise.show", course=course, exercise=exercise, attempt=submission_id)
    return redirect(f"{address}#verdict", 303)


def _waiting(attempt: Attempt) -> bool:
    return attempt.row.shown in {"queued", "running"} and attempt.row.report is None


@blueprint.get("/attempts/<submission_id>/verdict")
@login_required  # type: ignore[untyped-decorator]
def outcome(submission_id: str) -> ResponseReturnValue:
    """The verdict alone, as a submit by script is answered.

    While there is none, a script that takes JSON gets 202 and the state.
    """
    with reading(more=True) as transaction:
        attempt = access.attempt(transaction, submission_id)
    if _waiting(attempt) and request.accept_mimetypes.best == "application/json":
        return _not_yet(attempt)
    if attempt.own and not _waiting(attempt):
        request_log.told(attempt.row)
    return _outcome(attempt)


def _not_yet(attempt: Attempt) -> ResponseReturnValue:
    """What is still before an attempt, and when to ask again."""
    if access.waits_for_versions(attempt.row, attempt.assignment):
        said = jsonify(state=attempt.row.shown, versions=True)
        return said, 202, {"Retry-After": str(STALLED_SECONDS)}
    ahead = services().dispatcher.ahead(attempt.row.id)
    if ahead is None:
        return jsonify(state=attempt.row.shown), 202
    if ahead.stalled:
        return jsonify(state=attempt.row.shown, stalled=True), 202, {"Retry-After": str(STALLED_SECONDS)}
    state = "running" if ahead.running else attempt.row.shown
    about = {} if ahead.overdue else {"about_s": round(ahead.seconds, 2)}
    return (
        jsonify(state=state, before=ahead.before, **about),
        202,
        {"Retry-After": str(max(1, round(ahead.seconds)))},
    )


def _outcome(attempt: Attempt) -> str:
    """The verdict with what the page needs for the next attempt: a new key, and the standing at its top."""
    with reading() as transaction:
        cell = gradebook.cell(transaction, current_user.id, attempt.assignment.id)
        said = verdict_of(transaction, attempt)
        rules = None if attempt.teaches else attempt.policy
        next_one = exercise_page.outlook_of(transaction, rules, attempt.assignment.id)
        way = None
        if cell.passed_attempt is not None and attempt.role is not None:
            way = onward_of(transaction, attempt.course, attempt.role, attempt.assignment.exercise)
        firsts = first_predictions.of_assignment(transaction, attempt.row.user_id, attempt.assignment.id)
    told = {} if attempt.exercise is None else told_of(attempt.exercise, firsts, attempt.row, said["report"])
    more = {
        "cell": cell,
        "request_key": secrets.token_hex(16),
        "next_one": next_one,
        "onward": way,
        "told": told,
    }
    return render_template("exercise/_outcome.html", **more, **said)


def keep_typed(problem: str, status: int) -> ResponseReturnValue:
    """Answer a form that was refused before its view ran, with everything typed still in it."""
    values = request.view_args or {}
    where = place_or_guest(values["course"], values["exercise"])
    draft = from_form(request.form, request.files.get("file"), where.exercise)
    if isinstance(where, GuestPlace):
        return guest_pages.page(where, draft, problem=problem), status
    return exercise_page.page(where, draft, problem=problem), status
