"""Verdict: what is read to show one, and its words and marks. A sign and a word stand beside the colour."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from grader.model.policy import Attempt as Tried
from grader.model.policy import Counted, Policy, counted, details_from
from grader.model.report import Report, Verdict
from grader.model.text import Language
from grader.store import attempts
from grader.store.tables import Submission
from grader.web.access import Attempt
from grader.web.attempts.comparison import Progress, since
from grader.web.attempts.pictures import pictures_of
from grader.web.ui.languages import _, language
from grader.web.ui.numbers import points


def verdict_of(transaction: Session, attempt: Attempt) -> dict[str, Any]:
    """What a page says of one attempt: its verdict, the one before it, and the pictures; read in one place.

    :returns: the variables of ``exercise/_outcome.html`` and ``attempts/attempt.html``.
    """
    row = attempt.row
    report = attempt.report()
    # Without a verdict there is nothing to compare with the one before.
    before = attempts.previous(transaction, row) if report is not None else None
    return {
        "attempt": attempt,
        "row": row,
        "report": report,
        "previous_row": before,
        "change": _change(attempt.report(before) if before is not None else None, report),
        "drawn": pictures_of(transaction, attempt),
        "counts": counting(attempt.policy, row),
        "details_from": details_from(attempt.policy),
    }


def counting(policy: Policy, row: Submission) -> Counted | None:
    """What an attempt counts, where that is something else than its score; None where it is the same."""
    tried = Tried(row.id, row.attempt, row.created_at, row.score, row.max_score)
    counts = counted(policy, tried)
    if counts is None or (counts.score, counts.maximum) == (row.score, row.max_score):
        return None
    return counts


def counts_words(counts: Counted, row: Submission) -> str:
    """``8 of 10, counts 7.2 of 10 after the late rule``: where the two differ."""
    values = {
        "score": points(row.score or 0.0), "most": points(row.max_score or 0.0),
        "counted": points(counts.score), "maximum": points(counts.maximum),
    }  # fmt: skip
    if counts.factor == 0:
        return _("%(score)s of %(most)s, as practice: it came too late to count.", **values)
    if counts.factor < 1:
        return _("%(score)s of %(most)s, counts %(counted)s of %(maximum)s after the late rule.", **values)
    return _("%(score)s of %(most)s, counts %(counted)s of %(maximum)s.", **values)


def _change(earlier: Report | None, now: Report | None) -> Progress | None:
    """What changed since the attempt before; None where one of the two has no score."""
    if earlier is None or now is None or "not-gradable" in (earlier.status, now.status):
        return None
    return since(earlier, now)


def word(verdict: Verdict) -> str:
    """One or two words for the verdict on a check."""
    return _words(language())[verdict]


@cache
def _words(_language: Language) -> dict[Verdict, str]:
    # The language is that of the request, whose catalogue is looked up once for all of them.
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
    }


def mark(verdict: Verdict) -> str:
    """The sign before it: a skipped check is neither right nor wrong."""
    return {"passed": "✓", "skipped": "–"}.get(verdict, "✗")


def score(report: Report) -> str:
    """``7 of 10 points``: beside it stands how many checks pass, another number."""
    return _("%(score)s of %(most)s points", score=points(report.score), most=points(report.max_score))
