"""Properties that begin with "if": count how often the premise held, so that none asserts nothing."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import event

Test = TypeVar("Test", bound=Callable[..., None])
_counts: list[Counter[bool]] = []


def premise(holds: object) -> bool:
    """Say whether the premise of the property that runs now holds in this example, and count it.

    Within a test that :func:`bites`.
    """
    held = bool(holds)
    _counts[-1][held] += 1
    event(f"the premise {'holds' if held else 'does not hold'}")
    return held


def bites(least: int) -> Callable[[Test], Test]:
    """Put it above ``given``: the property fails unless its premise held in ``least`` examples or more."""

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def run(*arguments: Any, **named: Any) -> None:
            _counts.append(Counter())
            try:
                test(*arguments, **named)
            finally:
                counts = _counts.pop()
            assert counts[True] >= least, f"the premise held in {counts[True]} of {counts.total()} examples"

        return run  # type: ignore[return-value]

    return decorate
