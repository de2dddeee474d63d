"""Failing cases in a curve's picture: at which visible inputs the verdict found the drawn functions wrong.

Only counterexamples of the report are marked. They are visible cases, and what they show is on the page
already; a hidden case has none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal

from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.picture import Curve
from grader.model.report import Counterexample, Report
from grader.model.text import Text
from grader.pictures.axis import written

MOST: Final = 4
"""So many are marked."""
Place = Literal["f", "gradient"]


@dataclass(frozen=True)
class Failing:
    """One point of a visible case.

    :ivar panel: where it is marked.
    :ivar what: whose number is wrong.
    :ivar x: the input there.
    :ivar actual: the height at which it is marked; None for one that has no height in the picture.
    :ivar expected: the right number as it is written; ``answered``: the wrong one.
    """

    panel: Place
    what: Text
    x: float
    actual: float | None
    expected: str
    answered: str


def said(failing: Sequence[Failing], input: str) -> Iterator[Text]:
    """What the marks mean, a sentence for all of one kind."""
    for what in dict.fromkeys(each.what for each in failing):
        cases = [each for each in failing if each.what == what]
        en = ", ".join(
            f"{each.answered} at {input} = {written(each.x)} (expected {each.expected})" for each in cases
        )
        zh = "，".join(
            f"在 {input} = {written(each.x)} 处为 {each.answered}（应为 {each.expected}）" for each in cases
        )
        yield Text(
            f"✗ A visible case that failed: {what.en} is {en}.", f"✗ 未通过的可见用例：{what.zh}{zh}。"
        )


def failing_of(curve: Curve, exercise: Exercise, report: Report) -> tuple[Failing, ...]:
    """What is to be marked in the picture of ``curve``."""
    checks = {check.id: check for check in exercise.checks}
    found: dict[tuple[str, float], Failing] = {}
    for result in report.checks:
        check, example = checks.get(result.id), result.counterexample
        seen = _seen(check, curve) if check is not None else None
        if seen is not None and example is not None:
            for each in _points(example, curve, *seen):
                found.setdefault((each.panel, each.x), each)
    return tuple(found.values())[:MOST]


def _seen(check: Check, curve: Curve) -> tuple[Place, Text] | None:
    """In which panel the check is seen and what it is about; None where it is of nothing in the picture."""
    call = f"{check.function}({curve.input})"
    if check.function is None:
        return None
    if check.whole_gradient and check.function == curve.prediction:
        return "gradient", Text(f"your {call}", f"你的 {call} ")
    if check.of_values and check.function == curve.function:
        return "f", Text(f"your {call}", f"你的 {call} ")
    if (
        check.through_function
        and check.order == 1
        and check.how == "vjp"
        and check.function == curve.function
    ):
        return "gradient", Text(f"autograd through your {call}", f"autograd 对你的 {call} 求出的梯度")
    return None


def _points(example: Counterexample, curve: Curve, panel: Place, what: Text) -> Iterator[Failing]:
    """Those of its entries that differ, as they are written."""
    if set(example.inputs) != {curve.input}:
        return
    entries = [_flat(each) for each in (example.inputs[curve.input], example.expected, example.actual)]
    if len({len(each) for each in entries}) > 1:
        return
    right = dict(chain.from_iterable(curve.series.truth))
    for x, expected, actual in zip(*entries, strict=True):
        if not _finite(x) or not curve.xs[0] <= x <= curve.xs[-1] or _number(expected) == _number(actual):
            continue
        # A gradient that was contracted with other numbers than ones is at no height of the drawn one.
        near = right.get(min(curve.xs, key=lambda other: abs(other - x)))
        drawn = panel == "f" or (
            near is not None and _finite(expected) and math.isclose(near, expected, rel_tol=1e-4)
        )
        height = float(actual) if drawn and _finite(actual) else None
        yield Failing(panel, what, float(x), height, _number(expected), _number(actual))


def _flat(value: Any) -> list[Any]:
    return [leaf for each in value for leaf in _flat(each)] if isinstance(value, list | tuple) else [value]


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _number(value: Any) -> str:
    return written(value) if isinstance(value, int | float) else str(value)[:12]
