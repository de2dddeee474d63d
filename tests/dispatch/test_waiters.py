"""Who waits for a verdict hears of it, also where it was told a moment before."""

from __future__ import annotations

import pytest

from grader.dispatch import waiters
from grader.dispatch.base import Written
from grader.dispatch.waiters import Waiters
from grader.store.tables import utcnow
from tests.web.world import make_report


def test_who_waits_is_told() -> None:
    them = Waiters(remember=True)
    with them.expecting("a") as one, them.expecting("a") as other, them.expecting("b") as third:
        assert set(them.awaited()) == {"a", "b"}
        them.tell("a")
        assert one.is_set() and other.is_set() and not third.is_set()
    assert them.awaited() == []


def test_the_verdict_comes_along_where_it_is_at_hand() -> None:
    written = Written(make_report(), utcnow())
    them = Waiters()
    with them.expecting("a") as one, them.expecting("b") as other:
        them.tell("a", written)
        them.tell("b")
        assert one.written is written and other.written is None


def test_what_was_told_a_moment_before_is_known() -> None:
    """Between the commit of a submission and the beginning of the wait it may have been graded."""
    them = Waiters(remember=True)
    them.tell("a")
    with them.expecting("a") as done, them.expecting("b") as other:
        assert done.is_set() and not other.is_set()


def test_what_was_told_long_ago_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be judged again meanwhile; and what is remembered is bounded."""
    monkeypatch.setattr(waiters, "MOST_REMEMBERED", 2)
    them = Waiters(remember=True)
    for each in ("a", "b", "c"):
        them.tell(each)
    with them.expecting("a") as forgotten, them.expecting("c") as known:
        assert known.is_set() and not forgotten.is_set()
    monkeypatch.setattr(waiters, "REMEMBERED_SECONDS", 0.0)
    with them.expecting("c") as past:
        assert not past.is_set()
