"""Text in two languages: a sentence a person can read, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Text(msgspec.Struct, frozen=True):
    """One sentence in both languages. Reports keep both, so that a stored verdict can be read in either."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        """The sentence in ``language``."""
        return self.zh if language == "zh" else self.en


EMPTY = Text("", "")


def listed(names: Sequence[str], word: Literal["and", "or"] = "and") -> Text:
    """Names in a row: ``a, b and c``; in Chinese ``a、b 和 c``."""
    if len(names) < 2:
        return Text("".join(names), "".join(names))
    zh = "和" if word == "and" else "或"
    *first, last = names
    return Text(f"{', '.join(first)} {word} {last}", f"{'、'.join(first)} {zh} {last}")
