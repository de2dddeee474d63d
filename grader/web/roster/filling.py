"""Grades out: as CSV, and filled into the file that Canvas or Moodle exported, every other byte as it was.

The file is kept here between the look at it and the download. What is ambiguous is asked: whom a line means,
which exercise a column is for. Nothing of the course changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from grader.rosters.columns import Named
from grader.rosters.fill import Chosen, Filled, fill
from grader.rosters.matching import Account
from grader.store import audit, enrolments, gradebook
from grader.store.tables import Course, Upload
from grader.web.access import exercise_called, taught_course
from grader.web.roster import received
from grader.web.roster.downloads import attachment
from grader.web.transactions import reading, writing

blueprint = Blueprint("grades_out", __name__)

MOST_SHOWN: Final = 500
"""Lines of each kind; the numbers are of all."""
_ASKED: Final = re.compile(r"([pc])(\d{1,7})")


@dataclass(frozen=True)
class Scored:
    """A course's students with the scores that count, and its exercises."""

    accounts: Sequence[Account]
    exercises: Sequence[Named]


@blueprint.get("/courses/<course>/grades-out")
@login_required  # type: ignore[untyped-decorator]
def show(course: str) -> ResponseReturnValue:
    """Both ways."""
    with reading() as transaction:
        found = taught_course(transaction, course)
    return _form(found)


@blueprint.post("/courses/<course>/grades-out")
@login_required  # type: ignore[untyped-decorator]
def upload(course: str) -> ResponseReturnValue:
    """Keep the file, if it is a gradebook of Canvas or Moodle, and look at it."""
    return received.keep(
        course, "gradebook", "file", lambda data: fill(data, (), ()), _form, "grades_out.look"
    )


@blueprint.route("/courses/<course>/grades-out/<uuid:upload_id>", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
def look(course: str, upload_id: UUID) -> ResponseReturnValue:
    """How everything was matched; posted, with what was answered."""
    with reading() as transaction:
        found = taught_course(transaction, course)
        row, scored = _uploaded(transaction, found, upload_id)
    if row is None:
        return _form(found, problem=received.too_late()), 404
    return _look(found, row, scored, fill(row.data, scored.accounts, scored.exercises, _chosen()))


@blueprint.get("/courses/<course>/grades-out/<uuid:upload_id>/file")
@login_required  # type: ignore[untyped-decorator]
def to_look(course: str, upload_id: UUID) -> ResponseReturnValue:
    """Where the download is posted to, a reload or a change of language leads back to the look."""
    return redirect(url_for("grades_out.look", course=course, upload_id=upload_id))


@blueprint.post("/courses/<course>/grades-out/<uuid:upload_id>/file")
@login_required  # type: ignore[untyped-decorator]
def download(course: str, upload_id: UUID) -> ResponseReturnValue:
    """The file that was sent, with the scores in it."""
    with writing() as transaction:
        found = taught_course(transaction, course)
        row, scored = _uploaded(transaction, found, upload_id)
        if row is None:
            return _form(found, problem=received.too_late()), 404
        filled = fill(row.data, scored.accounts, scored.exercises, _chosen())
        audit.record(
            transaction, current_user.user.login, "grades.fill", found.slug,
            {"course": found.slug, "format": filled.format, "scores": filled.cells},
        )  # fmt: skip
    name = PurePath(row.name.replace("\\", "/"))
    return attachment(f"{name.stem}-filled{name.suffix or '.csv'}", filled.data, "text/csv")


def _uploaded(transaction: Session, course: Course, upload_id: UUID) -> tuple[Upload | None, Scored]:
    row = received.find(transaction, course, "gradebook", upload_id)
    return row, (Scored((), ()) if row is None else _scored(transaction, course))


def _scored(transaction: Session, course: Course) -> Scored:
    book = gradebook.gradebook(transaction, course)
    numbers = enrolments.numbers(transaction, course.id)
    slugs = [assignment.exercise for assignment in book.assignments]
    accounts = [
        Account(
            row.user.login,
            row.user.name,
            row.user.email or "",
            {name: cell.score for name, cell in zip(slugs, row.cells, strict=True) if cell.score is not None},
            numbers.get(row.user.id, ""),
        )
        for row in book.rows
    ]
    return Scored(accounts, [_named(slug) for slug in slugs])


def _named(slug: str) -> Named:
    found = exercise_called(slug)
    return (
        Named(slug, ()) if found is None else Named(slug, (found.title.en, found.title.zh), found.max_score)
    )


def _chosen() -> Chosen:
    """What the form answers: ``p`` and a line: a login; ``c`` and a column: an exercise, ``-`` for none."""
    people: dict[int, str] = {}
    columns: dict[int, str] = {}
    for name, value in request.form.items():
        asked = _ASKED.fullmatch(name)
        if asked is None or not value.strip():
            continue
        if asked[1] == "p":
            people[int(asked[2])] = value.strip()
        else:
            columns[int(asked[2])] = "" if value == "-" else value
    return Chosen(people, columns)


def _form(course: Course, **said: object) -> str:
    return render_template("roster/grades_out.html", course=course, role="instructor", **said)


def _look(course: Course, row: Upload, scored: Scored, filled: Filled) -> str:
    matched = {match.account.login for match in filled.people if match.account is not None}
    chosen = _chosen()
    # Whom a line was said to mean is asked again where that cannot be: with what was typed.
    open_lines = [match for match in filled.people if match.account is None or match.how == "chosen"]
    return render_template(
        "roster/filling.html",
        course=course,
        role="instructor",
        upload=row,
        filled=filled,
        asked=open_lines,
        sure=[match for match in filled.people if match.account is not None and match.how != "chosen"],
        free=[account for account in scored.accounts if account.login not in matched],
        exercises=[each.slug for each in scored.exercises],
        people_said=chosen.people,
        columns_said=chosen.columns,
        lines={problem.line for problem in filled.problems},
        most=MOST_SHOWN,
    )
