"""Significant digits: how many it takes to show that two numbers differ."""

from __future__ import annotations

from collections.abc import Callable


def told_apart(written: Callable[[int], tuple[str, str]]) -> tuple[str, str]:
    """Two values as ``written`` with six significant digits, or with as many as show that they differ.

    Seventeen tell any two float64 apart. What is equal need not be asked: it would get all of them.
    """
    texts = written(6)
    for digits in (9, 12, 17):
        if texts[0] != texts[1]:
            break
        texts = written(digits)
    return texts
