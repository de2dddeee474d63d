"""Slider of a curve: a range input that moves a point along it, and a place for what is known there.

The script ``plot.js`` shows and moves it; the numbers are in an attribute, as they are written in the
table, so that no number is rounded in two ways. Without a script it stays hidden.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from markupsafe import Markup

from grader.model.picture import Curve
from grader.model.text import Language, Text
from grader.pictures.axis import written
from grader.pictures.curve_view import CurveView
from grader.pictures.failing import Failing, Place
from grader.pictures.svg_field import Frame

AT: Final = "at"
"""The class of the group in which the script draws the point."""
_MOVE: Final = Text("Move the point", "移动这个点")
_NONE: Final = Text("none", "无")
_LINES: Final = Text(
    "The thin lines through the point of f have these gradients as their slopes.",
    "过 f 上这一点的细线，斜率就是上面的梯度值。",
)
_BENT: Final = Text(
    _LINES.en + " The symlog axis bends straight lines.", _LINES.zh + "symlog 刻度会把直线画弯。"
)
_LABELS: Final = {
    "truth": Text("slope (autograd)", "斜率（autograd）"),
}


def slider(
    curve: Curve, said: CurveView, frame: Frame, failing: Sequence[Failing], language: Language
) -> Markup:
    """The input, its output, and the numbers for the script."""
    if len(curve.xs) < 2:
        return Markup()
    known = {line.kind: dict(chain.from_iterable(line.stretches)) for line in said.lines}
    data = {
        "x": [written(x) for x in curve.xs],
        "lines": {
            kind: [written(ys[x]) if x in ys else None for x in curve.xs] for kind, ys in known.items()
        },
        "left": frame.left,
        "width": frame.width,
        "panels": {kind: _panel(frame, kind) for kind in frame.fields},
        "none": _NONE.in_(language),
    }
    told = [
        (curve.input, "x"),
        *((_LABELS.get(line.kind, line.label).in_(language), line.kind) for line in said.lines),
    ]
    values = Markup("").join(
        Markup('<span class="value"><span class="of">{}</span> <b data-of="{}"></b></span> ').format(
            name, kind
        )
        for name, kind in told
    )
    lines = ""
    if "f" in known and len(known) > 1:
        lines = (_BENT if frame.fields["f"].scale.linear is not None else _LINES).in_(language)
    return Markup(
        '<div class="slider" hidden data-curve="{}"><label>{} <input type="range" min="0" max="{}" step="1" '
        'value="{}" autocomplete="off"></label><output aria-live="polite">{}</output>{}</div>'
    ).format(
        json.dumps(data, separators=(",", ":")),
        _MOVE.in_(language),
        len(curve.xs) - 1,
        _first(curve, known, failing),
        values,
        Markup('<p class="quiet">{}</p>').format(lines) if lines else "",
    )


def _panel(frame: Frame, kind: Place) -> dict[str, Any]:
    field = frame.fields[kind]
    scale = field.scale
    return {"top": field.top, "height": field.height, "low": scale.low, "high": scale.high, "c": scale.linear}


def _first(curve: Curve, known: dict[Any, dict[float, float]], failing: Sequence[Failing]) -> int:
    """Where the point is at first: at a failing case, else right of the middle, where most is known."""
    wanted = failing[0].x if failing else curve.xs[0] + 0.75 * (curve.xs[-1] - curve.xs[0])
    nearest = sorted(range(len(curve.xs)), key=lambda i: abs(curve.xs[i] - wanted))
    if failing:
        return nearest[0]
    return max(nearest[:9], key=lambda i: sum(curve.xs[i] in ys for ys in known.values()))
