"""Highlighting of Python on a page, by Pygments, which the terminal's highlighting (rich) brings along.

The classes are those of the editor, so that the same words have the same colours. What is shown is the text
as it was handed in: tokens only divide it. Everything a student wrote is hostile, so long lines and texts,
on which a lexer of regular expressions may take its time, are shown as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup, escape
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

MOST_CHARACTERS: Final = 100_000
LONGEST_LINE: Final = 500
_CLASSES: Final = (
    (Comment, "tok-comment"),
    (String.Interpol, ""),
    (String, "tok-string"),
    (Number, "tok-number"),
    (Keyword.Constant, "tok-bool"),
    (Keyword, "tok-keyword"),
    (Operator.Word, "tok-keyword"),
    (Name.Function, "tok-definition"),
    (Name.Class, "tok-definition"),
)


def highlighted(lines: Sequence[str]) -> list[Markup]:
    """Each line as HTML; without colours where that would take long.

    :param lines: without their ends.
    """
    if sum(map(len, lines)) > MOST_CHARACTERS or any(len(line) > LONGEST_LINE for line in lines):
        return [escape(line) for line in lines]
    made: list[list[Markup]] = [[] for _ in lines]
    for number, kind, piece in _pieces("\n".join(lines)):
        made[number].append(
            Markup('<span class="{}">{}</span>').format(kind, piece) if kind else escape(piece)
        )
    return [Markup("").join(parts) for parts in made]


def _pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """The pieces of a text, in order: the number of its line from 0, its class, what it says."""
    line = 0
    for _place, token, value in PythonLexer(stripnl=False).get_tokens_unprocessed(text):
        kind = _class_of(token)
        for n, piece in enumerate(value.split("\n")):
            line += n > 0
            if piece:
                yield line, kind, piece


def _class_of(token: object) -> str:
    return next((name for kind, name in _CLASSES if token in kind), "")
