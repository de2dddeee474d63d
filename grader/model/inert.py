"""Inert text: what students chose (names, printed text) cannot steer a terminal or a spreadsheet.

Three places, three ways: a terminal obeys control characters (escape sequences) and turns text round ("Trojan
Source"), programs that read JSON hand it on to one, and a spreadsheet computes what looks like a formula (CSV
injection).
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Final

_HIDDEN: Final = "\u034f\u115f\u1160\u17b4\u17b5\u2028\u2029\u2800\u3164\uffa0"
"""Not control characters by their category, and as invisible: fillers, joiners, separators of lines."""
_PLAIN: Final = re.compile(
    r"[\n\t -~¡-¬®-\u02ff\u2010-\u2027\u2190-\u22ff\u3001-\u312f\u4e00-\u9fff\uff01-\uff5e]*"
)
"""What nearly all text is made of; the rest is looked at character by character."""
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_STARTS_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")


def inert(text: str, *, lines: bool = True) -> str:
    r"""``text`` for a terminal: what is invisible or steers it is shown as ``\x9b`` or ``\u202e``.

    :param lines: ends of lines and tabs are kept.
    """
    if lines and _PLAIN.fullmatch(text):
        return text
    kept = "\n\t" if lines else ""
    return "".join(ascii(c)[1:-1] if c not in kept and _steers(c) else c for c in text)


def _steers(c: str) -> bool:
    """Control and format characters (C0, C1, those of direction), halves of pairs, what is no character."""
    return c in _HIDDEN or "\U000e0100" <= c <= "\U000e01ef" or unicodedata.category(c)[0] == "C"


def as_json(value: Any, **options: Any) -> str:
    r"""JSON in which nothing steers a terminal: that is written as ``\uXXXX``, and reads back the same."""
    text = json.dumps(value, ensure_ascii=False, **options)
    # Outside of strings there is only ASCII, and within them no bare control character.
    return text if _PLAIN.fullmatch(text) else "".join(_escaped(c) for c in text)


def _escaped(c: str) -> str:
    return json.dumps(c)[1:-1] if c != "\n" and _steers(c) else c


def as_cell(text: str) -> str:
    """``text`` for a cell of a CSV file, after an apostrophe where a spreadsheet would compute it.

    Some skip blanks before a formula, some read full-width signs. A plain number stays one.
    """
    if _NUMBER.fullmatch(text):
        return text
    begins = text[:1] in _STARTS_FORMULA or text.lstrip()[:1] in _STARTS_FORMULA
    return f"'{text}" if begins else text
