"""What a worker's threads do, with a real database and Redis, and a grader that needs no sandbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery.exceptions import Reject
from sqlalchemy import update

from grader.dispatch.broker import GUEST, WAKE, Broker, Try
from grader.dispatch.grading_worker import GradingWorker
from grader.dispatch.judging import Judging
from grader.errors import Preempted, TruthBusy
from grader.model.exercise import Exercise
from grader.model.lane import Lane
from grader.model.picture import GraphPicture, Pictures
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.store import pictures
from grader.store.tables import Submission
from tests.many_machines import postgresql
from tests.redis_server import RedisServer, redis_server

from . import fakes
from .conftest import Desk, furnished

Make = Callable[..., GradingWorker]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """A Redis for these tests."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def course() -> Iterator[Desk]:
    """One assignment and ten students, on a database server."""
    with postgresql() as url, furnished(url) as made:
        yield made


@pytest.fixture
def make(course: Desk, server: RedisServer) -> Iterator[Make]:
    """Make workers whose threads the test itself is."""
    made: list[tuple[GradingWorker, Broker]] = []

    def make(grade: Any = fakes.grade, **more: Any) -> GradingWorker:
        broker = Broker(server.url)
        made.append((GradingWorker(course.store, broker, grade, fakes.exercise, **more), broker))
        return made[-1][0]

    yield make
    for worker, broker in made:
        worker._liveness._store.close()
        broker._redis.flushall()
        broker.close()


def test_a_wake_up_drains_the_table(course: Desk, make: Make) -> None:
    """Everything that is due, in one thread; servers are told of each."""
    worker = make()
    ids = [course.hand_in(n % 10, b"%d" % (n % 11)) for n in range(12)]
    worker._wake()
    assert [course.row(each).score for each in ids] == [float(n % 11) for n in range(12)]
    told = {worker._verdicts.get_nowait() for _ in ids}
    assert {each.id for each in told if each} == set(ids)
    assert worker._draining == 0 and worker._broker.waiting(WAKE) == 0


def test_who_is_told_to_stop_gives_the_rest_to_others(course: Desk, make: Make) -> None:
    """After the row it grades; with a wake-up for whoever is there."""
    ids = [course.hand_in(n, b"1") for n in range(3)]
    stop = threading.Event()

    def grade(exercise: Exercise, submission: HandedIn) -> Report:
        stop.set()
        worker._stopping.set()
        return fakes.grade(exercise, submission)

    worker = make(grade)
    worker._wake()
    assert stop.is_set()
    assert sorted(course.row(each).state for each in ids) == ["graded", "queued", "queued"]
    assert worker._broker.waiting(WAKE) == 1
    make()._wake()
    assert {course.row(each).state for each in ids} == {"graded"}


def test_what_gave_up_its_slot_is_drained_after_the_others(course: Desk, make: Make) -> None:
    """Servers are told in which lane it was: its time says nothing of theirs."""
    graded: list[bytes] = []

    def first(exercise: Exercise, submission: HandedIn) -> Report:
        if submission.source == b"1":
            raise Preempted("others wait")
        return later(exercise, submission)

    def later(exercise: Exercise, submission: HandedIn) -> Report:
        graded.append(submission.source)
        return fakes.grade(exercise, submission)

    worker = make(Judging(course.store, fakes.grade, regrade=later, preemptible=first))
    loops = [course.hand_in(n, b"1") for n in range(2)]
    honest = [course.hand_in(n, b"2") for n in range(2, 4)]
    worker._wake()
    assert graded == [b"2", b"2", b"1", b"1"]
    told = [worker._verdicts.get_nowait() for _ in (*loops, *honest)]
    assert {each.id: each.lane for each in told if each} == dict.fromkeys(loops, Lane.LONG) | dict.fromkeys(
        honest, Lane.INTERACTIVE
    )
    assert {course.row(each).tries for each in loops} == {0}


def test_a_guest_is_not_kept_waiting_by_a_regrade(course: Desk, make: Make) -> None:
    """One more row of it at most; students' rows go on first."""
    worker = make()
    regraded = [course.hand_in(n, b"1") for n in range(3)]
    with course.store.write() as session:
        session.execute(update(Submission).where(Submission.id.in_(regraded)).values(lane=Lane.REGRADE))
    first = course.hand_in(5, b"2")
    worker._broker.put_try("key", Try("control-flow", b"3", {}, 1, 0, False), 60)
    assert worker._broker.waiting(GUEST) == 1
    assert worker._drain() is False
    assert course.row(first).state == "graded"
    assert sorted(course.row(each).state for each in regraded) == ["graded", "queued", "queued"]
    worker._broker._redis.delete(GUEST)
    worker._drain()
    assert {course.row(each).state for each in regraded} == {"graded"}


def test_guests_leave_a_thread(make: Make) -> None:
    """Of two one works for a guest; the next is put back. A busy reference is waited for."""
    begun, go_on, busy = threading.Event(), threading.Event(), iter([True])

    def grade(exercise: Exercise, submission: HandedIn) -> Report:
        if next(busy, False):
            raise TruthBusy("another runs it")
        begun.set()
        assert go_on.wait(60)
        return fakes.grade(exercise, submission)

    worker = make(grade, slots=2)
    worker._broker.put_try("one", Try("control-flow", b"10", {}, 1, 0, True), 60)
    with ThreadPoolExecutor() as threads:
        working = threads.submit(worker._try, "one")
        assert begun.wait(60)
        with pytest.raises(Reject):
            worker._try("two")
        assert not worker._idle.draw_this("none", "control-flow"), "nor is anything drawn meanwhile"
        go_on.set()
        working.result(60)
    answer = worker._broker.answer("one", 1)
    assert answer is not None and b'"score":10' in answer
    assert worker._broker.answer("one", 1) == b"", "it draws nothing"
    worker._try("gone")  # nobody waits any more
    assert worker._broker.answer("gone", 0.05) is None


def test_what_is_looked_at_is_drawn(course: Desk, make: Make) -> None:
    """Once, into the store; what cannot be drawn is no error."""
    drawn: list[bytes] = []

    def illustrate(exercise: Exercise, submission: HandedIn, report: Report | None) -> Pictures:
        drawn.append(submission.source)
        return Pictures(graph=GraphPicture("g"))

    worker = make(illustrate=illustrate)
    mine = course.hand_in(0, b"7")
    worker._drain()
    for _ in range(2):
        worker._draw(mine, "control-flow")
    worker._draw("none", "control-flow")
    assert drawn == [b"7"]
    with course.store.read() as session:
        assert pictures.find(session, mine) == Pictures(graph=GraphPicture("g"))
