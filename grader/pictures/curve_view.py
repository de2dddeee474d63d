"""Curve: what a picture of a function and its gradient says, however it is drawn: title, key and notes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Literal

from grader.model.picture import Curve, Stretch
from grader.model.text import Text

Kind = Literal["f", "truth", "predicted"]


@dataclass(frozen=True)
class Line:
    """One series.

    :ivar label: what it is called in the key.
    :ivar stretches: where it may be joined; none where there is nothing to draw.
    """

    kind: Kind
    label: Text
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class CurveView:
    """What is said.

    :ivar lines: the series that have something to draw, in the order in which they are laid over one another.
    :ivar notes: what cannot be seen in the drawing, a sentence each.
    """

    title: Text
    lines: tuple[Line, ...]
    notes: tuple[Text, ...]


def view(curve: Curve) -> CurveView:
    """What a picture of ``curve`` says."""
    call, series = f"{curve.function}({curve.input})", curve.series
    guess = curve.prediction or ""
    f = Line("f", Text(f"your {call}", f"你的 {call}"), series.f)
    truth = Line("truth", Text("true gradient", "真实梯度"), series.truth)
    predicted = Line("predicted", Text(f"your {guess}", f"你的 {guess}"), series.predicted)
    notes = [
        *_beyond(curve, (f, truth, predicted)),
        *_missing(curve, (f,) if curve.prediction is None else (f, predicted)),
    ]
    if curve.withheld:
        notes.append(
            Text(
                "The true gradient is drawn once there is a prediction to compare.",
                "有了预测，才会画出真实梯度作对照。",
            )
        )
    elif not series.truth:
        notes.append(
            Text(
                "The true gradient is not known over this range, so it is not drawn.",
                "这段范围内的真实梯度未知，因此没有画出。",
            )
        )
    return CurveView(
        title=Text(f"{call} and its gradient", f"{call} 与它的梯度"),
        lines=tuple(line for line in (f, truth, predicted) if line.stretches),
        notes=tuple(notes),
    )


def _beyond(curve: Curve, lines: tuple[Line, ...]) -> list[Text]:
    low, high = curve.y_range
    outside = [
        line.label
        for line in lines
        if any(not low <= y <= high for _x, y in chain.from_iterable(line.stretches))
    ]
    if not outside:
        return []
    en, zh = ", ".join(each.en for each in outside), "、".join(each.zh for each in outside)
    return [Text(f"Partly beyond the picture: {en}.", f"有一部分超出图外：{zh}。")]


def _missing(curve: Curve, asked: tuple[Line, ...]) -> list[Text]:
    return [
        Text(
            f"No curve of {line.label.en}: it does not give one number for each {curve.input} here.",
            f"{line.label.zh} 画不出曲线：在这里它没有为每个 {curve.input} 给出一个数。",
        )
        for line in asked
        if not line.stretches
    ]
