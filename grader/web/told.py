"""What a page says of one attempt: its verdict, the one before it, and the pictures; read in one place."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from grader.store import attempts, submissions
from grader.web.courses import Attempt
from grader.web.pictures import pictures_of


def told(transaction: Session, found: Attempt) -> dict[str, Any]:
    """The variables of ``_outcome.html`` and ``attempt.html``."""
    row = found.row
    report = submissions.report_of(row)
    # Without a verdict there is nothing to compare with the one before.
    before = attempts.previous(transaction, row) if report is not None else None
    return {
        "found": found,
        "row": row,
        "report": report,
        "previous_row": before,
        "previous_report": submissions.report_of(before) if before is not None else None,
        "drawn": pictures_of(transaction, row, found.assignment.exercise),
    }
