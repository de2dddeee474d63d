"""Phrases of which sentences are made: a number, a noun with its article, a subject in Chinese."""

from __future__ import annotations

from grader.model.digits import told_apart
from grader.model.text import Text


def number(x: float | complex, digits: int = 6) -> str:
    """Six significant digits; of a complex number, of either part: ``1.5-2j``."""
    return f"{x:.{digits}g}"


def apart(x: float | complex, y: float | complex) -> tuple[str, str]:
    """Two numbers that are not the same, with as many digits as it takes to see that; six at least."""
    return told_apart(lambda digits: (number(x, digits), number(y, digits)))


def a_noun(noun: str) -> str:
    """The noun with its article: a list, an int."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def subject_zh(who: Text) -> str:
    """The subject of a Chinese sentence: behind Latin letters comes a space, behind Chinese ones none."""
    return f"{who.zh} " if who.zh[-1:].isascii() else who.zh
