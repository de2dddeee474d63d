"""Kept figures: what was computed of a class stays until something changes, and for a moment longer.

Figures of a large course take seconds. They are kept with a stamp of the database (attempts, members,
regrades …). While the stamp is the same they are true. When it has changed they are computed anew; what takes
long is not before so many times as long have passed. At a deadline, when the stamp changes with every
verdict, such figures are a little old and say so, and most of the machine is left for verdicts.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app

from grader.store.tables import utcnow

EXTENSION: Final = "classroom"
MOST: Final = 100
"""Figures that are kept; the least recently used goes first."""
MOST_COUNTS: Final = 2000
"""The same of counts, which are small."""
LONG: Final = 1.0
"""Seconds. What took less is computed anew whenever something has changed."""
REST: Final = 20.0
"""So many times as long as it took, any other result serves though the stamp has changed."""
LONGEST: Final = 300.0
"""Seconds; no result serves longer than that then."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class _Result:
    value: Any
    stamp: Hashable
    at: datetime
    until: float
    """On the monotonic clock: until then it serves, whatever the stamp."""


class Kept:
    """Results by name, at most so many, shared by all threads of one application."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._several = threading.Lock()
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

    def get_each(
        self, names: Mapping[K, tuple[Hashable, Hashable]], compute: Callable[[list[K]], Mapping[K, T]]
    ) -> tuple[dict[K, T], datetime | None]:
        """Several by their names and stamps; those that are not kept are computed together.

        :param compute: what is asked for of those that it is called with.
        :returns: all, and of when the oldest is of those whose stamp has changed since.
        """
        with self._several:
            found = {key: self._served(*which) for key, which in names.items()}
            missing = [key for key, result in found.items() if result is None]
            if missing:
                began, at = time.monotonic(), utcnow()
                values = compute(missing)
                took = time.monotonic() - began
                found |= {key: self._keep(*names[key], values[key], at, took) for key in missing}
        old = [r.at for key, r in found.items() if r is not None and r.stamp != names[key][1]]
        return {key: r.value for key, r in found.items() if r is not None}, min(old, default=None)

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
        return self._keep(name, stamp, value, at, time.monotonic() - began)

    def _keep(self, name: Hashable, stamp: Hashable, value: Any, at: datetime, took: float) -> _Result:
        serves = min(REST * took, LONGEST) if took > LONG else 0.0
        made = _Result(value, stamp, at, time.monotonic() + serves)
        with self._lock:
            self._results[name] = made
            self._results.move_to_end(name)
            if len(self._results) > self._most:
                self._results.popitem(last=False)
        return made


def install(app: Flask) -> None:
    """Give the application a place for them."""
    app.extensions[EXTENSION] = Kept(), Kept(MOST_COUNTS)


def kept() -> Kept:
    """Figures of the application."""
    return cast(tuple[Kept, Kept], current_app.extensions[EXTENSION])[0]


def counts() -> Kept:
    """Counts of the application."""
    return cast(tuple[Kept, Kept], current_app.extensions[EXTENSION])[1]
