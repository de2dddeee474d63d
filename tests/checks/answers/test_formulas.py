"""Typed formulas of an exercise: what they may use."""

from __future__ import annotations

import pytest

from grader.checks.answers.formulas import read_formula
from grader.checks.formula import NotAFormula
from grader.model.answer_types import FormulaAnswer
from grader.model.check import Check
from grader.model.exercise import Exercise, Function, Input
from grader.model.kinds import Prediction, Vjp
from grader.model.text import Text

T = Text("title", "标题")
SLOPE = Prediction("slope", 1, T, answer="slope", of="f")
PULLED = Vjp("pulled", 1, T, answer="slope", of="f", cotangent="v")
EXERCISE = Exercise(
    slug="two-modes", section="1", order=1, title=T, summary=T, prompt=T, starter="", digest="d",
    inputs=(Input("x"), Input("t", differentiable=False), Input("v", differentiable=False)),
    functions=(Function("push", ("x", "t")),),
    checks=(SLOPE, PULLED), cases=(), answers=(FormulaAnswer("slope", T),),
)  # fmt: skip


def test_a_formula_uses_the_arguments_of_its_function_and_what_is_pulled_back() -> None:
    assert read_formula(EXERCISE, SLOPE, "2x").names == {"x"}
    assert read_formula(EXERCISE, PULLED, "2 x v").names == {"x", "v"}


@pytest.mark.parametrize(
    ("check", "text", "may"), [(SLOPE, "2t", "x"), (SLOPE, "v*2x", "x"), (PULLED, "t*v", "x, v")]
)
def test_and_no_other_input_of_the_exercise(check: Check, text: str, may: str) -> None:
    with pytest.raises(NotAFormula) as caught:
        read_formula(EXERCISE, check, text)
    assert caught.value.why.en.endswith(f"it may use {may}")
