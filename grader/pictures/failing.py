"""Failing cases in a curve's picture: at which visible inputs the verdict found the drawn functions wrong.

Only counterexamples of the report are marked. They are visible cases, and what they show is on the page
already; a hidden case has none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
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
    :ivar x: the input there.
    :ivar actual: what the student's function gave: finite, or None.
    """

    panel: Place
    x: float
    actual: float | None
    expected: Any
    answered: Any

    def said(self, input: str) -> Text:
        """In a sentence."""
        at, right, wrong = f"{input} = {written(self.x)}", _number(self.expected), _number(self.answered)
        of = {"f": Text("the value", "函数值"), "gradient": Text("the gradient", "梯度")}[self.panel]
        return Text(
            f"✗ marks a visible case that failed: at {at}, {of.en} expected is {right}, yours is {wrong}.",
            f"✗ 标出未通过的可见用例：在 {at} 处，{of.zh}应为 {right}，你的是 {wrong}。",
        )


def failing_of(curve: Curve, exercise: Exercise, report: Report) -> tuple[Failing, ...]:
    """What is to be marked in the picture of ``curve``."""
    checks = {check.id: check for check in exercise.checks}
    found: dict[tuple[str, float], Failing] = {}
    for result in report.checks:
        check, example = checks.get(result.id), result.counterexample
        panel = _panel(check, curve) if check is not None else None
        if check is not None and panel is not None and example is not None:
            # A gradient that is contracted with random numbers is at no height of the drawn one.
            plain = check.of_values or check.whole_gradient or check.cotangent == "sum"
            for each in _points(example, curve, panel, plain):
                found.setdefault((each.panel, each.x), each)
    return tuple(found.values())[:MOST]


def _panel(check: Check, curve: Curve) -> Place | None:
    """Where the check is seen; None where it is of no function in the picture."""
    if check.function is None:
        return None
    if check.whole_gradient:
        return "gradient" if check.function == curve.prediction else None
    if check.function != curve.function:
        return None
    return "f" if check.of_values else "gradient" if check.through_function else None


def _points(example: Counterexample, curve: Curve, panel: Place, plain: bool) -> Iterator[Failing]:
    """Those of its entries that differ, as they are written."""
    if set(example.inputs) != {curve.input}:
        return
    entries = [_flat(each) for each in (example.inputs[curve.input], example.expected, example.actual)]
    if len({len(each) for each in entries}) > 1:
        return
    for x, expected, actual in zip(*entries, strict=True):
        if not _finite(x) or not curve.xs[0] <= x <= curve.xs[-1] or _number(expected) == _number(actual):
            continue
        yield Failing(panel, float(x), float(actual) if plain and _finite(actual) else None, expected, actual)


def _flat(value: Any) -> list[Any]:
    return [leaf for each in value for leaf in _flat(each)] if isinstance(value, list | tuple) else [value]


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _number(value: Any) -> str:
    return written(value) if isinstance(value, int | float) else str(value)[:12]
