"""Whose turn it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from grader.dispatch.turns import Turns
from grader.model.lane import Lane
from grader.store.queue import Waiting
from grader.store.requeue import ALONE_AFTER
from grader.store.tables import utcnow
from tests.sandbox.watching import wait_until

START = utcnow()


def row(name: str, user: int, second: int = 0, **more: object) -> Waiting:
    """A queued row, received at ``second``."""
    return Waiting(name, user, START + timedelta(seconds=second), **more)  # type: ignore[arg-type]


def order(turns: Turns, *, one_at_a_time: bool = True) -> list[str]:
    """The ids in the order in which they are taken."""
    found = []
    while (taken := turns.take()) is not None:
        found.append(taken.id)
        if one_at_a_time:
            turns.ended(taken)
    return found


def test_students_take_turns_and_each_ones_oldest_comes_first() -> None:
    turns = Turns(share=2)
    turns.put([row("a2", 1, 2), row("a1", 1, 1), row("a3", 1, 3), row("b1", 2, 4), row("c1", 3, 5)])
    assert order(turns) == ["a1", "b1", "c1", "a2", "a3"]
    turns.put([row("a4", 1, 6), row("b2", 2, 7)])
    assert order(turns) == ["a4", "b2"], "it came first, and nothing of either was waiting"


def test_who_was_served_before_is_not_passed_by_all_who_never_were() -> None:
    """Of a thousand students nine hundred have not handed in yet: the others do not wait until they have."""
    turns = Turns(share=2)
    turns.put([row("early", 1, 1)])
    assert order(turns) == ["early"]
    turns.put([row("again", 1, 2), *(row(f"new{user}", user, 1 + user) for user in range(2, 5))])
    assert [turns.before(name) for name in ("again", "new2", "new4")] == [0, 1, 3]
    taken = turns.take()
    assert taken is not None and taken.id == "again"
    turns.put([row("third", 1, 9), row("new5", 5, 10)])
    turns.ended(taken)
    assert [turns.before(name) for name in ("third", "new5")] == [3, 4]
    assert order(turns) == ["new2", "new3", "new4", "third", "new5"]


def test_one_student_holds_no_more_than_a_share() -> None:
    turns = Turns(share=2)
    turns.put([row(f"a{n}", 1, n) for n in range(5)])
    first, second = turns.take(), turns.take()
    assert first is not None and second is not None
    assert turns.take() is None
    turns.put([row("b", 2, 9)])
    assert order(turns, one_at_a_time=False) == ["b"]
    turns.ended(first)
    assert order(turns, one_at_a_time=False) == ["a2"]


def test_what_is_graded_anew_waits_for_the_rest() -> None:
    turns = Turns(share=1)
    turns.put([row("again", 1, 0, lane=Lane.REGRADE), row("new", 2, 9)])
    assert order(turns) == ["new", "again"]


def test_what_nobody_waits_for_leaves_a_slot_to_who_comes() -> None:
    """A class that is graded anew, whoever is in it, holds as many slots as one student may."""
    turns = Turns(share=2)
    turns.put([row(f"again{user}", user, 0, lane=Lane.REGRADE) for user in range(4)])
    running = [turns.take(), turns.take()]
    assert turns.take() is None
    turns.put([row("new", 9, 9)])
    assert order(turns, one_at_a_time=False) == ["new"]
    turns.put([row("own", 1, 9)])
    assert order(turns, one_at_a_time=False) == ["own"], "what runs of theirs anew is not in their way"
    first = running[0]
    assert first is not None
    turns.ended(first)
    assert order(turns) == ["again2", "again3"]


def test_what_was_moved_to_the_lane_below_was_a_turn() -> None:
    """However many loops one student hands in, each costs a turn; and none is in the others' way below."""
    turns = Turns(share=1, unawaited=2)
    turns.put([row("loop1", 1, 1), row("loop2", 1, 2), row("b", 2, 3), row("c", 3, 4)])
    taken = turns.take()
    assert taken is not None and taken.id == "loop1"
    turns.ended(taken)
    turns.put([replace(taken, lane=Lane.LONG)])
    assert order(turns) == ["b", "c", "loop2", "loop1"]


def test_somebody_waits_where_no_thread_is_free_and_nobody_where_one_has_a_share() -> None:
    """Their own submissions are all that a student's further ones wait for."""
    turns = Turns(share=1)
    long_ago = START - timedelta(seconds=60)
    assert not turns.somebody_waits()
    turns.put([row("a1", 1, queued_at=long_ago), row("a2", 1, 1, queued_at=long_ago)])
    assert turns.somebody_waits()
    assert turns.take() is not None
    assert not turns.somebody_waits(), "the other one waits for the first"
    turns.put([row("again", 2, queued_at=long_ago, lane=Lane.REGRADE)])
    turns.put([row("long", 2, queued_at=long_ago, lane=Lane.LONG)])
    assert not turns.somebody_waits(), "in a lane below"
    turns.put([row("now", 3, queued_at=utcnow() + timedelta(seconds=60))])
    assert not turns.somebody_waits(), "it has only just come"
    turns.put([row("b", 4, queued_at=long_ago)])
    assert turns.somebody_waits()


def test_somebody_waits_for_what_runs_beside_what_must_run_alone() -> None:
    turns = Turns(share=2)
    turns.put([row("before", 1, 5)])
    assert turns.take() is not None
    turns.put([row("suspect", 2, 6, interruptions=ALONE_AFTER)])
    assert turns.somebody_waits()


def test_nobody_is_served_sooner_by_what_runs_alone() -> None:
    """It would be the next again."""
    turns = Turns(share=2)
    turns.put([row("suspect", 1, 0, interruptions=ALONE_AFTER)])
    assert turns.take() is not None
    turns.put([row("honest", 2, queued_at=START - timedelta(seconds=60))])
    assert not turns.somebody_waits()


def test_to_look_who_waits_lines_nobody_up() -> None:
    """A thread that sleeps until something is due is woken by nobody else."""
    turns = Turns(share=1)
    turns.put(
        [
            row(
                "later",
                1,
                queued_at=START - timedelta(seconds=60),
                not_before=utcnow() + timedelta(seconds=0.1),
            )
        ]
    )
    wait_until(lambda: turns.seconds() == 0.0)
    assert not turns.somebody_waits() and turns.seconds() == 0.0
    taken = turns.take()
    assert taken is not None and taken.id == "later"


def test_what_is_put_off_waits_for_nobody_until_it_is_due() -> None:
    turns = Turns(share=1)
    long_ago = START - timedelta(seconds=60)
    turns.put([row("later", 1, queued_at=long_ago, not_before=utcnow() + timedelta(seconds=60))])
    assert not turns.somebody_waits()
    turns.resume()
    assert turns.somebody_waits()


def test_what_is_not_due_waits_and_is_resumed_unless_it_failed_by_itself() -> None:
    turns = Turns(share=1)
    later = utcnow() + timedelta(seconds=60)
    assert turns.seconds() is None
    turns.put([row("put off", 1, not_before=later), row("failed", 2, tries=1, not_before=later)])
    assert len(turns) == 2
    assert turns.take() is None
    assert 50 < (turns.seconds() or 0) <= 60
    turns.resume()
    assert order(turns) == ["put off"]
    assert len(turns) == 1


def test_a_row_is_queued_once() -> None:
    turns = Turns(share=1)
    turns.put([row("a", 1)])
    turns.put([row("a", 1)])
    assert order(turns) == ["a"]


def test_what_the_grader_died_under_runs_alone() -> None:
    """It goes first as soon as nothing else runs, and nothing begins before it has ended."""
    turns = Turns(share=2)
    turns.put([row("before", 1, 5)])
    running = turns.take()
    assert running is not None
    turns.put([row("suspect", 2, 6, interruptions=ALONE_AFTER), row("after", 3, 1)])
    assert turns.take() is None, "something runs"
    assert (turns.before("suspect"), turns.before("after")) == (0, 1)
    turns.ended(running)
    suspect = turns.take()
    assert suspect is not None and suspect.id == "suspect"
    assert turns.take() is None, "it runs alone"
    turns.ended(suspect)
    assert order(turns) == ["after"]


def test_one_death_leaves_a_row_among_the_others() -> None:
    """It may have run beside what killed the grader."""
    turns = Turns(share=2)
    turns.put([row("once", 1, 1, interruptions=ALONE_AFTER - 1), row("other", 2, 2)])
    assert order(turns, one_at_a_time=False) == ["once", "other"]


def test_a_clock_that_is_set_back_leaves_nothing_put_off() -> None:
    """Nothing is ever put off for an hour: the moment is one of the clock before it was set back."""
    turns = Turns(share=2)
    turns.put([row("a", 1, not_before=utcnow() + timedelta(minutes=1))])
    turns.put([row("b", 2, tries=1, not_before=utcnow() + timedelta(hours=1))])
    assert order(turns) == ["b"]
