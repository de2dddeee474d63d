"""Text of strangers: inert on a terminal, in JSON, in a spreadsheet; and left alone where it does no harm."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.inert import as_cell, as_json, inert

STEERING = [*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0), 0x61C, 0x200B, 0x200E, 0x200F, 0x2028]
STEERING += [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xAD, 0xFEFF, 0x3164, 0xE0041, 0xE0101, 0xDC9B]


@pytest.mark.parametrize("number", STEERING)
def test_what_steers_a_terminal_is_written_out(number: int) -> None:
    """On a terminal as Python writes it; in JSON so that it reads back the same."""
    text = f"a{chr(number)}b"
    assert inert(text).isascii() and inert(text).isprintable() and inert(text) != text
    assert as_json([text]).isascii() and json.loads(as_json([text])) == [text]


def test_ordinary_text_is_left_alone() -> None:
    """In any script; lines end where they ended, unless it is a name."""
    for text in ("梯度\n\t½ ∂ 🙂 é e\u0301 “x” – Ж ع א", "x" * 1000):
        assert inert(text) == text and json.loads(as_json(text)) == text
    assert "梯度" in as_json("梯度")
    assert inert("a\nb\tc", lines=False) == "a\\nb\\tc"
    with pytest.raises(ValueError, match="JSON"):
        as_json(float("nan"), allow_nan=False)


@given(st.text())
def test_any_text_comes_through(text: str) -> None:
    """Nothing is lost in JSON, and nothing that steers is left on a terminal, whatever it is."""
    assert json.loads(as_json({text: [text]}, indent=1)) == {text: [text]}
    shown = inert(text) + as_json(text)
    assert not any(unicodedata.category(c)[0] == "C" for c in shown if c not in "\n\t")
    assert inert(inert(text)) == inert(text)


def test_a_spreadsheet_computes_nothing() -> None:
    """A formula after whatever a spreadsheet skips is text; numbers stay numbers."""
    for text in (
        "=1+1",
        "+a",
        "-a",
        "@x",
        "\t=1",
        "\rx",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        "-1+2",
        "+1-x",
        "-١",
    ):
        assert as_cell(text) == f"'{text}"
    for text in ("-1.5", "+3", "-2e-05", "-.5", "0", "a=b", "小明", ""):
        assert as_cell(text) == text
