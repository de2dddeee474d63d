"""A submission's way through the queue, and that it is graded exactly once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from grader.errors import UsageError
from grader.model.lane import Lane
from grader.store import attempts, claims, queue, regrades, requeue, submissions, waiting
from grader.store.queue import Claimed
from grader.store.requeue import ALONE_AFTER
from grader.store.tables import Regrade, Submission, utcnow

from .world import World, a_report

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def row_of(world: World, submission_id: str) -> Submission:
    """The row as it is now."""
    with world.store.read() as session:
        row = submissions.get(session, submission_id)
    assert row is not None
    return row


def claim(world: World, owner: str, lease: float = 60, now: datetime | None = None) -> Claimed | None:
    """Claim in a transaction of its own."""
    with world.store.write() as session:
        return claims.claim(session, owner, lease, now=now)


def test_what_is_handed_in_is_stored_before_it_is_judged(world: World) -> None:
    """Everything needed to grade it is in the row, byte for byte."""
    row = row_of(world, world.hand_in(world.ada))
    assert (row.state, row.attempt, row.tries) == ("queued", 1, 0)
    claimed = claim(world, "me")
    assert claimed is not None
    assert (claimed.id, claimed.work.exercise, claimed.owner) == (row.id, "control-flow", "me")
    assert claimed.work.submission.source == b"def f(x): return x"
    assert claimed.work.submission.predictions == {"x_grad": "1"}
    assert claimed.work.submission.seed == 7


def test_attempts_are_counted_per_student_and_assignment(world: World) -> None:
    """1, 2, 3 …, whoever else hands in."""
    ids = [world.hand_in(world.ada), world.hand_in(world.bob), world.hand_in(world.ada)]
    ids.append(world.hand_in(world.ada, world.second))
    assert [row_of(world, i).attempt for i in ids] == [1, 1, 2, 1]
    with world.store.read() as session:
        assert [a.id for a in attempts.attempts(session, world.ada, world.first)] == [ids[2], ids[0]]


def test_a_double_click_is_one_submission(world: World) -> None:
    """The same request key of the same student; another student's is another's."""
    first = world.hand_in(world.ada, request_key="k")
    assert world.hand_in(world.ada, request_key="k") == first
    assert world.hand_in(world.bob, request_key="k") != first
    assert world.hand_in(world.ada) != world.hand_in(world.ada)
    with world.store.read() as session:
        assert len(attempts.attempts(session, world.ada, world.first)) == 3


def test_a_double_click_at_the_same_moment_is_one_submission(world: World) -> None:
    """Eight POSTs at once find one row, and none fails."""
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: world.hand_in(world.ada, request_key="k"), range(8)))
    assert len(set(ids)) == 1


def test_eight_submissions_at_the_same_moment_are_eight_attempts(world: World) -> None:
    """No number twice, none left out."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(world.hand_in, [world.ada] * 8))
    with world.store.read() as session:
        rows = attempts.attempts(session, world.ada, world.first)
    assert [row.attempt for row in rows] == [8, 7, 6, 5, 4, 3, 2, 1]


def test_a_stranger_hands_in_nothing(world: World) -> None:
    """No such user; and a key too long to keep is refused rather than cut."""
    with pytest.raises(UsageError, match="no user"):
        world.hand_in(999)
    with pytest.raises(UsageError, match="64"):
        world.hand_in(world.ada, request_key="k" * 65)


def test_a_verdict_is_written_whole(world: World) -> None:
    """Report, check results and state together; the report comes back as it was."""
    mine = world.grade(world.ada, 6.0, code="scale")
    row = row_of(world, mine)
    assert (row.state, row.score, row.max_score, row.passed) == ("graded", 6.0, 10.0, False)
    with world.store.read() as session:
        assert submissions.digest_of(session, mine) == "f" * 64
    assert row.owner is None and row.finished_at is not None
    assert submissions.report_of(row) == a_report(6.0, code="scale")
    with world.store.read() as session:
        (check,) = attempts.results_of(session, [mine])[mine]
    assert (check.check_id, check.verdict, check.points, check.code) == ("prediction", "failed", 6.0, "scale")


def test_only_who_holds_a_row_finishes_it_and_only_once(world: World) -> None:
    """Another owner, or the same one again, writes nothing."""
    mine = world.hand_in(world.ada)
    assert claim(world, "me") is not None
    with world.store.write() as session:
        assert not queue.finish(session, mine, "you", a_report(10))
        assert queue.finish(session, mine, "me", a_report(6))
        assert not queue.finish(session, mine, "me", a_report(10))
        assert requeue.give_back(session, mine, "me", "late", True) is None
    assert row_of(world, mine).score == 6


def test_a_verdict_after_the_lease_is_lost_is_refused(world: World) -> None:
    """The first grader wakes up when a second one holds the row, and again when that is done."""
    mine = world.hand_in(world.ada)
    assert claim(world, "slow", lease=5, now=NOW) is not None
    with world.store.write() as session:
        assert requeue.requeue_expired(session, NOW + 4 * SECOND) == 0
        assert requeue.requeue_expired(session, NOW + 6 * SECOND) == 1
        assert not queue.finish(session, mine, "slow", a_report(1))
    assert claim(world, "quick") is not None
    with world.store.write() as session:
        assert not queue.finish(session, mine, "slow", a_report(1))
        assert queue.finish(session, mine, "quick", a_report(9))
        assert not queue.finish(session, mine, "slow", a_report(1))
        assert len(attempts.results_of(session, [mine])[mine]) == 1
    assert row_of(world, mine).score == 9


def test_a_report_of_our_failure_does_not_finish(world: World) -> None:
    """It would be a zero in the gradebook."""
    mine = world.hand_in(world.ada)
    claim(world, "me")
    with world.store.write() as session, pytest.raises(ValueError, match="give it back"):
        queue.finish(session, mine, "me", a_report(0, status="not-gradable"))


def test_our_failure_is_tried_three_times_and_is_never_a_zero(world: World) -> None:
    """Each time after a pause; then it is set aside, without a score."""
    mine = world.hand_in(world.ada)
    states = []
    for n in range(3):
        moment = NOW + 10 * n * SECOND
        assert claim(world, "me", now=moment) is not None
        with world.store.write() as session:
            states.append(
                requeue.give_back(session, mine, "me", "no\0 jail \ud800", True, delay_seconds=10, now=moment)
            )
        assert claim(world, "me", now=moment + 9 * SECOND) is None
    assert states == ["queued", "queued", "failed"]
    row = row_of(world, mine)
    assert (row.state, row.score, row.report, row.tries) == ("failed", None, None, 3)
    assert row.problem == "no jail \\ud800"
    assert row.finished_at is not None


def test_a_failure_that_retrying_cannot_mend_is_set_aside_at_once(world: World) -> None:
    """For example when the exercise's own reference does not run."""
    mine = world.hand_in(world.ada)
    claim(world, "me")
    with world.store.write() as session:
        assert requeue.give_back(session, mine, "me", "reference", False) == "failed"


def test_a_restart_queues_again_what_was_running(world: World) -> None:
    """It comes first, being the oldest; its death costs none of its three tries."""
    mine = world.hand_in(world.ada)
    claim(world, "dead")
    with world.store.write() as session:
        assert requeue.requeue_running(session) == 1
        assert requeue.requeue_running(session) == 0
    row = row_of(world, mine)
    assert (row.state, row.tries, row.owner) == ("queued", 0, None)
    again = claim(world, "alive")
    assert again is not None and again.id == mine


def test_what_kills_the_grader_again_and_again_is_set_aside(world: World) -> None:
    """Else one submission could keep a server from ever serving. Its last try is one with nothing beside it,
    and what ran beside it until then is not to blame."""
    poison, beside = world.hand_in(world.ada), world.hand_in(world.bob)
    for _ in range(ALONE_AFTER):
        assert {one.id for one in (claim(world, "a"), claim(world, "b")) if one} == {poison, beside}
        with world.store.write() as session:
            assert requeue.requeue_running(session) == 2
    assert claim(world, "not alone") is None
    with world.store.write() as session:
        assert claims.any_alone(session)
        first = claims.claim(session, "alone", 60, alone=True)
        assert first is not None and first.id == poison
        assert requeue.requeue_running(session) == 0
    assert row_of(world, poison).state == "failed"
    with world.store.write() as session:
        second = claims.claim(session, "alone again", 60, alone=True)
        assert second is not None and second.id == beside
        assert queue.finish(session, beside, second.holder, a_report(10.0))
        assert not claims.any_alone(session)
    assert row_of(world, beside).state == "graded"


def test_a_clock_that_is_set_back_leaves_nothing_put_off(world: World) -> None:
    """What was put off for some seconds, by a clock an hour ahead, is due; what is put off now is not."""
    mine = world.hand_in(world.ada)
    claim(world, "a")
    with world.store.write() as session:
        assert requeue.put_off(session, mine, "a", "the disk is full", delay_seconds=5)
        assert claims.claim(session, "b", 60) is None
        assert claims.claim(session, "c", 60, now=utcnow() - timedelta(hours=1)) is not None


def test_a_row_is_claimed_exactly_once_under_contention(world: World) -> None:
    """Eight threads on forty rows."""
    expected = {world.hand_in(user) for user in (world.ada, world.bob, world.cyd, world.teacher) * 10}

    def work(n: int) -> list[str]:
        mine: list[str] = []
        misses = 0
        # On PostgreSQL a miss may only mean that the others were looking at the same rows.
        while misses < 3:
            found = claim(world, f"worker {n}")
            if found is None:
                misses += 1
            else:
                mine.append(found.id)
        return mine

    with ThreadPoolExecutor(8) as threads:
        claimed = [i for mine in threads.map(work, range(8)) for i in mine]
    assert Counter(claimed) == Counter(expected)


def test_one_students_many_submissions_do_not_delay_anothers(world: World) -> None:
    """Ada hands in fifty, then Bob and Cyd one each: they are served second and third."""
    for _ in range(50):
        world.hand_in(world.ada)
    others = {world.hand_in(world.bob), world.hand_in(world.cyd)}
    order = []
    for _ in range(4):
        found = claim(world, "me")
        assert found is not None
        order.append(found.id)
        with world.store.write() as session:
            assert queue.finish(session, found.id, "me", a_report(10))
    assert set(order[1:3]) == others


def test_who_was_served_before_is_not_passed_by_all_who_never_were(world: World) -> None:
    """Ada has handed in before; what she hands in now came first."""
    world.grade(world.ada, 5.0)
    order = [world.hand_in(user) for user in (world.ada, world.bob, world.cyd)]
    assert [found and found.id for found in (claim(world, "me") for _ in range(3))] == order


def test_who_has_fewest_running_is_served_first(world: World) -> None:
    """With two threads, Ada cannot hold both while Bob waits; her own go in order."""
    ada = [world.hand_in(world.ada, now=NOW + n * SECOND) for n in range(3)]
    bob = [world.hand_in(world.bob, now=NOW + (10 + n) * SECOND) for n in range(2)]
    order = [claim(world, f"{n}", now=NOW + (20 + n) * SECOND) for n in range(5)]
    assert [c.id for c in order if c is not None] == [ada[0], bob[0], ada[1], bob[1], ada[2]]


def test_a_regrade_waits_for_new_submissions_and_keeps_the_old_score(world: World) -> None:
    """Regrading a class delays nobody who sits and waits, and never empties the gradebook."""
    old = [world.grade(world.ada, 6.0), world.grade(world.bob, 3.0)]
    elsewhere = world.grade(world.cyd, 5.0, world.second)
    with world.store.write() as session:
        regrade = regrades.propose_rerun(session, world.first, None, reason="a new version", by=None)
    new = world.hand_in(world.ada)
    first = claim(world, "me")
    assert first is not None and first.id == new
    assert row_of(world, old[0]).state == "queued"
    assert row_of(world, old[0]).score == 6.0
    assert row_of(world, elsewhere).state == "graded"
    second = claim(world, "me2")
    assert second is not None and second.id == old[0]
    with world.store.write() as session:
        assert queue.finish(session, old[0], "me2", a_report(4))
        assert len(attempts.results_of(session, [old[0]])[old[0]]) == 1
    assert row_of(world, old[0]).score == 6, "it is a proposal"
    third = claim(world, "me3")
    assert third is not None and third.id == old[1]
    with world.store.write() as session:
        assert queue.finish(session, old[1], "me3", a_report(3))
        regrades.accept(session, session.get_one(Regrade, regrade.id), by=None)
    assert row_of(world, old[0]).score == 4


def test_what_we_could_not_grade_is_no_regrade(world: World) -> None:
    """When the grader is mended, its student has waited longest and goes first, with three new tries."""
    mine = world.hand_in(world.ada)
    claim(world, "me")
    with world.store.write() as session:
        assert requeue.give_back(session, mine, "me", "broken", False) == "failed"
        assert submissions.retry(session, [mine]) == [mine]
    row = row_of(world, mine)
    assert (row.state, row.tries, row.lane, row.problem) == ("queued", 0, Lane.INTERACTIVE, None)
    world.hand_in(world.ada)
    again = claim(world, "me")
    assert again is not None and again.id == mine


def test_attempts_know_their_neighbours_and_the_last_verdict_before_them(world: World) -> None:
    """Of the same student and assignment; what was not graded is a neighbour and no verdict."""
    first = world.grade(world.ada, 4.0)
    other = world.grade(world.bob, 9.0)
    world.grade(world.ada, 5.0, world.second)
    second = world.hand_in(world.ada)
    third = world.hand_in(world.ada)
    with world.store.read() as session:
        rows = {name: submissions.get(session, name) for name in (first, second, third, other)}
        found = {}
        for name, row in rows.items():
            assert row is not None
            before = attempts.previous(session, row)
            found[name] = (attempts.neighbours(session, row), before.id if before else None)
    assert found == {
        first: ((None, second), None),
        second: ((first, third), first),
        third: ((second, None), first),
        other: ((None, None), None),
    }


def test_a_list_of_attempts_takes_as_many_as_are_asked_for(world: World) -> None:
    """The newest, or the newest before one; with the checks of each in the exercise's order."""
    ids = [world.grade(world.ada, score) for score in (4.0, 5.0, 6.0)]
    with world.store.read() as session:
        newest = attempts.outlines(session, world.ada, world.first, most=2)
        older = attempts.outlines(session, world.ada, world.first, most=2, before=2)
        results = attempts.results_of(session, ids[:2])
        assert set(results) == set(ids[:2])
        for name in ids[:2]:
            assert results[name] == attempts.results_of(session, [name])[name]
        assert attempts.results_of(session, []) == {}
    assert [row.attempt for row in newest] == [3, 2]
    assert [row.attempt for row in older] == [1]


def test_the_latest_attempt_is_ones_own_at_this_assignment(world: World) -> None:
    """Graded or not; whoever has not begun has none."""
    world.grade(world.ada, 4.0)
    last = world.hand_in(world.ada)
    world.hand_in(world.bob, world.second)
    with world.store.read() as session:
        found = attempts.handed_in(session, world.ada, world.first)
        assert found is not None and found[0] == last
        assert attempts.handed_in(session, world.bob, world.first) is None


def test_the_queue_can_be_measured(world: World) -> None:
    """Waiting and running."""
    for _ in range(3):
        world.hand_in(world.ada)
    claim(world, "me")
    with world.store.read() as session:
        found = waiting.lengths(session)
        assert (found.queued, found.running) == (2, 1)
        assert submissions.state_of(session, "no such id") is None
        assert submissions.get(session, "no such id") is None
