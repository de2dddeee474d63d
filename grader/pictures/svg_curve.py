"""SVG of a curve with its gradients, in an HTML figure: no style, no script needed, and a table beside it.

Two panels over one axis: the function above, its gradients below. Every series has its own thickness and
dashes and its name where it ends, so that it is known without colours. Two that lie on one another are both
seen: the true gradient is a broad band, the predicted one a dashed line in it. A jump has open circles at
both ends, and a failing case a cross.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from markupsafe import Markup

from grader.model.picture import Curve, Stretch
from grader.model.text import Language, Text
from grader.pictures.axis import tick_written, ticks, written
from grader.pictures.curve_view import CurveView, Line, Panel, view
from grader.pictures.failing import Failing
from grader.pictures.slider import AT, slider
from grader.pictures.svg_field import Field, Frame

WIDTH: Final = 360
_PANEL: Final = 130
"""The height of one."""
_HEAD: Final = 24
"""Above each is its name."""
_BOTTOM: Final = 26
_RIGHT: Final = 46
"""Here the lines are named."""
MOST_LEVELS: Final = 5
"""Ticks of an axis that goes up, at most."""
MOST_MARKS_BELOW: Final = 6
"""Ticks of the axis below, at most."""
_CHARACTER: Final = 7.0
"""A digit of the numbers at the axes is so wide."""
_LINE: Final = 13.0
_ROWS: Final = 12
_IN_NUMBERS: Final = Text("The curves in numbers", "曲线上的数值")
_JUMPS: Final = Text("Jumps and kinks", "跳跃与尖点")
_NONE: Final = Text("none", "无")


def curve_figure(curve: Curve, language: Language, failing: Sequence[Failing] = ()) -> Markup:
    """The figure: title, plot, legend, slider, what has to be said, and some of the numbers."""
    said = view(curve, failing)
    frame = _frame(curve, said)
    return Markup('<figure class="picture plot"><figcaption>{}</figcaption>{}{}{}{}{}</figure>').format(
        said.title.in_(language),
        _svg(curve, said, frame, language),
        Markup('<ul class="key">{}</ul>').format(Markup("").join(_key(said, language))),
        slider(curve, said, frame, failing, language),
        Markup("").join(Markup('<p class="quiet">{}</p>').format(note.in_(language)) for note in said.notes),
        _table(curve, said, language),
    )


def _frame(curve: Curve, said: CurveView) -> Frame:
    widest = max((len(tick_written(y)) for p in said.panels for y in p.scale.ticks(MOST_LEVELS)), default=1)
    left = round(widest * _CHARACTER + 10)
    fields = {
        panel.kind: Field(panel.scale, _HEAD + n * (_PANEL + _HEAD), _PANEL)
        for n, panel in enumerate(said.panels)
    }
    return Frame(curve.xs[0], curve.xs[-1], left, WIDTH - _RIGHT - left, fields)


def _svg(curve: Curve, said: CurveView, frame: Frame, language: Language) -> Markup:
    """The plot alone."""
    low, high = written(curve.xs[0]), written(curve.xs[-1])
    about = Text(
        f"Drawn for {curve.input} from {low} to {high}. The numbers are in the table below.",
        f"{curve.input} 从 {low} 到 {high}；具体数值见后面的表格。",
    )
    return Markup(
        '<svg class="sketch" viewBox="0 0 {w} {h}" role="img"><title>{title}</title><desc>{about}</desc>'
        '{below}{panels}<g class="{at}"></g></svg>'
    ).format(
        w=WIDTH,
        h=len(said.panels) * (_HEAD + _PANEL) + _BOTTOM,
        title=said.title.in_(language),
        about=about.in_(language),
        below=Markup("").join(_below(curve, said, frame)),
        panels=Markup("").join(
            part for panel in said.panels for part in _panel(panel, frame, curve, language)
        ),
        at=AT,
    )


def _panel(panel: Panel, frame: Frame, curve: Curve, language: Language) -> Iterator[Markup]:
    """One drawing: its name, level lines with numbers, its lines with their names, the failing cases."""
    field = frame.fields[panel.kind]
    symlog = " · symlog" if panel.scale.linear is not None else ""
    yield Markup('<text class="name" x="0" y="{}">{}{}</text>').format(
        field.top - 8, panel.name.in_(language), symlog
    )
    for y in panel.scale.ticks(MOST_LEVELS):
        at = field.down(y)
        yield Markup('<path class="{}" d="M{} {:.1f}h{}"/>').format(
            "zero" if not y else "level", frame.left, at, frame.width
        )
        yield Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
            frame.left - 6, at + 4, tick_written(y)
        )
    # A nested drawing, which cuts off what leaves the panel.
    yield Markup('<svg x="{}" y="{}" width="{}" height="{}" overflow="hidden">{}</svg>').format(
        frame.left,
        field.top,
        frame.width,
        field.height,
        Markup("").join(Markup("").join(_line(line, frame, field)) for line in panel.lines),
    )
    for line in panel.lines:
        yield from _circles(line, frame, field)
    yield from _ends(panel, frame, field, language)
    for each in panel.failing:
        yield from _cross(each, frame, field)
    yield from _named(panel, frame, field, _wide(panel.name.in_(language) + symlog), curve.input)


def _line(line: Line, frame: Frame, field: Field) -> Iterator[Markup]:
    """One series: a path with a gap wherever a stretch ends, and a dot for a stretch of one point."""

    def at(stretch: Stretch) -> Iterator[str]:
        return (f"{frame.across(x) - frame.left:.1f} {field.down(y) - field.top:.1f}" for x, y in stretch)

    path = "".join("M" + "L".join(at(stretch)) for stretch in line.stretches if len(stretch) > 1)
    if path:
        yield Markup('<path class="{}" d="{}"/>').format(line.kind, path)
    for stretch in line.stretches:
        if len(stretch) == 1:
            ((x, y),) = stretch
            yield Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="2.5"/>').format(
                line.kind, frame.across(x) - frame.left, field.down(y) - field.top
            )


def _circles(line: Line, frame: Frame, field: Field) -> Iterator[Markup]:
    """Open at both ends of a jump, filled where the series has its value at the place itself."""
    for each in line.breaks:
        for y in dict.fromkeys((each.left, each.right)):
            yield from _circle(f"open {line.kind}", each.x, y, frame, field)
        if each.at is not None:
            yield from _circle(line.kind, each.x, each.at, frame, field)


def _circle(kind: str, x: float, y: float, frame: Frame, field: Field) -> Iterator[Markup]:
    if field.scale.low <= y <= field.scale.high:
        yield Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="2.8"/>').format(
            kind, frame.across(x), field.down(y)
        )


def _ends(panel: Panel, frame: Frame, field: Field, language: Language) -> Iterator[Markup]:
    """The names of the lines, each where its line ends, and none over another."""
    bottom = field.top + field.height
    heights = [(field.down(line.stretches[-1][-1][1]), line) for line in panel.lines]
    wanted = sorted(((min(bottom, max(field.top, y)), line) for y, line in heights), key=lambda each: each[0])
    at = field.top - _LINE
    places = []
    for y, line in wanted:
        at = max(at + _LINE, y)
        places.append((at, line))
    over = max(0.0, at - bottom)
    for y, line in places:
        yield Markup('<text class="end {}" x="{}" y="{:.1f}">{}</text>').format(
            line.kind, frame.left + frame.width + 5, y - over + 4, line.end.in_(language)
        )


def _wide(name: str) -> float:
    """How much room a panel's name takes, at most."""
    return 8.0 + sum(13.0 if unicodedata.east_asian_width(c) in "WF" else 7.6 for c in name)


def _cross(each: Failing, frame: Frame, field: Field) -> Iterator[Markup]:
    """A failing case: a dashed line down the panel, and a cross at the student's value."""
    x, bottom = frame.across(each.x), field.top + field.height
    inside = each.actual is not None and field.scale.low <= each.actual <= field.scale.high
    y = field.down(each.actual) if each.actual is not None and inside else bottom
    yield Markup('<path class="failing down" d="M{:.1f} {}V{}"/>').format(x, field.top, bottom)
    yield Markup('<path class="failing" d="M{:.1f} {:.1f}l14 14m0 -14l-14 14"/>').format(x - 7, y - 7)


def _named(panel: Panel, frame: Frame, field: Field, free: float, input: str) -> Iterator[Markup]:
    """The inputs of failing cases above them, as far as there is room beside the panel's name."""
    name = input if len(input) <= 8 else input[:7] + "…"
    for each in sorted(panel.failing, key=lambda each: each.x):
        text = f"✗ {name} = {written(each.x)}"
        wide = len(text) * _CHARACTER
        start = min(max(frame.across(each.x) - 5, free), WIDTH - wide)
        if start >= free:
            yield Markup('<text class="failing" x="{:.1f}" y="{}">{}</text>').format(
                start, field.top - 8, text
            )
            free = start + wide + _CHARACTER


def _below(curve: Curve, said: CurveView, frame: Frame) -> Iterator[Markup]:
    """The axis below every panel, and its numbers below the last."""
    for panel in said.panels:
        field = frame.fields[panel.kind]
        yield Markup('<path class="axis" d="M{} {}h{}"/>').format(
            frame.left, field.top + field.height, frame.width
        )
    bottom = len(said.panels) * (_HEAD + _PANEL)
    name = curve.input if len(curve.input) <= 8 else curve.input[:7] + "…"
    yield Markup('<text class="name" x="{}" y="{}">{}</text>').format(
        frame.left + frame.width + 5, bottom + 18, name
    )
    free, end = float(frame.left - 8), frame.left + frame.width + 2
    for x in ticks(frame.x0, frame.x1, MOST_MARKS_BELOW) if frame.x0 < frame.x1 else [frame.x0]:
        at, half = frame.across(x), len(written(x)) * _CHARACTER / 2
        if at - half < free or at + half > end:
            continue
        free = at + half + _CHARACTER
        yield Markup('<path class="axis" d="M{:.1f} {}v4"/>').format(at, bottom)
        yield Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            at, bottom + 18, written(x)
        )


def _key(said: CurveView, language: Language) -> Iterable[Markup]:
    for line in said.lines:
        yield Markup(
            '<li><svg class="sketch swatch" width="34" height="12" viewBox="0 0 34 12" aria-hidden="true" '
            'focusable="false"><path class="{}" d="M1 6H33"/></svg> {}</li>'
        ).format(line.kind, line.label.in_(language))


def _table(curve: Curve, said: CurveView, language: Language) -> Markup:
    """Some points, from end to end, and every jump."""
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
    jumps = Markup("").join(Markup("<li>{}</li>").format(each.in_(language)) for each in said.jumps)
    title = _IN_NUMBERS.in_(language)
    return Markup(
        '<details><summary>{}</summary><div class="scroll" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}</details>"
    ).format(
        title,
        title,
        head,
        rows,
        Markup("<p>{}</p><ul>{}</ul>").format(_JUMPS.in_(language), jumps) if jumps else "",
    )
