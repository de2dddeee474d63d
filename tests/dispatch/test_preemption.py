"""Preemption: what runs for long lets others pass, and its verdict is what it always was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from grader.cli.jailed import Jailed
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.dispatch.judging import Judging
from grader.dispatch.preemption import Preemption
from grader.dispatch.rows_in_table import RowsInTable
from grader.errors import Preempted
from grader.exercises import Library
from grader.model.exercise import Exercise, Limits
from grader.model.lane import Lane
from grader.model.outcome import differing
from grader.model.report import Report
from grader.model.submission import Submission
from grader.settings import Settings
from grader.store import claims, requeue, submissions
from grader.store.queue import Waiting
from grader.store.tables import utcnow
from tests.sandbox.watching import PATIENCE, wait_until

from . import fakes
from .conftest import Desk

LOOP = b"while True:\n    pass\n"
"""Outside the functions, where lines have a time of their own: it ends after that."""
ENDLESS = b"def f(x):\n    while True:\n        pass\n\n\ngrad_f = f\n"
"""As long as a case may take."""


class Fakes:
    """Gradings that a test holds up: sources of 1 run until somebody waits, or behind until they may end."""

    def __init__(self) -> None:
        self.preemption = Preemption()
        self.begun, self.behind = threading.Semaphore(0), threading.Semaphore(0)
        self.go_on = threading.Event()

    def first(self, exercise: Exercise, submission: Submission) -> Report:
        """In the first lane."""
        if submission.source == b"1":
            self.begun.release()
            wait_until(lambda: self.preemption.wanted() or self.go_on.is_set())
            if self.preemption.wanted():
                raise Preempted("others wait")
        return fakes.grade(exercise, submission)

    def later(self, exercise: Exercise, submission: Submission) -> Report:
        """In a lane below."""
        self.behind.release()
        assert self.go_on.wait(PATIENCE)
        return fakes.grade(exercise, submission)


@contextmanager
def serving(desk: Desk, made: Fakes, threads: int = 2) -> Iterator[EmbeddedDispatcher]:
    """A dispatcher on the desk; no sweep helps it."""
    judging = Judging(desk.store, fakes.grade, regrade=made.later, preemptible=made.first)
    dispatcher = EmbeddedDispatcher(
        desk.store, judging, fakes.exercise, preemption=made.preemption, threads=threads, sweep_seconds=60.0
    )
    try:
        yield dispatcher.start()
    finally:
        made.go_on.set()
        dispatcher.close()


def hand_in(desk: Desk, dispatcher: EmbeddedDispatcher, student: int, source: bytes) -> str:
    """As a page does it."""
    mine = desk.hand_in(student, source)
    dispatcher.submit(Waiting(mine, desk.students[student], utcnow()))
    return mine


def test_it_is_looked_at_who_waits_only_while_somebody_asks() -> None:
    """What was seen long ago says nothing, and neither does a look that fails."""
    looks, waits, fails = threading.Semaphore(0), threading.Event(), threading.Event()

    def look() -> bool:
        looks.release()
        if fails.is_set():
            raise RuntimeError("the database is gone")
        return waits.is_set()

    preemption = Preemption()
    assert not preemption.wanted(), "nobody watches"
    with closing(preemption):
        waits.set()
        preemption.watch(look, 0.02)
        wait_until(preemption.wanted)
        waits.clear()
        wait_until(lambda: not preemption.wanted())
        waits.set()
        wait_until(preemption.wanted)
        fails.set()
        wait_until(lambda: not preemption.wanted())
        fails.clear()
        wait_until(preemption.wanted)
    assert preemption._thread is not None and not preemption._thread.is_alive()


def test_what_runs_for_long_lets_others_pass_and_is_graded_behind_them(desk: Desk) -> None:
    """No try is used up, nothing is said against it, and it is not preempted again."""
    made = Fakes()
    with serving(desk, made) as dispatcher:
        loops = [hand_in(desk, dispatcher, n, b"1") for n in range(2)]
        for _ in loops:
            assert made.begun.acquire(timeout=PATIENCE)
        honest = hand_in(desk, dispatcher, 5, b"7")
        assert dispatcher.wait(honest, PATIENCE)
        # One of the two threads is left to who comes; a third one would be of the lower lanes.
        assert made.behind.acquire(timeout=PATIENCE)
        another = hand_in(desk, dispatcher, 6, b"8")
        assert dispatcher.wait(another, PATIENCE)
        rows = [desk.row(each) for each in loops]
        assert {row.lane for row in rows} == {Lane.LONG} and {row.tries for row in rows} == {0}
        assert all(row.state != "graded" and row.problem is None for row in rows)
        told = [dispatcher.ahead(each) for each in loops]
        # "running" for longer than both limits: on a machine that slow nothing is told any more.
        assert all(ahead is not None and (ahead.seconds >= 10.0 or ahead.overdue) for ahead in told)
        made.go_on.set()
        assert all(dispatcher.wait(each, PATIENCE) for each in loops)
    rows = [desk.row(each) for each in loops]
    assert {(row.score, row.tries, row.interruptions) for row in rows} == {(1.0, 0, 0)}
    assert desk.row(honest).lane is Lane.INTERACTIVE


def test_what_nobody_waits_behind_keeps_its_slot(desk: Desk) -> None:
    """One's own further submissions wait for one's share, whatever the others do."""
    made = Fakes()
    with serving(desk, made) as dispatcher:
        loop = hand_in(desk, dispatcher, 0, b"1")
        assert made.begun.acquire(timeout=PATIENCE)
        own = hand_in(desk, dispatcher, 0, b"6")
        noticed = utcnow() + timedelta(seconds=2 * claims.UNNOTICED_SECONDS)
        wait_until(lambda: utcnow() > noticed)
        assert not dispatcher._rows.somebody_waits()
        assert desk.row(loop).lane is Lane.INTERACTIVE and not made.behind.acquire(blocking=False)
        assert desk.row(own).state == "queued"
        waits = [hand_in(desk, dispatcher, n, b"1") for n in range(4, 6)]
        made.go_on.set()
        assert all(dispatcher.wait(each, PATIENCE) for each in (loop, own, *waits))


def test_a_lane_that_cannot_be_written_costs_a_moment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is queued again all the same, and has its verdict in the end."""
    made, fail = Fakes(), iter([True])
    preempt = requeue.preempt

    def failing(*given: object) -> bool:
        if next(fail, False):
            raise RuntimeError("a full disk")
        return preempt(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(requeue, "preempt", failing)
    made.go_on.set()
    made.preemption.wanted = lambda: True  # type: ignore[method-assign]
    judging = Judging(desk.store, fakes.grade, regrade=made.later, preemptible=made.first)
    settings = {"preemption": made.preemption, "threads": 1, "sweep_seconds": 0.1}
    dispatcher = EmbeddedDispatcher(desk.store, judging, fakes.exercise, **settings)  # type: ignore[arg-type]
    with closing(dispatcher.start()):
        loops = [hand_in(desk, dispatcher, n, b"1") for n in range(3)]
        assert all(dispatcher.wait(each, PATIENCE) for each in loops)
    assert {(desk.row(each).score, desk.row(each).tries) for each in loops} == {(1.0, 0)}
    assert next(fail, None) is None, "it failed once"


def test_what_was_running_in_that_lane_when_its_grader_died_is_queued_there(desk: Desk) -> None:
    """By the table, and by what the next process reads of it."""
    loop, other = desk.hand_in(0), desk.hand_in(1)
    with desk.store.write() as session:
        first = claims.claim(session, "one", 60.0)
        assert first is not None and first.id == loop
        assert not requeue.preempt(session, loop, "another"), "it is not theirs"
        assert requeue.preempt(session, loop, "one")
        second, third = (claims.claim(session, owner, 60.0) for owner in ("two", "three"))
        assert second is not None and third is not None
        assert (second.id, third.id, third.lane) == (other, loop, Lane.LONG)
        assert not second.lane.above and second.of_student and third.of_student and not third.awaited
        assert requeue.requeue_running(session) == 2
    row = desk.row(loop)
    assert (row.state, row.lane, row.tries, row.interruptions) == ("queued", Lane.LONG, 0, 1)
    assert desk.row(other).lane is Lane.INTERACTIVE


def test_an_end_that_comes_before_that_of_a_loop_says_nothing_against_it(desk: Desk) -> None:
    """What runs for long may run for longer than a process waits at its end."""
    before, after = Fakes(), Fakes()
    judging = Judging(desk.store, fakes.grade, regrade=before.later, preemptible=before.first)
    first = EmbeddedDispatcher(
        desk.store, judging, fakes.exercise, preemption=before.preemption, threads=2, sweep_seconds=60.0,
        close_seconds=0.1,
    )  # fmt: skip
    try:
        with closing(first.start()):
            loops = [hand_in(desk, first, n, b"1") for n in range(2)]
            for _ in loops:
                assert before.begun.acquire(timeout=PATIENCE)
            assert first.wait(hand_in(desk, first, 5, b"7"), PATIENCE)
            assert before.behind.acquire(timeout=PATIENCE)
        with serving(desk, after) as dispatcher:
            after.go_on.set()
            assert all(dispatcher.wait(each, PATIENCE) for each in loops)
        assert {(desk.row(each).score, desk.row(each).interruptions) for each in loops} == {(1.0, 0)}
    finally:
        before.go_on.set()
        for thread in first._threads:
            thread.join(PATIENCE)


def test_a_worker_that_ends_gives_what_runs_behind_to_others(desk: Desk) -> None:
    """And keeps what somebody waits for, which takes a moment."""
    rows = RowsInTable(desk.store, 60.0, 60.0, 4)
    loop, other = desk.hand_in(0), desk.hand_in(1)
    with desk.store.write() as session:
        assert claims.claim(session, "before", 60.0) is not None
        assert requeue.preempt(session, loop, "before")
    claimed = {each.id: each for owner in "ab" if (each := rows.claim(owner)) is not None}
    assert {each: claimed[each].lane for each in claimed} == {other: Lane.INTERACTIVE, loop: Lane.LONG}
    rows.abandon(behind=True)
    assert (desk.row(other).state, desk.row(loop).state) == ("running", "queued")
    assert (desk.row(loop).lane, desk.row(loop).tries, desk.row(loop).interruptions) == (Lane.LONG, 0, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a server, with a cache and samples."""
    return Settings(data=tmp_path, secret_key="k" * 40, shadow_percent=0.0)


@pytest.fixture
def jailed() -> Iterator[Jailed]:
    """What a server judges with: three slots, and no other test's loops in them."""
    made = Jailed(2, None)
    made.warm_up(weak_allowed=False)
    yield made
    made.close()


@contextmanager
def served(
    desk: Desk, jailed: Jailed, exercise: Exercise, settings: Settings
) -> Iterator[EmbeddedDispatcher]:
    """A dispatcher over a real pool; what still runs at the end is left to the pool."""
    jailed.preemption = Preemption()
    dispatcher = EmbeddedDispatcher(
        desk.store,
        jailed.judging(desk.store, settings),
        lambda _slug: exercise,
        preemption=jailed.preemption,
        threads=2,
        more=1,
        close_seconds=0.0,
    )
    try:
        yield dispatcher.start()
    finally:
        dispatcher.close()


def with_limits(library: Library, case: float, total: float) -> Exercise:
    """An exercise whose loops end after a time of a test's choice."""
    limits = Limits(case_seconds=case, total_seconds=total)
    return msgspec.structs.replace(library.get("control-flow"), limits=limits)


def loop_of(student: int, loop: bytes = LOOP) -> bytes:
    """No two are equal."""
    return loop + f"# {student}\n".encode()


@pytest.mark.slow
def test_a_preempted_submission_is_told_what_it_is_told_alone(
    file_desk: Desk, jailed: Jailed, library: Library, settings: Settings
) -> None:
    """Four loops on three threads: those that others waited behind, and those that nobody did. Whose turn it
    is in which kind of database is asked above; here, what the jail says of what it was taken away from."""
    desk = file_desk
    exercise = with_limits(library, 1.0, 60.0)
    # All wait when grading begins: however slow the machine, there is one for which no thread is free.
    loops = [desk.hand_in(n, loop_of(n)) for n in range(4)]
    with served(desk, jailed, exercise, settings) as dispatcher:
        assert all(dispatcher.wait(each, PATIENCE) for each in loops)
        rows = [desk.row(each) for each in loops]
    assert Lane.LONG in {row.lane for row in rows}
    assert {(row.tries, row.interruptions) for row in rows} == {(0, 0)}
    alone = jailed.judge(exercise, Submission(loop_of(0), {}, 1))
    for row in rows:
        report = submissions.report_of(row)
        assert report is not None and not differing(alone, report)


@pytest.mark.slow
def test_who_hands_in_behind_loops_is_graded_before_any_of_them_ends(
    desk: Desk, jailed: Jailed, library: Library, settings: Settings
) -> None:
    """These loops end in no time that a test waits for."""
    exercise = with_limits(library, 500.0, 500.0)
    with served(desk, jailed, exercise, settings) as dispatcher:
        loops = [hand_in(desk, dispatcher, n, loop_of(n, ENDLESS)) for n in range(6)]
        accepted = library.get("control-flow").solution
        assert accepted is not None
        honest = [hand_in(desk, dispatcher, n, accepted.reference.encode()) for n in range(6, 8)]
        assert all(dispatcher.wait(each, PATIENCE) for each in honest)
        assert all(desk.row(each).state != "graded" for each in loops)
        assert {desk.row(each).lane for each in honest} == {Lane.INTERACTIVE}
        # All six were taken on three threads, and then another: which four gave way is the machine's to say.
        wait_until(lambda: [desk.row(each).lane for each in loops].count(Lane.LONG) >= 4)
