"""The first case is asked twice, so that chance can be named."""

from __future__ import annotations

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

F = """
import torch
def f(x):
    y = x * x
    return y.detach() * x
def grad_y(x):
    return 2 * x
"""


def said(pool: Pool, library: Library, truths: Truths, source: str) -> dict[str, tuple[str, str | None]]:
    """Check → (English message, code) of what fails."""
    report = grade(library.get("detach"), Submission((F + source).encode()), pool, truths)
    return {
        check.id: (check.message.en, check.diagnosis.code if check.diagnosis else None)
        for check in report.checks
        if check.verdict == "failed"
    }


def test_an_answer_with_chance_in_it_is_told_so(pool: Pool, library: Library, truths: Truths) -> None:
    """Another seed gives other numbers for the same input: that is the reason, not the numbers."""
    failing = said(pool, library, truths, "def grad_z(x): return x * x * torch.rand(())")
    assert "different numbers for the same input" in failing["grad-z"][0]
    assert failing["grad-z"][1] is None


def test_a_reason_that_is_found_goes_before_chance(pool: Pool, library: Library, truths: Truths) -> None:
    """Whatever else the function does from call to call, every entry has the wrong sign."""
    source = "count = []\ndef grad_z(x):\n    count.append(1)\n    return -x * x"
    assert said(pool, library, truths, source)["grad-z"][1] == "sign"


def test_a_right_answer_is_not_asked_for_more(pool: Pool, library: Library, truths: Truths) -> None:
    """Drawing random numbers on the side is nobody's business."""
    failing = said(pool, library, truths, "def grad_z(x):\n    torch.rand(3)\n    return x * x")
    assert "grad-z" not in failing
