"""Sections of a person: several in one field, apart by what lists put between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from grader.rosters.names import tidy

_BETWEEN: Final = re.compile(r"[;|,；，、\r\n]+")
_AND: Final = re.compile(r",? (?:and|und|和|与) ")


def split_sections(fields: Sequence[Sequence[str]], *, canvas: bool) -> list[tuple[str, ...]]:
    """The sections of each person, each once.

    :param fields: of each person what stood in the fields, one for each row and column.
    :param canvas: the list joins sections by 'and'; a section may have that word in its name, too.
    """
    found = [
        [tidy(part) for text in texts for part in _BETWEEN.split(text) if tidy(part)] for texts in fields
    ]
    if canvas:
        whole = {part for parts in found for part in parts if not _AND.search(part)}
        found = [[one for part in parts for one in _apart(part, whole)] for parts in found]
    return [tuple(dict.fromkeys(parts)) for parts in found]


def _apart(part: str, whole: set[str]) -> list[str]:
    part = part.removeprefix("and ")
    pieces = [tidy(piece) for piece in _AND.split(part) if tidy(piece)]
    alike = {re.sub(r"\d+|\b\w$", "#", piece) for piece in pieces}
    return pieces if len(alike) == 1 or all(piece in whole for piece in pieces) else [part]
