"""Size of a report, bounded: what a submission prints, raises and returns must not fill the database.

A report that is small is not touched. Of one that is not, the longest texts are cut, first generously and
then less so, until it fits; a note says that something was cut.
"""

from __future__ import annotations

from typing import Final

import msgspec

from grader.model.report import CheckResult, Report
from grader.model.text import EMPTY, Text

MOST_BYTES: Final = 256 * 1024
"""Of a report as JSON, with both languages."""
_ROOMS: Final = (64 * 1024, 16 * 1024, 4 * 1024, 1024)
"""Bytes for what was printed, and eight times less for every other text, until the report fits."""
_MOST_NOTES: Final = 32
_SUMMARY: Final = 500
"""Bytes of the sentence that is kept with the verdicts."""

CUT: Final = Text(
    "Some of what this attempt printed or returned is too long to keep and is cut.",
    "这次提交打印或返回的内容过长，部分内容没有保留。",
)


def fitted(report: Report) -> Report:
    """``report``, or as much of it as may be kept."""
    if size_of(report) <= MOST_BYTES:
        return report
    for room in _ROOMS:
        smaller = _within(report, room)
        if size_of(smaller) <= MOST_BYTES:
            return smaller
    return verdicts_only(report)


def verdicts_only(report: Report) -> Report:
    """The score and the verdicts, without anything else that was said."""
    checks = [
        msgspec.structs.replace(
            one, message=EMPTY, diagnosis=None, counterexample=None, typed=None, line=None
        )
        for one in report.checks
    ]
    return msgspec.structs.replace(
        report,
        checks=tuple(checks),
        stdout="",
        error=None,
        notes=(),
        summary=_text(report.summary, _SUMMARY),
        pictures=None,
        thinned=True,
    )


def withheld(report: Report) -> Report:
    """The score and the verdicts, for whom the rest is withheld; the summary only counts the checks."""
    passed, every = sum(one.verdict == "passed" for one in report.checks), len(report.checks)
    summary = Text(f"{passed} of {every} checks pass.", f"{every} 项检查中有 {passed} 项通过。")
    return msgspec.structs.replace(
        verdicts_only(report), summary=summary, thinned=report.thinned, withheld=True
    )


def size_of(report: Report) -> int:
    """Bytes of it as it is stored."""
    return len(msgspec.json.encode(report))


def _within(report: Report, room: int) -> Report:
    most = room // 8
    error = report.error
    if error is not None:
        error = msgspec.structs.replace(
            error,
            type=_cut(error.type, most),
            message=_text(error.message, most),
            excerpt=_cut(error.excerpt, most),
        )
    return msgspec.structs.replace(
        report,
        checks=tuple(_check(one, most) for one in report.checks),
        stdout=_cut(report.stdout, room),
        error=error,
        notes=(*(_text(note, most) for note in report.notes[:_MOST_NOTES]), CUT),
        summary=_text(report.summary, most),
    )


def _check(one: CheckResult, most: int) -> CheckResult:
    diagnosis, example = one.diagnosis, one.counterexample
    if diagnosis is not None:
        diagnosis = msgspec.structs.replace(diagnosis, hint=_text(diagnosis.hint, most))
    if example is not None and len(msgspec.json.encode(example)) > 4 * most:
        example = None
    typed = one.typed
    if typed is not None and len(msgspec.json.encode(typed)) > 4 * most:
        typed = None
    return msgspec.structs.replace(
        one, message=_text(one.message, most), diagnosis=diagnosis, counterexample=example, typed=typed
    )


def _text(text: Text, most: int) -> Text:
    return Text(_cut(text.en, most), _cut(text.zh, most))


def _cut(text: str, most: int) -> str:
    """The beginning of ``text`` that takes at most ``most`` bytes of JSON: a control character takes six."""
    kept = text
    while (size := len(msgspec.json.encode(kept))) > most:
        kept = kept[: min(len(kept) * most // size, len(kept) - 1)]
    return kept if kept is text else kept + "…"
