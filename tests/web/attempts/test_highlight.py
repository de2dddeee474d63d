"""Highlighting divides what was handed in and changes nothing of it."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from grader.web.attempts.highlight import LONGEST_LINE, highlighted
from tests.web.world import HOSTILE

piece = st.sampled_from(
    ["def f(x):", "'''", '"', "\\", "#", " return ", "\t", "f'{a!r:>{w}}'", "\x0c", "<b>", "&"]
)
sources = st.lists(st.lists(piece | st.text(max_size=6), max_size=6).map("".join), max_size=12)


@given(sources.map(lambda lines: [re.sub("[\r\n]", "", line) for line in lines]))
def test_the_text_stays_as_it_was(lines: list[str]) -> None:
    """Line by line, whatever it is."""
    made = highlighted(lines)
    assert [_bare(line) for line in made] == lines


def _bare(html: Markup) -> str:
    """The text of what is nothing but spans and escaped text."""
    without = re.sub(r'<span class="tok-[a-z]+">|</span>', "", str(html))
    assert "<" not in without and ">" not in without
    return Markup(without).unescape()


def test_python_has_colours_and_hostile_text_is_text() -> None:
    """Those of the editor's classes."""
    first, second = highlighted(["def f(x):  # square", f"    return '{HOSTILE}'"])
    assert first == (
        '<span class="tok-keyword">def</span> <span class="tok-definition">f</span>(x):  '
        '<span class="tok-comment"># square</span>'
    )
    assert "<script" not in second and "&lt;script&gt;" in second


@pytest.mark.parametrize(
    "line", ["'" * 400, "\\" * 400, "f'{" * 130, '"""' * 130, "0x" * 200, "((" * 200, "@" * 400]
)
def test_nothing_takes_long(line: str) -> None:
    """Lexers of regular expressions may, and then for hours: hence the limits."""
    began = time.thread_time()
    assert [_bare(each) for each in highlighted([line] * 200)] == [line] * 200
    assert [_bare(each) for each in highlighted([line * (LONGEST_LINE // len(line) + 1)] * 9)]
    assert time.thread_time() - began < 60
