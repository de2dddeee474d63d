"""The whole way of a submission, with a real jail: every bad input has its verdict and one clear sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.exercises import Library
from grader.grading import Truths, grade, not_gradable
from grader.model.exercise import Exercise
from grader.model.report import CheckResult, Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

F = """
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b
"""
GRAD = "\ndef grad_f(a):\n    return f(a) / a\n"
RIGHT = F + GRAD + "\nPREDICTIONS = {'ratio': True}\n"
CHECKS = ("value", "gradient", "prediction", "ratio")

Grade = Callable[..., Report]


@pytest.fixture(scope="module")
def exercise(library: Library) -> Exercise:
    return library.get("control-flow")


@pytest.fixture(scope="module")
def graded(pool: Pool, truths: Truths, exercise: Exercise) -> Grade:
    def run(source: str | bytes, predictions: dict[str, str] | None = None, **limits: Any) -> Report:
        data = source.encode() if isinstance(source, str) else source
        one = msgspec.structs.replace(exercise, limits=msgspec.structs.replace(exercise.limits, **limits))
        return grade(one, Submission(data, predictions or {}, 0), pool, truths)

    return run


def check(report: Report, name: str) -> CheckResult:
    return next(c for c in report.checks if c.id == name)


def verdicts(report: Report) -> str:
    return " ".join(c.verdict for c in report.checks)


def one_sentence(text: str) -> bool:
    """Clear: not empty, one line, ended, no internals of ours."""
    return bool(text) and "\n" not in text and text[-1] in ".?" and "harness" not in text and "{" not in text


class TestRight:
    def test_full_marks(self, graded: Grade, exercise: Exercise) -> None:
        report = graded(RIGHT)
        assert (report.status, report.score, report.max_score, report.passed) == ("graded", 10, 10, True)
        assert report.error is None and report.summary.en == "All checks pass."
        assert (report.isolation, report.seed, report.exercise_digest) == ("namespaces", 0, exercise.digest)

    @pytest.mark.parametrize(
        "source",
        [
            b"\xef\xbb\xbf" + RIGHT.encode(),
            RIGHT.replace("\n", "\r\n").encode(),
            b"\xef\xbb\xbf# \xe6\xa2\xaf\xe5\xba\xa6\r\n" + RIGHT.replace("\n", "\r\n").encode(),
            RIGHT.replace("\n", "\r").encode(),
            RIGHT.rstrip("\n").encode(),
            RIGHT.encode() + "# 梯度".encode("gbk"),
            b"# coding: gbk\n" + RIGHT.encode() + "# 梯度".encode("gbk"),
            RIGHT.encode("utf-16"),
            RIGHT.encode("utf-16-le"),
            RIGHT.replace("(a):", "(a)：").replace(" = ", " ＝ ").encode(),
            ("x" * 3 + " = 1 # " + "梯" * 60_000 + "\n" + RIGHT).encode(),
        ],
        ids=[
            "byte-order mark",
            "CRLF",
            "both, and Chinese",
            "CR",
            "no last line end",
            "GBK",
            "GBK, named",
            "UTF-16",
            "UTF-16 without a mark",
            "full-width signs",
            "180 KiB",
        ],
    )
    def test_what_editors_do_to_a_file_costs_nothing(self, graded: Grade, source: bytes) -> None:
        assert graded(source).score == 10


# Sources that cannot be run at all: (source, verdict, error type, words of the message, line).
UNREADABLE: list[tuple[bytes, str, str, str, int | None]] = [
    (b"", "missing", "EmptySource", "Your file is empty", None),
    (b" \r\n\t\n", "missing", "EmptySource", "Your file is empty", None),
    (b"\xef\xbb\xbf\n", "missing", "EmptySource", "Your file is empty", None),
    (RIGHT.encode() + b"# \xff", "malformed", "UnicodeDecodeError", "not UTF-8", RIGHT.count("\n") + 1),
    (b"\x89PNG\r\n\x1a\n\0\0", "malformed", "OtherFile", "a picture, not Python", None),
    (b"def f(a):\0 return a", "malformed", "NulBytes", "NUL", 1),
    (RIGHT.encode() + b"#" * 300 * 1024, "malformed", "SourceTooLarge", "300 KiB; at most 256 KiB", None),
]


@pytest.mark.parametrize(("source", "verdict", "kind", "words", "line"), UNREADABLE)
def test_a_source_that_cannot_be_read(
    graded: Grade, source: bytes, verdict: str, kind: str, words: str, line: int | None
) -> None:
    report = graded(source, {"ratio": "True"})
    assert {c.verdict for c in report.checks} == {verdict} and report.score == 0
    assert report.status == "graded" and report.error is not None
    assert (report.error.type, report.error.line) == (kind, line)
    assert words in report.error.message.en and one_sentence(report.error.message.en)


# Files that Python cannot read at all.
BROKEN: list[tuple[str, str, str, int | None, str]] = [
    ("def f(a):\n    return a +* 2\n", "SyntaxError", "invalid syntax", 2, "return a +* 2\n          ^"),
    ("def f(a)\n    return a\n", "SyntaxError", "line 1: expected ':'", 1, "def f(a)\n        ^"),
    ("def f(a)—\n    return a\n", "SyntaxError", "'—' (U+2014)", 1, "def f(a)—\n        ^"),
    ("if True:\nx = 1\n", "IndentationError", "expected an indented block", 2, "x = 1\n^"),
    ("if a:\n    if b:\n        x = 1\n\ty = 2\n", "TabError", "inconsistent use of tabs", 4, "y = 2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "kind", "words", "line", "excerpt"), BROKEN, ids=[b[0][:20] for b in BROKEN]
)
def test_a_file_that_cannot_be_run(
    graded: Grade, source: str, kind: str, words: str, line: int | None, excerpt: str
) -> None:
    report = graded(source)
    assert verdicts(report) == "error error error error" and report.score == 0
    assert report.error is not None and (report.error.type, report.error.line) == (kind, line)
    message = report.checks[0].message.en
    assert words in message and one_sentence(message), message
    assert report.error.whole and report.summary.en == f"Nothing was run. {message}"
    assert report.error.excerpt.startswith(excerpt)
    # The contract has no excerpt of its own: it is part of error.message, caret and all.
    assert excerpt in report.to_json()["error"]["message"]


# Lines outside of the functions that fail: what is noted of them.
NOTED: list[tuple[str, str]] = [
    ("from d2l import torch as d2l\n", "imports d2l"),
    ("x = 1\nx.y\n", "raised AttributeError: 'int' object has no attribute 'y'."),
    ("1 / 0\n", "raised ZeroDivisionError: division by zero."),
    ("raise SystemExit(0)\n", "raised SystemExit: 0."),
    ("class E(Exception):\n  def __str__(self): return 5\nraise E\n", "raised E"),
    ("import os\nos._exit(3)\n", "ended the process (exit 3)"),
    ("import socket\nsocket.socket()\n", "network"),
]


@pytest.mark.parametrize(("lines", "words"), NOTED, ids=[n[1] for n in NOTED])
def test_a_line_outside_of_the_functions_costs_nothing(graded: Grade, lines: str, words: str) -> None:
    for source in (f"{lines}{RIGHT}", f"{RIGHT}\n{lines}"):
        report = graded(source, {"ratio": "True"})
        assert report.passed and report.error is None
        (note,) = report.notes
        assert words in note.en and one_sentence(note.en) and any(c >= "\u4e00" for c in note.zh)


def grad(body: str) -> str:
    """A right f with a grad_f of one line, which is line 9."""
    return F + f"\ndef grad_f(a):\n    {body}\n"


# Functions that do not answer: (source, due verdicts but the last, words, the check that says them).
SILENT: list[tuple[str, str, str, str]] = [
    (F, "passed passed missing", "defines no function grad_f", "prediction"),
    ("f = 3" + GRAD, "missing missing error", "f is an int in your file, not a function", "value"),
    (F.replace("f(a)", "f(a, b)"), "error error missing", "calls f(a), but you define f(a, b)", "value"),
    (F.replace("f(a)", "f()"), "error error missing", "but you define f()", "value"),
    (grad("return g(a)"), "passed passed error", "Line 9 raised NameError: name 'g' is", "prediction"),
    (grad("import nosuch"), "passed passed error", "Line 9 imports nosuch", "prediction"),
    (grad("assert a > 100"), "passed passed error", "Line 9 raised AssertionError.", "prediction"),
    (grad("raise SystemExit"), "passed passed error", "Line 9 raised SystemExit.", "prediction"),
    (grad("return 'steep'"), "passed passed failed", "returned a str; return a tensor", "prediction"),
    (grad("return [f(a) / a]"), "passed passed failed", "returned a list", "prediction"),
    (grad("f(a) / a"), "passed passed failed", "grad_f returned None. Does a path", "prediction"),
    (grad("return a * float('nan')"), "passed passed failed", "grad_f has NaN", "prediction"),
    (grad("return a / 0"), "passed passed failed", "grad_f has ±∞", "prediction"),
    (grad("return f(a) / a > 0"), "passed passed failed", "grad_f is bool", "prediction"),
    (grad("return a.reshape(1)"), "passed passed failed", "(1,), but should have shape ()", "prediction"),
    (F.replace("a * 2", "a.item() * 2").replace("b.norm()", "abs(b)").replace("b.sum()", "b") + GRAD,
     "passed failed passed", "is not connected to the input", "gradient"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "due", "words", "where"), SILENT, ids=[s[2][:40] for s in SILENT])
def test_a_function_that_does_not_answer(
    graded: Grade, source: str, due: str, words: str, where: str
) -> None:
    report = graded(source, {"ratio": "True"})
    assert verdicts(report) == f"{due} passed"
    said = check(report, where).message
    assert words in said.en and one_sentence(said.en) and any(c >= "\u4e00" for c in said.zh)
    assert "submission.py" not in json.dumps(report.to_json()), "no frame of a traceback, only the line"


def test_the_students_own_line_is_the_last_one_not_torchs(graded: Grade) -> None:
    source = F + "\ndef helper(a):\n    return a @ a.reshape(7)\n\ndef grad_f(a):\n    return helper(a)\n"
    report = graded(source)
    assert report.error is not None and report.error.type == "RuntimeError"
    assert report.error.line == 9 and report.error.excerpt == "return a @ a.reshape(7)"


# What the jail ends: (source, limits, verdict, words).
STOPPED: list[tuple[str, dict[str, Any], str, str]] = [
    ("\ndef grad_f(a):\n    while True: pass\n", {"case_seconds": 0.3, "total_seconds": 1.0}, "timeout",
     "did not finish within 0.3 s"),
    ("\ndef grad_f(a):\n    return bytearray(2 ** 32)\n", {}, "memory", "512 MiB"),
    ("\nimport torch\ndef grad_f(a):\n    return torch.ones(2 ** 30) + a\n", {}, "memory", "512 MiB"),
    ("\ndef grad_f(a):\n    while True: print('x' * 1000)\n", {}, "output", "printed more than 64 KiB"),
    ("\nimport os\ndef grad_f(a):\n    os._exit(0)\n", {}, "crashed", "ended the process (exit 0)"),
    ("\nimport ctypes\ndef grad_f(a):\n    ctypes.string_at(0)\n", {}, "crashed", "SIGSEGV"),
    ("\nimport socket\ndef grad_f(a):\n    socket.socket()\n", {}, "forbidden", "network"),
    ("\nimport subprocess\ndef grad_f(a):\n    subprocess.run(['true'])\n", {}, "forbidden", "process"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "limits", "verdict", "words"), STOPPED, ids=[s[3] for s in STOPPED])
def test_what_the_jail_ends_costs_the_other_checks_nothing(
    graded: Grade, source: str, limits: dict[str, Any], verdict: str, words: str
) -> None:
    report = graded(F + source, {"ratio": "True"}, **limits)
    prediction = check(report, "prediction")
    assert prediction.verdict == verdict
    assert words in prediction.message.en and one_sentence(prediction.message.en)
    assert check(report, "ratio").verdict == "passed"
    # Each source ends with the line that does it; where Python raised there, the line is known.
    assert prediction.line == (
        (F + source).rstrip().count("\n") + 1 if verdict in ("forbidden", "memory") else None
    )
    if verdict not in ("timeout", "output"):
        assert check(report, "value").verdict == check(report, "gradient").verdict == "passed"


class TestTypedPredictions:
    @pytest.mark.parametrize(
        ("assigned", "verdict", "words"),
        [
            ("", "missing", "not predicted ratio yet"),
            ("PREDICTIONS = {}", "missing", "not predicted ratio yet"),
            ("PREDICTIONS = None", "missing", "not predicted ratio yet"),
            ("PREDICTIONS = {'ratio': ...}", "missing", "not predicted ratio yet"),
            ("PREDICTIONS = {'ratio': [[...], (..., ...)]}", "missing", "not predicted ratio yet"),
            ("PREDICTIONS = {'ratio': [True, ..., ...]}", "missing", "2 of the 3 entries are still “...”"),
            ("PREDICTIONS = {'ratio': [[1, ...], [0, 2]]}", "missing", "1 of the 4 entries is still “...”"),
            ("PREDICTIONS = {'ratio': []}", "failed", "True or False"),
            ("PREDICTIONS = [True]", "malformed", "PREDICTIONS is a list; it must be a dict"),
            ("PREDICTIONS = 'ratio'", "malformed", "PREDICTIONS is a str"),
            ("PREDICTIONS = {'ratio': 'perhaps'}", "malformed", "at “perhaps”"),
            ("PREDICTIONS = {'ratio': [[True], True]}", "malformed", "different lengths"),
            ("PREDICTIONS = {'ratio': object()}", "malformed", "it holds an object"),
            ("PREDICTIONS = {'ratio': 'True'}", "passed", ""),
            ("PREDICTIONS = {'ratio': False}", "failed", "It is."),
            ("PREDICTIONS = {'ratio': 1}", "failed", "True or False"),
            ("PREDICTIONS = {'ratio': None}", "failed", "None"),
            (
                "class D(dict):\n  def get(self, *a): return True\nPREDICTIONS = D(ratio=False)",
                "failed",
                "It is.",
            ),
        ],
    )
    def test_in_the_file(self, graded: Grade, assigned: str, verdict: str, words: str) -> None:
        result = check(graded(F + GRAD + assigned), "ratio")
        assert result.verdict == verdict and words in result.message.en
        assert verdict == "passed" or one_sentence(result.message.en.replace('{"y": 28}', ""))

    def test_what_is_typed_beside_the_file_wins(self, graded: Grade) -> None:
        assert check(graded(RIGHT, {"ratio": "False"}), "ratio").verdict == "failed"
        assert check(graded(RIGHT.replace("True", "False"), {"ratio": "是"}), "ratio").verdict == "passed"
        assert check(graded(RIGHT, {"ratio": "  "}), "ratio").verdict == "passed", "an empty box is no answer"
        assert check(graded(RIGHT, {"ratio": "perhaps"}), "ratio").verdict == "malformed"

    def test_what_is_typed_counts_even_if_the_file_cannot_be_run(self, graded: Grade) -> None:
        report = graded("x =", {"ratio": "True"})
        assert verdicts(report) == "error error error passed" and report.score == 2


class TestReport:
    SOURCES = (RIGHT, F + "\ndef grad_f(a):\n    return a * float('nan')\n", "print('\\x1b[31m')\nx =", "")

    @pytest.mark.parametrize("source", [*SOURCES, F + "\ndef grad_f(a):\n    return 1e999 * a\n"])
    def test_it_is_valid_json_always(self, graded: Grade, source: str) -> None:
        report = graded(source)
        for language in ("en", "zh"):
            text = json.dumps(report.to_json(language), allow_nan=False)  # type: ignore[arg-type]
            assert json.loads(text)["score"] == report.score

    @pytest.mark.parametrize("source", SOURCES)
    def test_it_survives_being_stored(self, graded: Grade, source: str) -> None:
        report = graded(source)
        assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report

    def test_nan_is_a_word(self, graded: Grade) -> None:
        report = graded(F + "\ndef grad_f(a):\n    return a * float('nan')\n").to_json()
        assert report["checks"][2]["counterexample"]["actual"] == "nan"
        assert report["checks"][2]["counterexample"]["inputs"] == {"a": 1.5}

    def test_what_was_printed_is_in_it(self, graded: Grade) -> None:
        report = graded("import sys\nprint('out')\nprint('err', file=sys.stderr)\n" + RIGHT)
        assert report.passed and "out\n" in report.stdout and "err\n" in report.stdout

    def test_hidden_cases_are_never_shown(self, graded: Grade, exercise: Exercise) -> None:
        source = F + "\ndef grad_f(a):\n    return f(a) / a if a in (1.5, -2.0) else a\n"
        result = check(graded(source), "prediction")
        assert result.verdict == "failed" and result.counterexample is None
        assert "cases you can see" in result.message.en

    def test_not_gradable_is_nobodys_zero(self, exercise: Exercise) -> None:
        report = not_gradable(exercise, Submission(b"x"), "the machine is full", "namespaces")
        assert (report.status, report.passed) == ("not-gradable", False)
        assert {c.verdict for c in report.checks} == {"skipped"}
        assert "costs no attempt" in report.summary.en


def test_two_seeds_one_score(pool: Pool, truths: Truths, exercise: Exercise) -> None:
    reports = [grade(exercise, Submission(RIGHT.encode(), {}, seed), pool, truths) for seed in (1, 2)]
    assert [r.seed for r in reports] == [1, 2] and all(r.passed for r in reports)


def test_a_students_own_copy_judges_by_the_visible_cases(pool: Pool) -> None:
    root = Path(__file__).resolve().parents[2]
    exercise = Library(root / "exercises", None).get("control-flow")
    report = grade(exercise, Submission(RIGHT.encode()), pool, Truths())
    assert report.visible_only and report.passed
    assert check(report, "ratio").verdict == "skipped"
    report = grade(exercise, Submission((F + GRAD.replace("/ a", "* a")).encode()), pool, Truths())
    assert check(report, "prediction").verdict == "failed" and not report.passed


class TestTypedAnswers:
    """What is told of them beside the verdict; the given code asks for all of these."""

    @pytest.fixture
    def answers(self, pool: Pool, truths: Truths, library: Library) -> Callable[..., dict[str, CheckResult]]:
        def run(slug: str, source: str = "", **typed: str) -> dict[str, CheckResult]:
            handed = Submission(source.encode() or b"x = 1", typed, 0)
            report = grade(library.get(slug), handed, pool, truths)
            return {each.typed.name: each for each in report.checks if each.typed is not None}

        return run

    def test_each_entry_is_marked_and_the_truth_of_a_wrong_answer_told(
        self, answers: Callable[..., dict[str, CheckResult]]
    ) -> None:
        found = answers(
            "simple-example", x_grad="[0, 2, 8, 12]", y="28", after_zero="[0, 0]", sum_grad="[oops"
        )
        assert set(found) == {"x_grad", "y", "after_zero"}, "neither what is empty nor what cannot be read"
        wrong, right, short = found["x_grad"], found["y"], found["after_zero"]
        assert wrong.typed is not None and right.typed is not None and short.typed is not None
        assert wrong.typed.entries == [True, False, True, True] and not wrong.typed.in_file
        assert wrong.counterexample is not None
        assert wrong.counterexample.expected == [0.0, 4.0, 8.0, 12.0] and wrong.counterexample.inputs == {}
        assert right.typed.entries is True and right.counterexample is None
        assert short.typed.entries is None and short.typed.said == "[0, 0]"

    def test_of_choices_too_and_without_a_place_in_the_code_the_verdict_alone(
        self, answers: Callable[..., dict[str, CheckResult]]
    ) -> None:
        lines = answers("backward-twice", lines="raises, raises, doubles, same")["lines"]
        assert lines.typed is not None and lines.typed.entries == [True, False, True, True]
        modes = answers("forward-or-reverse", modes="forward, forward, forward, forward")["modes"]
        assert modes.verdict == "failed" and modes.counterexample is None
        assert modes.typed is not None and modes.typed.entries is None

    def test_a_file_that_says_something_else_than_the_box_is_named(
        self, answers: Callable[..., dict[str, CheckResult]]
    ) -> None:
        source = "PREDICTIONS = {'x_grad': [0, 4, 8, 12], 'y': 28, 'sum_grad': [1, 1, 1, 1]}"
        found = answers("simple-example", source, x_grad="[0, 4, 8, 13]", y="28.0")
        notes = {name: each.typed.note.en for name, each in found.items() if each.typed is not None}
        assert notes["x_grad"].endswith("[0, 4, 8, 12] for x_grad; what is typed beside the file is "
                                        "[0, 4, 8, 13], and that counts.")  # fmt: skip
        assert notes["y"] == notes["sum_grad"] == ""
        in_file = found["sum_grad"].typed
        assert in_file is not None and in_file.in_file and in_file.said == "[1, 1, 1, 1]"
        assert found["x_grad"].verdict == "failed", "the box counts"
