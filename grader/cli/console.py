"""Console: a terminal that nobody's text can steer (escape sequences), and what pages are written with.

Whatever a student's code returned or printed passes through :func:`~grader.model.inert.inert` first: an
escape sequence in it must not move the instructor's cursor. :func:`console` sees to what was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from grader.model.digits import told_apart
from grader.model.inert import inert
from grader.model.text import Language


class _Inert(Console):
    """A console on which nothing but its own styles steers the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """The pieces of ``renderable``, with their text made inert."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(inert(segment.text), segment.style)


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or error."""
    return _Inert(stderr=stderr, highlight=False, soft_wrap=False)


def grid(columns: int) -> Table:
    """Columns without lines. Chinese has no spaces to break at: what is too long is folded, never cut off."""
    grid = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(columns):
        grid.add_column(overflow="fold")
    return grid


def numbers(value: Any, digits: int = 6) -> str:
    """Numbers with six significant digits, nested lists in brackets."""
    if isinstance(value, list):
        return "[" + ", ".join(numbers(item, digits) for item in value) + "]"
    if isinstance(value, float):
        return f"{value + 0.0:.{digits}g}"  # -0.0 is a zero
    return str(value)


def beside(one: Any, other: Any) -> tuple[str, str]:
    """Two values that are compared: where they are not the same and six digits do not show it, with more."""
    if one == other:
        return numbers(one), numbers(other)
    return told_apart(lambda digits: (numbers(one, digits), numbers(other, digits)))


def say(language: Language, en: str, zh: str) -> str:
    """The wording of the two that the reader understands."""
    return zh if language == "zh" else en
