"""Workers: seen, silent, and what of a silent one goes back to the queue."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from grader.model.lane import Lane
from grader.store import claims, queue, submissions, waiting, workers
from grader.store.database import Store
from grader.store.tables import Submission, Worker, utcnow
from grader.store.workers import Announced

from .world import World, a_report


def silence(store: Store, name: str, seconds: float) -> None:
    """It was seen last so many seconds ago."""
    with store.write() as session:
        moment = workers.now(session) - timedelta(seconds=seconds)
        session.execute(update(Worker).where(Worker.name == name).values(seen_at=moment))


def beat(store: Store, name: str, *, ready: bool = True) -> None:
    """It is alive."""
    with store.write() as session:
        workers.beat(session, Announced(name, "here", 3, torch="2", cpu="x" * 300), ready=ready)


def test_a_worker_is_seen_until_it_leaves(store: Store) -> None:
    """One row a worker, however often it beats; alive is who is ready and not silent."""
    beat(store, "a")
    beat(store, "a")
    beat(store, "b", ready=False)
    silence(store, "a", 2)
    with store.read() as session:
        first, second = workers.seen(session)
    assert (first.name, first.slots, first.torch, len(first.cpu or "")) == ("a", 3, "2", 128)
    assert first.alive and 2 <= first.silent < 60
    assert not second.alive
    silence(store, "a", 6)
    with store.read() as session:
        assert not workers.seen(session)[0].alive
    with store.write() as session:
        workers.leave(session, "a")
        workers.leave(session, "a")
    with store.read() as session:
        assert [each.name for each in workers.seen(session)] == ["b"]


def test_rows_of_a_silent_worker_alone_go_back(world: World) -> None:
    """Not those of one whose name begins alike, nor of who never said that it is one; not twice."""
    names = ["host_1:7", "host_1:77", "hostX1:7"]
    for name in names:
        beat(world.store, name)
    owners = [f"{name}:1" for name in names] + ["somebody"]
    held = {}
    for owner in owners:
        world.hand_in(world.ada, source=owner.encode())
        with world.store.write() as session:
            claimed = claims.claim(session, owner, 60)
            assert claimed is not None
            held[owner] = claimed.id
    with world.store.write() as session:
        assert workers.requeue_of_silent(session, workers.now(session)) == 0
    silence(world.store, names[0], 5.5)
    with world.store.write() as session:
        assert workers.requeue_of_silent(session, workers.now(session)) == 1
        assert workers.requeue_of_silent(session, workers.now(session)) == 0
    with world.store.read() as session:
        rows = {owner: submissions.get(session, each) for owner, each in held.items()}
    assert {owner: row.state for owner, row in rows.items() if row} == {
        "host_1:7:1": "queued", "host_1:77:1": "running", "hostX1:7:1": "running", "somebody": "running",
    }  # fmt: skip
    assert rows["host_1:7:1"] is not None and rows["host_1:7:1"].interruptions == 1


def test_a_clock_that_is_set_back_makes_nobody_immortal(world: World) -> None:
    """Who was seen an hour ahead is given the time to be seen again, and then is silent."""
    beat(world.store, "a")
    world.hand_in(world.ada)
    with world.store.write() as session:
        assert claims.claim(session, "a:1", 60) is not None
    silence(world.store, "a", -3600)
    with world.store.write() as session:
        assert workers.requeue_of_silent(session, workers.now(session)) == 0
        (seen,) = workers.seen(session)
        seen_at = session.scalar(select(Worker.seen_at))
        assert seen_at is not None
        assert seen_at <= workers.now(session) + timedelta(seconds=workers.SILENT_SECONDS)
    assert seen.alive
    silence(world.store, "a", 6)
    with world.store.write() as session:
        assert workers.requeue_of_silent(session, workers.now(session)) == 1


def test_who_comes_back_writes_nothing(world: World) -> None:
    """A worker that was stopped for a while, and whose row another has by now."""
    beat(world.store, "a")
    submission = world.hand_in(world.ada)
    with world.store.write() as session:
        assert claims.claim(session, "a:1", 60) is not None
    silence(world.store, "a", 10)
    with world.store.write() as session:
        assert workers.requeue_of_silent(session, workers.now(session)) == 1
        again = claims.claim(session, "b:1", 60)
        assert again is not None and again.id == submission
    beat(world.store, "a")
    with world.store.write() as session:
        assert not queue.finish(session, submission, "a:1", a_report(10))
        assert queue.finish(session, submission, "b:1", a_report(10))


def test_who_was_silent_for_long_is_forgotten(store: Store) -> None:
    """Ten minutes: a machine that is gone is no worker that is expected."""
    beat(store, "a")
    silence(store, "a", 599)
    with store.write() as session:
        workers.requeue_of_silent(session, workers.now(session))
    with store.read() as session:
        assert len(workers.seen(session)) == 1
    silence(store, "a", 601)
    with store.write() as session:
        workers.requeue_of_silent(session, workers.now(session))
    with store.read() as session:
        assert not workers.seen(session)


def test_what_is_stale_is_counted(world: World) -> None:
    """Due for so long, and not put off; counted to an end."""
    for _ in range(3):
        world.hand_in(world.ada)
    with world.store.write() as session:
        assert waiting.count_stale(session, 0.0) == 3
        assert waiting.count_stale(session, 0.0, most=2) == 2
        assert waiting.count_stale(session, 60.0) == 0


def test_what_is_due_in_a_lane_is_counted(world: World) -> None:
    """What is judged anew or put off says nothing of how soon a student's verdict comes."""
    mine, put_off, anew = (world.hand_in(world.ada) for _ in range(3))
    with world.store.write() as session:
        later = utcnow() + timedelta(seconds=60)
        session.execute(update(Submission).where(Submission.id == put_off).values(not_before=later))
        session.execute(update(Submission).where(Submission.id == anew).values(lane=Lane.REGRADE))
    with world.store.write() as session:
        assert waiting.count_due(session) == 1 and waiting.count_due(session, Lane.REGRADE) == 1
        assert waiting.count_due(session, now=later) == 2
        claimed = claims.claim(session, "a:1", 60)
        assert claimed is not None and claimed.id == mine
        assert waiting.count_due(session) == 0
