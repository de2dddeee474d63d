"""Verdicts do not depend on load, and a report says where a limit decided something."""

from __future__ import annotations

import msgspec
import pytest

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Limits
from grader.model.outcome import differing, digest_of
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from tests.load_independence import TIMES, answers, compare, judge

FEW = 16
"""Of the 500 of ``make load-independence``: each idle and under load."""


@pytest.mark.slow
def test_verdicts_do_not_depend_on_load(pool: Pool, library: Library) -> None:
    """One after the other, and at four times as many as there are slots, in another order."""
    chosen = answers(library, FEW)
    assert len({each.exercise.slug for each in chosen}) > FEW / 3
    idle = judge(chosen, pool, 1)
    assert 0 < sum(report.passed for report in idle.values()) < FEW
    assert compare(idle, judge(chosen[::-1], pool, TIMES * pool.slots)) == {}


def report_on(library: Library, pool: Pool, truths: Truths, source: str) -> Report:
    """Of ``non-scalar``, with little time."""
    exercise = library.get("non-scalar")
    short = msgspec.structs.replace(exercise, limits=Limits(case_seconds=0.3, total_seconds=0.6))
    return grade(short, Submission(source.encode()), pool, truths)


@pytest.mark.parametrize(
    ("source", "limited"),
    [
        ("def f(x):\n    return 2 * x * x\n", False),
        ("def f(x):\n    return nothing\n", False),
        ("def f(x) return x\n", False),
        ("", False),
        ("def f(x):\n    while True:\n        pass\n", True),
        ("import time\ntime.sleep(60)\ndef f(x):\n    return x\n", True),
        ("while True:\n    pass\n", True),
        ("def f(x):\n    return bytearray(2**40)\n", True),
        ("import torch\ndef f(x):\n    return torch.zeros(2**40)\n", True),
        ("import os\ndef f(x):\n    os._exit(0)\n", True),
        ("import os\nos._exit(0)\n", True),
    ],
)
def test_a_report_says_that_a_limit_was_met(
    pool: Pool, library: Library, truths: Truths, source: str, limited: bool
) -> None:
    """Of time, or of memory; or that the process was gone. Wrong, absent and unreadable code meets none."""
    report = report_on(library, pool, truths, source)
    assert report.status == "graded" and report.limited is limited, report.notes


def test_an_outcome_is_what_is_said_and_no_more(pool: Pool, library: Library, truths: Truths) -> None:
    """Judged twice it is the same; every part of it that a student reads makes another."""
    submission = Submission(b"def f(x):\n    return 3 * x\n\n\ndef grad_f(x):\n    return x\n", seed=3)
    one, again = (grade(library.get("detach"), submission, pool, truths) for _ in range(2))
    assert one.duration_ms != again.duration_ms
    assert digest_of(one) == digest_of(again) and differing(one, again) == []
    (first, *others) = one.checks
    for changed, named in (
        (msgspec.structs.replace(one, score=one.score + 1), "score"),
        (msgspec.structs.replace(one, summary=again.checks[0].title), "summary"),
        (msgspec.structs.replace(one, checks=(msgspec.structs.replace(first, line=99), *others)), first.id),
        (msgspec.structs.replace(one, checks=tuple(others)), first.id),
    ):
        assert digest_of(changed) != digest_of(one) and differing(one, changed) == [named]
