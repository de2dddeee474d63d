"""Audit of a course: who changed what and when, for those who teach it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from grader.store import audit
from grader.store.audit import Wanted
from grader.web.access import taught_course
from grader.web.roster.audit_sentences import remaining, sentence
from grader.web.transactions import reading
from grader.web.ui import timezones

blueprint = Blueprint("course_audit", __name__)

ON_A_PAGE: Final = 50
KINDS: Final = {
    "people": ("account.", "section.", "roster.", "token."),
    "course": ("course.", "assignment.", "extension."),
    "grades": ("grades.", "override.", "regrade.", "comment.", "watchlist."),
}
"""What can be chosen, and how the actions begin."""


@blueprint.get("/courses/<course>/audit")
@login_required  # type: ignore[untyped-decorator]
def show(course: str) -> ResponseReturnValue:
    """The events, newest first."""
    first, last = _day("from"), _day("to")
    before = request.args.get("before", type=int)
    with reading() as transaction:
        found = taught_course(transaction, course)
        events = audit.search(
            transaction,
            Wanted(
                found.slug,
                request.args.get("person", "").replace("\0", "").strip()[:254],
                KINDS.get(request.args.get("kind", ""), ()),
                None if first is None else _midnight(first),
                None if last is None else _midnight(last + timedelta(days=1)),
                before if before is not None and 0 < before < 2**31 else None,
            ),
            ON_A_PAGE + 1,
        )
    kept: dict[str, Any] = {
        name: request.args[name][:254] for name in ("person", "kind", "from", "to") if request.args.get(name)
    }
    shown = events[:ON_A_PAGE]
    return render_template(
        "roster/audit.html",
        course=found,
        role="instructor",
        events=[(event, sentence(event), remaining(event)) for event in shown],
        kinds=KINDS,
        kept=kept,
        older=shown[-1].id if len(events) > ON_A_PAGE else None,
        paged=before is not None,
    )


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 1970 <= found.year < 9000 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezones.zone()).astimezone(UTC)
