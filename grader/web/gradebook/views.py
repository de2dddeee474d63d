"""Gradebook of a course: matrix, plain table and CSV; one student's line; the attempts behind a cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from markupsafe import escape
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from grader.store import enrolments, users
from grader.store.attempts import any_of
from grader.store.gradebook_csv import all_columns, csv_lines
from grader.store.matrix import Line, Matrix, last, matrix
from grader.store.tables import Assignment, Course
from grader.web.access import STAFF, assigned, exercise_called, staffed_course
from grader.web.attempts.history import listed
from grader.web.gradebook.arranged import COLUMN, STATES, Arrangement
from grader.web.gradebook.table import Words, body, classes, text
from grader.web.transactions import reading
from grader.web.ui import pseudonyms
from grader.web.ui.languages import _

blueprint = Blueprint("gradebook", __name__)

MOST_LINES: Final = 2000
"""Students in one matrix."""
MOST_PLAIN: Final = 100
"""Students on one page of the plain table, in which every cell is a link."""
MOST_PAGES: Final = 10_000


def maximum(assignment: Assignment) -> float | None:
    """What full marks count in an assignment; None when its exercise is gone."""
    exercise = exercise_called(assignment.exercise)
    return exercise.max_score if assignment.points is None and exercise is not None else assignment.points


def _arranged(transaction: Session, course: Course, wanted: Arrangement) -> tuple[Matrix, list[Line]]:
    """The matrix, by name or pseudonym, and those of its lines that are asked for, in that order."""
    book = matrix(transaction, course, section_id=wanted.section, full=maximum)
    if pseudonyms.hidden():
        codes = {line.student.id: pseudonyms.pseudonym(course.id, line.student.id) for line in book.lines}
        book = replace(book, lines=sorted(book.lines, key=lambda line: codes[line.student.id]))
    return book, wanted.apply(book.lines, [assignment.exercise for assignment in book.assignments])


@blueprint.get("/courses/<course>/gradebook")
@login_required  # type: ignore[untyped-decorator]
def show(course: str) -> ResponseReturnValue:
    """Students × exercises: what counts, as small filled squares; ``?view=plain``: as links, page by page."""
    wanted, plain = Arrangement.asked(request.args), request.args.get("view") == "plain"
    page = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    most = MOST_PLAIN if plain else MOST_LINES
    first = (page - 1) * most
    with reading() as transaction:
        found, role = staffed_course(transaction, course)
        book, lines = _arranged(transaction, found, wanted)
    shown = lines[first : first + most]
    ranks = {line.student.id: rank for rank, line in enumerate(book.lines)}
    slugs = [assignment.exercise for assignment in book.assignments]
    return render_template(
        "gradebook/gradebook.html",
        course=found,
        role=role,
        book=book,
        columns=[(each, exercise_called(each.exercise), maximum(each)) for each in book.assignments],
        body=body(shown, slugs, _head(found), ranks, wanted.address, links=plain),
        wanted=wanted,
        states=_state_names(),
        plain=plain,
        page=page,
        first=first,
        last=first + len(shown),
        count=len(lines),
        column=COLUMN,
    )


def _head(course: Course) -> Callable[[Line], str]:
    """What stands at the beginning of a line, as HTML: name and login, or the pseudonym."""
    if pseudonyms.hidden():
        return lambda line: pseudonyms.pseudonym(course.id, line.student.id)
    return lambda line: (
        f"<bdi>{escape(line.student.name)}</bdi> <i><bdi>{escape(line.student.login)}</bdi></i>"
    )


def _state_names() -> dict[str, str]:
    names = {
        "unsolved": _("Something is not solved"),
        "nothing": _("Nothing handed in"),
        "late": _("Something counts that came late"),
        "running": _("Something is being graded"),
        "by-hand": _("Something is set by hand"),
        "solved": _("Everything is solved"),
    }
    return {state: names[state] for state in STATES}


@blueprint.get("/courses/<course>/gradebook.csv")
@login_required  # type: ignore[untyped-decorator]
def as_csv(course: str) -> ResponseReturnValue:
    """The same as CSV, in which no cell is a formula (CSV injection). The byte-order mark says UTF-8.

    ``?columns=all``: with attempts, times, maxima and lateness of each exercise.
    """
    everything = request.args.get("columns") == "all"
    with reading() as transaction:
        book = matrix(transaction, staffed_course(transaction, course)[0])
        when = last(transaction, book) if everything else {}
    name = re.sub(r"[^A-Za-z0-9_-]", "-", book.course.slug) or "gradebook"
    maxima = [maximum(assignment) for assignment in book.assignments]
    lines = all_columns(book, maxima, when) if everything else csv_lines(book)
    return Response(
        "".join(chain(["\ufeff"], lines)).encode("utf-8", "replace"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}{"-all" if everything else ""}.csv"'},
    )


@blueprint.get("/courses/<course>/students/<int(max=2147483647):user_id>")
@login_required  # type: ignore[untyped-decorator]
def student(course: str, user_id: int) -> ResponseReturnValue:
    """One student's line: each exercise with what counts, as links."""
    wanted = Arrangement.asked(request.args)
    with reading() as transaction:
        found, role = staffed_course(transaction, course)
        book, lines = _arranged(transaction, found, wanted)
        places = {line.student.id: place for place, line in enumerate(lines)}
        line = next((each for each in book.lines if each.student.id == user_id), None)
        who = users.get_user(transaction, user_id)
    if line is None or who is None:
        raise NotFound
    words = Words.now()
    return render_template(
        "gradebook/student.html",
        course=found,
        role=role,
        student=who,
        line=line,
        marks=[
            (each, exercise_called(each.exercise), mark, classes(mark), text(mark, words))
            for each, mark in zip(book.assignments, line.marks, strict=True)
        ],
        wanted=wanted,
        around=_neighbours(lines, places.get(user_id), "gradebook.student", course, wanted),
    )


@blueprint.get("/courses/<course>/students/<int(max=2147483647):user_id>/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def attempts(course: str, user_id: int, exercise: str) -> ResponseReturnValue:
    """One student's attempts at one exercise of the course, newest first, and the cells beside this one."""
    wanted = Arrangement.asked(request.args)
    with reading() as transaction:
        taught, role, assignment = assigned(transaction, course, exercise)
        if role not in STAFF:
            raise Forbidden
        who = users.get_user(transaction, user_id)
        if who is None:
            raise NotFound
        # Who has left the course keeps what was handed in; who never was in it is not shown.
        kept = any_of(transaction, who.id, assignment.id)
        if not kept and enrolments.enrolment(transaction, who.id, taught.id) is None:
            raise NotFound
        shown = listed(transaction, taught, assignment, who, role)
        book, lines = _arranged(transaction, taught, wanted)
    place = next((n for n, line in enumerate(lines) if line.student.id == who.id), None)
    others = _neighbours(lines, place, "gradebook.attempts", course, wanted, exercise=exercise)
    slugs = [each.exercise for each in book.assignments]
    here = slugs.index(exercise)
    beside = [
        url_for("gradebook.attempts", course=course, user_id=who.id, exercise=slugs[n], **wanted.address)
        if 0 <= n < len(slugs)
        else None
        for n in (here - 1, here + 1)
    ]
    return render_template("attempts/history.html", **shown, role=role, cells=(*others, *beside), back=wanted)


def _neighbours(
    lines: Sequence[Line],
    place: int | None,
    endpoint: str,
    course: str,
    wanted: Arrangement,
    **more: Any,
) -> tuple[str | None, str | None]:
    """The addresses of the same page for the students before and after one; None where there is nobody."""
    if place is None:
        return None, None

    def of(line: Line) -> str:
        return url_for(endpoint, course=course, user_id=line.student.id, **more, **wanted.address)

    return (
        of(lines[place - 1]) if place else None,
        of(lines[place + 1]) if place + 1 < len(lines) else None,
    )
