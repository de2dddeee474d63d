"""Precedence of submissions that somebody waits for over those that nobody does (a priority gate).

All grading threads share one interpreter and the same cores. Who judges anew asks, between two pieces of
work, to be let through; that takes until nobody is waited for, and at most :data:`LONGEST`, so that a busy
hour slows it down and never stops it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LONGEST: Final = 0.03
"""Seconds."""


class Precedence:
    """Safe for threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._first = 0

    @contextmanager
    def first(self) -> Iterator[None]:
        """Meanwhile somebody is waited for."""
        with self._changed:
            self._first += 1
        try:
            yield
        finally:
            with self._changed:
                self._first -= 1
                if not self._first:
                    self._changed.notify_all()

    def give_way(self) -> None:
        """Wait until nobody is waited for, for a bounded time."""
        if not self._first:  # the usual case, without the lock: a moment early or late is no harm
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._first, LONGEST)
