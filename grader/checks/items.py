"""Items of what a function returned: which one is meant of a tuple or a dict."""

from __future__ import annotations

from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.observation import Outcome, Returned
from grader.model.values import Mapping, Number, Sequence, Tensor, Value


def item_of(value: Value, which: int | str | None) -> Value:
    """One item of a tuple or a dict that was returned; the whole where there is no such item."""
    if (
        isinstance(which, int)
        and isinstance(value, Sequence)
        and -len(value.items) <= which < len(value.items)
    ):
        return value.items[which]
    if isinstance(which, str) and isinstance(value, Mapping) and which in value.items:
        return value.items[which]
    return value


def is_no_tuple(check: Check, outcome: Outcome) -> bool:
    """Whether an item is asked of something that has none. One gradient alone is the first of one."""
    which = check.which
    return (
        isinstance(outcome, Returned)
        and which not in (None, 0)
        and isinstance(outcome.value, Tensor | Number)
    )


def items_asked(exercise: Exercise, check: Check) -> int:
    """How many items the checks ask of what this function returns."""
    asked = [c.which for c in exercise.checks if c.function == check.function]
    return 1 + max((which for which in asked if isinstance(which, int)), default=0)
