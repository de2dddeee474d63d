"""Kept figures: what was computed of a class stays until something changes, and for a moment longer.

Figures of a large course take seconds. They are kept with a stamp of the database (the newest judging, the
members …). While the stamp is the same they are true. When it has changed they are computed anew; what takes
long is not before so many times as long have passed. At a deadline, when the stamp changes with every
verdict, such figures are a little old and say so, and most of the machine is left for verdicts.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app

from grader.store.tables import utcnow

EXTENSION: Final = "classroom"
MOST: Final = 100
"""Results that are kept; the least recently used goes first."""
LONG: Final = 1.0
"""Seconds. What took less is computed anew whenever something has changed."""
REST: Final = 20.0
"""So many times as long as it took, any other result serves though the stamp has changed."""
LONGEST: Final = 300.0
"""Seconds; no result serves longer than that then."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Result:
    value: Any
    stamp: Hashable
    at: datetime
    until: float
    """On the monotonic clock: until then it serves, whatever the stamp."""


class Kept:
    """Results by name, shared by all threads of one application."""

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, _Result] = OrderedDict()
        self._computing: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, name: Hashable, stamp: Hashable, compute: Callable[[], T]) -> tuple[T, datetime | None]:
        """What is kept under a name, else computed now; and of when it is where the stamp has changed since.

        Of several who ask at once one computes, and the others wait for it.
        """
        found = self._served(name, stamp)
        if found is None:
            with self._lock:
                turn = self._computing.setdefault(name, threading.Lock())
            try:
                with turn:
                    found = self._served(name, stamp) or self._compute(name, stamp, compute)
            finally:
                with self._lock:
                    self._computing.pop(name, None)
        return cast(T, found.value), None if found.stamp == stamp else found.at

    def _served(self, name: Hashable, stamp: Hashable) -> _Result | None:
        with self._lock:
            found = self._results.get(name)
            if found is None or (found.stamp != stamp and time.monotonic() > found.until):
                return None
            self._results.move_to_end(name)
            return found

    def _compute(self, name: Hashable, stamp: Hashable, compute: Callable[[], Any]) -> _Result:
        began, at = time.monotonic(), utcnow()
        value = compute()
        ended = time.monotonic()
        took = ended - began
        serves = min(REST * took, LONGEST) if took > LONG else 0.0
        made = _Result(value, stamp, at, ended + serves)
        with self._lock:
            self._results[name] = made
            if len(self._results) > MOST:
                self._results.popitem(last=False)
        return made


def install(app: Flask) -> None:
    """Give the application a place for them."""
    app.extensions[EXTENSION] = Kept()


def kept() -> Kept:
    """That of the application."""
    return cast(Kept, current_app.extensions[EXTENSION])
