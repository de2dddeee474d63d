"""How an attack is run, and how it is seen that it harmed nobody.

An attack aims at points it has not earned. Each runs through ``grader.grading.grade`` on
the exercise ``control-flow`` (value 2, gradient 2, prediction 4, ratio 2) and afterwards an
honest submission, on the same pool, must be judged as ever.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from grader.grading import Truths, grade
from grader.library import Library
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

F = """
import torch
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b
"""
"""The function the text gives, right."""

WRONG_F = """
import torch
def f(a):
    return a * 0
"""

ZERO = """
def grad_f(a):
    return a * 0
"""
"""A prediction that is wrong everywhere."""

ASK = """
def ask(a):
    x = a.detach().clone().requires_grad_(True)
    return torch.autograd.grad(f(x), x)[0]
"""
"""What a forbidden prediction would return."""

HONEST = f"{F}\ndef grad_f(a):\n    return f(a) / a\n\nPREDICTIONS = {{'ratio': True}}\n"
HALF = f"{F}\ndef grad_f(a):\n    return f(a) / a / 2\n\nPREDICTIONS = {{'ratio': False}}\n"


@dataclass(frozen=True)
class Range:
    """Where attacks are tried."""

    pool: Pool
    library: Library
    truths: Truths

    def judge(self, source: str, seed: int = 0, exercise: str = "control-flow", **typed: str) -> Report:
        """The report on a submission; it is always graded: no attack makes *us* fail."""
        submission = Submission(textwrap.dedent(source).encode(), typed, seed)
        report = grade(self.library.get(exercise), submission, self.pool, self.truths)
        assert report.status == "graded"
        assert report.score == sum(c.points for c in report.checks if c.verdict == "passed")
        return report

    def attack(self, source: str, **more: str) -> dict[str, float]:
        """Points by check that an attack scores, once it is seen that it changed nothing for others."""
        points = {check.id: check.points for check in self.judge(source, **more).checks}
        self.assert_unharmed()
        return points

    def verdicts(self, source: str) -> dict[str, str]:
        """Verdicts by check of an attack, once it is seen that it changed nothing for others."""
        found = {check.id: str(check.verdict) for check in self.judge(source).checks}
        self.assert_unharmed()
        return found

    def assert_unharmed(self) -> None:
        """More honest submissions than there are spares: right ones are right, wrong ones wrong."""
        for _ in range(2):
            assert self.judge(HONEST).score == 10
            assert {c.id: c.points for c in self.judge(HALF).checks} == {
                "value": 2, "gradient": 2, "prediction": 0, "ratio": 0
            }  # fmt: skip
