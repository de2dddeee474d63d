"""Watchlist: entries are kept, the newest holds, nobody overwrites what they have not seen."""

from __future__ import annotations

import pytest

from grader.errors import UsageError
from grader.store import watchlist
from grader.store.watchlist import LONGEST_NOTE

from .world import World


def test_the_newest_entry_holds_and_all_are_kept(world: World) -> None:
    course = world.course.id
    with world.store.write() as session:
        first = watchlist.note(session, course, world.ada, "pending", "", by=world.teacher, seen=None)
        assert first is not None
        second = watchlist.note(
            session, course, world.ada, "contacted", "wrote to Ada", by=world.teacher, seen=first.id
        )
        assert second is not None
        assert watchlist.note(session, course, world.bob, "resolved", "", by=world.teacher, seen=None)
    with world.store.read() as session:
        found = watchlist.newest(session, course)
        assert {user: (e.row.state, e.row.note, e.by) for user, e in found.items()} == {
            world.ada: ("contacted", "wrote to Ada", "The Teacher"),
            world.bob: ("resolved", "", "The Teacher"),
        }
        states = [e.row.state for e in watchlist.history(session, course, world.ada)]
        assert states == ["contacted", "pending"]
        assert watchlist.newest(session, course + 1) == {}


def test_who_has_not_seen_the_newest_entry_writes_nothing(world: World) -> None:
    """Two assistants had the page open."""
    with world.store.write() as session:
        args = (session, world.course.id, world.ada)
        first = watchlist.note(*args, "contacted", "mine", by=world.teacher, seen=None)
        assert first is not None
        assert watchlist.note(*args, "resolved", "theirs", by=world.teacher, seen=None) is None
        assert watchlist.note(*args, "resolved", "theirs", by=world.teacher, seen=first.id + 7) is None
        assert [e.row.note for e in watchlist.history(*args)] == ["mine"]


def test_a_note_has_a_bound(world: World) -> None:
    with world.store.write() as session, pytest.raises(UsageError, match="shorten it"):
        watchlist.note(
            session, world.course.id, world.ada, "pending", "x" * (LONGEST_NOTE + 1), by=1, seen=None
        )
