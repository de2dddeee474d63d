"""Diff of two sources, line by line, as a page shows it.

What two sources have in common at their beginning and end is set aside first; difflib sees only what
is between. Its running time grows with the square of that, and faster for lines that repeat, so
both are bounded: a page is not worth seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from grader.model.source import lines_of, readable

CONTEXT = 3
"""Unchanged lines shown before and after a change."""
MOST_LINES = 3000
"""Of one source, beyond which nothing is compared."""
MOST_STEPS = 20_000_000
"""Pairs of equal lines that difflib looks at in one pass, times the passes that there may be: about 0.3 s."""
SMALL = 200
"""Lines up to which lines that occur often are compared like any other."""

Kind = Literal["same", "gone", "new", "gap"]


@dataclass(frozen=True)
class Line:
    """One line of the difference. ``before`` and ``now`` are line numbers, from 1."""

    kind: Kind
    before: int | None
    now: int | None
    head: str = ""
    changed: str = ""
    """What is different from the line's counterpart; empty where the whole line is new or gone."""
    tail: str = ""
    hidden: int = 0
    """For a gap: how many unchanged lines are left out."""


def split(source: bytes) -> list[str]:
    """The lines of a source, numbered as on the page of an attempt."""
    return lines_of(readable(source)) or [""]


def compare(before: list[str], now: list[str]) -> list[Line] | None:
    """The changed lines, each with a few unchanged ones around it; None: too long to compare."""
    if max(len(before), len(now)) > MOST_LINES:
        return None
    blocks = _blocks(before, now)
    if blocks is None:
        return None
    return list(_lines(before, now, blocks))


Block = tuple[bool, int, int, int, int]
"""Whether it is equal, and the stretch of each side: from, to, from, to."""


def _blocks(before: list[str], now: list[str]) -> list[Block] | None:
    shortest = min(len(before), len(now))
    start = 0
    while start < shortest and before[start] == now[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == now[-1 - end]:
        end += 1
    left, right = before[start : len(before) - end], now[start : len(now) - end]
    autojunk = max(len(left), len(right)) > SMALL
    # Lines that are on one side only are found without difflib: a source that was written anew costs nothing.
    if set(left) & set(right):
        if _pairs(left, right, autojunk) * min(len(left), len(right)) > MOST_STEPS:
            return None
        inner = SequenceMatcher(None, left, right, autojunk).get_opcodes()
    else:
        inner = [("replace", 0, len(left), 0, len(right))]
    blocks: list[Block] = [(True, 0, start, 0, start)]
    blocks += [(tag == "equal", a + start, b + start, c + start, d + start) for tag, a, b, c, d in inner]
    blocks.append((True, len(before) - end, len(before), len(now) - end, len(now)))
    return [block for block in blocks if block[2] > block[1] or block[4] > block[3]]


def _pairs(left: list[str], right: list[str], autojunk: bool) -> int:
    """How many pairs of equal lines difflib looks at, less those it takes for junk by their number."""
    counts = Counter(right)
    most = len(right) // 100 + 1 if autojunk and len(right) >= 200 else len(right)
    return sum(count for line in left if (count := counts[line]) <= most)


def _lines(before: list[str], now: list[str], blocks: list[Block]) -> Iterator[Line]:
    for index, (equal, a, b, c, d) in enumerate(blocks):
        if not equal:
            yield from _changed(before[a:b], now[c:d], a, c)
            continue
        first = CONTEXT if index else 0
        last = CONTEXT if index + 1 < len(blocks) else 0
        hidden = b - a - first - last
        if hidden <= 1:  # A gap takes a line itself.
            first, last, hidden = b - a, 0, 0
        for n in range(first):
            yield Line("same", a + n + 1, c + n + 1, before[a + n])
        if hidden:
            yield Line("gap", None, None, hidden=hidden)
        for n in range(b - a - last, b - a):
            yield Line("same", a + n + 1, c + n + 1, before[a + n])


def _changed(gone: list[str], new: list[str], a: int, c: int) -> Iterator[Line]:
    """Lines that replaced one another, one for one, say which part of them did."""
    paired = len(gone) == len(new)
    for n, text in enumerate(gone):
        yield Line("gone", a + n + 1, None, *(_parts(text, new[n]) if paired else (text,)))
    for n, text in enumerate(new):
        yield Line("new", None, c + n + 1, *(_parts(text, gone[n]) if paired else (text,)))


def _parts(text: str, other: str) -> tuple[str, str, str]:
    """``text`` in three: what it begins with like ``other``, what differs, what it ends with like it."""
    shortest = min(len(text), len(other))
    start = 0
    while start < shortest and text[start] == other[start]:
        start += 1
    end = 0
    while end < shortest - start and text[-1 - end] == other[-1 - end]:
        end += 1
    head, tail = text[:start], text[len(text) - end :]
    if not head.strip() and not tail.strip():
        return text, "", ""
    return head, text[start : len(text) - end], tail
