"""Drafts: one per student and assignment; neither the newer one is lost, nor what a draft replaced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import NullPool, create_engine, text

from grader.store import drafts, migrations
from grader.store.database import Store
from grader.store.tables import utcnow

from .world import World

STARTER = b"def f(x): ...\n"


def content(store: Store, world: World) -> tuple[bytes, dict[str, str]]:
    """Ada's draft of the first assignment."""
    with store.read() as session:
        kept = drafts.find(session, world.ada, world.first)
        assert kept is not None
        return kept.source, kept.predictions


def test_a_draft_is_found_again_and_replaced(store: Store, world: World) -> None:
    """Saving from what one has seen replaces it."""
    mine = world.ada, world.first
    with store.write() as session:
        assert drafts.find(session, *mine) is None
        assert drafts.save(session, *mine, b"one", {"y": "1"}, known=[""], version="a")
    with store.write() as session:
        assert drafts.save(session, *mine, b"two", {}, known=["a"]) is not None
    assert content(store, world) == (b"two", {})
    with store.read() as session:
        assert drafts.find(session, world.bob, world.first) is None
        assert not drafts.replaced(session, *mine)


def test_an_older_window_does_not_overwrite_a_newer_draft(store: Store, world: World) -> None:
    """Unless it is told to, and then what it overwrites is kept; the same text is no conflict."""
    mine = world.ada, world.first
    with store.write() as session:
        drafts.save(session, *mine, b"newer", {}, known=[], version="new")
    with store.write() as session:
        assert drafts.save(session, *mine, b"older", {}, known=["old"]) is None
        assert drafts.save(session, *mine, b"newer", {"y": "1"}, known=["old"]) is None
        same = drafts.save(session, *mine, b"newer", {}, known=["old"], version="other")
        assert drafts.version_of(same) == "new", "nothing was written"
        assert drafts.save(session, *mine, b"forced", {}, known=[], force=True)
    assert content(store, world) == (b"forced", {})
    with store.read() as session:
        assert [each.source for each in drafts.replaced(session, *mine)] == [b"newer"]


def test_a_window_knows_its_own_saves_in_whatever_order_they_arrive(store: Store, world: World) -> None:
    """Two are on their way at once when a page is left: the later one holds, and is no conflict."""
    mine = world.ada, world.first
    with store.write() as session:
        drafts.save(session, *mine, b"begun", {}, known=[], version="a")
        assert drafts.save(session, *mine, b"later", {}, known=["a", "b"], version="c")
        assert drafts.save(session, *mine, b"earlier", {}, known=["a"], version="b") is None
        assert drafts.save(session, *mine, b"and on", {}, known=["a", "b", "c"])
    assert content(store, world) == (b"and on", {})


def test_first_drafts_saved_at_once_are_one(store: Store, world: World) -> None:
    """One wins, the others are told; none fails."""

    def save(n: int) -> bool:
        with store.write() as session:
            return drafts.save(session, world.ada, world.first, b"%d" % n, {}, known=[]) is not None

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(save, range(4))) == 1


def test_what_was_handed_in_is_dropped_and_what_is_newer_stays(world: World) -> None:
    """Another window may have saved something since the form that was handed in was opened."""
    mine = world.ada, world.first
    with world.store.write() as session:
        assert drafts.handed_in(session, *mine, b"text", {}, known=[]), "there is none"
        drafts.save(session, *mine, b"text", {}, known=[], version="a")
        assert not drafts.handed_in(session, *mine, b"older", {}, known=[])
        assert not drafts.handed_in(session, *mine, b"older", {}, known=["before"])
        assert drafts.find(session, *mine) is not None
        assert drafts.handed_in(session, *mine, b"typed on", {}, known=["a"]), "the form knew it"
        assert drafts.find(session, *mine) is None
        drafts.save(session, *mine, b"text", {"y": "1"}, known=[])
        assert drafts.handed_in(session, *mine, b"text", {"y": "1"}, known=[]), "the same content"
        assert drafts.find(session, *mine) is None


def test_starting_over_has_a_way_back_and_forth(store: Store, world: World) -> None:
    """What was there is kept, and again what is replaced by bringing it back; the starter is not."""
    mine = world.ada, world.first
    with store.write() as session:
        drafts.save(session, *mine, b"saved elsewhere", {}, known=[], version="x")
        drafts.start_over(session, *mine, b"work", {"y": "1"}, known=["a"], starter=STARTER)
        drafts.start_over(session, *mine, STARTER, {"y": "1"}, known=["a"], starter=STARTER)
        kept = drafts.replaced(session, *mine)
        assert [each.source for each in kept] == [b"work", b"saved elsewhere"]
    assert content(store, world) == (STARTER, {"y": "1"})
    with store.write() as session:
        theirs = world.bob, world.first
        assert drafts.bring_back(session, *theirs, kept[0].id, b"", {}, starter=STARTER) is None
        assert drafts.bring_back(session, *mine, kept[0].id, b"after", {}, starter=STARTER)
        assert drafts.bring_back(session, *mine, kept[0].id, b"after", {}, starter=STARTER) is None
        assert [e.source for e in drafts.replaced(session, *mine)] == [b"after", b"saved elsewhere"]
    assert content(store, world) == (b"work", {"y": "1"})


def test_a_few_replaced_drafts_are_kept_each_once(store: Store, world: World) -> None:
    """The latest ones; nothing without work in it."""
    mine = world.ada, world.first
    with store.write() as session:
        for source in (b"1", b"2", b" \n", STARTER, b"3", b"2", b"4"):
            drafts.set_aside(session, *mine, source, {}, starter=STARTER)
        assert [each.source for each in drafts.replaced(session, *mine)] == [b"4", b"2", b"3"]


def test_drafts_from_before_there_were_versions(url: str, store: Store, world: World) -> None:
    """They are still there after the migration, and a page that was open meanwhile still knows them."""
    mine = world.ada, world.first
    saved = utcnow() - timedelta(hours=1)
    with store.write() as session:
        drafts.save(session, *mine, b"old", {"y": "1"}, known=[], now=saved)
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        migrations.downgrade(connection, "0002")
        assert connection.execute(text("SELECT count(*) FROM drafts")).scalar() == 1
    with engine.begin() as connection:
        migrations.upgrade(connection)
    engine.dispose()
    assert content(store, world) == (b"old", {"y": "1"})
    with store.write() as session:
        assert drafts.save(session, *mine, b"other", {}, known=["no"]) is None
        assert drafts.save(session, *mine, b"new", {}, known=[saved.isoformat()]) is not None
