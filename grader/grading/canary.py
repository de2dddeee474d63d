"""Canary: a submission of our own whose verdict is known, judged as any other."""

from __future__ import annotations

from typing import Final

from grader.grading.grade import grade
from grader.grading.observe import Sandbox
from grader.grading.truths import Truths
from grader.model.exercise import Case, Exercise, Function, Input, Solution
from grader.model.kinds import Gradient, Prediction, Value
from grader.model.submission import Submission
from grader.model.text import EMPTY, Text

_SQUARE: Final = "def f(x):\n    return x * x\n"
_RIGHT: Final = f"{_SQUARE}\n\ndef grad_f(x):\n    return 2 * x\n"
_WRONG: Final = f"{_SQUARE}\n\ndef grad_f(x):\n    return x\n"
_NAME: Final = Text("canary", "canary")
CANARY: Final = Exercise(
    slug="canary",
    section="0",
    order=0,
    title=_NAME,
    summary=EMPTY,
    prompt=EMPTY,
    starter="",
    inputs=(Input("x"),),
    functions=(Function("f", ("x",)), Function("grad_f", ("x",))),
    checks=(
        Value("value", 1.0, _NAME, function="f"),
        Gradient("gradient", 1.0, _NAME, function="f"),
        Prediction("prediction", 1.0, _NAME, function="grad_f", of="f"),
    ),
    cases=(Case("three", {"x": 3.0}), Case("hidden", {"x": [-1.5, 0.25]}, visible=False)),
    digest="canary",
    solution=Solution(_SQUARE),
)
"""f(x) = x², its gradient by autograd and as a prediction: both kinds of children answer."""


def sings(sandbox: Sandbox, truths: Truths) -> bool:
    """Whether what is right is judged right, and a wrong gradient wrong.

    :raises GradingFailed: neither could be judged.
    """
    right = grade(CANARY, Submission(_RIGHT.encode()), sandbox, truths)
    wrong = grade(CANARY, Submission(_WRONG.encode()), sandbox, truths)
    verdicts = {check.id: check.verdict for check in wrong.checks}
    return right.passed and verdicts == {"value": "passed", "gradient": "passed", "prediction": "failed"}
