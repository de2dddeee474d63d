"""CSV of the gradebook, column by column; text is guarded against CSV injection (formulas in a spreadsheet).

Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from grader.model.inert import as_cell
from grader.store.matrix import Mark, Matrix

_KINDS: Final = ("", " maximum", " attempts", " last attempt (UTC)", " late", " set by hand")


def csv_lines(book: Matrix) -> Iterator[str]:
    """The gradebook as CSV, line by line: ``login, name``, one column an assignment, ``total``.

    Text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    yield _csv(["login", "name", *(as_cell(a.exercise) for a in book.assignments), "total"])
    for line in book.lines:
        scores = ["" if mark.score is None else _number(mark.score) for mark in line.marks]
        who = line.student
        yield _csv([as_cell(who.login), as_cell(who.name), *scores, _number(line.total)])


def all_columns(
    book: Matrix, maxima: Sequence[float | None], last: Mapping[tuple[int, int], datetime]
) -> Iterator[str]:
    """The same with six columns an assignment: its score, and what explains it.

    Moments are ISO 8601 in UTC, to the second. ``late`` is ``yes``, ``no``, or empty where nothing is
    graded.

    :param maxima: what full marks count in each assignment, for who has nothing graded there.
    :param last: when each student handed in last, by student and assignment; see
        :func:`grader.store.matrix.last`.
    """
    slugs = [assignment.exercise for assignment in book.assignments]
    yield _csv(["login", "name", *(as_cell(slug + kind) for slug in slugs for kind in _KINDS), "total"])
    ids = [assignment.id for assignment in book.assignments]
    for line in book.lines:
        who = line.student
        columns: list[str] = []
        for mark, most, assignment_id in zip(line.marks, maxima, ids, strict=True):
            columns += _explained(mark, most, last.get((who.id, assignment_id)))
        yield _csv([as_cell(who.login), as_cell(who.name), *columns, _number(line.total)])


def _explained(mark: Mark, maximum: float | None, last: datetime | None) -> tuple[str, ...]:
    most = maximum if mark.most is None else mark.most
    return (
        "" if mark.score is None else _number(mark.score),
        "" if most is None else _number(most),
        str(mark.attempts),
        "" if last is None else f"{last.replace(microsecond=0, tzinfo=None).isoformat()}Z",
        ("yes" if mark.late else "no") if mark.attempts else "",
        "yes" if mark.by_hand else "no",
    )


def _csv(row: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(row)
    return text.getvalue()


@functools.lru_cache(maxsize=4096)
def _number(score: float) -> str:
    """Six digits at most after the point, and none that say nothing."""
    return f"{score:.6f}".rstrip("0").rstrip(".")
