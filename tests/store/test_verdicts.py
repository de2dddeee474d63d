"""Shared verdicts, shadow judgings and pinned versions, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, NullPool, create_engine, inspect, select, text

from grader.store import claims, judging_versions, judgings, migrations, queue, regrades, shadows, verdicts
from grader.store.database import Store
from grader.store.judgings import Made
from grader.store.tables import Assignment, CachedVerdict, Judging, utcnow

from .world import World, a_report

MADE = Made("1.0", "2.13.0", "w1", numpy="2.4.0", python="3.11", cpu="c", key="a" * 64, shadow=True)
ALIKE = ("1.0", "2.13.0", "2.4.0")


def judged(world: World, user: int, made: Made, score: float = 5.0) -> str:
    """Hand in and have it judged as ``made`` says."""
    mine = world.hand_in(user)
    with world.store.write() as session:
        claimed = claims.claim(session, f"owner {mine}", 60)
        assert claimed is not None and claimed.id == mine
        assert queue.finish(session, mine, f"owner {mine}", a_report(score), made=made)
    return mine


def test_a_verdict_is_found_until_its_judging_goes(world: World) -> None:
    """The newest that was really made is told; what was taken from it is not told in its stead."""
    judged(world, world.ada, MADE, 5.5)
    with world.store.read() as session:
        found = verdicts.find(session, "a" * 64)
        assert found is not None and found.worker == "w1" and '"score":5.5' in found.report
        assert verdicts.find(session, "b" * 64) is None and verdicts.keys(session) == ["a" * 64]
    judged(
        world, world.bob, MADE._replace(cached_from="w1", worker="w2", phases={"cache": 0.1, "all": 0.2}), 5
    )
    with world.store.read() as session:
        rows = session.execute(
            select(Judging.worker, Judging.cached_from, Judging.phases).order_by(Judging.id)
        ).all()
        assert [tuple(row)[:2] for row in rows] == [("w1", None), ("w2", "w1")]
        assert rows[1].phases == {"cache": 0.1, "all": 0.2}
        assert verdicts.figures(session) == (1, 1, 1)
        assert session.scalars(select(CachedVerdict.judging_id)).all() == [1]
    mine = judged(world, world.cyd, MADE, 7.5)
    with world.store.read() as session:
        found = verdicts.find(session, "a" * 64)
        assert found is not None and '"score":7.5' in found.report
    with world.store.write() as session:
        session.execute(text("DELETE FROM submissions WHERE id = :id"), {"id": mine})
    with world.store.read() as session:
        assert verdicts.find(session, "a" * 64) is None


def test_what_was_asked_for_longest_ago_makes_room(world: World) -> None:
    """And only there: the judgings stay."""
    for n in range(6):
        judged(world, world.ada, MADE._replace(key=f"{n}" * 64, shadow=False))
    with world.store.write() as session:
        verdicts.used(session, "0" * 64, utcnow() + timedelta(seconds=1))
        assert verdicts.bound(session, 6) == 0
        assert verdicts.bound(session, 3) == 3
        assert sorted(key[0] for key in verdicts.keys(session)) == ["0", "4", "5"]
        assert verdicts.bound(session, 0) >= 2
        assert len(session.scalars(select(Judging.id)).all()) == 6


def test_equal_verdicts_of_two_workers_at_once_are_both_written(world: World) -> None:
    """One entry, and nobody waits for ever."""
    users = (world.ada, world.bob, world.cyd)
    rows = [world.hand_in(user) for user in users]
    together = threading.Barrier(len(rows))

    def one(mine: str) -> bool:
        with world.store.write() as session:
            claimed = claims.claim(session, f"o {mine}", 60)
            assert claimed is not None
        if world.store.path is None:
            together.wait(30)
        with world.store.write() as session:
            return queue.finish(session, claimed.id, f"o {mine}", a_report(5), made=MADE)

    with ThreadPoolExecutor(len(rows)) as threads:
        assert all(threads.map(one, rows))
    with world.store.read() as session:
        assert verdicts.keys(session) == ["a" * 64]


def test_two_workers_never_take_the_same_to_judge_again(world: World) -> None:
    """Each sampled judging once, by another worker than its first."""
    for n in range(4):
        judged(world, world.ada, MADE._replace(key=None, worker=f"w{n % 2}"))

    def take(worker: str) -> list[int]:
        mine = []
        while True:
            with world.store.write() as session:
                taken = shadows.take(session, worker, cpu="c", alike=ALIKE, alone=False)
            if taken is None:
                return mine
            assert taken.worker != worker and taken.submission.source == b"def f(x): return x"
            mine.append(taken.judging_id)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(take, ("w0", "w1"))
    assert sorted(first + second) == [1, 2, 3, 4] and sorted(first) == [2, 4]
    with world.store.write() as session:
        assert shadows.settle(session, 2, "w0", "different", ["score"])
        assert not shadows.settle(session, 2, "w0", "same")
        assert shadows.counts(session) == {"running": 3, "different": 1}
    with world.store.read() as session:
        of_one = session.get_one(Judging, 2).submission_id
        assert shadows.of_submission(session, of_one)[2].differs == ["score"]


def test_what_other_versions_judge_is_claimed_by_nobody_else(world: World) -> None:
    """But for what is judged for a proposal; and what else waits is not held up."""
    old = judged(world, world.ada, MADE)
    first, second = world.hand_in(world.ada), world.hand_in(world.bob, world.second)
    with world.store.write() as session:
        assert judging_versions.pin(session, world.first, "torch 2.13, numpy 2.4") == "now"
        assert judging_versions.pin(session, world.first, "torch 2.13, numpy 2.4") == "before"
        assert judging_versions.pin(session, world.first, "torch 2.14, numpy 2.4") == "refused"
        blocked = judging_versions.blocked(session, "torch 2.14, numpy 2.4")
        assert blocked == {world.first}
        assert judging_versions.blocked(session, "torch 2.13, numpy 2.4") == frozenset()
        claimed = claims.claim(session, "one", 60, blocked=blocked)
        assert claimed is not None and claimed.id == second and not claimed.work.rerun
        assert claims.claim(session, "two", 60, blocked=blocked) is None
        regrades.propose_rerun(session, world.first, [old], reason="newer", by=None)
        claimed = claims.claim(session, "three", 60, blocked=blocked)
        assert claimed is not None and claimed.id == old and claimed.work.rerun
        assert judging_versions.allow(session, [world.first, world.second], "torch 2.14, numpy 2.4") == [
            "control-flow"
        ]
        assert judging_versions.blocked(session, "torch 2.14, numpy 2.4") == frozenset()
        claimed = claims.claim(session, "four", 60)
        assert claimed is not None and claimed.id == first
        # The other one has no verdict yet: whichever comes first pins it.
        assert session.get_one(Assignment, world.second).versions is None


def test_two_first_verdicts_at_once_pin_once(world: World) -> None:
    """The second waits for the first to be committed, and is refused."""
    together = threading.Barrier(2)

    def pin(family: str) -> str:
        if world.store.path is None:
            together.wait(30)
        with world.store.write() as session:
            return judging_versions.pin(session, world.first, family)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(pin, ("torch 1.0, numpy 1.0", "torch 2.0, numpy 1.0"))) == [
            "now",
            "refused",
        ]


def test_judgings_survive_the_eleventh_revision(url: str, world: World) -> None:
    """Down and up again with rows in all that it adds: the verdicts stay, and no assignment is pinned."""
    judged(world, world.ada, MADE)
    with world.store.write() as session:
        judging_versions.pin(session, world.first, "torch 2.13, numpy 2.4")
    world.store.close()
    engine: Engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        migrations.downgrade(connection, "0009")
        assert not {"verdicts", "shadows"} & set(inspect(connection).get_table_names())
        for table in ("judgings", "assignments"):
            names = {each["name"] for each in inspect(connection).get_columns(table)}
            assert not {"cached_from", "numpy", "versions", "refused"} & names
    engine.dispose()
    again = Store.open(url)
    with again.read() as session:
        (row,) = session.scalars(select(Judging))
        assert (row.score, row.torch, row.numpy, row.cached_from) == (5.0, "2.13.0", None, None)
        assert not any(session.scalars(select(Assignment.versions)))
    again.close()


def test_thinned_judgings_say_so_to_who_looks_them_up(world: World) -> None:
    """The entry stays; what it refers to says that it is no whole report."""
    mine = judged(world, world.ada, MADE)
    with world.store.write() as session:
        judgings.thin(session, [mine])
    with world.store.read() as session:
        found = verdicts.find(session, "a" * 64)
    assert found is not None and '"thinned":true' in found.report
