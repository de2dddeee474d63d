"""Answers in words: options by their ids, from text and from a file's ``PREDICTIONS``."""

from __future__ import annotations

import pytest

from grader.checks.answers.choices import parse, read
from grader.checks.arrays import from_numpy
from grader.checks.typed import NotAnAnswer
from grader.model.answer_types import ChoiceAnswer, EdgesAnswer, Option
from grader.model.text import Text
from grader.model.values import Nothing, Number, Sequence, Value, Words

FLAG = ChoiceAnswer(
    "flag",
    Text("what?", "什么？"),
    option=(
        Option("none", Text("None, in its place", "在相应的位置返回 None")),
        Option("true", Text("the flag", "开关")),
        Option("one", Text("1", "一")),
    ),
)
MODE = ChoiceAnswer(
    "mode",
    Text("which?", "哪个？"),
    option=(
        Option("forward", Text("forward mode", "前向模式")),
        Option("reverse", Text("reverse mode", "反向")),
    ),
)
GRAPH = EdgesAnswer("edges", Text("which?", "哪些？"))


class TestChoices:
    @pytest.mark.parametrize(
        ("value", "option"),
        [
            (Nothing(), "none"),
            (Number("bool", from_numpy(True, "bool")), "true"),
            (Number("int", from_numpy(1, "int64")), "one"),
            (Words("None"), "none"),
        ],
    )
    def test_none_and_true_are_the_options_that_are_spelt_so(self, value: Value, option: str) -> None:
        assert read(value, FLAG).items == (option,)
        assert read(Sequence("list", (value, Words("one"))), FLAG).items == (option, "one")

    @pytest.mark.parametrize(
        "value",
        [Nothing(), Number("bool", from_numpy(False, "bool")), Number("float", from_numpy(1.0))],
    )
    def test_where_no_option_is_they_are_no_text(self, value: Value) -> None:
        with pytest.raises(NotAnAnswer) as caught:
            read(value, MODE)
        assert caught.value.why is not None and "give text" in caught.value.why.en


class TestEdges:
    @pytest.mark.parametrize(
        "text",
        [
            "x -> a, x -> c, a -> b",
            "x->a x->c a->b",
            "x -> a x -> c a -> b",
            "x->a->b x->c",
            "x -> a -> b x -> c",
            "x→a x→c a→b",
            "x → a、x → c；a → b。",
            "x——>a x–>c\na−>b",
            "ｘ－＞ａ，ｘ－＞ｃ，ａ－＞ｂ",
            "x =>a; x=> c; a ==> b",
            "[('x->a'), ('x->c'), ('a->b')]",
            "x ➡️ a x ➡️ c a ↦ b",
            r"x \to a, x \rightarrow c, a \longrightarrow b",
            "x\n-> a\n-> b, x ->\nc",
        ],
    )
    def test_three_edges_written_in_many_ways(self, text: str) -> None:
        assert parse(text, GRAPH).edges == {("x", "a"), ("x", "c"), ("a", "b")}

    @pytest.mark.parametrize(
        "text", ["x -> a b", "x a -> b", "x -> a, b", "x a", "x, a", "-> ", "x -> 2", "x -> a b c -> d"]
    )
    def test_a_name_that_no_arrow_joins_to_another_is_no_edge(self, text: str) -> None:
        with pytest.raises(NotAnAnswer) as caught:
            parse(text, GRAPH)
        assert caught.value.why is not None and "arrow" in caught.value.why.en
