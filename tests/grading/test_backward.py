"""Checks of kind ``backward``: a class of torch.autograd.Function, and what its backward returns."""

from __future__ import annotations

import pytest

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Exercise
from grader.model.report import CheckResult
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

SHEET = """
section = "9"
order = 1
title = { en = "Cubes", zh = "立方" }
summary = { en = "Write backward.", zh = "编写 backward。" }
input = [{ name = "x" }, { name = "w" }]
function = [{ name = "Cube", args = ["x", "w"] }]
case = [{ name = "shown", inputs = { x = [1.5, 2.5], w = [2.0, -1.0] } }]
[[check]]
id = "by-x"
kind = "backward"
points = 1
function = "Cube"
of = "cube"
[[check]]
id = "by-w"
kind = "backward"
points = 1
function = "Cube"
of = "cube"
wrt = "w"
"""
HIDDEN = """
case = [
  { name = "three", inputs = { x = [-0.5, 0.7, 3.0], w = [1.0, -2.0, 0.3] } },
  { name = "four", inputs = { x = [-1.5, 0.3, 2.0, 1.1], w = [1.5, -1.0, 0.7, 3.0] } },
]
"""
FILE = """\
import torch

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return {forward}

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return {backward}
"""
RIGHT = "3 * x**2 * w * g, x**3 * g"


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """x³w, whose backward is asked for by either input."""
    root = tmp_path_factory.mktemp("cubes")
    for part, name, text in (
        ("exercises", "exercise.toml", SHEET), ("exercises", "prompt.en.md", "said"),
        ("exercises", "prompt.zh.md", "说明"), ("exercises", "starter.py", ""),
        ("solutions", "reference.py", "def cube(x, w):\n    return x**3 * w\n"),
        ("solutions", "solution.toml", HIDDEN),
    ):  # fmt: skip
        folder = root / part / "cubes"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Library(root / "exercises", root / "solutions").get("cubes")


@pytest.fixture(scope="module")
def known() -> Truths:
    return Truths()


def judged(cubes: Exercise, pool: Pool, known: Truths, source: str) -> list[CheckResult]:
    """What is said of ``source``: by x, by w."""
    return list(grade(cubes, Submission(source.encode()), pool, known).checks)


@pytest.mark.parametrize(
    ("forward", "backward", "verdicts", "said"),
    [
        ("x**3 * w", RIGHT, "passed passed", ""),
        ("w * x * x * x", "(g * w * 3) * x * x, g * x**3", "passed passed", ""),
        ("x**3 * w", "3 * x**2 * w, x**3", "failed failed", "ones in place of the incoming gradient"),
        ("x**3 * w", "3 * x**2 * w * g.clamp(-1, 1), x**3 * g", "failed passed", "What the backward of Cube"),
        ("x**3 * w", "3 * x**2 * w * g.sum(), x**3 * g", "failed passed", ""),
        ("x**3 * w", "3 * x**2 * w * g, None", "passed failed", "The backward of Cube returns None for w"),
        ("x**3 * w", "x**3 * g, 3 * x**2 * w * g", "failed failed", ""),
        ("x**3 * w", "3 * x**2 * w * g", "error error", "The backward of Cube returns 1 of 2 gradients"),
        ("x**3 * w", "unknown", "error error", "Line 12 raised NameError"),
        ("x**3 * w + 1", RIGHT, "failed failed", "The forward of Cube returns other values"),
        ("(x**3 * w).sum()", RIGHT, "failed failed", "The forward of Cube returns other values"),
        ("None", RIGHT, "failed failed", ""),
    ],
)  # fmt: skip
def test_what_is_said(
    cubes: Exercise, pool: Pool, known: Truths, forward: str, backward: str, verdicts: str, said: str
) -> None:
    """The forward first, then what comes back: at cotangents of either sign, beyond 1."""
    results = judged(cubes, pool, known, FILE.format(forward=forward, backward=backward))
    assert [r.verdict for r in results] == verdicts.split()
    assert any(r.message.en.startswith(said) or said in r.message.en for r in results)
    assert all(bool(r.message.zh) == bool(r.message.en) for r in results)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1", "Your file defines no class Cube"),
        ("def Cube(x, w):\n    return x**3 * w", "Cube is not derived from torch.autograd.Function"),
        ("class Cube:\n    pass", "Cube is not derived from torch.autograd.Function"),
    ],
)
def test_a_class_is_asked_for(cubes: Exercise, pool: Pool, known: Truths, source: str, said: str) -> None:
    """A function that autograd differentiates has no backward that anybody wrote."""
    results = judged(cubes, pool, known, source)
    assert {r.verdict for r in results} == {"missing"} and all(said in r.message.en for r in results)


def test_cant_ask_autograd_in_the_backward(cubes: Exercise, pool: Pool, known: Truths) -> None:
    """It is run where autograd does not exist."""
    asked = (
        "None\n\n    @staticmethod\n    def backward(ctx, g):\n"
        "        x, w = [t.detach().requires_grad_() for t in ctx.saved_tensors]\n"
        "        with torch.enable_grad():\n            y = (x**3 * w * g).sum()\n"
        "        y.backward()\n        return x.grad, w.grad"
    )
    results = judged(cubes, pool, known, FILE.format(forward="x**3 * w", backward=asked))
    assert not {r.verdict for r in results} & {"passed", "missing"}


def test_a_modern_forward(cubes: Exercise, pool: Pool, known: Truths) -> None:
    """With setup_context, and numbers kept on the context."""
    source = (
        "import torch\n\nclass Cube(torch.autograd.Function):\n    @staticmethod\n    def forward(x, w):\n"
        "        return x**3 * w\n\n    @staticmethod\n    def setup_context(ctx, inputs, output):\n"
        "        ctx.save_for_backward(*inputs)\n\n    @staticmethod\n    def backward(ctx, grad_output):\n"
        "        x, w = ctx.saved_tensors\n        return grad_output * w * 3 * x**2, grad_output * x**3\n"
    )
    assert [r.verdict for r in judged(cubes, pool, known, source)] == ["passed", "passed"]
