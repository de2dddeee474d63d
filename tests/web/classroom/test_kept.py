"""Kept figures: true while nothing changes, a little old where they are dear, computed once for all."""

from __future__ import annotations

import threading
import time

import pytest

from grader.web.classroom import kept as module
from grader.web.classroom.kept import MOST, Kept


def test_the_same_stamp_computes_once_and_another_one_again() -> None:
    kept, computed = Kept(), []
    for stamp in (1, 1, 2, 2):
        value, as_of = kept.get("a", stamp, lambda: computed.append(0) or len(computed))
        assert value == stamp and as_of is None
    assert kept.get("b", 2, lambda: "other") == ("other", None)
    assert len(computed) == 2


def test_what_took_long_serves_a_while_and_says_of_when_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """But not for ever."""
    monkeypatch.setattr(module, "LONG", 0.01)
    kept = Kept()

    def slowly() -> str:
        time.sleep(0.02)
        return "old"

    assert kept.get("a", 1, slowly) == ("old", None)
    value, as_of = kept.get("a", 2, lambda: "new")
    assert value == "old" and as_of is not None
    assert kept.get("a", 1, lambda: "new") == ("old", None)
    time.sleep(module.REST * 0.04)
    assert kept.get("a", 2, lambda: "new") == ("new", None)


def test_of_many_who_ask_at_once_one_computes() -> None:
    kept, computed, found = Kept(), [], []

    def slowly() -> int:
        computed.append(0)
        time.sleep(0.1)
        return len(computed)

    threads = [threading.Thread(target=lambda: found.append(kept.get("a", 1, slowly))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(1, None)] * 8


def test_a_failure_is_not_kept() -> None:
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", 1, lambda: 1 / 0)
    assert kept.get("a", 1, lambda: "fine") == ("fine", None)


def test_there_is_a_bound() -> None:
    """The least recently used goes first."""
    kept = Kept()
    for n in range(MOST + 1):
        kept.get(n, 1, lambda n=n: n)  # type: ignore[misc]
        kept.get(0, 1, lambda: "gone")
    assert kept.get(0, 1, lambda: "gone") == (0, None)
    assert kept.get(1, 1, lambda: "anew") == ("anew", None)


def test_of_several_only_those_that_changed_are_computed_together() -> None:
    kept, computed = Kept(), []

    def compute(keys: list[str]) -> dict[str, str]:
        computed.append(keys)
        return {key: key.upper() for key in keys}

    first = kept.get_each({"a": ("n/a", 1), "b": ("n/b", 1)}, compute)
    assert first == ({"a": "A", "b": "B"}, None)
    assert kept.get_each({"a": ("n/a", 1), "b": ("n/b", 2)}, compute) == first
    assert kept.get_each({}, compute) == ({}, None)
    assert computed == [["a", "b"], ["b"]]
