"""A curve with its gradients, as SVG in a figure: no script, no style, and a table for who does not see it.

Every series has its own thickness and dashes, so that it is known without colours. Two that lie on
one another are both seen: the true gradient is a broad band, the predicted one a dashed line in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from markupsafe import Markup

from grader.model.axis import ticks, written
from grader.model.picture import Curve, Stretch
from grader.web.languages import _, language

WIDTH: Final = 380
HEIGHT: Final = 232
_TOP, _RIGHT, _BOTTOM = 10, 14, 26
_CHARACTER: Final = 7.0
"""A digit of the numbers at the axes is so wide."""
_ROWS: Final = 9
_BEYOND: Final = 4
"""A line is followed so many heights of the picture outside of it, and no farther."""


def curve_figure(curve: Curve) -> Markup:
    """The figure: title, plot, legend, what has to be said, and some of the numbers."""
    call = f"{curve.function}({curve.input})"
    title = _("%(call)s and its gradient", call=call)
    names = {
        "f": _("your %(name)s", name=call),
        "truth": _("true gradient"),
        "predicted": _("your %(name)s", name=curve.prediction or ""),
    }
    drawn = {name: line for name, line in _lines(curve).items() if line}
    return Markup('<figure class="picture plot"><figcaption>{}</figcaption>{}{}{}{}</figure>').format(
        title,
        curve_svg(curve),
        Markup('<ul class="key">{}</ul>').format(
            Markup("").join(Markup("<li>{} {}</li>").format(_swatch(name), names[name]) for name in drawn)
        ),
        Markup("").join(Markup('<p class="quiet">{}</p>').format(note) for note in _notes(curve, names)),
        _table(curve, {name: names[name] for name in drawn}),
    )


def curve_svg(curve: Curve) -> Markup:
    """The plot alone."""
    field = _Field(curve)
    title = _("%(call)s and its gradient", call=f"{curve.function}({curve.input})")
    about = _(
        "Drawn for %(x)s from %(low)s to %(high)s. The numbers are in the table below.",
        x=curve.input,
        low=written(curve.xs[0]),
        high=written(curve.xs[-1]),
    )
    return Markup(
        '<svg class="sketch" viewBox="0 0 {w} {h}" role="img"><title>{title}</title><desc>{about}</desc>'
        '{axes}<svg x="{x}" y="{y}" width="{width}" height="{height}" overflow="hidden">{lines}</svg></svg>'
    ).format(
        w=WIDTH,
        h=HEIGHT,
        title=title,
        about=about,
        axes=Markup("").join(field.axes()),
        x=field.left,
        y=_TOP,
        width=field.width,
        height=field.height,
        lines=Markup("").join(field.line(name, line) for name, line in _lines(curve).items()),
    )


def _lines(curve: Curve) -> dict[str, tuple[Stretch, ...]]:
    """In the order in which they are laid over one another."""
    series = curve.series
    return {"f": series.f, "truth": series.truth, "predicted": series.predicted}


class _Field:
    """The rectangle between the axes."""

    def __init__(self, curve: Curve) -> None:
        self._input = curve.input
        self._x0, self._x1 = curve.xs[0], curve.xs[-1]
        self._low, self._high = curve.y_range
        self._marks = ticks(self._low, self._high, 5) if self._low < self._high else []
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
        for x in ticks(self._x0, self._x1, 6) if self._x0 < self._x1 else [self._x0]:
            at, half = self.left + self._across(x), len(written(x)) * _CHARACTER / 2
            if at - half < free or at + half > end:
                continue
            free = at + half + _CHARACTER
            yield Markup('<path class="axis" d="M{:.1f} {}v4"/>').format(at, bottom)
            yield Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                at, bottom + 18, written(x)
            )

    def line(self, name: str, stretches: tuple[Stretch, ...]) -> Markup:
        """One series: a path with a gap wherever a stretch ends, and a dot for a stretch of one point."""
        path = "".join(
            "M" + "L".join(f"{self._across(x):.1f} {self._down(y):.1f}" for x, y in stretch)
            for stretch in stretches
            if len(stretch) > 1
        )
        dots = [stretch[0] for stretch in stretches if len(stretch) == 1]
        return Markup("{}{}").format(
            Markup('<path class="{}" d="{}"/>').format(name, path) if path else "",
            Markup("").join(
                Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="2.5"/>').format(
                    name, self._across(x), self._down(y)
                )
                for x, y in dots
            ),
        )


def _swatch(name: str) -> Markup:
    return Markup(
        '<svg class="sketch swatch" width="34" height="12" viewBox="0 0 34 12" aria-hidden="true" '
        'focusable="false"><path class="{}" d="M1 6H33"/></svg>'
    ).format(name)


def _notes(curve: Curve, names: dict[str, str]) -> Iterator[str]:
    low, high = curve.y_range
    outside = [
        names[name]
        for name, line in _lines(curve).items()
        if any(not low <= y <= high for _x, y in chain.from_iterable(line))
    ]
    if outside:
        joined = ("、" if language() == "zh" else ", ").join(outside)
        yield _("Partly beyond the picture: %(names)s.", names=joined)
    asked = ["f"] if curve.prediction is None else ["f", "predicted"]
    for name in asked:
        if not _lines(curve)[name]:
            yield _(
                "No curve of %(name)s: it does not give one number for each %(x)s here.",
                name=names[name],
                x=curve.input,
            )
    if curve.withheld:
        yield _("The true gradient is drawn once there is a prediction to compare.")
    elif not curve.series.truth:
        yield _("The true gradient is not known over this range, so it is not drawn.")


def _table(curve: Curve, names: dict[str, str]) -> Markup:
    """Some points, from end to end."""
    last = len(curve.xs) - 1
    chosen = sorted({round(last * i / (_ROWS - 1)) for i in range(_ROWS)})
    known = {name: dict(chain.from_iterable(line)) for name, line in _lines(curve).items()}
    head = Markup("").join(
        Markup('<th scope="col">{}</th>').format(n) for n in (curve.input, *names.values())
    )
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            written(curve.xs[i]),
            Markup("").join(Markup("<td>{}</td>").format(_entry(known[name], curve.xs[i])) for name in names),
        )
        for i in chosen
    )
    return Markup(
        '<details><summary>{}</summary><div class="scroll" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>"
    ).format(_("The curves in numbers"), _("The curves in numbers"), head, rows)


def _entry(known: dict[float, float], x: float) -> str:
    return written(known[x]) if x in known else _("none")
