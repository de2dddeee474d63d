"""A student's pages: one exercise and handing in. The list of exercises is in :mod:`grader.web.home`,
what was tried before in :mod:`grader.web.history`."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from grader.model.exercise import Answer
from grader.store import courses, gradebook, submissions
from grader.store.tables import Submission, utcnow
from grader.web import history, intake
from grader.web.courses import Place, attempt, course_called, place
from grader.web.home import page as home_page
from grader.web.intake import Draft, Refused
from grader.web.languages import _
from grader.web.security import spend_submission
from grader.web.services import services

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
    """The exercise, with the starter code, the last attempt's code, or that of ``?from=ATTEMPT``."""
    with services().store.read() as transaction:
        where = place(transaction, course, exercise)
        rows = submissions.attempts(transaction, current_user.id, where.assignment.id)
    wanted = request.args.get("from")
    latest = next((row for row in rows if row.id == wanted), rows[0] if rows else None)
    draft = Draft(where.exercise.starter.encode())
    if latest is not None and wanted != "starter":
        draft = Draft(latest.source, latest.predictions)
    return _exercise_page(where, draft)


@student.post("/courses/<course>/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def submit(course: str, exercise: str) -> ResponseReturnValue:
    """Store, have it graded, wait a moment, and answer with the verdict beneath the form."""
    with services().store.read() as transaction:
        where = place(transaction, course, exercise)
    draft = intake.from_form(request.form, request.files.get("file"), where.exercise)
    try:
        if not where.may_submit:
            raise Refused(_("This exercise is closed. Nothing was submitted."), 403)
        intake.check(draft, where.exercise)
        spend_submission(current_user.id)
    except Refused as refusal:
        return _exercise_page(where, draft, problem=refusal.sentence), refusal.status
    except TooManyRequests as error:
        problem = _("You are submitting very fast. Wait a minute; what you wrote is still here.")
        return _exercise_page(where, draft, problem=problem), 429, {"Retry-After": str(error.retry_after)}
    key = intake.form_key(where.assignment, draft, request.form.get("request_key") or secrets.token_hex(16))
    row = intake.hand_in(where.assignment, where.exercise, current_user.id, draft, key)
    if row.state in {"queued", "running"}:
        services().wait(row.id, PATIENCE)
    return _answer(where, draft, row.id)


def _answer(where: Place, draft: Draft, submission_id: str) -> ResponseReturnValue:
    with services().store.read() as transaction:
        found = attempt(transaction, submission_id)
    if found.row.state in {"queued", "running"} and found.row.report is None:
        return history.page(found), 202
    return _exercise_page(where, draft, row=found.row)


def keep_typed(problem: str, status: int) -> ResponseReturnValue:
    """Answer a submit that was refused before its view ran, with everything typed still in the form."""
    values = request.view_args or {}
    with services().store.read() as transaction:
        where = place(transaction, values["course"], values["exercise"])
    draft = intake.from_form(request.form, request.files.get("file"), where.exercise)
    return _exercise_page(where, draft, problem=problem), status


def _exercise_page(where: Place, draft: Draft, *, problem: str = "", row: Submission | None = None) -> str:
    upcoming = where.assignment.opens is not None and utcnow() < where.assignment.opens
    if where.role == "student" and upcoming:
        return render_template("upcoming.html", place=where)
    with services().store.read() as transaction:
        assignments = courses.assignments(transaction, where.course.id)
        cells = gradebook.student_row(transaction, where.course, current_user.user).cells
    cell = next(
        cell for each, cell in zip(assignments, cells, strict=True) if each.id == where.assignment.id
    )  # fmt: skip
    return render_template(
        "exercise.html",
        place=where,
        exercise=where.exercise,
        cell=cell,
        draft=draft,
        problem=problem,
        row=row,
        report=submissions.report_of(row) if row is not None else None,
        request_key=secrets.token_hex(16),
        placeholder=placeholder,
        form_url=url_for("student.submit", course=where.course.slug, exercise=where.exercise.slug),
    )


def placeholder(answer: Answer) -> str:
    """The form of an answer: ``…``, ``[…, …, …]``, ``[[…, …], […, …]]``.

    No values: whatever stood there could be the right answer, as ``[0, 0, 0, 0]`` once was.
    """
    text = "…"
    for size in reversed(answer.shape):
        text = f"[{', '.join([text] * min(size, 6))}{', …' if size > 6 else ''}]"
    return text


@student.get("/courses/<course>")
@login_required  # type: ignore[untyped-decorator]
def course(course: str) -> ResponseReturnValue:
    """A course's address leads to its part of the home page."""
    with services().store.read() as transaction:
        found, _role = course_called(transaction, course)
    return redirect(url_for("student.home", _anchor=f"course-{found.slug}"))
