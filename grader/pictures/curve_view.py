"""Curve: what a picture of a function and its gradient says, however it is drawn: panels, key and notes.

The function and its gradient have a panel each, one below the other over the same numbers, each with its
own scale: they differ in size and in unit, and of two axes at one panel a reader has to guess which is whose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final, Literal

from grader.model.picture import Break, Curve, Stretch
from grader.model.text import Text
from grader.pictures.axis import written
from grader.pictures.failing import Failing, Place
from grader.pictures.scale import Scale, scale_of

Kind = Literal["f", "truth", "predicted"]
_NAMED: Final = 3
"""So many jumps are told beside the drawing; all of them are in the list below it."""
_LONGEST: Final = 8
_UNLIKE: Final = 0.2


@dataclass(frozen=True)
class Line:
    """One series.

    :ivar label: what it is called in the key.
    :ivar end: what it is called where it ends, in few letters.
    :ivar stretches: where it may be joined; none where there is nothing to draw.
    :ivar breaks: where it jumps.
    """

    kind: Kind
    label: Text
    end: Text
    stretches: tuple[Stretch, ...]
    breaks: tuple[Break, ...]


@dataclass(frozen=True)
class Panel:
    """One of the drawings over the same axis.

    :ivar name: what goes up in it.
    :ivar lines: the series that have something to draw, in the order in which they are laid over one another.
    :ivar failing: the cases marked in it.
    """

    kind: Place
    name: Text
    lines: tuple[Line, ...]
    scale: Scale
    failing: tuple[Failing, ...]


@dataclass(frozen=True)
class CurveView:
    """What is said.

    :ivar lines: of all panels.
    :ivar notes: what cannot be seen in the drawing, a sentence each.
    :ivar jumps: every jump and kink, in words.
    """

    title: Text
    panels: tuple[Panel, ...]
    notes: tuple[Text, ...]
    jumps: tuple[Text, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """In the order of the panels."""
        return tuple(chain.from_iterable(panel.lines for panel in self.panels))


def view(curve: Curve, failing: Sequence[Failing] = ()) -> CurveView:
    """What a picture of ``curve`` says.

    :param failing: visible cases at which the verdict found it wrong.
    """
    call, series, breaks = f"{curve.function}({curve.input})", curve.series, curve.breaks
    guess = curve.prediction or ""
    name = curve.function if len(curve.function) <= _LONGEST else curve.function[: _LONGEST - 1] + "…"
    f = Line("f", Text(f"your {call}", f"你的 {call}"), Text(name, name), series.f, breaks.f)
    truth = Line("truth", Text("true gradient", "真实梯度"), Text("true", "真实"), series.truth, breaks.truth)
    predicted = Line(
        "predicted",
        Text(f"your {guess}", f"你的 {guess}"),
        Text("yours", "你的"),
        series.predicted,
        breaks.predicted,
    )
    panels = (
        *_panel("f", Text(call, call), (f,), failing),
        *_panel("gradient", Text("gradient", "梯度"), (truth, predicted), failing),
    )
    told = [*_jumps(f), *_slopes(curve, truth)]
    notes = [
        *(each.said(curve.input) for each in failing),
        *_symlog(panels),
        *_few(_jumps(f)),
        *_few(_slopes(curve, truth)),
        *_unclear(curve, (f, truth, predicted)),
        *_unlike(f, truth),
        *_beyond(panels),
        *_missing(curve, (f,) if curve.prediction is None else (f, predicted)),
        *_unknown(curve),
    ]
    return CurveView(
        Text(f"{call} and its gradient", f"{call} 与它的梯度"), panels, tuple(notes), tuple(told)
    )


def _panel(kind: Place, name: Text, lines: Sequence[Line], failing: Sequence[Failing]) -> Iterator[Panel]:
    """The panel of these lines; none where none of them has anything to draw."""
    drawn = tuple(line for line in lines if line.stretches)
    if drawn:
        scale = scale_of([line.stretches for line in drawn])
        yield Panel(kind, name, drawn, scale, tuple(each for each in failing if each.panel == kind))


# What is said of it.


def _symlog(panels: Sequence[Panel]) -> Iterator[Text]:
    for panel in panels:
        c = panel.scale.linear
        if c is not None:
            yield Text(
                f"The axis of {panel.name.en} is symlog: "
                f"linear between {written(-c)} and {written(c)}, logarithmic beyond.",
                f"{panel.name.zh} 的纵轴采用 symlog 刻度："
                f"{written(-c)} 到 {written(c)} 之间是线性的，以外是对数的。",
            )


def _jumps(line: Line) -> list[Text]:
    return [
        Text(
            f"{_capital(line.label.en)} jumps at {written(each.x)}: "
            f"from {written(each.left)} to {written(each.right)}.",
            f"{line.label.zh} 在 {written(each.x)} 处跳跃："
            f"从 {written(each.left)} 跳到 {written(each.right)}。",
        )
        for each in line.breaks
    ]


def _slopes(curve: Curve, truth: Line) -> list[Text]:
    told = []
    for each in truth.breaks:
        at, left, right = f"{curve.input} = {written(each.x)}", written(each.left), written(each.right)
        there = "" if each.at is None else written(each.at)
        if each.kink and each.left == each.right:
            en = f"At {at} the true slope is {left} on both sides"
            zh = f"在 {at} 处，两侧的真实斜率都是 {left}"
        elif each.kink:
            en = f"Kink at {at}: the true slope is {left} on the left and {right} on the right"
            zh = f"{at} 处有尖点：左侧真实斜率为 {left}，右侧为 {right}"
        else:
            en = f"The true gradient jumps at {at}: from {left} to {right}"
            zh = f"真实梯度在 {at} 处跳跃：从 {left} 跳到 {right}"
        en += f"; at the point itself autograd says {there}." if there else "."
        zh += f"；在这一点上 autograd 给出 {there}。" if there else "。"
        told.append(Text(en, zh))
    return told


def _few(told: Sequence[Text]) -> list[Text]:
    """The first of them, and how many there are besides."""
    more = len(told) - _NAMED
    if more <= 0:
        return list(told)
    return [
        *told[:_NAMED],
        Text(f"{more} more places like this are listed below.", f"下面还列出了 {more} 处。"),
    ]


def _unclear(curve: Curve, lines: Sequence[Line]) -> Iterator[Text]:
    """Of gaps between neighbouring samples that are no jumps."""
    follows = dict(pairwise(curve.xs))
    for line in lines:
        jumps = [each.x for each in line.breaks]
        open_ends = [
            a[-1][0]
            for a, b in pairwise(line.stretches)
            if follows.get(a[-1][0]) == b[0][0] and not any(a[-1][0] <= x <= b[0][0] for x in jumps)
        ]
        if open_ends:
            yield Text(
                f"A gap without circles in {line.label.en}: "
                "whether it jumps or is only steep there is not known.",
                f"{line.label.zh} 中没有圆圈的间断处：不能确定是跳跃还是很陡。",
            )


def _unlike(f: Line, truth: Line) -> Iterator[Text]:
    """Where what autograd says is not the slope of the curve, as at a ``detach``.

    The slope of a chord lies between those at its ends, but for what a curve bends between two samples.
    """
    slopes = dict(chain.from_iterable(truth.stretches))
    size = max(map(abs, slopes.values()), default=0.0)
    cells = unlike = 0
    for (xa, ya), (xb, yb) in chain.from_iterable(pairwise(stretch) for stretch in f.stretches):
        if xa in slopes and xb in slopes:
            chord = (yb - ya) / (xb - xa)
            low, high = sorted((slopes[xa], slopes[xb]))
            room = (high - low) + 0.02 * (size + abs(chord))
            cells += 1
            unlike += not low - room <= chord <= high + room
    if unlike > _UNLIKE * cells:
        yield Text(
            f"The true gradient is not everywhere the slope of the curve of {f.label.en}.",
            f"真实梯度并不处处等于 {f.label.zh} 的曲线斜率。",
        )


def _beyond(panels: Sequence[Panel]) -> list[Text]:
    outside = [
        line.label
        for panel in panels
        for line in panel.lines
        if any(not panel.scale.low <= y <= panel.scale.high for _x, y in chain.from_iterable(line.stretches))
    ]
    if not outside:
        return []
    en, zh = ", ".join(each.en for each in outside), "、".join(each.zh for each in outside)
    return [Text(f"Partly beyond the picture: {en}.", f"有一部分超出图外：{zh}。")]


def _missing(curve: Curve, asked: Sequence[Line]) -> Iterator[Text]:
    for line in asked:
        known = {x for x, _ in chain.from_iterable(line.stretches)}
        absent = sum(x not in known for x in curve.xs)
        if not line.stretches:
            yield Text(
                f"No curve of {line.label.en}: it does not give one number for each {curve.input} here.",
                f"{line.label.zh} 画不出曲线：在这里它没有为每个 {curve.input} 给出一个数。",
            )
        elif absent:
            yield Text(
                f"At {absent} of {len(curve.xs)} points {line.label.en} gives no number that can be drawn.",
                f"{len(curve.xs)} 个点中有 {absent} 个点，{line.label.zh} 没有给出可以画出的数。",
            )


def _unknown(curve: Curve) -> Iterator[Text]:
    if curve.withheld:
        yield Text(
            "The true gradient is drawn once there is a prediction to compare.",
            "有了预测，才会画出真实梯度作对照。",
        )
    elif not curve.series.truth:
        yield Text(
            "The true gradient is not known over this range, so it is not drawn.",
            "这段范围内的真实梯度未知，因此没有画出。",
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
