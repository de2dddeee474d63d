"""Formulas shown back while they are typed: read as the judge will read them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.grading.typesetting import typeset
from grader.model.answer_types import FormulaAnswer
from grader.model.exercise import Exercise, Function, Input
from grader.model.kinds import Prediction
from grader.model.text import Text

ASK = Text("a", "甲")
EXERCISE = Exercise(
    slug="slopes", section="2.5.1", order=1, title=ASK, summary=ASK, prompt=ASK, starter="",
    inputs=(Input("x"), Input("a", differentiable=False)), functions=(Function("f", ("x",)),),
    checks=(Prediction("slope", 1.0, ASK, of="f", wrt="x", answer="slope"),),
    cases=(), digest="d" * 64, answers=(FormulaAnswer("slope", ASK),),
    )  # fmt: skip


class TestTypeset:
    @pytest.mark.parametrize(
        ("text", "piece"),
        [
            ("1/2x", "<mfrac>"),
            ("x^2", "<msup>"),
            ("f(x)/x", "<mi>f</mi>"),
            ("df/dx = 2x", "<mn>2</mn>"),
        ],
    )
    def test_what_is_understood_is_mathml(self, text: str, piece: str) -> None:
        """The exercise's own function and a left-hand side are known, as they are to the judge."""
        found = typeset(EXERCISE, "slope", text)
        assert found.problem is None
        assert piece in found.mathml

    @pytest.mark.parametrize(
        ("text", "why"),
        [("2*", "missing after"), ("df/da = 2", "with respect to a"), ("y", "y is not known")],
    )
    def test_what_is_not_is_said(self, text: str, why: str) -> None:
        """In the judge's own words, before an attempt is spent on it."""
        found = typeset(EXERCISE, "slope", text)
        assert found.mathml == ""
        assert found.problem is not None and why in found.problem.en

    def test_an_answer_that_is_not_judged_is_a_mistake_of_the_caller(self) -> None:
        """There would be nothing to read it by."""
        with pytest.raises(KeyError):
            typeset(EXERCISE, "nobody", "x")

    @given(st.one_of(st.text(max_size=40), st.text("xa2^*/()+-.,=<>&'\" sincoqrt\\{}_∂²", max_size=40)))
    def test_hostile_text_is_well_formed_mathml_or_a_sentence(self, text: str) -> None:
        """Nothing that was typed reaches the page as markup, and there is a bound to it."""
        found = typeset(EXERCISE, "slope", text)
        if found.problem is None:
            tags = {element.tag for element in ElementTree.fromstring(found.mathml).iter()}
            assert tags <= {"math", "mrow", "mi", "mn", "mo", "msup", "mfrac", "msqrt", "mspace"}
            assert len(found.mathml) < 20_000
        else:
            assert found.mathml == "" and found.problem.en and found.problem.zh
