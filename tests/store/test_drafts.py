"""Drafts: one per student and assignment, and the newer one is not lost to an older window."""

from __future__ import annotations

from datetime import timedelta

from grader.store import drafts
from grader.store.database import Store
from grader.store.tables import utcnow

from .world import World


def test_a_draft_is_found_again_and_replaced(store: Store, world: World) -> None:
    """Saving from what one has seen replaces it."""
    first = utcnow()
    with store.write() as session:
        assert drafts.find(session, world.ada, world.first) is None
        assert drafts.save(session, world.ada, world.first, b"one", {"y": "1"}, seen=None, now=first)
    with store.write() as session:
        assert drafts.save(session, world.ada, world.first, b"two", {}, seen=first) is not None
    with store.read() as session:
        kept = drafts.find(session, world.ada, world.first)
        assert kept is not None
        assert (kept.source, kept.predictions) == (b"two", {})
        assert drafts.find(session, world.bob, world.first) is None


def test_an_older_window_does_not_overwrite_a_newer_draft(store: Store, world: World) -> None:
    """Unless it is told to; and the same text is no conflict."""
    now = utcnow()
    with store.write() as session:
        drafts.save(session, world.ada, world.first, b"newer", {}, seen=None, now=now)
    with store.write() as session:
        old = now - timedelta(minutes=1)
        assert drafts.save(session, world.ada, world.first, b"older", {}, seen=old) is None
        assert drafts.save(session, world.ada, world.first, b"newer", {"y": "1"}, seen=old) is None
        assert drafts.save(session, world.ada, world.first, b"newer", {}, seen=old) is not None
        assert drafts.save(session, world.ada, world.first, b"forced", {}, seen=None, force=True)
    with store.read() as session:
        kept = drafts.find(session, world.ada, world.first)
        assert kept is not None
        assert kept.source == b"forced"


def test_what_was_handed_in_is_dropped_and_what_is_newer_stays(world: World) -> None:
    """Another window may have saved something since the form that was handed in was opened."""
    first = utcnow()
    mine = world.ada, world.first
    with world.store.write() as session:
        assert drafts.handed_in(session, *mine, b"text", {}, seen=None), "there is none"
        drafts.save(session, *mine, b"text", {}, seen=None, now=first)
        assert not drafts.handed_in(session, *mine, b"older", {}, seen=None)
        assert not drafts.handed_in(session, *mine, b"older", {}, seen=first - timedelta(seconds=1))
        assert drafts.find(session, *mine) is not None
        assert drafts.handed_in(session, *mine, b"typed on", {}, seen=first), "the form knew it"
        assert drafts.find(session, *mine) is None
        drafts.save(session, *mine, b"text", {"y": "1"}, seen=None)
        assert drafts.handed_in(session, *mine, b"text", {"y": "1"}, seen=None), "the same content"
        assert drafts.find(session, *mine) is None
