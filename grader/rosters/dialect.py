"""Separators: which character stands between the columns, by what each would make of the first lines."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from grader.rosters import headers
from grader.rosters.not_a_list import NotAList
from grader.rosters.scanner import Record, records

SEPARATORS: Final = ",;\t"
_ADDRESS: Final = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")
_SAID: Final = re.compile(r"sep=([,;\t])(\r\n|\r|\n)")
_ROWS: Final = 40
_LOOK_AT: Final = 65_536


def separator_of(text: str) -> tuple[str, int]:
    """The separator, and where the table begins in the text: behind Excel's ``sep=;``."""
    said = _SAID.match(text)
    if said is not None:
        return said[1], said.end()
    head = text[:_LOOK_AT]
    return max(SEPARATORS, key=lambda separator: _fits(head, separator)), 0


def _fits(head: str, separator: str) -> tuple[float, ...]:
    """How well the first lines are a table with this separator; more is better."""
    rows: list[Record] = []
    try:
        for record in records(head, separator):
            if not record.blank:
                rows.append(record)
            if len(rows) == _ROWS:
                break
    except NotAList:
        return (0, 0, 0, 0, -1)
    if len(head) == _LOOK_AT and len(rows) > 1:
        rows.pop()  # cut off
    top = max(rows[:8], key=lambda row: headers.known(row.values), default=None)
    known = 0 if top is None else headers.known(top.values)
    whole = sum(_ADDRESS.fullmatch(value.strip()) is not None for row in rows for value in row.values)
    widths = Counter(len(row.values) for row in rows)
    width, often = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
    alike = often / max(1, len(rows)) if width > 1 else 0.0
    # Below the heading 'Name' the line 'Nord, Ada' is one column.
    has_room = not known or top is None or len(top.values) >= width
    return (known, has_room, whole, alike, width)
