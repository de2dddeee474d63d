"""What the database says of the last minutes, and of what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from grader.model.lane import Lane
from grader.store import claims, load, queue, regrades, requeue, waiting
from grader.store.judgings import Made, Times
from grader.store.tables import utcnow
from grader.store.waiting import InPhase

from .world import World, a_report

NOW = utcnow()
SECOND = timedelta(seconds=1)


def graded(world: World, user: int, since: timedelta, *, waited: float, busy: float) -> None:
    """Handed in so long ago, claimed and graded so many seconds later."""
    came = NOW - since
    mine = world.hand_in(user, now=came)
    begun = came + waited * SECOND
    with world.store.write() as session:
        assert claims.claim(session, "me", 60, now=begun) is not None
        times = Times(begun, begun + 0.5 * busy * SECOND, begun + 0.75 * busy * SECOND)
        assert queue.finish(session, mine, "me", a_report(10), started=begun, made=Made(times=times))
        judging = session.get_one(queue.Judging, session.get_one(queue.Submission, mine).judging_id)
        judging.finished_at = begun + busy * SECOND


def test_arrivals_and_the_time_of_each_phase_are_read_off_the_judgings(world: World) -> None:
    """What was handed in before the window arrived before it; what still waits has arrived."""
    graded(world, world.ada, timedelta(minutes=4), waited=2, busy=4)
    graded(world, world.bob, timedelta(minutes=5, seconds=1), waited=5, busy=2)
    graded(world, world.cyd, timedelta(hours=1), waited=0, busy=1)
    world.hand_in(world.ada, now=NOW - SECOND)
    with world.store.read() as session:
        found = load.recent(session, NOW)
    assert found.arrivals == pytest.approx(2 / 300)
    assert found.verdicts == pytest.approx(2 / 300)
    assert found.seconds == pytest.approx(3)
    assert found.phases["waiting"] == pytest.approx([2, 5])
    assert found.phases["running"] == pytest.approx([1, 2])
    assert found.phases["judging"] == pytest.approx([0.5, 1])
    assert found.phases["writing"] == pytest.approx([0.5, 1])
    assert found.phases["verdict"] == pytest.approx([6, 7])


def test_a_rush_shortens_the_window(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more judgings are read than a scrape may cost, and the rates are right all the same."""
    monkeypatch.setattr(load, "MOST", 5)
    for n in range(10):
        graded(world, world.ada, timedelta(seconds=20 - n), waited=0, busy=1)
    with world.store.read() as session:
        found = load.recent(session, NOW)
    assert found.verdicts == pytest.approx(4 / 14)  # those that ended less than 14 s ago


def test_nothing_is_made_up_where_nothing_was_graded(world: World) -> None:
    """An older grader wrote down no times: its verdicts say nothing of the load."""
    world.grade(world.ada, 10)
    with world.store.read() as session:
        found = load.recent(session)
    assert (found.verdicts, found.seconds, found.phases["verdict"]) == (0, None, [])


def test_each_phase_and_lane_knows_its_oldest(world: World) -> None:
    """A regrade has waited since it was asked for, and not since its submission was handed in last week."""
    old = world.grade(world.cyd, 5)
    running = world.hand_in(world.ada, now=NOW - 50 * SECOND)
    with world.store.write() as session:
        assert claims.claim(session, "me", 600, now=NOW - 40 * SECOND) is not None
    off = world.hand_in(world.bob, now=NOW - 30 * SECOND)
    with world.store.write() as session:
        assert claims.claim(session, "you", 600, now=NOW - 29 * SECOND) is not None
        assert requeue.put_off(session, off, "you", "no jail", delay_seconds=100)
        regrades.propose_rerun(session, world.first, [old], reason="again", by=None)
    world.hand_in(world.ada, now=NOW - 20 * SECOND)
    world.hand_in(world.ada, now=NOW - 10 * SECOND)
    with world.store.read() as session:
        found = {(each.phase, each.lane): each for each in waiting.lengths(session, utcnow()).parts}
    assert found.keys() == {
        ("running", Lane.INTERACTIVE), ("put-off", Lane.INTERACTIVE), ("waiting", Lane.INTERACTIVE),
        ("waiting", Lane.REGRADE),
    }  # fmt: skip
    late = (utcnow() - NOW).total_seconds()
    for key, count, age in (
        (("running", Lane.INTERACTIVE), 1, 40),
        (("put-off", Lane.INTERACTIVE), 1, 30),
        (("waiting", Lane.INTERACTIVE), 2, 20),
    ):
        assert found[key] == InPhase(*key, count, pytest.approx(age + late, abs=5))  # type: ignore[arg-type]
    assert found["waiting", Lane.REGRADE].oldest < late + 5
    assert running


def test_what_could_not_be_graded_is_counted(world: World) -> None:
    mine = world.hand_in(world.ada)
    with world.store.write() as session:
        assert claims.claim(session, "me", 60) is not None
        assert load.set_aside(session) == 0
        assert requeue.give_back(session, mine, "me", "broken", False) == "failed"
        assert load.set_aside(session) == 1
