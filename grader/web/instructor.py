"""A teacher's pages: the gradebook of a course, and a student's attempts behind each cell."""

from __future__ import annotations

import re
from itertools import chain
from typing import Final

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required
from werkzeug.exceptions import Forbidden, NotFound

from grader.store import gradebook, people
from grader.store.attempts import any_of
from grader.web import history
from grader.web.courses import assigned, exercise_called, taught_course
from grader.web.transactions import reading

instructor = Blueprint("instructor", __name__)

MOST_ROWS: Final = 100
"""Students on one page of the gradebook."""
MOST_PAGES: Final = 10_000


@instructor.get("/courses/<course>/gradebook")
@login_required  # type: ignore[untyped-decorator]
def book(course: str) -> ResponseReturnValue:
    """Students × exercises: best score and attempts."""
    page = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    first = (page - 1) * MOST_ROWS
    with reading() as transaction:
        found = gradebook.gradebook(
            transaction, taught_course(transaction, course), first=first, most=MOST_ROWS
        )
    exercises = [exercise_called(assignment.exercise) for assignment in found.assignments]
    return render_template("gradebook.html", book=found, exercises=exercises, page=page, first=first)


@instructor.get("/courses/<course>/gradebook.csv")
@login_required  # type: ignore[untyped-decorator]
def book_csv(course: str) -> ResponseReturnValue:
    """The same as CSV. The byte-order mark tells spreadsheets that it is UTF-8."""
    with reading() as transaction:
        found = gradebook.gradebook(transaction, taught_course(transaction, course))
    name = re.sub(r"[^A-Za-z0-9_-]", "-", found.course.slug) or "gradebook"
    return Response(
        (line.encode("utf-8", "replace") for line in chain(["\ufeff"], gradebook.csv_lines(found))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


@instructor.get("/courses/<course>/students/<int(max=2147483647):user_id>/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def attempts(course: str, user_id: int, exercise: str) -> ResponseReturnValue:
    """One student's attempts at one exercise of the course, newest first."""
    with reading() as transaction:
        found, role, assignment = assigned(transaction, course, exercise)
        if role != "instructor":
            raise Forbidden
        who = people.get_user(transaction, user_id)
        if who is None:
            raise NotFound
        # Who has left the course keeps what was handed in; who never was in it is not shown.
        kept = any_of(transaction, who.id, assignment.id)
        if not kept and people.enrolment(transaction, who.id, found.id) is None:
            raise NotFound
        shown = history.listed(transaction, found, assignment, who)
    return render_template("history.html", **shown)
