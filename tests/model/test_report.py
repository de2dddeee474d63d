"""A report that came as JSON is the report that was sent."""

from __future__ import annotations

import json

import msgspec
import pytest

from grader.model.report import CheckResult, Counterexample, Diagnosis, Report, StudentError, from_json
from grader.model.report_size import withheld
from grader.model.text import Language, Text

REPORT = Report(
    "detach", "d" * 64, 7, "graded", 4.0, 10.0, "namespaces", 12.345,
    (
        CheckResult("value", "value", Text("values", "取值"), "passed", 4.0, 4.0),
        CheckResult(
            "message", "prediction", Text("prediction", "预测"), "failed", 0.0, 6.0,
            Text("Too large.", "太大。"),
            Diagnosis("scale", Text("Where?", "在哪里？"), float("inf")),
            # A student's names may be those of our fields.
            Counterexample({"message": [0.0], "hint": "nan"}, [0.0, "inf"], {"title": ["summary"]}),
        ),
    ),
    "printed\n", StudentError("ValueError", Text("a\nb", "甲\n乙"), 3, "    return x\n    ^"),
    (Text("A note.", "说明。"), Text("Another.", "另一条。")), Text("One flows.", "有一条。"),
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("change", [{}, {"error": None, "notes": ()}], ids=["whole", "little"])
def test_there_and_back(language: Language, change: dict[str, object]) -> None:
    report = msgspec.structs.replace(REPORT, **change)
    sent = json.loads(json.dumps(report.to_json(language)))
    excerpt = report.error.excerpt if report.error is not None else None
    back = from_json(sent, report.summary.in_(language), excerpt)
    assert back.to_json("en") == back.to_json("zh") == report.to_json(language)
    assert back.summary.en == report.summary.in_(language)
    assert back.error == report.error or (back.error is not None and back.error.excerpt == excerpt)


def test_the_lines_that_are_known_are_told_to_who_is_told_why() -> None:
    """Of the error and of each check, once and in their order; where reasons are withheld, none."""
    checks = [msgspec.structs.replace(REPORT.checks[1], line=line) for line in (7, 2, None, 3)]
    report = msgspec.structs.replace(REPORT, checks=tuple(checks))
    assert report.lines == (2, 3, 7)
    assert withheld(report).lines == ()


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_json({"exercise": "detach"})
