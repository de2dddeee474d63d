"""Every sentence a student can read: in two languages, calm, complete."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from grader.checks import outcomes, sentences
from grader.checks.typed import NotAnAnswer, parse
from grader.model.exercise import Function, Limits
from grader.model.observation import (
    REFUSED,
    Cause,
    Died,
    Loaded,
    Misfit,
    Missing,
    Outcome,
    Raised,
    Returned,
    Skipped,
)
from grader.model.report import VERDICTS
from grader.model.text import EMPTY, Text
from grader.model.values import Nothing

CODES = [
    "sign", "mean-for-sum", "transpose", "shape", "dtype", "nan", "none-for-zero", "value-not-gradient",
    "second-derivative", "accumulated", "reduced", "not-reduced", "undetached", "float32-rounding",
    "autograd-in-prediction", "finite-difference", "cut-graph",
]  # fmt: skip
F = Function("f", ("x", "v"))
CAUSES: tuple[Cause, ...] = get_args(Cause)


def every() -> Iterator[tuple[str, Text]]:
    """Each sentence of the module, functions called with arguments of the declared types."""
    arguments = {"str": "f", "int": 3, "float": 2.0, "bool": True, "int | None": 3, "Text": Text("f", "f")}
    for name, thing in vars(sentences).items():
        if isinstance(thing, Text):
            yield name, thing
        elif isinstance(thing, dict) and name.startswith("_") and not name.startswith("__"):
            for code, entry in thing.items():
                for part in entry if isinstance(entry, tuple) else (entry,):
                    if name != "_TRIED":  # pieces of a sentence
                        yield f"{name}[{code}]", part
        elif inspect.isfunction(thing) and thing.__module__ == sentences.__name__:
            if name in (
                "number",
                "_a",
                "reason",
                "of_value",
                "of_gradient",
                "one_branch",
                "summary",
                "through",
            ):
                continue
            parameters = inspect.signature(thing).parameters.values()
            for flag in (True, False):
                given = {
                    p.name: None if not flag and "None" in str(p.annotation) else arguments.get(p.annotation)
                    for p in parameters
                }
                given |= {p.name: flag for p in parameters if p.annotation == "bool"}
                said = thing(**given)
                yield from ((name, text) for text in (said if isinstance(said, tuple) else (said,)))
    yield from (("one_branch", text) for text in sentences.one_branch([Text("x > 0", "x > 0 的分支")]))
    for passed in (0, 1, 2):
        yield "summary", sentences.summary(passed, 2, Text("Because.", "因为。"))
        yield "summary", sentences.summary(passed, 2, None)


FRAGMENTS = {
    "UNCLOSED",
    "NOTHING_TYPED",
    "TOO_DEEP",
    "RAGGED",
    "NONE_INSIDE",
    "MIXED",
    "too_long",
    "no_numbers",
}
"""Reasons that stand after a colon."""


@pytest.mark.parametrize(("name", "text"), list(every()))
def test_a_sentence_is_one_in_english_and_one_in_chinese(name: str, text: Text) -> None:
    assert "!" not in text.en and "！" not in text.zh
    for said in (text.en, text.zh):
        assert said == said.strip() and "  " not in said
        assert "{" not in said.replace('{"y": 28}', "") and "None raised" not in said
    assert any("\u4e00" <= c <= "\u9fff" for c in text.zh), text.zh
    assert not any("\u4e00" <= c <= "\u9fff" for c in text.en), text.en
    if name not in FRAGMENTS:
        assert text.en[0].isupper() or text.en.startswith(("f ", "f(", "autograd", "1 of"))
        assert text.en[-1] in ".?" and text.zh[-1] in "。？"
    # Half-width punctuation beside a Chinese character is a slip of the keyboard.
    for before, mark in zip(text.zh, text.zh[1:], strict=False):
        assert not ("\u4e00" <= before <= "\u9fff" and mark in ",.;:?!()"), text.zh


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_and_asks_why(code: str) -> None:
    found = sentences.reason(code)
    assert found is not None
    message, hint = found
    assert message != EMPTY and hint.en.endswith("?") and hint.zh.endswith("？")
    for change in (sentences.of_value, sentences.of_gradient):
        assert all(text.en and text.zh for text in change(code, message, hint))


def test_the_codes_with_a_parameter_have_theirs() -> None:
    message, hint = sentences.scale(1 / 3)
    assert "0.333333 times" in message.en and "0.333333 倍" in message.zh and hint.en.endswith("?")
    message, hint = sentences.one_branch([Text("a > 0", "a > 0"), Text("a < 0", "a < 0")])
    assert "a > 0, a < 0" in message.en and "a > 0、a < 0" in message.zh
    assert sentences.reason("no-such-code") is None


def test_the_judge_knows_no_code_without_a_sentence() -> None:
    tree = ast.parse(Path(inspect.getfile(sentences)).with_name("relations.py").read_text("utf-8"))
    named = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("Relation", "_relative")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert len(named) > 10
    assert named - set(CODES) == {"scale", "one-branch"}


# What a run means that brought no answer.

ENDS: list[tuple[Outcome, str]] = [
    (Missing(), "missing"),
    (Missing(found="int"), "missing"),
    (Misfit("f(x)", 2), "error"),
    (Raised("ValueError", "no", 3), "error"),
    (Raised("ValueError", ""), "error"),
    (Raised("SyntaxError", "invalid syntax", 2, 5), "error"),
    (Raised("SyntaxError", "invalid syntax"), "error"),
    (Raised("ModuleNotFoundError", "No module named 'd2l.torch'", 1), "error"),
    (Raised("MemoryError", ""), "memory"),
    (Raised("RuntimeError", "DefaultCPUAllocator: can't allocate memory: you tried"), "memory"),
    (Raised("RuntimeError", "can't start new thread"), "forbidden"),
    *((Raised("OSError", "no", 3, errno=number), "forbidden") for number in REFUSED),
    *((Died(cause), cause) for cause in CAUSES),
    (Died("output", "text"), "output"),
    (Died("crashed", "exit 0"), "crashed"),
    (Died("crashed", "SIGSEGV"), "crashed"),
    (Died("forbidden", "network"), "forbidden"),
    (Skipped(), "skipped"),
]


@pytest.mark.parametrize(("outcome", "verdict"), ENDS)
def test_every_end_has_its_verdict_and_a_sentence(outcome: Outcome, verdict: str) -> None:
    found = outcomes.trouble(outcome, F, Limits())
    assert found is not None and found.verdict == verdict and verdict in VERDICTS
    assert found.message.en.endswith((".", "?")) and found.message.zh.endswith(("。", "？"))
    assert "{" not in found.message.en + found.message.zh


def test_an_answer_is_no_trouble() -> None:
    assert outcomes.trouble(Returned(Nothing()), F, Limits()) is None


def test_a_call_that_does_not_fit_shows_both_sides() -> None:
    found = outcomes.trouble(Misfit("f(x)", 2), F, Limits())
    assert found is not None and "f(x, v)" in found.message.en and "define f(x)" in found.message.en


def test_a_missing_module_is_named_with_what_is_there() -> None:
    found = outcomes.of_error(Raised("ModuleNotFoundError", "No module named 'd2l'", 2), Limits())
    assert "Line 2 imports d2l" in found.message.en and "torch" in found.message.zh


class TestStudentError:
    SOURCE = "import torch\n\ndef f(x):\n    返回 = x +* 2\n"

    def test_the_first_one_with_the_students_own_line(self) -> None:
        seen: list[Outcome] = [Returned(Nothing()), Raised("ValueError", "no", 4), Raised("KeyError", "x", 1)]
        error = outcomes.student_error(Loaded(), seen, self.SOURCE, Limits())
        assert error is not None
        assert (error.type, error.message.en, error.line) == ("ValueError", "no", 4)
        assert error.excerpt == "返回 = x +* 2"

    def test_a_caret_stands_under_the_place_where_characters_are_wide(self) -> None:
        broken = Loaded(Raised("SyntaxError", "invalid syntax", 4, 13))
        error = outcomes.student_error(broken, [], self.SOURCE, Limits())
        assert error is not None and "line 4" in error.message.en
        shown, caret = error.excerpt.splitlines()
        assert shown[8] == "*" and caret == " " * 10 + "^"  # two of the characters before take two columns

    @pytest.mark.parametrize("column", [0, -5, 10**6, None])
    @pytest.mark.parametrize("line", [0, -1, 99, None])
    def test_places_outside_the_source_show_nothing(self, line: int | None, column: int | None) -> None:
        error = outcomes.student_error(Loaded(Raised("SyntaxError", "x", line, column)), [], "x", Limits())
        assert error is not None and error.excerpt == ""

    def test_no_error_no_sentence(self) -> None:
        assert outcomes.student_error(Loaded(), [Returned(Nothing()), Missing()], "", Limits()) is None

    def test_a_death_is_one(self) -> None:
        error = outcomes.student_error(Loaded(Died("timeout")), [], "", Limits())
        assert error is not None and error.type == "timeout" and error.line is None


def test_why_typed_text_cannot_be_read_completes_a_sentence() -> None:
    for text in ("[1", "", "[[1],2]", "[None]", "[1, True]", "[" * 9, "1 " * 4000):
        with pytest.raises(NotAnAnswer) as caught:
            parse(text)
        said = sentences.unreadable_answer("y", caught.value.what, caught.value.why)
        assert said.en.startswith("Your answer for y cannot be read: ") and said.en.endswith(".")
