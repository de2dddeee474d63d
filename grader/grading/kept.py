"""What was once worked out of a reference for pictures, kept as long as the truths that judge."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from grader.grading.truths import Truths

T = TypeVar("T")
MOST: Final = 256


class Kept(Generic[T]):
    """The :data:`MOST` answers that were asked for last, by truths and key. Safe for threads."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Truths, OrderedDict[Hashable, T]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, truths: Truths, key: Hashable, make: Callable[[], T]) -> T:
        """The answer for ``key``, made now where it is not known. Two threads may both make it."""
        with self._lock:
            known = self._known.setdefault(truths, OrderedDict())
            if key in known:
                known.move_to_end(key)
                return known[key]
        made = make()
        with self._lock:
            known[key] = made
            while len(known) > MOST:
                known.popitem(last=False)
        return made
