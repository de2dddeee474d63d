"""Rederivation: a stored verdict held against the same submission judged again, years later perhaps."""

from __future__ import annotations

from typing import Any, NamedTuple

from grader.model.report import CheckResult, Report

_EQUAL = 1e-9
"""Points: what adding them up in another order leaves."""


class Said(NamedTuple):
    """What a report says of a check, as far as it is part of a grade."""

    verdict: str
    code: str | None
    points: float
    max_points: float


class Difference(NamedTuple):
    """One thing that is another now."""

    what: str
    """A check's id, or ``score``, ``max_score``, ``standing`` …"""
    stored: Any
    now: Any


def differences(stored: Report, now: Report) -> list[Difference]:
    """In what two reports on a submission differ, as far as a grade depends on it: verdict, reason and points
    of each check, the score and its maximum. Words are not compared."""
    found: list[Difference] = []
    before, after = ({check.id: _said(check) for check in report.checks} for report in (stored, now))
    for check_id in dict.fromkeys((*before, *after)):
        was, is_ = before.get(check_id), after.get(check_id)
        # A thinned report keeps the verdicts and no reasons.
        if stored.thinned and was is not None and is_ is not None:
            is_ = is_._replace(code=was.code)
        if not _alike(was, is_):
            found.append(Difference(check_id, was, is_))
    for what in ("score", "max_score"):
        was, is_ = getattr(stored, what), getattr(now, what)
        if abs(was - is_) > _EQUAL:
            found.append(Difference(what, was, is_))
    return found


def _said(check: CheckResult) -> Said:
    code = check.diagnosis.code if check.diagnosis is not None else None
    return Said(check.verdict, code, check.points, check.max_points)


def _alike(one: Said | None, other: Said | None) -> bool:
    if one is None or other is None:
        return one is other
    near = abs(one.points - other.points) <= _EQUAL and abs(one.max_points - other.max_points) <= _EQUAL
    return near and one[:2] == other[:2]
