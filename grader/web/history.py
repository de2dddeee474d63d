"""What a student has tried: the list of attempts, one attempt, and what changed between two.

Every page here is seen by the student, and by who teaches the course, under the rule of
:func:`grader.web.courses.attempt`.
"""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from grader.store import courses, submissions
from grader.store.tables import Submission, utcnow
from grader.web.courses import Attempt, attempt, course_called, exercise_called
from grader.web.services import services


def routes(blueprint: Blueprint) -> None:
    """Put these pages on the student's blueprint, whose name their endpoints keep."""
    for rule, endpoint, view in (
        ("/courses/<course>/<exercise>/attempts", "history", own),
        ("/attempts/<submission_id>", "show_attempt", show),
    ):
        blueprint.add_url_rule(rule, endpoint, login_required(view), methods=["GET"])


def own(course: str, exercise: str) -> ResponseReturnValue:
    """One's own attempts, newest first."""
    with services().store.read() as transaction:
        where, _role = course_called(transaction, course)
        assignment = courses.find_assignment(transaction, where.id, exercise)
        if assignment is None:
            raise NotFound
        rows = submissions.attempts(transaction, current_user.id, assignment.id)
    return render_template(
        "history.html", course=where, slug=exercise, exercise=exercise_called(exercise), rows=rows
    )


def show(submission_id: str) -> ResponseReturnValue:
    """One attempt: the student's own, or one in a course the reader teaches."""
    with services().store.read() as transaction:
        found = attempt(transaction, submission_id)
    return page(found)


def page(found: Attempt) -> str:
    """The page of one attempt."""
    row: Submission = found.row
    waiting = (utcnow() - row.created_at).total_seconds()
    return render_template(
        "attempt.html",
        attempt=found,
        row=row,
        report=submissions.report_of(row),
        lines=row.source.decode("utf-8", "replace").removesuffix("\n").split("\n"),
        refresh=2 if waiting < 20 else 5 if waiting < 120 else 15,
    )
