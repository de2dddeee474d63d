"""Answers in words: options by their ids, from text and from a file's ``PREDICTIONS``."""

from __future__ import annotations

import pytest

from grader.checks.answers.choices import read
from grader.checks.arrays import from_numpy
from grader.checks.typed import NotAnAnswer
from grader.model.answer_types import ChoiceAnswer, Option
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
