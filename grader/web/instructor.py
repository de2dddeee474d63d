"""A teacher's pages: the gradebook of a course, and a student's attempts behind each cell."""

from __future__ import annotations

import re

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_login import login_required
from werkzeug.exceptions import NotFound

from grader.store import courses, gradebook, people
from grader.store.attempts import outlines
from grader.web import history
from grader.web.courses import exercise_called, taught_course
from grader.web.services import services

instructor = Blueprint("instructor", __name__)


@instructor.get("/courses/<course>/gradebook")
@login_required  # type: ignore[untyped-decorator]
def book(course: str) -> ResponseReturnValue:
    """Students × exercises: best score and attempts."""
    with services().store.read() as transaction:
        found = gradebook.gradebook(transaction, taught_course(transaction, course))
    exercises = [exercise_called(assignment.exercise) for assignment in found.assignments]
    return render_template("gradebook.html", book=found, exercises=exercises)


@instructor.get("/courses/<course>/gradebook.csv")
@login_required  # type: ignore[untyped-decorator]
def book_csv(course: str) -> ResponseReturnValue:
    """The same as CSV. The byte-order mark tells spreadsheets that it is UTF-8."""
    with services().store.read() as transaction:
        found = gradebook.gradebook(transaction, taught_course(transaction, course))
    name = re.sub(r"[^A-Za-z0-9_-]", "-", found.course.slug) or "gradebook"
    return Response(
        ("\ufeff" + gradebook.to_csv(found)).encode("utf-8", "replace"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


@instructor.get("/courses/<course>/students/<int(max=2147483647):user_id>/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def attempts(course: str, user_id: int, exercise: str) -> ResponseReturnValue:
    """One student's attempts at one exercise of the course, newest first."""
    with services().store.read() as transaction:
        found = taught_course(transaction, course)
        assignment = courses.find_assignment(transaction, found.id, exercise)
        who = people.get_user(transaction, user_id)
        if assignment is None or who is None:
            raise NotFound
        # Who has left the course keeps what was handed in; who never was in it is not shown.
        kept = outlines(transaction, who.id, assignment.id, most=1)
        if not kept and people.enrolment(transaction, who.id, found.id) is None:
            raise NotFound
        return history.listing(transaction, found, assignment, who)
