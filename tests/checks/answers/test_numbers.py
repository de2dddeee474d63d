"""Typed numbers and truth values, as an exercise asks for them."""

from __future__ import annotations

import numpy as np
import pytest

from grader.checks.answers.base import no_answer
from grader.checks.answers.numbers import NumbersAnswer, judge_answer
from grader.checks.arrays import from_numpy
from grader.checks.typed import NotAnAnswer, Typed
from grader.checks.wrong_gradients import NONE_KNOWN
from grader.model.answer_types import Answer, BoolAnswer, NumberAnswer
from grader.model.exercise import Exercise
from grader.model.kinds import Prediction
from grader.model.text import Text
from grader.model.values import Number, Sequence, Value, Words

T = Text("title", "标题")
YES = BoolAnswer("yes", T)
SEVERAL = BoolAnswer("several", T, (2,))
KIND = NumbersAnswer()


def understood(answer: Answer, text: str, value: Value | None = None) -> object:
    found = KIND.understood(given=None, answer=answer, text=text, value=value).values  # type: ignore[arg-type]
    return None if found is None else found.tolist()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("会", True),
        ("不会", False),
        ("不会。", False),
        ("有", True),
        ("没有！", False),
        ("能", True),
        ("是的", True),
        ("Yes.", True),
    ],
)
def test_a_question_is_answered_by_its_verb(text: str, meant: bool) -> None:
    assert understood(YES, text) is meant
    assert understood(YES, "", Words(text)) is meant


def test_each_of_several_too() -> None:
    true = Number("bool", from_numpy(True, "bool"))
    assert understood(SEVERAL, "会，不会") == [True, False]
    assert understood(SEVERAL, "", Sequence("list", (true, Words("不会")))) == [True, False]
    assert KIND.read(None, SEVERAL, "会", one=True).values  # type: ignore[arg-type]


def test_where_numbers_are_asked_for_a_verb_is_none() -> None:
    with pytest.raises(NotAnAnswer):
        understood(NumberAnswer("x_grad", T), "没有")


@pytest.mark.parametrize(
    ("shape", "like"), [((), "a number like 0.25"), ((3,), "[0, 4, 8]"), ((2, 2), "[[0, 4], [8, 12]]")]
)
def test_the_example_has_as_many_axes_as_the_answer(shape: tuple[int, ...], like: str) -> None:
    answer = NumberAnswer("x_grad", T, shape)
    said = no_answer(Prediction("asked", 1, T, answer="x_grad"), answer, NotAnAnswer("four"))
    assert like in said.message.en


@pytest.mark.parametrize(
    ("shape", "en", "zh"),
    [
        ((), "True or False", "True 或 False"),
        ((1,), "True or False", "True 或 False"),
        ((2,), "2 truth values, each True or False, such as [True, …]", "2 个 True 或 False"),
        ((4,), "4 truth values, each True or False, such as [True, False, …]", "4 个 True 或 False"),
        (
            (2, 3),
            "2 rows of 3 truth values, each True or False, such as [[True, False, …], …]",
            "2 行、每行 3 个 True 或 False",
        ),
    ],
)
def test_of_truth_values_it_is_said_how_many_are_asked_for(shape: tuple[int, ...], en: str, zh: str) -> None:
    asked = Prediction("asked", 1, T, answer="several")
    answer = BoolAnswer("several", T, shape)
    right = np.ones(shape, bool)
    exercise = Exercise(
        slug="e", section="1", order=1, title=T, summary=T, prompt=T, starter="", digest="d",
        inputs=(), functions=(), checks=(asked,), cases=(), answers=(answer,),
    )  # fmt: skip
    numbers = Typed(np.ones(shape), np.zeros(shape))
    more = Typed(np.ones((*shape, 7), bool))
    for given in (numbers, more, Typed(None)):
        said = judge_answer(exercise, asked, given, right, NONE_KNOWN, {}).message
        assert said.en.endswith(f" with {en}.") and f" {zh}" in said.zh
    said = no_answer(asked, answer, NotAnAnswer("T")).message
    assert said.en.endswith(f"at “T”; write {en}.") and "numbers" not in said.en and zh in said.zh
