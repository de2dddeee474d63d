"""Statistics of an assignment: scores, attempts, time, success and discrimination; each table as CSV, too."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_login import login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.analytics.assignment_statistics import AssignmentStatistics, assignment_statistics
from grader.model.inert import as_cell
from grader.store import class_rows
from grader.store.tables import User
from grader.web.classroom.class_data import Sections, Work, attempts_of, page_of, sections_of, students, work
from grader.web.classroom.kept import kept
from grader.web.classroom.plots import plot
from grader.web.transactions import reading

blueprint = Blueprint("statistics", __name__)

MOST_ATTEMPTS: Final = 20
"""Of the success by attempt number: later ones are of very few. The CSV has all."""


@dataclass(frozen=True)
class _Read:
    """What both views read."""

    place: Work
    sections: Sections
    people: dict[int, User]
    figures: AssignmentStatistics
    as_of: datetime | None
    """Of when they are, where something has changed since."""


def _read(course: str, exercise: str) -> _Read:
    with reading() as transaction:
        place = work(transaction, course, exercise)
        sections = sections_of(transaction, place.course)
        name = ("statistics", place.assignment.id, sections.chosen_id)
        stamp = class_rows.stamp(transaction, place.course.id)
        figures, as_of = kept().get(name, stamp, partial(_computed, transaction, place, sections))
        people = students(transaction, place.course)
    return _Read(place, sections, people, figures, as_of)


def _computed(transaction: Session, place: Work, sections: Sections) -> AssignmentStatistics:
    placed = place.assignment.id
    return assignment_statistics(
        placed,
        attempts_of(transaction, place.course, [placed], sections.chosen_id),
        shares=class_rows.shares(transaction, placed),
        elsewhere=class_rows.points_elsewhere(transaction, place.course.id, placed),
    )


@blueprint.get("/courses/<course>/class/<exercise>/statistics")
@login_required  # type: ignore[untyped-decorator]
def show(course: str, exercise: str) -> ResponseReturnValue:
    """The page: a question, its plot, its table."""
    read = _read(course, exercise)
    figures = read.figures
    some = figures.by_attempt[:MOST_ATTEMPTS]
    return page_of(
        "classroom/statistics.html",
        read.place,
        sections=read.sections,
        as_of=read.as_of,
        people=read.people,
        figures=figures,
        some_attempts=some,
        scores=plot([(_bin(b.lower, b.upper), len(b.users), str(len(b.users))) for b in figures.bins]),
        needed=plot([(str(c.attempts), len(c.users), str(len(c.users))) for c in figures.counts]),
        success=plot(
            [(str(a.number), a.by_then / figures.tried, percent(a.by_then, figures.tried)) for a in some], 1.0
        ),
        passing=plot(
            [(str(n), c.ever / c.tried, percent(c.ever, c.tried)) for n, c in enumerate(figures.checks, 1)],
            1.0,
        ),
        bin_name=_bin,
        percent=percent,
    )


@blueprint.get("/courses/<course>/class/<exercise>/statistics/<table>.csv")
@login_required  # type: ignore[untyped-decorator]
def as_csv(course: str, exercise: str, table: str) -> ResponseReturnValue:
    """One of the tables. No cell is a formula (CSV injection); the byte-order mark says UTF-8."""
    if table not in TABLES:
        raise NotFound
    read = _read(course, exercise)
    text = io.StringIO()
    text.write("\ufeff")
    rows = csv.writer(text)
    for row in TABLES[table](read.figures):
        rows.writerow([as_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return Response(
        text.getvalue().encode("utf-8", "replace"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{table}.csv"'},
    )


def percent(part: int, whole: int) -> str:
    """A share in whole per cent; a dash of nobody."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _bin(lower: float, upper: float) -> str:
    """What a column of the distribution is called; full marks are its last."""
    return "100 %" if lower >= 1 else f"{100 * lower:.0f}–{100 * upper:.0f} %"


Cell = str | int | float | None
Table = list[Sequence[Cell]]


def _scores(figures: AssignmentStatistics) -> Table:
    return [("from_share", "to_share", "students"), *((b.lower, b.upper, len(b.users)) for b in figures.bins)]


def _needed(figures: AssignmentStatistics) -> Table:
    return [("attempts_to_full_marks", "students"), *((c.attempts, len(c.users)) for c in figures.counts)]


def _success(figures: AssignmentStatistics) -> Table:
    rows = ((a.number, a.made, a.passed, a.by_then, figures.tried) for a in figures.by_attempt)
    return [("attempt", "made", "passed", "passed_by_then", "tried"), *rows]


def _by_check(figures: AssignmentStatistics) -> Table:
    rows = (
        (
            c.check_id, c.kind, c.max_points, c.tried, c.first, c.ever, c.latest, c.discrimination.value,
            c.discrimination.n,
        )
        for c in figures.checks
    )  # fmt: skip
    heads = ("check", "kind", "max_points", "tried", "passed_first", "passed_ever", "passed_latest")
    return [(*heads, "discrimination", "discrimination_n"), *rows]


TABLES: Final[dict[str, Callable[[AssignmentStatistics], Table]]] = {
    "scores": _scores,
    "attempts": _needed,
    "success": _success,
    "checks": _by_check,
}
