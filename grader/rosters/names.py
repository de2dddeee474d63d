"""Names of people as lists write them: 'Last, First', in two columns, with or without blanks."""

from __future__ import annotations

import re
from typing import Final

_SUFFIX: Final = re.compile(r"(jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|msc|bsc|ma|ba)\.?", re.IGNORECASE)
_CHINESE: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff·]+")


def joined(first: str, last: str) -> str:
    """One name of two columns; in Chinese the family's name stands first, without a blank."""
    first, last = tidy(first), tidy(last)
    if _CHINESE.fullmatch(first) and _CHINESE.fullmatch(last):
        return last + first
    return tidy(f"{first} {last}")


def called(name: str) -> str:
    """A name as it is spoken: 'Nord, Ada' is Ada Nord."""
    parts = [tidy(part) for part in re.split(r"[,，]", name)]
    parts = [part for part in parts if part]
    if len(parts) == 2 and not _SUFFIX.fullmatch(parts[1]):
        return joined(parts[1], parts[0])
    if len(parts) == 3:
        for i in (1, 2):
            if _SUFFIX.fullmatch(parts[i]):
                return f"{joined(parts[3 - i], parts[0])} {parts[i]}"
    return tidy(name)


def tidy(text: str) -> str:
    """One blank in place of several, of line breaks and tabs; none at the ends."""
    return " ".join(text.split())


def orders(name: str) -> set[str]:
    """The ways in which one name is written: 'Ada Nord' is 'Nord Ada' in some lists."""
    words = name.split()
    return {name, " ".join([words[-1], *words[:-1]]), " ".join([*words[1:], words[0]])} if words else set()
