"""Attempts of a student: the list of attempts, one attempt, and what changed between two.

Every page here is seen by the student, and by who teaches the course, under the rule of
:func:`grader.web.access.attempt`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from grader.model.source import NOTEBOOK_BYTES, Source, read_source
from grader.store import attempts
from grader.store.tables import Submission, utcnow
from grader.web import access
from grader.web.access import Attempt
from grader.web.attempts import comparison, desk, diff
from grader.web.attempts.desk import Typed
from grader.web.attempts.highlight import highlighted
from grader.web.attempts.history import listed
from grader.web.attempts.verdict import verdict_of
from grader.web.context import services
from grader.web.transactions import reading
from grader.web.ui.languages import _, language

blueprint = Blueprint("attempts", __name__)

MOST_OFFERED = 200
"""Attempts to choose from when two are compared."""
MOST_LINES = 2000
"""Lines of code, or of a comparison, on one page. The whole can be downloaded."""
AROUND = 3
"""Lines shown before and after a wrong line that comes later."""


@dataclass(frozen=True)
class Listing:
    """Code with the numbers of its lines, as far as a page shows it.

    :ivar lines: the first lines.
    :ivar more: how many lines come after them.
    :ivar around: of these, the ones around the line that is wrong.
    """

    lines: list[tuple[int, str]]
    more: int
    around: list[tuple[int, str]]

    def coloured(self) -> Listing:
        """The same with its first lines as highlighted HTML."""
        lines = highlighted([line for _number, line in self.lines])
        return replace(self, lines=list(enumerate(lines, 1)))


def listing_of(lines: list[str], wrong: int | None) -> Listing:
    """What is shown of the code.

    :param wrong: the line of the error, from 1.
    """
    around: list[tuple[int, str]] = []
    if wrong is not None and MOST_LINES < wrong <= len(lines):
        first = max(MOST_LINES + 1, wrong - AROUND)
        around = list(enumerate(lines[first - 1 : wrong + AROUND], first))
    more = max(0, len(lines) - MOST_LINES)
    return Listing(list(enumerate(lines[:MOST_LINES], 1)), more, around)


@blueprint.get("/courses/<course>/<exercise>/attempts")
@login_required  # type: ignore[untyped-decorator]
def listing(course: str, exercise: str) -> ResponseReturnValue:
    """One's own attempts, newest first."""
    with reading() as transaction:
        where, role, assignment = access.assigned(transaction, course, exercise)
        history = listed(transaction, where, assignment, current_user.user, role)
    return render_template("attempts/history.html", **history)


@blueprint.get("/attempts/<submission_id>")
@login_required  # type: ignore[untyped-decorator]
def show(submission_id: str) -> ResponseReturnValue:
    """One attempt: the student's own, or one in a course the reader teaches."""
    return page(submission_id)


def page(submission_id: str, typed: Typed | None = None) -> str:
    """The page of one attempt.

    :param typed: into one of its forms, when that was refused.
    """
    with reading() as transaction:
        attempt = access.attempt(transaction, submission_id, source=True)
        said = verdict_of(transaction, attempt) | desk.seen(transaction, attempt, typed)
        around = attempts.neighbours(transaction, attempt.row)
    row: Submission = said["row"]
    waiting = (utcnow() - row.created_at).total_seconds()
    report = said["report"]
    marked = report.lines if report is not None else ()
    error = report.error.line if report is not None and report.error is not None else None
    wrong = error if error is not None else next(iter(marked), None)
    code = listing_of(diff.split(row.source), wrong)
    return render_template(
        "attempts/attempt.html",
        wrong=wrong,
        marked=marked,
        before=around[0],
        after=around[1],
        code=code.coloured() if attempt.teaches else code,
        expected=_expected(attempt) if row.shown in {"queued", "running"} else "",
        refresh=2 if waiting < 20 else 5 if waiting < 120 else 15,
        **said,
    )


def _expected(attempt: Attempt) -> str:
    """What is still before an attempt, in words; empty where that is not known."""
    if access.waits_for_versions(attempt.row, attempt.assignment):
        return told_of_versions()
    ahead = services().dispatcher.ahead(attempt.row.id)
    if ahead is None:
        return ""
    if ahead.stalled:
        return _("Nothing can be graded at the moment. Your code is stored and will be graded.")
    said = [_("%(before)s before you", before=ahead.before)] if ahead.before else []
    said.append(_("about %(seconds)s s", seconds=max(1, round(ahead.seconds))))
    return ("，" if language() == "zh" else ", ").join(said)


def told_of_versions() -> str:
    """What is said of an attempt that no grader may judge by the versions it has."""
    return _(
        "Your code is stored and waits: the graders that run now have another version of torch or numpy than "
        "the one by which this exercise is judged. Whoever teaches the course can see that."
    )


@blueprint.get("/attempts/<submission_id>/source.py")
@login_required  # type: ignore[untyped-decorator]
def source(submission_id: str) -> ResponseReturnValue:
    """What was handed in, as a file, byte for byte."""
    with reading() as transaction:
        attempt = access.attempt(transaction, submission_id, source=True)
    name = re.sub(r"[^A-Za-z0-9_-]", "-", attempt.assignment.exercise)
    read = read_source(attempt.row.source, NOTEBOOK_BYTES)
    ending = "ipynb" if isinstance(read, Source) and read.cells else "py"
    return Response(
        attempt.row.source,
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{attempt.row.attempt}.{ending}"',
        },
    )


@blueprint.get("/attempts/<submission_id>/changes")
@login_required  # type: ignore[untyped-decorator]
def changes(submission_id: str) -> ResponseReturnValue:
    """What changed in code, predictions and verdict since the attempt before, or since ``?since=ATTEMPT``.

    :raises NotFound: when the two are not of the same student and assignment.
    """
    wanted = request.args.get("since")
    with reading() as transaction:
        attempt = access.attempt(transaction, submission_id, source=True)
        row = attempt.row
        other = attempts.other(transaction, row, wanted)
        if wanted is not None and other is None:
            raise NotFound
        offered = attempts.outlines(transaction, row.user_id, row.assignment_id, most=MOST_OFFERED)
    return render_template(
        "attempts/changes.html",
        attempt=attempt,
        row=row,
        other=other,
        offered=[each for each in offered if each.id != row.id],
        **(_compared(attempt, other) if other is not None else {}),
    )


def _compared(attempt: Attempt, before: Submission) -> dict[str, object]:
    """What the page of changes says about two attempts."""
    now = attempt.row
    names = list(dict.fromkeys((*before.predictions, *now.predictions)))
    pairs = [(name, before.predictions.get(name), now.predictions.get(name)) for name in names]
    reports = attempt.report(before), attempt.report()
    judged = comparison.since(reports[0], reports[1]) if reports[0] and reports[1] else None
    lines = diff.compare(diff.split(before.source), diff.split(now.source))
    return {
        "lines": lines[:MOST_LINES] if lines is not None else None,
        "more": max(0, len(lines) - MOST_LINES) if lines is not None else 0,
        "predictions": [pair for pair in pairs if pair[1] != pair[2]],
        "judged": judged,
    }
