"""Outcome of a judging: what two judgings of one submission must agree on, whoever made them and when.

Scores, verdicts, reasons and sentences; not times, not what the code printed, and no address in memory that a
sentence quotes (``<object at 0x7f…>``), as these differ from process to process.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

import msgspec

from grader.model.report import CheckResult, Report
from grader.model.text import Text

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{4,16}")
_DIGITS: Final = 6
"""Significant digits of a factor that two processors may add up in another order."""


def digest_of(report: Report) -> str:
    """SHA-256 (hex) over the outcome."""
    return hashlib.sha256(msgspec.json.encode(_outcome(report))).hexdigest()


def differing(one: Report, other: Report) -> list[str]:
    """What two reports do not agree on: ``score``, ``summary`` …, and ids of checks; empty where they do."""
    before, after = _outcome(one), _outcome(other)
    checks = [(part.pop("checks"), part)[0] for part in (before, after)]
    ids = dict.fromkeys((*checks[0], *checks[1]))
    return [
        *(name for name in before if before[name] != after[name]),
        *(check for check in ids if checks[0].get(check) != checks[1].get(check)),
    ]


def _outcome(report: Report) -> dict[str, Any]:
    error = report.error
    return {
        "exercise": [report.exercise, report.exercise_digest, report.seed, report.variant],
        "status": report.status,
        "score": [report.score, report.max_score],
        "error": None if error is None else [error.type, _said(error.message), error.line],
        "notes": [_said(note) for note in report.notes],
        "summary": _said(report.summary),
        "checks": {check.id: _check(check) for check in report.checks},
    }


def _check(check: CheckResult) -> list[Any]:
    why = check.diagnosis
    factor = None if why is None or why.factor is None else f"{why.factor:.{_DIGITS}g}"
    reason = None if why is None else [why.code, _said(why.hint), factor]
    return [check.verdict, check.points, check.max_points, _said(check.message), reason, check.line]


def _said(text: Text) -> list[str]:
    return [_ADDRESS.sub("0x…", text.en), _ADDRESS.sub("0x…", text.zh)]
