"""Curve with its gradients, in characters: braille dots for f, a mark of its own for each gradient.

As on a page, f and its gradients have a panel each, with the same scales.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.text import Text as Line

from grader.cli.console import say
from grader.cli.pictures.marks import FINE, PLAIN, Drawing, Marks, fitted
from grader.model.inert import inert
from grader.model.picture import Curve, Stretch
from grader.model.text import Language
from grader.pictures.axis import tick_written, ticks, written
from grader.pictures.curve_view import CurveView, Panel, view
from grader.pictures.failing import Failing

NARROWEST: Final = 32
ROWS: Final = 11
"""Of a panel by itself."""
ROWS_OF_TWO: Final = 7
"""Of each of two panels: f above, its gradients below."""
MOST_LEVELS: Final = 5
"""Ticks of an axis that goes up, at most."""
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots, by row and column."""
_TRUTH, _GUESS, _BOTH = "o", "+", "*"
_STYLES: Final = {_TRUTH: "green", _GUESS: "red", _BOTH: "yellow"}


def curve_drawing(curve: Curve, language: Language, failing: Sequence[Failing] = ()) -> RenderableType:
    """``grade run --plot``: at most 72 columns, and as many rows as a small terminal has.

    :param failing: visible cases at which the verdict found it wrong.
    """
    return Drawing(lambda width, plain: _curve_lines(curve, failing, language, width, plain))


def _curve_lines(
    curve: Curve, failing: Sequence[Failing], language: Language, width: int, plain: bool
) -> Iterator[RenderableType]:
    if width < NARROWEST:
        yield Line(
            say(language, f"No curve: it takes {NARROWEST} columns.", f"没有曲线：至少需要 {NARROWEST} 列。")
        )
        return
    marks = PLAIN if plain else FINE
    said = view(curve, failing)
    rows = ROWS if len(said.panels) < 2 else ROWS_OF_TWO
    left = max((len(_number(y, plain)) for p in said.panels for y in p.scale.ticks(MOST_LEVELS)), default=0)
    columns = width - left - 2
    for panel in said.panels:
        symlog = " (symlog)" if panel.scale.linear is not None else ""
        head = Line(inert(panel.name.in_(language)) + symlog, style="dim", no_wrap=True)
        head.truncate(width, overflow="ellipsis")
        yield head
        field = _Field(curve, panel, columns, rows)
        labels = {field.row(y): _number(y, plain) for y in panel.scale.ticks(MOST_LEVELS)}
        for row, cells in enumerate(field.cells(marks, plain)):
            line = Line(labels.get(row, "").rjust(left) + " ", no_wrap=True)
            line.append(marks.tick if row in labels else marks.side, style="dim")
            for character, style in cells:
                line.append(character, style=style)
            line.rstrip()
            yield line
    yield from _x_axis(curve, columns, left, marks)
    yield from fitted(_legend(said, language, marks), width)
    for note in said.notes:
        yield Constrain(Line(inert(note.in_(language)).replace("✗", marks.fails), style="dim"), width)


def _number(y: float, plain: bool) -> str:
    return written(y) if plain else tick_written(y)


class _Field:
    """The cells of one panel, between the axes."""

    def __init__(self, curve: Curve, panel: Panel, columns: int, rows: int) -> None:
        self._panel, self._columns, self._rows = panel, columns, rows
        self._x0, self._x1 = curve.xs[0], curve.xs[-1]

    def cells(self, marks: Marks, plain: bool) -> list[list[tuple[str, str]]]:
        """(character, style) by row and column."""
        lines = {line.kind: self._heights(line.stretches) for line in self._panel.lines}
        blank = [[(" ", "") for _ in range(self._columns)] for _ in range(self._rows)]
        if self._panel.scale.low < 0 < self._panel.scale.high:
            blank[self.row(0.0)] = [(marks.zero, "dim")] * self._columns
        for (column, row), dots in self._dots(lines.get("f", ())).items():
            blank[row][column] = (":" if plain else chr(0x2800 + dots), "cyan")
        truth = self._marked(lines.get("truth", ()))
        guess = self._marked(lines.get("predicted", ()))
        for place in truth | guess:
            mark = _BOTH if place in truth and place in guess else _TRUTH if place in truth else _GUESS
            blank[place[1]][place[0]] = (mark, _STYLES[mark])
        for line in self._panel.lines:
            for each in line.breaks if line.kind == "f" else ():
                for y in (each.left, each.right):
                    self._put(blank, each.x, y, (marks.jump, "cyan"))
        for case in self._panel.failing:
            self._put(blank, case.x, case.actual, (marks.fails, "bold red"))
        return blank

    def row(self, y: float) -> int:
        """The row in which ``y`` is."""
        return self._row(self._panel.scale.height(y))

    def _row(self, height: float) -> int:
        # A hair upwards, so that two ways to work out one number do not fall into two rows.
        return min(self._rows - 1, max(0, int(self._rows - height * self._rows - 1e-6)))

    def _put(
        self, cells: list[list[tuple[str, str]]], x: float, y: float | None, mark: tuple[str, str]
    ) -> None:
        """A mark at a point: at the bottom where it has no height, nowhere where that is outside."""
        height = 0.0 if y is None else self._panel.scale.height(y)
        if 0 <= height <= 1:
            cells[self._row(height)][min(self._columns - 1, int(self._across(x)))] = mark

    def _heights(self, stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
        """The same with the heights of the numbers, 0 at the bottom and 1 at the top."""
        scale = self._panel.scale
        return tuple(tuple((x, scale.height(y)) for x, y in stretch) for stretch in stretches)

    def _across(self, x: float) -> float:
        """From 0 at the left edge of the first column to the number of columns."""
        return (x - self._x0) / ((self._x1 - self._x0) or 1.0) * (self._columns - 1) + 0.5

    def _dots(self, stretches: tuple[Stretch, ...]) -> dict[tuple[int, int], int]:
        """Braille dots of a line: by (column, row), the bits."""
        found: dict[tuple[int, int], int] = {}
        height, wide = self._rows * 4, self._columns * 2
        for stretch in stretches:
            for (xa, ya), (xb, yb) in pairwise(stretch) if len(stretch) > 1 else [(stretch[0],) * 2]:
                a, b = self._across(xa) * 2, self._across(xb) * 2
                inside = _inside(ya, yb)
                if inside is None:
                    continue
                p, q = ya * height, yb * height
                (s, t) = inside
                steps = math.ceil(max(abs(b - a), abs(q - p) * (t - s))) * 2 + 1
                for n in range(steps + 1):
                    k = s + (t - s) * n / steps
                    x = min(wide - 1, max(0, int(a + (b - a) * k)))
                    y = min(height - 1, max(0, int(height - (p + (q - p) * k))))
                    bit = _DOTS[y % 4][x % 2]
                    found[x // 2, y // 4] = found.get((x // 2, y // 4), 0) | bit
        return found

    def _marked(self, stretches: tuple[Stretch, ...]) -> set[tuple[int, int]]:
        """(column, row) of the marks: in every other column, so that what lies below is seen between them."""
        found = set()
        for stretch in stretches:
            first, last = self._across(stretch[0][0]), self._across(stretch[-1][0])
            inside = [c for c in range(0, self._columns, 2) if first <= c + 0.5 <= last]
            points = [(c, self._at(stretch, c + 0.5)) for c in inside]
            if not inside:  # too short to reach one, yet worth a mark
                points = [(int(self._across(x)) // 2 * 2, y) for x, y in stretch]
            for column, y in points:
                if 0 <= y <= 1:
                    found.add((min(self._columns - 1, column), self._row(y)))
        return found

    def _at(self, stretch: Stretch, across: float) -> float:
        """The height of the line through ``stretch`` there."""
        for (xa, ya), (xb, yb) in pairwise(stretch):
            a, b = self._across(xa), self._across(xb)
            if across <= b:
                part = min(1.0, max(0.0, (across - a) / ((b - a) or 1.0)))
                return ya + (yb - ya) * part
        return stretch[-1][1]


def _inside(a: float, b: float) -> tuple[float, float] | None:
    """From which to which part of the way from the height ``a`` to ``b`` it is in the picture.

    The clipping of Liang and Barsky (1984), for the one coordinate that can leave the picture.
    """
    if a == b:
        return (0.0, 1.0) if 0 <= a <= 1 else None
    s, t = sorted((-a / (b - a), (1 - a) / (b - a)))
    s, t = max(0.0, s), min(1.0, t)
    return (s, t) if s <= t else None


def _x_axis(curve: Curve, columns: int, left: int, marks: Marks) -> Iterator[Line]:
    x0, x1 = curve.xs[0], curve.xs[-1]
    axis, numbers = [marks.bottom] * columns, [" "] * columns
    free = 0
    for x in ticks(x0, x1, max(3, columns // 10)):
        at = min(columns - 1, int((x - x0) / ((x1 - x0) or 1.0) * (columns - 1) + 0.5))
        text = written(x)
        start = min(max(0, at - len(text) // 2), columns - len(text))
        if start < free or start + len(text) > columns - len(curve.input) - 2:
            continue
        axis[at] = marks.notch
        numbers[start : start + len(text)] = text
        free = start + len(text) + 1
    numbers[columns - len(curve.input) :] = curve.input
    yield Line(" " * (left + 1) + marks.corner + "".join(axis), style="dim", no_wrap=True)
    yield Line(" " * (left + 2) + "".join(numbers), no_wrap=True)


def _legend(said: CurveView, language: Language, marks: Marks) -> list[Line]:
    signs = {
        "f": (marks.curve, "cyan"),
        "truth": (_TRUTH, _STYLES[_TRUTH]),
        "predicted": (_GUESS, _STYLES[_GUESS]),
    }
    items = [Line.assemble(signs[line.kind], f" {inert(line.label.in_(language))}") for line in said.lines]
    if {"truth", "predicted"} <= {line.kind for line in said.lines}:
        items.append(Line.assemble((_BOTH, _STYLES[_BOTH]), " ", say(language, "both", "两者重合")))
    if any(line.kind == "f" and line.breaks for line in said.lines):
        items.append(Line.assemble((marks.jump, "cyan"), " ", say(language, "jump", "跳跃")))
    return items
