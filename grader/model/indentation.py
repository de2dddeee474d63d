"""Indentation by tabs and spaces that Python refuses: read as it was shown, where that is beyond doubt."""

from __future__ import annotations

import re
from typing import Final

from grader.model.scanner import Scanner, split

_WIDTHS: Final = (4, 8)
"""How wide editors show a tab."""
_TAB: Final = re.compile(r"^ *\t", re.MULTILINE)
_SPACE: Final = re.compile(r"^\t* ", re.MULTILINE)


def mend_tabs(text: str) -> tuple[str, list[int]]:
    """Turn tabs in indentations into spaces, where Python would refuse them and only one reading makes sense.

    :returns: the text, and the lines that changed.
    """
    if "\t" not in text or not (_TAB.search(text) and _SPACE.search(text)):
        return text, []
    lines = split(text)
    scanner = Scanner()
    # Of each statement its line, its indentation, and whether a block follows it.
    starts: list[tuple[int, str, bool]] = []
    for n, (line, _) in enumerate(lines):
        begins = scanner.at_start
        scanner.feed(line)
        plain = line.lstrip(" \t")
        if begins and plain.strip() and plain[0] not in "#\f":
            starts.append((n, line[: len(line) - len(plain)], False))
        if starts and scanner.at_start and scanner.last:
            starts[-1] = (*starts[-1][:2], scanner.last == ":")
    if _readable(starts):
        return text, []
    readings = {width: levels for width in _WIDTHS if (levels := _levels(starts, width)) is not None}
    if not readings or len(set(map(tuple, readings.values()))) > 1:
        return text, []
    width, changed = next(iter(readings)), []
    for n, indent, _ in starts:
        if "\t" in indent:
            line, end = lines[n]
            lines[n] = indent.expandtabs(width) + line[len(indent) :], end
            changed.append(n + 1)
    return "".join(line + end for line, end in lines), changed


def _readable(starts: list[tuple[int, str, bool]]) -> bool:
    """Whether Python takes these indentations: alike whether a tab is eight columns or one."""
    stack = [(0, 0)]
    for _, indent, _ in starts:
        here = len(indent.expandtabs(8)), len(indent)
        if here[0] > stack[-1][0]:
            if here[1] <= stack[-1][1]:
                return False
            stack.append(here)
            continue
        while here[0] < stack[-1][0]:
            stack.pop()
        if here != stack[-1]:
            return False
    return True


def _levels(starts: list[tuple[int, str, bool]], width: int) -> list[int] | None:
    """How deep each statement stands when a tab is so wide; None where that makes no sense."""
    stack, levels, opened = [0], [], False
    for _, indent, opens in starts:
        here = len(indent.expandtabs(width))
        if (here > stack[-1]) is not opened:
            return None
        if here > stack[-1]:
            stack.append(here)
        while here < stack[-1]:
            stack.pop()
        if here != stack[-1]:
            return None
        levels.append(len(stack))
        opened = opens
    return levels
