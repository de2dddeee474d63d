"""A sentence a person can read, in English and in Chinese."""

from __future__ import annotations

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
