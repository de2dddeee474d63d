"""The words and marks of a verdict. A sign and a word always stand beside the colour."""

from __future__ import annotations

from grader.model.report import Report, Verdict
from grader.web.figures import points
from grader.web.languages import _


def word(verdict: Verdict) -> str:
    """One or two words for the verdict on a check."""
    return {
        "passed": _("passed"),
        "failed": _("not right"),
        "error": _("raised an error"),
        "missing": _("missing"),
        "timeout": _("took too long"),
        "memory": _("too much memory"),
        "output": _("too much output"),
        "crashed": _("crashed"),
        "forbidden": _("not allowed"),
        "malformed": _("unreadable result"),
        "skipped": _("not run"),
    }[verdict]


def mark(verdict: Verdict) -> str:
    """The sign before it: a skipped check is neither right nor wrong."""
    return {"passed": "✓", "skipped": "–"}.get(verdict, "✗")


def score(report: Report) -> str:
    """``7 of 10 points``: beside it stands how many checks pass, another number."""
    return _("%(score)s of %(most)s points", score=points(report.score), most=points(report.max_score))
