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
from grader.pictures.failing import Failing, Place, said
from grader.pictures.scale import Scale, scale_of

Kind = Literal["f", "truth", "predicted"]
_NAMED: Final = 2
"""So many jumps are told one by one beside the drawing; a page lists all of them."""
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
    asked = (f, truth) if curve.prediction is None else (f, truth, predicted)
    notes = [
        *said(failing, curve.input),
        *_symlog(panels),
        *_breaks(curve, f, truth),
        *_unclear(curve, (f, truth)),
        *_unlike(f, truth),
        *_beyond(panels),
        *_missing(curve, asked),
        *_unknown(curve),
    ]
    return CurveView(
        Text(f"{call} and its gradient", f"{call} 与它的梯度"),
        panels,
        tuple(notes),
        (*_jumps(curve, f), *_slopes(curve, truth)),
    )


def _panel(kind: Place, name: Text, lines: Sequence[Line], failing: Sequence[Failing]) -> Iterator[Panel]:
    """The panel of these lines; none where none of them has anything to draw."""
    drawn = tuple(line for line in lines if line.stretches)
    if drawn:
        scale = scale_of([line.stretches for line in drawn])
        yield Panel(kind, name, drawn, scale, tuple(each for each in failing if each.panel == kind))


# What is said of it.


def _symlog(panels: Sequence[Panel]) -> Iterator[Text]:
    bent = [panel for panel in panels if panel.scale.linear is not None]
    if len(bent) == 2 and bent[0].scale.linear == bent[1].scale.linear:
        yield _linear_within(bent[0].scale, Text("Both axes are", "两个纵轴都采用"))
        return
    for panel in bent:
        zh = "梯度的" if panel.kind == "gradient" else f"{panel.name.zh} 的"
        yield _linear_within(panel.scale, Text(f"The axis of {panel.name.en} is", f"{zh}纵轴采用"))


def _linear_within(scale: Scale, whose: Text) -> Text:
    c = scale.linear or 0.0
    return Text(
        f"{whose.en} symlog: linear between {written(-c)} and {written(c)}, logarithmic beyond.",
        f"{whose.zh} symlog 刻度：{written(-c)} 到 {written(c)} 之间是线性的，以外是对数的。",
    )


def _breaks(curve: Curve, f: Line, truth: Line) -> Iterator[Text]:
    """A few jumps one by one, many by their number: a page lists every one."""
    if len(f.breaks) > _NAMED:
        yield Text(
            f"{_capital(f.label.en)} jumps at {len(f.breaks)} places.",
            f"{f.label.zh} 有 {len(f.breaks)} 处跳跃。",
        )
    else:
        yield from _jumps(curve, f)
    if len(truth.breaks) > _NAMED:
        yield Text(
            f"The true gradient jumps at {len(truth.breaks)} places.",
            f"真实梯度有 {len(truth.breaks)} 处跳跃。",
        )
    else:
        yield from _slopes(curve, truth)


def _jumps(curve: Curve, line: Line) -> list[Text]:
    return [
        Text(
            f"{_capital(line.label.en)} jumps at {curve.input} = {written(each.x)}: "
            f"from {written(each.left)} to {written(each.right)}.",
            f"{line.label.zh} 在 {curve.input} = {written(each.x)} 处跳跃："
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


def _unclear(curve: Curve, lines: Sequence[Line]) -> Iterator[Text]:
    """Of gaps between neighbouring samples that are no jumps."""
    follows = dict(pairwise(curve.xs))
    torn = []
    for line in lines:
        jumps = [each.x for each in line.breaks]
        neighbours = [(a[-1][0], b[0][0]) for a, b in pairwise(line.stretches)]
        if any(follows.get(a) == b and not any(a <= x <= b for x in jumps) for a, b in neighbours):
            torn.append(line.label)
    if torn:
        yield Text(
            f"Where a line has a gap without circles ({_all_en(torn)}), "
            "it is not known whether it jumps or is only steep.",
            f"没有圆圈的间断处（{_all_zh(torn)}）：不能确定是跳跃，还是只是很陡。",
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
    return [
        Text(f"Partly beyond the picture: {_all_en(outside)}.", f"有一部分超出图外：{_all_zh(outside)}。")
    ]


def _missing(curve: Curve, asked: Sequence[Line]) -> Iterator[Text]:
    absent: dict[int, list[Text]] = {}
    for line in asked:
        known = {x for x, _ in chain.from_iterable(line.stretches)}
        count = sum(x not in known for x in curve.xs)
        if line.stretches and count:
            absent.setdefault(count, []).append(line.label)
        elif not line.stretches and line.kind != "truth":
            yield Text(
                f"No curve of {line.label.en}: here it gives no single number that can be drawn.",
                f"{line.label.zh} 画不出曲线：在这里它没有给出能画出来的单个数。",
            )
    for count, labels in absent.items():
        yield Text(
            f"At {count} of {len(curve.xs)} points there is no number to draw: {_all_en(labels)}.",
            f"{len(curve.xs)} 个点中有 {count} 个点没有可画的数：{_all_zh(labels)}。",
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


def _all_en(labels: Sequence[Text]) -> str:
    return ", ".join(each.en for each in labels)


def _all_zh(labels: Sequence[Text]) -> str:
    return "、".join(each.zh for each in labels)
