"""SVG of a curve with its gradients, in an HTML figure: no script, no style, and a table beside it.

Every series has its own thickness and dashes, so that it is known without colours. Two that lie on
one another are both seen: the true gradient is a broad band, the predicted one a dashed line in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from markupsafe import Markup

from grader.model.picture import Curve
from grader.model.text import Language, Text
from grader.pictures.axis import ticks, written
from grader.pictures.curve_view import CurveView, Line, view

WIDTH: Final = 380
HEIGHT: Final = 232
MOST_LEVELS: Final = 5
"""Ticks of the axis that goes up, at most."""
MOST_MARKS_BELOW: Final = 6
"""Ticks of the axis below, at most."""
_TOP, _RIGHT, _BOTTOM = 10, 14, 26
_CHARACTER: Final = 7.0
"""A digit of the numbers at the axes is so wide."""
_ROWS: Final = 9
_BEYOND: Final = 4
"""A line is followed so many heights of the picture outside of it, and no farther."""
_IN_NUMBERS: Final = Text("The curves in numbers", "曲线上的数值")
_NONE: Final = Text("none", "无")


def curve_figure(curve: Curve, language: Language) -> Markup:
    """The figure: title, plot, legend, what has to be said, and some of the numbers."""
    said = view(curve)
    return Markup('<figure class="picture plot"><figcaption>{}</figcaption>{}{}{}{}</figure>').format(
        said.title.in_(language),
        _svg(curve, said, language),
        Markup('<ul class="key">{}</ul>').format(
            Markup("").join(
                Markup("<li>{} {}</li>").format(_swatch(line.kind), line.label.in_(language))
                for line in said.lines
            )
        ),
        Markup("").join(Markup('<p class="quiet">{}</p>').format(note.in_(language)) for note in said.notes),
        _table(curve, said, language),
    )


def _svg(curve: Curve, said: CurveView, language: Language) -> Markup:
    """The plot alone."""
    field = _Field(curve)
    low, high = written(curve.xs[0]), written(curve.xs[-1])
    about = Text(
        f"Drawn for {curve.input} from {low} to {high}. The numbers are in the table below.",
        f"{curve.input} 从 {low} 到 {high}；具体数值见后面的表格。",
    )
    return Markup(
        '<svg class="sketch" viewBox="0 0 {w} {h}" role="img"><title>{title}</title><desc>{about}</desc>'
        '{axes}<svg x="{x}" y="{y}" width="{width}" height="{height}" overflow="hidden">{lines}</svg></svg>'
    ).format(
        w=WIDTH,
        h=HEIGHT,
        title=said.title.in_(language),
        about=about.in_(language),
        axes=Markup("").join(field.axes()),
        x=field.left,
        y=_TOP,
        width=field.width,
        height=field.height,
        lines=Markup("").join(field.line(line) for line in said.lines),
    )


class _Field:
    """The rectangle between the axes."""

    def __init__(self, curve: Curve) -> None:
        self._input = curve.input
        self._x0, self._x1 = curve.xs[0], curve.xs[-1]
        self._low, self._high = curve.y_range
        self._marks = ticks(self._low, self._high, MOST_LEVELS) if self._low < self._high else []
        widest = max((len(written(y)) for y in self._marks), default=1)
        self.left = round(widest * _CHARACTER + 10)
        self.width = WIDTH - _RIGHT - self.left
        self.height = HEIGHT - _TOP - _BOTTOM

    def _across(self, x: float) -> float:
        return (x - self._x0) / ((self._x1 - self._x0) or 1.0) * self.width

    def _down(self, y: float) -> float:
        part = (self._high - y) / ((self._high - self._low) or 1.0)
        return min(1.0 + _BEYOND, max(-float(_BEYOND), part)) * self.height

    def axes(self) -> Iterator[Markup]:
        """Level lines with numbers, and the numbers below."""
        for y in self._marks:
            at = _TOP + self._down(y)
            yield Markup('<path class="{}" d="M{} {:.1f}H{}"/>').format(
                "zero" if not y else "level", self.left, at, self.left + self.width
            )
            yield Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
                self.left - 6, at + 4, written(y)
            )
        bottom = _TOP + self.height
        yield Markup('<path class="axis" d="M{} {}H{}"/>').format(self.left, bottom, self.left + self.width)
        name = self._input if len(self._input) <= 8 else self._input[:7] + "…"
        yield Markup('<text class="name" x="{}" y="{}" text-anchor="end">{}</text>').format(
            WIDTH - 2, bottom + 18, name
        )
        free = float(self.left - 8)
        end = WIDTH - 2 - (len(name) + 1) * _CHARACTER
        for x in ticks(self._x0, self._x1, MOST_MARKS_BELOW) if self._x0 < self._x1 else [self._x0]:
            at, half = self.left + self._across(x), len(written(x)) * _CHARACTER / 2
            if at - half < free or at + half > end:
                continue
            free = at + half + _CHARACTER
            yield Markup('<path class="axis" d="M{:.1f} {}v4"/>').format(at, bottom)
            yield Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                at, bottom + 18, written(x)
            )

    def line(self, line: Line) -> Markup:
        """One series: a path with a gap wherever a stretch ends, and a dot for a stretch of one point."""
        path = "".join(
            "M" + "L".join(f"{self._across(x):.1f} {self._down(y):.1f}" for x, y in stretch)
            for stretch in line.stretches
            if len(stretch) > 1
        )
        dots = [stretch[0] for stretch in line.stretches if len(stretch) == 1]
        return Markup("{}{}").format(
            Markup('<path class="{}" d="{}"/>').format(line.kind, path) if path else "",
            Markup("").join(
                Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="2.5"/>').format(
                    line.kind, self._across(x), self._down(y)
                )
                for x, y in dots
            ),
        )


def _swatch(kind: str) -> Markup:
    return Markup(
        '<svg class="sketch swatch" width="34" height="12" viewBox="0 0 34 12" aria-hidden="true" '
        'focusable="false"><path class="{}" d="M1 6H33"/></svg>'
    ).format(kind)


def _table(curve: Curve, said: CurveView, language: Language) -> Markup:
    """Some points, from end to end."""
    last = len(curve.xs) - 1
    chosen = sorted({round(last * i / (_ROWS - 1)) for i in range(_ROWS)})
    known = [dict(chain.from_iterable(line.stretches)) for line in said.lines]
    head = Markup("").join(
        Markup('<th scope="col">{}</th>').format(name)
        for name in (curve.input, *(line.label.in_(language) for line in said.lines))
    )
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            written(x),
            Markup("").join(
                Markup("<td>{}</td>").format(written(ys[x]) if x in ys else _NONE.in_(language))
                for ys in known
            ),
        )
        for x in (curve.xs[i] for i in chosen)
    )
    title = _IN_NUMBERS.in_(language)
    return Markup(
        '<details><summary>{}</summary><div class="scroll" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>"
    ).format(title, title, head, rows)
