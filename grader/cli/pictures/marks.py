"""Marks that every drawing in a terminal is made of, braille or ASCII; its width, and its two languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text as Line

WIDTH: Final = 72


@dataclass(frozen=True)
class Marks:
    """What is drawn with."""

    curve: str
    zero: str
    jump: str
    fails: str
    side: str
    tick: str
    corner: str
    bottom: str
    notch: str
    fork: str
    last: str
    rail: str
    made_of: str
    cut: str
    scissors: str
    arrives: str


FINE: Final = Marks(
    "⠤⠤", "┄", "○", "✗", "│", "┤", "└", "─", "┬", "├─ ", "└─ ", "│  ", " ← ", " ←✂ ", "✂", " ✓"
)
PLAIN: Final = Marks(
    "::", ".", "O", "X", "|", "-", "+", "-", "+", "|- ", "`- ", "|  ", " <- ", " <-8<- ", "8<", " [ok]"
)


class Drawing:
    """Lines that are made once the width is known and what the terminal can show."""

    def __init__(self, lines: Callable[[int, bool], Iterator[RenderableType]]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        plain = options.ascii_only or console.is_dumb_terminal
        yield from self._lines(min(WIDTH, options.max_width), plain)


def fitted(items: list[Line], width: int) -> Iterator[Line]:
    """``items`` beside one another, in as many lines as they need."""
    line = Line()
    for item in items:
        if line and cell_len(line.plain) + 3 + cell_len(item.plain) > width:
            yield line
            line = Line()
        line = Line.assemble(line, "   ", item) if line else item
    if line:
        yield line
