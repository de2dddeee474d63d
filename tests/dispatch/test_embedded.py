"""The dispatcher in the server's own process."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from grader.dispatch.base import Dispatcher, Grade
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.errors import (
    GraderError,
    GradingFailed,
    SandboxBusy,
    SandboxCrashed,
    SandboxFailed,
    StoreFailed,
    TruthBusy,
    TruthFailed,
    UnknownExercise,
)
from grader.model.exercise import Exercise
from grader.model.report import Report
from grader.model.submission import Submission
from grader.store import attempts, claims, regrades
from grader.store.queue import Waiting
from grader.store.tables import Judging, utcnow
from tests.sandbox.watching import wait_until

from . import fakes
from .conftest import REFUSED, Desk, add_trigger

Start = Callable[..., EmbeddedDispatcher]


@pytest.fixture
def start(desk: Desk) -> Iterator[Start]:
    """Start dispatchers on the desk; each is closed at the end."""
    started: list[EmbeddedDispatcher] = []

    def start(grade: Grade = fakes.grade, **more: Any) -> EmbeddedDispatcher:
        # A sweep that never comes, so that what works in a test does not work by waiting.
        settings = {"exercises": fakes.exercise, "sweep_seconds": 60.0, "backoff_seconds": 0.0} | more
        dispatcher = EmbeddedDispatcher(desk.store, grade, **settings)
        started.append(dispatcher)
        return dispatcher.start()

    yield start
    for dispatcher in started:
        dispatcher.close()


def test_what_comes_before_the_jail_is_warm_is_graded_then(desk: Desk, start: Start) -> None:
    """It is received at once, and nobody is told that it would be graded right now."""
    warm = threading.Event()
    dispatcher = start(warm=warm)
    mine = desk.hand_in(source=b"6")
    dispatcher.submit()
    assert not dispatcher.status().ready
    assert desk.row(mine).state == "queued"
    warm.set()
    assert dispatcher.wait(mine, 30)
    assert dispatcher.status().ready


def test_one_that_never_gets_warm_can_be_closed(desk: Desk, start: Start) -> None:
    """Its threads end by themselves."""
    dispatcher = start(warm=threading.Event())
    dispatcher.close()
    assert not any(thread.is_alive() for thread in dispatcher._threads)


def test_a_submission_is_graded_and_the_waiting_page_is_woken(desk: Desk, start: Start) -> None:
    """At once, and not at the next look at the table."""
    dispatcher: Dispatcher = start()
    mine = desk.hand_in(source=b"6")
    began = time.monotonic()
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    assert time.monotonic() - began < 20
    assert desk.row(mine).score == 6
    assert dispatcher.wait(mine, 0)


def held_up(go_on: threading.Event) -> Grade:
    """Grading that waits until it may go on."""

    def grade(exercise: Exercise, submission: Submission) -> Report:
        assert go_on.wait(30)
        return fakes.grade(exercise, submission)

    return grade


def test_who_waits_is_told_the_verdict_as_it_is_stored(desk: Desk, start: Start) -> None:
    """And need not read it; who comes later finds it in its row."""
    go_on = threading.Event()
    dispatcher = start(held_up(go_on))
    mine = desk.hand_in(source=b"6")
    dispatcher.submit()
    assert dispatcher.verdict(mine, 0.05) is None
    with ThreadPoolExecutor(1) as threads:
        told = threads.submit(dispatcher.verdict, mine, 30.0)
        wait_until(lambda: mine in dispatcher._waiters.awaited())
        go_on.set()
        written = told.result(30)
    row = desk.row(mine)
    assert written is not None and row.report is not None
    assert msgspec.json.decode(row.report, type=Report) == written.report
    assert row.finished_at == written.finished_at
    assert dispatcher.verdict(mine, 30) is None
    assert dispatcher.verdict("no such id", 30) is None


def test_waiting_ends_in_time(desk: Desk, start: Start) -> None:
    """False for what is not graded yet and, at once, for what does not exist."""
    go_on = threading.Event()
    dispatcher = start(held_up(go_on))
    mine = desk.hand_in()
    dispatcher.submit()
    assert not dispatcher.wait(mine, 0.05)
    began = time.monotonic()
    assert not dispatcher.wait("no such id", 30)
    assert time.monotonic() - began < 20
    go_on.set()
    assert dispatcher.wait(mine, 30)


def test_many_wait_for_many(desk: Desk, start: Start) -> None:
    """Sixteen pages at once, two to each submission."""
    dispatcher = start()

    def hand_in_and_wait(student: int) -> bool:
        mine = desk.hand_in(student)
        dispatcher.submit()
        with ThreadPoolExecutor(2) as pages:
            return all(pages.map(dispatcher.wait, (mine, mine), (30, 30)))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(hand_in_and_wait, range(8)))


def test_what_was_handed_in_while_no_server_ran_is_graded(desk: Desk, start: Start) -> None:
    """Also what a server that is dead had begun."""
    waiting, begun = desk.hand_in(0), desk.hand_in(1)
    # One file has one server, so a new one knows that the old one is dead. Of a database it is the lease.
    lease = 3600.0 if desk.store.path is not None else -1.0
    with desk.store.write() as session:
        assert claims.claim(session, "a dead server", lease) is not None
    dispatcher = start()
    assert dispatcher.wait(waiting, 30)
    assert dispatcher.wait(begun, 30)


def test_a_call_that_is_lost_only_delays(desk: Desk, start: Start) -> None:
    """The table is looked at every few seconds, unasked."""
    dispatcher = start(sweep_seconds=0.05)
    assert dispatcher.wait(desk.hand_in(), 30)


def test_several_are_graded_at_once(desk: Desk, start: Start) -> None:
    """Each of three threads waits for the other two inside of its grading."""
    together = threading.Barrier(3, timeout=30)

    def grade(exercise: Exercise, submission: Submission) -> Report:
        together.wait()
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=3)
    ids = [desk.hand_in(n) for n in range(3)]
    for _ in ids:
        dispatcher.submit()
    assert all(dispatcher.wait(mine, 30) for mine in ids)
    assert [desk.row(mine).tries for mine in ids] == [0, 0, 0]


def test_a_second_server_on_the_same_file_is_refused(file_desk: Desk) -> None:
    """In one sentence that names the first one; when that is closed, another may start."""
    first, second, third = (
        EmbeddedDispatcher(file_desk.store, fakes.grade, fakes.exercise) for _ in range(3)
    )
    first.start()
    with pytest.raises(GraderError, match=r"another server \(process \d+\) is using the database"):
        second.start()
    first.close()
    first.close()
    assert third.start().status().ready
    third.close()


@pytest.mark.parametrize("error", [GradingFailed("the jail broke"), ZeroDivisionError("oh"), SystemExit(3)])
def test_our_failure_is_tried_again_and_the_thread_survives(
    desk: Desk, start: Start, error: BaseException
) -> None:
    """Twice it fails, the third time it is graded; nothing of that is the student's."""
    failures = [error, error]

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if failures:
            raise failures.pop()
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1)
    mine = desk.hand_in()
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    row = desk.row(mine)
    assert (row.state, row.score, row.tries, row.problem) == ("graded", 10.0, 2, None)


def test_what_cannot_be_graded_is_set_aside_without_a_score(desk: Desk, start: Start) -> None:
    """After three tries; who waits is told, and the next submission is graded."""

    def grade(exercise: Exercise, submission: Submission) -> Report:
        return fakes.grade(exercise, submission, "not-gradable" if submission.source == b"0" else "graded")

    dispatcher = start(grade, threads=1)
    broken, sound = desk.hand_in(0, b"0"), desk.hand_in(1)
    dispatcher.submit()
    assert dispatcher.wait(broken, 30)
    row = desk.row(broken)
    assert (row.state, row.score, row.tries, row.problem) == ("failed", None, 3, "0 of 10")
    assert dispatcher.wait(sound, 30)
    assert desk.row(sound).state == "graded"


def test_the_next_try_waits_a_little(desk: Desk, start: Start) -> None:
    """A machine that is overloaded is not asked again at once."""

    def grade(exercise: Exercise, submission: Submission) -> Report:
        raise GradingFailed("busy")

    dispatcher = start(grade, backoff_seconds=60.0)
    mine = desk.hand_in()
    dispatcher.submit()
    wait_until(lambda: desk.row(mine).tries == 1)
    row = desk.row(mine)
    assert row.state == "queued"
    assert row.not_before is not None and (row.not_before - row.created_at).total_seconds() > 50


@pytest.mark.parametrize("error", [SandboxFailed("no namespaces today"), SandboxBusy("full")])
def test_a_sandbox_that_is_broken_for_a_while_fails_no_row(
    desk: Desk, start: Start, error: SandboxFailed
) -> None:
    """However often it is tried. No try is used up, and the first that can be graded brings back the rest."""
    broken, tried = threading.Event(), []
    broken.set()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        tried.append(submission.source)
        if broken.is_set():
            raise error
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=2, sweep_seconds=0.02, longest_seconds=0.1)
    ids = [desk.hand_in(n, str(n).encode()) for n in range(3)]
    deadline = time.monotonic() + 60
    while len(tried) < 30:  # ten times as often as a failure of its own would take
        assert time.monotonic() < deadline
        time.sleep(0.01)
    rows = [desk.row(mine) for mine in ids]
    assert all(row.state in ("queued", "running") and row.tries == 0 for row in rows)
    assert {row.problem for row in rows} == {str(error)}
    broken.clear()
    assert all(dispatcher.wait(mine, 30) for mine in ids)
    assert [(r.state, r.score, r.tries, r.problem) for r in map(desk.row, ids)] == [
        ("graded", float(n), 0, None) for n in range(3)
    ]


def test_a_broken_sandbox_is_asked_less_and_less(desk: Desk, start: Start) -> None:
    """A row waits as long again as the sandbox has been broken, however slow the machine is."""
    tried: list[float] = []

    def grade(exercise: Exercise, submission: Submission) -> Report:
        tried.append(time.monotonic())
        raise SandboxFailed("not now")

    start(grade, threads=1, sweep_seconds=0.01, backoff_seconds=0.05, longest_seconds=1000.0)
    desk.hand_in(0)
    deadline = time.monotonic() + 60
    while len(tried) < 5:  # at 0, 50, 100, 200, 400 ms at the earliest
        assert time.monotonic() < deadline
        time.sleep(0.01)
    first = tried[0]
    # Half, as the count begins a moment after the first try.
    assert all(after - before >= max(0.05, (before - first) / 2) for before, after in pairwise(tried))


def test_the_first_that_can_be_graded_brings_back_what_was_put_off(desk: Desk, start: Start) -> None:
    """Long before its time, and with no try used up."""
    broken, tried = threading.Event(), threading.Event()
    broken.set()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if broken.is_set() and submission.source == b"1":
            tried.set()
            raise SandboxFailed("not now")
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1, backoff_seconds=1000.0, longest_seconds=1000.0)
    late = desk.hand_in(0, b"1")
    dispatcher.submit()
    assert tried.wait(30)
    broken.clear()
    other = desk.hand_in(1, b"2")
    dispatcher.submit()
    assert dispatcher.wait(other, 30) and dispatcher.wait(late, 30)
    assert desk.row(late).tries == 0


def test_a_row_that_crashes_the_sandbox_is_set_aside(desk: Desk, start: Start) -> None:
    """Its own doing, as the pool says; the others are graded."""

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"0":
            raise SandboxCrashed("it dies each time")
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1)
    bad, good = desk.hand_in(0, b"0"), desk.hand_in(1)
    dispatcher.submit()
    assert dispatcher.wait(bad, 30) and dispatcher.wait(good, 30)
    row = desk.row(bad)
    assert (row.state, row.tries, row.score, row.problem) == ("failed", 3, None, "it dies each time")


@pytest.mark.parametrize(
    "error", [TruthFailed("the reference raised"), UnknownExercise("control-flow", None)]
)
def test_what_no_retry_can_mend_fails_at_once(desk: Desk, start: Start, error: GraderError) -> None:
    """An exercise that is broken or gone; the instructor reads why."""

    def exercises(slug: str) -> Exercise:
        raise error

    dispatcher = start(exercises=exercises)
    mine = desk.hand_in()
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    row = desk.row(mine)
    assert (row.state, row.tries, row.problem) == ("failed", 1, str(error))


def test_a_verdict_the_database_refuses_is_tried_again(desk: Desk, start: Start) -> None:
    """Nothing half-written stays, and the thread lives."""
    with desk.store.write() as session:
        tries = (
            "(SELECT tries FROM submissions WHERE id = "
            "(SELECT submission_id FROM judgings WHERE id = NEW.judging_id))"
        )
        refused = REFUSED[session.get_bind().dialect.name]
        add_trigger(session, "BEFORE INSERT ON check_results", f"{tries} < 1", refused)
    dispatcher = start()
    mine = desk.hand_in()
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    row = desk.row(mine)
    assert (row.state, row.tries) == ("graded", 1)
    with desk.store.read() as session:
        assert len(attempts.results_of(session, [mine])[mine]) == 1


def test_closing_lets_what_is_running_finish(desk: Desk, start: Start) -> None:
    """And begins nothing new."""
    begun = threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        begun.set()
        time.sleep(0.2)
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1)
    running, waiting = desk.hand_in(0), desk.hand_in(1)
    dispatcher.submit()
    assert begun.wait(30)
    dispatcher.close()
    assert desk.row(running).state == "graded"
    assert desk.row(waiting).state == "queued"
    assert not dispatcher.status().ready


def test_closing_does_not_wait_for_ever_and_the_late_verdict_is_refused(desk: Desk, start: Start) -> None:
    """The next server grades it; the hanging thread then wakes up and writes nothing."""
    begun, go_on = threading.Event(), threading.Event()

    def hang(exercise: Exercise, submission: Submission) -> Report:
        begun.set()
        go_on.wait(30)
        return fakes.grade(exercise, Submission(source=b"1"))

    old = start(hang, threads=1, close_seconds=0.1)
    mine = desk.hand_in()
    old.submit()
    assert begun.wait(30)
    with ThreadPoolExecutor(1) as page:
        waiting = page.submit(old.wait, mine, 30)
        old.close()
        assert waiting.result(30) is False
    new = start()
    assert new.wait(mine, 30)
    go_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("grading-") and thread in old._threads:
            thread.join(30)
    assert desk.row(mine).score == 10


def test_a_row_held_too_long_is_given_to_another(desk: Desk, start: Start) -> None:
    """When its lease has run out; the verdict that comes too late writes nothing."""
    hang, go_on = [True], threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if hang:
            hang.pop()
            go_on.wait(30)
            return fakes.grade(exercise, Submission(source=b"1"))
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=2, lease_seconds=0.2, sweep_seconds=0.05)
    mine = desk.hand_in()
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    go_on.set()
    dispatcher.close()
    row = desk.row(mine)
    assert (row.score, row.interruptions) == (10.0, 1)


def test_one_student_leaves_a_slot_to_the_others(desk: Desk, start: Start) -> None:
    """However many are handed in that take their time."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"1":
            begun.release()
            go_on.wait(30)
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=3)
    slow = [desk.hand_in(0, b"1") for _ in range(5)]
    for each in slow:
        dispatcher.submit(Waiting(each, desk.students[0], utcnow()))
    assert begun.acquire(timeout=30) and begun.acquire(timeout=30)
    other = desk.hand_in(1)
    dispatcher.submit(Waiting(other, desk.students[1], utcnow()))
    assert dispatcher.wait(other, 30)
    go_on.set()
    assert all(dispatcher.wait(each, 30) for each in slow)


def test_judging_anew_may_use_a_further_thread_and_leaves_one_to_who_hands_in(
    desk: Desk, start: Start
) -> None:
    """As many at once as there are graders; who is told how many grade is told of those for submissions."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"1" and anew:
            begun.release()
            go_on.wait(30)
        return fakes.grade(exercise, submission)

    anew = False
    dispatcher = start(grade, threads=2, more=1)
    assert dispatcher.status().expected == dispatcher.status().alive == 2
    before = [desk.hand_in(n, b"1") for n in range(5)]
    for n, each in enumerate(before):
        dispatcher.submit(Waiting(each, desk.students[n], utcnow()))
    assert all(dispatcher.wait(each, 30) for each in before)
    anew = True
    with desk.store.write() as session:
        number = regrades.propose_rerun(session, desk.assignment, None, reason="look again", by=None).id
    dispatcher.submit()
    assert begun.acquire(timeout=30) and begun.acquire(timeout=30)
    other = desk.hand_in(6)
    dispatcher.submit(Waiting(other, desk.students[6], utcnow()))
    assert dispatcher.wait(other, 30)
    assert not begun.acquire(blocking=False)
    go_on.set()
    deadline = time.monotonic() + 30
    while True:
        with desk.store.read() as session:
            if not regrades.progress(session, number).waiting:
                break
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_verdict_that_cannot_be_written_is_put_off_and_uses_up_no_try(desk: Desk, start: Start) -> None:
    """While the table takes nothing, neither a verdict nor that it was put off; soon after, and not after
    the lease."""
    dispatcher = start(sweep_seconds=0.05, lease_seconds=3600)
    graded = threading.Semaphore(0)

    def full(*_: Any, **__: Any) -> None:
        graded.release()
        raise StoreFailed("the disk is full")

    together, desk.store.together = desk.store.together, full  # type: ignore[method-assign]
    mine = desk.hand_in()
    dispatcher.submit()
    assert graded.acquire(timeout=30) and graded.acquire(timeout=30)
    assert not dispatcher.wait(mine, 0)
    desk.store.together = together  # type: ignore[method-assign]
    assert dispatcher.wait(mine, 30)
    row = desk.row(mine)
    assert (row.score, row.tries, row.interruptions) == (10.0, 0, 0)


def test_scarcity_is_put_off_and_uses_up_no_try(desk: Desk, start: Start) -> None:
    """No descriptor, no memory: the machine's, and no row's."""
    errors = [OSError(errno.EMFILE, "too many open files"), MemoryError(), OSError(errno.ENFILE, "again")]

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if errors:
            raise errors.pop()
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1)
    mine = desk.hand_in()
    dispatcher.submit()
    assert dispatcher.wait(mine, 60)
    assert (desk.row(mine).state, desk.row(mine).tries) == ("graded", 0)


def test_a_busy_reference_leaves_the_threads_to_others(desk: Desk, start: Start) -> None:
    """Whose truth is being worked out is asked again in a moment; the one thread grades another meanwhile."""
    busy = [True]

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"1" and busy:
            raise TruthBusy("in a moment")
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1)
    slow, other = desk.hand_in(0, b"1"), desk.hand_in(1)
    dispatcher.submit()
    assert dispatcher.wait(other, 30)
    assert desk.row(slow).state == "queued"
    busy.clear()
    assert dispatcher.wait(slow, 30)
    assert desk.row(slow).tries == 0


def test_what_is_still_before_a_submission_can_be_asked(desk: Desk, start: Start) -> None:
    """Others take turns with it: of a student's many, only as many are before it as it has itself."""
    begun, go_on = threading.Event(), threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        begun.set()
        go_on.wait(30)
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1)
    first = desk.hand_in(0)
    dispatcher.submit()
    assert begun.wait(30)
    many = [desk.hand_in(0) for _ in range(5)]
    mine = desk.hand_in(1)
    dispatcher.submit()
    for student, each in [*((0, each) for each in many), (1, mine)]:
        dispatcher.submit(Waiting(each, desk.students[student], utcnow()))
    running, ahead, last = map(dispatcher.ahead, (first, mine, many[-1]))
    assert running is not None and running.running and running.before == 0
    assert ahead is not None and ahead.before == 2  # the one that runs, and one of the five
    assert last is not None and last.before == 6 and last.seconds > ahead.seconds
    go_on.set()
    assert dispatcher.wait(mine, 30)
    assert dispatcher.ahead(mine) is None
    assert dispatcher.ahead("no such id") is None


def test_how_it_is_can_be_asked(desk: Desk, start: Start) -> None:
    """Threads alive, and the length of the queue; not ready before the start."""
    go_on, begun = threading.Event(), threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        begun.set()
        go_on.wait(30)
        return fakes.grade(exercise, submission)

    assert not EmbeddedDispatcher(desk.store, grade, fakes.exercise).status().ready
    dispatcher = start(grade, threads=1)
    ids = [desk.hand_in(n) for n in range(3)]
    for n, each in enumerate(ids):
        dispatcher.submit(Waiting(each, desk.students[n], utcnow()))
    assert begun.wait(30)
    status = dispatcher.status()
    assert (status.alive, status.expected, status.queued, status.running) == (1, 1, 2, 1)
    assert status.ready
    go_on.set()
    assert all(dispatcher.wait(mine, 30) for mine in ids)


def test_while_nothing_can_be_graded_nobody_is_told_a_time(desk: Desk, start: Start) -> None:
    """Neither before the sandbox is warm, nor while it fails; and again when it works."""
    warm, works = threading.Event(), threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if not works.is_set():
            raise SandboxFailed("no namespaces today")
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1, warm=warm, backoff_seconds=60)
    mine = desk.hand_in(0)
    dispatcher.submit(Waiting(mine, desk.students[0], utcnow()))
    told = dispatcher.ahead(mine)
    assert told is not None and told.stalled
    warm.set()
    wait_until(lambda: bool((found := dispatcher.ahead(mine)) and found.seconds > 30))
    told = dispatcher.ahead(mine)
    assert told is not None and told.stalled and not told.running
    works.set()
    other = desk.hand_in(1)
    dispatcher.submit(Waiting(other, desk.students[1], utcnow()))
    assert dispatcher.wait(mine, 20) and dispatcher.wait(other, 30)


def test_a_judging_says_when_it_came_to_which_phase(desk: Desk, start: Start) -> None:
    """In their order, from the moment it was handed in."""

    def grade(exercise: Exercise, submission: Submission) -> Report:
        report = fakes.grade(exercise, submission)
        return msgspec.structs.replace(report, phases={"run": 3.0, "judge": 2.0})

    mine = desk.hand_in(0)
    dispatcher = start(grade)
    dispatcher.submit()
    assert dispatcher.wait(mine, 20)
    with desk.store.read() as session:
        (one,) = session.scalars(select(Judging))
    moments = [one.queued_at, one.claimed_at, one.started_at, one.judged_at, one.finished_at]
    assert None not in moments and moments == sorted(moments)  # type: ignore[type-var]
    assert one.queued_at == desk.row(mine).created_at
    assert one.ran_at is not None and one.judged_at is not None
    assert one.judged_at - one.ran_at == timedelta(milliseconds=2)
