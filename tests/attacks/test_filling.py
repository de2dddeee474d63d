"""Filling the database and the page: whatever a submission returns, prints or raises, its report is small."""

# ruff: noqa: E501 - attacks are one-liners, as they are handed in

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from grader.exercises import Library
from grader.grading.grade import not_gradable
from grader.model.report import CheckResult, Report, StudentError
from grader.model.report_size import MOST_BYTES, fitted, size_of
from grader.model.submission import Submission
from grader.model.text import Text

from .bench import F, Range

LARGE = {
    "a million numbers": "return torch.ones(950_000, dtype=torch.int8)",
    "a million numbers, most of them not finite": "return torch.full((200_000,), float('nan'), dtype=torch.float16)",
    "no numbers in very many rows": "return torch.empty(2 ** 40, 0)",
    "no numbers in very many tables": "return [torch.empty(2 ** 30, 2 ** 20, 0)] * 4000",
    "very many outputs": "return [torch.full((250,), 1 / 3)] * 4000",
    "deep lists": "\n x = [1 / 3] * 20\n for _ in range(3): x = [x] * 10\n return x",
    "a long text": "return '\\x00' * 10 ** 6",
    "long keys": "return {chr(i % 32) * 10 ** 4 + str(i): 1 / 3 for i in range(4000)}",
    "an object of a long name": "return type('\\x00' * 10 ** 5, (), {})()",
    "an error of a long name and message": "raise type('\\x00' * 10 ** 5, (Exception,), {})('\\x00' * 10 ** 6)",
    "a lot that is printed": "print('\\x00' * 10 ** 6)\n return a",
    "warnings": "import warnings\n for i in range(10 ** 4): warnings.warn('\\x00' * 99 + str(i))\n return a",
}  # fmt: skip


@pytest.mark.parametrize("body", LARGE.values(), ids=list(LARGE))
def test_cant_make_a_report_large(range_: Range, body: str) -> None:
    """From f and from a prediction, at every check."""
    names = "".join(f"\nclass {'C' * 70}{i}: pass" for i in range(200))
    report = range_.judge(
        f"import torch\ndef f(a):\n {body}\ndef grad_f(a):\n {body}\nPREDICTIONS = {{'ratio': '0' * 10 ** 5}}{names}"
    )
    assert size_of(report) <= MOST_BYTES
    assert len(msgspec.json.encode(report.to_json("zh"))) <= MOST_BYTES


def test_cant_make_a_report_large_with_predictions_or_lines(range_: Range) -> None:
    """Many lines that raise, each with a note; long answers beside the file and in it."""
    lines = "\n".join(f"raise ValueError('\\x00' * 400 + '{i}')" for i in range(500))
    typed = "[" + "1/3, " * 2000 + "]"
    report = range_.judge(f"{F}\n{lines}\nPREDICTIONS = {{'ratio': [[1 / 3] * 90] * 90}}", ratio=typed)
    assert size_of(report) <= MOST_BYTES


def test_a_report_of_an_ordinary_size_is_not_touched(range_: Range) -> None:
    """And one that is cut says so, keeps its verdicts, and fits."""
    report = range_.judge(f"{F}\nprint('here')\ndef grad_f(a):\n    return a")
    assert fitted(report) is report
    control = "\x00" * 2**16
    long = Text(control[: 2**12], control[: 2**12])
    one = CheckResult("value", "value", Text("t", "t"), "error", 0.0, 2.0, long)
    for changes in (
        {"stdout": control},
        {"error": StudentError(control, Text(control, control), 3, control)},
        {"notes": (long,) * 100},
        {"checks": (one,) * 12},
        {"checks": (one,) * 40, "notes": (long,) * 50},
    ):
        large: Report = msgspec.structs.replace(report, **changes)
        assert size_of(large) > MOST_BYTES
        small = fitted(large)
        assert size_of(small) <= MOST_BYTES
        assert [c.verdict for c in small.checks] == [c.verdict for c in large.checks]
        assert small.thinned or "cut" in small.notes[-1].en


def test_our_own_failure_has_a_small_report(library: Library) -> None:
    """A traceback can be long."""
    report = not_gradable(
        library.get("control-flow"), Submission(Path(__file__).read_bytes()), "\x00" * 10**6, "namespaces"
    )
    assert size_of(report) <= MOST_BYTES
