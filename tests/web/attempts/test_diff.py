"""The difference between two sources."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.web.attempts.diff import Line, compare, split

LINES = st.lists(st.sampled_from(["", "a", "b", "    return x", "    return y"]), max_size=40)


def numbered(count: int, **changed: str) -> list[str]:
    """``line 1`` … with some of them replaced."""
    return [changed.get(f"n{n}", f"line {n}") for n in range(1, count + 1)]


def test_a_changed_line_is_shown_with_three_around_it() -> None:
    """With the numbers of both sides, and a mark on the part that differs."""
    lines = compare(numbered(20), numbered(20, n10="line X"))
    assert lines is not None
    assert [line.kind for line in lines] == ["gap", *["same"] * 3, "gone", "new", *["same"] * 3, "gap"]
    assert lines[0].hidden == 6
    assert lines[4] == Line("gone", 10, None, "line ", "10", "")
    assert lines[5] == Line("new", None, 10, "line ", "X", "")
    assert lines[-1].hidden == 7


def test_numbers_differ_after_an_inserted_line() -> None:
    """Each side counts its own lines."""
    lines = compare(["a", "b"], ["a", "new", "b"])
    assert lines is not None
    assert [(line.before, line.now) for line in lines] == [(1, 1), (None, 2), (2, 3)]


def test_equal_sources_have_no_changes() -> None:
    """However long they are."""
    lines = compare(numbered(3000), numbered(3000))
    assert lines is not None
    assert {line.kind for line in lines} == {"gap"}
    assert split(b"a\nb\n") == split(b"a\nb") == ["a", "b"]


@given(LINES, LINES)
@settings(deadline=None)
def test_nothing_is_lost(before: list[str], now: list[str]) -> None:
    """Each side can be put together from its lines, gaps counted, and each number is its line's."""
    lines = compare(before, now)
    assert lines is not None
    hidden = sum(line.hidden for line in lines)
    assert hidden + sum(line.before is not None for line in lines) == len(before)
    assert hidden + sum(line.now is not None for line in lines) == len(now)
    for line in lines:
        text = line.head + line.changed + line.tail
        assert line.before is None or before[line.before - 1] == text
        assert line.now is None or now[line.now - 1] == text
        assert line.kind in {"same", "gap"} or (line.before is None) == (line.kind == "new")


def test_what_would_take_seconds_is_not_compared() -> None:
    """Too many lines, or lines that repeat so that difflib would look at each pair over and over."""
    assert compare(numbered(3001), ["x"]) is None
    repeated = [str(n // 2 % 50) if n % 2 else f"only {n}" for n in range(3000)]
    others = [str(n // 2 % 50) if n % 2 else f"other {n}" for n in range(3000)]
    started = time.perf_counter()
    assert compare(repeated, others) is None
    lines = compare(["x"] * 3000, ["x", "y"] * 1500)
    assert lines is not None
    assert compare(numbered(3000), numbered(3000)[::-1]) is not None
    assert time.perf_counter() - started < 2
