"""A curve with its gradients, in characters: braille dots for f, a mark of its own for each gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from rich.console import RenderableType
from rich.text import Text as Line

from grader.drawing.paper import FINE, PLAIN, Drawing, Marks, fitted, say
from grader.model.axis import ticks, written
from grader.model.inert import inert
from grader.model.picture import Curve, Stretch
from grader.model.text import Language

NARROWEST: Final = 32
ROWS: Final = 11
"""Of the curve itself; axis, numbers, legend and notes take five more at most."""
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots, by row and column."""
_TRUTH, _GUESS, _BOTH = "o", "+", "*"
_STYLES: Final = {_TRUTH: "green", _GUESS: "red", _BOTH: "yellow"}


def curve_drawing(curve: Curve, language: Language) -> RenderableType:
    """``grade run --plot``: at most 72 columns and 16 rows."""
    return Drawing(lambda width, plain: _curve_lines(curve, language, width, plain))


def _curve_lines(curve: Curve, language: Language, width: int, plain: bool) -> Iterator[Line]:
    if width < NARROWEST:
        yield Line(
            say(language, f"No curve: it takes {NARROWEST} columns.", f"没有曲线：至少需要 {NARROWEST} 列。")
        )
        return
    marks = PLAIN if plain else FINE
    low, high = curve.y_range
    labels = {_row(y, low, high): written(y) for y in ticks(low, high, 5)}
    left = max(map(len, labels.values()), default=0)
    columns = width - left - 2
    field = _Field(curve, columns)
    cells = field.cells(marks, plain)
    for row in range(ROWS):
        line = Line(labels.get(row, "").rjust(left) + " ", no_wrap=True)
        line.append(marks.tick if row in labels else marks.side, style="dim")
        for character, style in cells[row]:
            line.append(character, style=style)
        line.rstrip()
        yield line
    yield from _x_axis(curve, columns, left, marks)
    yield from fitted(_legend(curve, language, marks), width)
    for note in _notes(curve, language, field):
        yield Line(note, style="dim")


class _Field:
    """The cells between the axes."""

    def __init__(self, curve: Curve, columns: int) -> None:
        self._curve, self._columns = curve, columns
        self._x0, self._x1 = curve.xs[0], curve.xs[-1]
        self._low, self._high = curve.y_range

    def cells(self, marks: Marks, plain: bool) -> list[list[tuple[str, str]]]:
        blank = [[(" ", "") for _ in range(self._columns)] for _ in range(ROWS)]
        if self._low < 0 < self._high:
            blank[_row(0.0, self._low, self._high)] = [(marks.zero, "dim")] * self._columns
        for (column, row), dots in self._dots(self._curve.series.f).items():
            blank[row][column] = (":" if plain else chr(0x2800 + dots), "cyan")
        truth = self._marked(self._curve.series.truth)
        guess = self._marked(self._curve.series.predicted)
        for place in truth | guess:
            mark = _BOTH if place in truth and place in guess else _TRUTH if place in truth else _GUESS
            blank[place[1]][place[0]] = (mark, _STYLES[mark])
        return blank

    def leaves(self, stretches: tuple[Stretch, ...]) -> bool:
        """Whether some of it lies outside."""
        return any(not self._low <= y <= self._high for stretch in stretches for _, y in stretch)

    def _across(self, x: float) -> float:
        """From 0 at the left edge of the first column to the number of columns."""
        return (x - self._x0) / ((self._x1 - self._x0) or 1.0) * (self._columns - 1) + 0.5

    def _dots(self, stretches: tuple[Stretch, ...]) -> dict[tuple[int, int], int]:
        """Braille dots of a line: by (column, row), the bits."""
        found: dict[tuple[int, int], int] = {}
        height, wide = ROWS * 4, self._columns * 2
        for stretch in stretches:
            for (xa, ya), (xb, yb) in pairwise(stretch) if len(stretch) > 1 else [(stretch[0],) * 2]:
                a, b = self._across(xa) * 2, self._across(xb) * 2
                inside = _inside(ya, yb, self._low, self._high)
                if inside is None:
                    continue
                p, q = (_height(y, self._low, self._high) * height for y in (ya, yb))
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
                if self._low <= y <= self._high:
                    found.add((min(self._columns - 1, column), _row(y, self._low, self._high)))
        return found

    def _at(self, stretch: Stretch, across: float) -> float:
        """The height of the line through ``stretch`` there."""
        for (xa, ya), (xb, yb) in pairwise(stretch):
            a, b = self._across(xa), self._across(xb)
            if across <= b:
                part = min(1.0, max(0.0, (across - a) / ((b - a) or 1.0)))
                return ya + (yb - ya) * part
        return stretch[-1][1]


def _inside(a: float, b: float, low: float, high: float) -> tuple[float, float] | None:
    """From which to which part of the way from ``a`` to ``b`` it is between ``low`` and ``high``."""
    if a == b:
        return (0.0, 1.0) if low <= a <= high else None
    s, t = sorted(((low - a) / (b - a), (high - a) / (b - a)))
    s, t = max(0.0, s), min(1.0, t)
    return (s, t) if s <= t else None


def _height(y: float, low: float, high: float) -> float:
    return (y - low) / (high - low)


def _row(y: float, low: float, high: float) -> int:
    # A hair upwards, so that two ways to work out one number do not fall into two rows.
    return min(ROWS - 1, max(0, int(ROWS - _height(y, low, high) * ROWS - 1e-6)))


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


def _names(curve: Curve, language: Language) -> dict[str, str]:
    f, x = inert(curve.function), inert(curve.input)
    guess = inert(curve.prediction or "")
    return {
        "f": say(language, f"your {f}({x})", f"你的 {f}({x})"),
        "truth": say(language, "true gradient", "真实梯度"),
        "predicted": say(language, f"your {guess}", f"你的 {guess}"),
    }


def _legend(curve: Curve, language: Language, marks: Marks) -> list[Line]:
    names, series = _names(curve, language), curve.series
    items = []
    if series.f:
        items.append(Line.assemble((marks.curve, "cyan"), f" {names['f']}"))
    if series.truth:
        items.append(Line.assemble((_TRUTH, _STYLES[_TRUTH]), f" {names['truth']}"))
    if series.predicted:
        items.append(Line.assemble((_GUESS, _STYLES[_GUESS]), f" {names['predicted']}"))
    if series.truth and series.predicted:
        items.append(Line.assemble((_BOTH, _STYLES[_BOTH]), " ", say(language, "both", "两者重合")))
    return items


def _notes(curve: Curve, language: Language, field: _Field) -> Iterator[str]:
    names, series = _names(curve, language), curve.series
    outside = [
        names[name]
        for name, one in (("f", series.f), ("truth", series.truth), ("predicted", series.predicted))
        if one and field.leaves(one)
    ]
    if outside:
        joined = say(language, ", ", "、").join(outside)
        yield say(language, f"Partly beyond the picture: {joined}.", f"有一部分超出图外：{joined}。")
    if not series.f:
        yield say(
            language,
            f"No curve of {names['f']}: it does not give one number for each {inert(curve.input)} here.",
            f"{names['f']} 画不出曲线：在这里它没有为每个 {inert(curve.input)} 给出一个数。",
        )
    if curve.prediction is not None and not series.predicted:
        yield say(
            language,
            f"No curve of {names['predicted']}: it does not give one number for each "
            f"{inert(curve.input)} here.",
            f"{names['predicted']} 画不出曲线：在这里它没有为每个 {inert(curve.input)} 给出一个数。",
        )
    if curve.withheld:
        yield say(
            language,
            "The true gradient is drawn once there is a prediction to compare.",
            "有了预测，才会画出真实梯度作对照。",
        )
    elif not series.truth:
        yield say(
            language,
            "The true gradient is not known over this range, so it is not drawn.",
            "这段范围内的真实梯度未知，因此没有画出。",
        )
