"""Request threads: few requests run at once, those that wait do not count, /healthz passes by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from flask import Flask

from grader.web.http_threads import ALIVE, PASSING, RequestThreads, arrived, aside

PATIENCE = 60


class Task:
    """What stands for a connection of which a request is there: ``work`` is done on its thread."""

    def __init__(self, work: Callable[[], object], path: str = "/", command: str = "GET") -> None:
        self.requests = [SimpleNamespace(path=path, command=command, error=None, arrived=0.0)]
        self.work = work
        self.begun, self.ended = threading.Event(), threading.Event()

    def service(self) -> None:
        self.begun.set()
        try:
            self.work()
        finally:
            self.ended.set()

    def cancel(self) -> None:
        """It never begins."""


class Held(Task):
    """One that runs until it is let go."""

    def __init__(self, path: str = "/", command: str = "GET") -> None:
        self.go = threading.Event()
        super().__init__(lambda: self.go.wait(PATIENCE), path, command)


@contextmanager
def running(most: int, stuck_seconds: float = 10 * PATIENCE) -> Iterator[RequestThreads]:
    """Sixteen threads."""
    threads = RequestThreads(most, stuck_seconds)
    threads.set_thread_count(16)
    try:
        yield threads
    finally:
        threads.shutdown(timeout=PATIENCE)


def add(threads: RequestThreads, *tasks: Task) -> None:
    for task in tasks:
        threads.add_task(task)


def let_go(*tasks: Held) -> None:
    for task in tasks:
        task.go.set()


def alive(threads: RequestThreads) -> bool:
    """Whether /healthz is answered."""
    asked = Task(lambda: None, ALIVE)
    add(threads, asked)
    return asked.ended.wait(PATIENCE)


def test_no_more_run_at_once_than_may() -> None:
    """The third begins when one of the two before it has ended, and all get their turn."""
    with running(2) as threads:
        tasks = [Held() for _ in range(8)]
        add(threads, *tasks)
        for first, second, *later in (tasks[k:] for k in range(7)):
            assert first.begun.wait(PATIENCE) and second.begun.wait(PATIENCE)
            assert alive(threads) and not any(task.begun.is_set() for task in later)
            first.go.set()
            assert first.ended.wait(PATIENCE)
        tasks[-1].go.set()
        assert tasks[-1].ended.wait(PATIENCE)


def test_healthz_is_answered_while_as_many_run_as_may_and_nothing_else_is() -> None:
    with running(1) as threads:
        busy, next_, posted = Held(), Held(), Held(ALIVE, "POST")
        add(threads, busy, next_, posted)
        assert busy.begun.wait(PATIENCE)
        assert alive(threads)
        assert not next_.begun.is_set() and not posted.begun.is_set()
        let_go(busy, next_, posted)


def test_who_asks_for_healthz_again_and_again_keeps_nobody_waiting() -> None:
    """So many are answered beside the others; the next of them waits, and others begin meanwhile."""
    with running(1) as threads:
        floods = [Held(ALIVE) for _ in range(PASSING + 2)]
        add(threads, *floods)
        assert all(each.begun.wait(PATIENCE) for each in floods[:PASSING])
        other = Task(lambda: None)
        add(threads, other)
        assert other.ended.wait(PATIENCE)
        assert not any(each.begun.is_set() for each in floods[PASSING:])
        let_go(floods[0])
        assert floods[PASSING].begun.wait(PATIENCE), "first come, first served"
        let_go(*floods)


def test_who_waits_makes_room_and_goes_on_when_it_has_what_it_waited_for() -> None:
    """Also where another has begun in its place; then one that has not begun waits for both."""
    verdict = threading.Event()
    with running(1) as threads:

        def wait() -> None:
            with threads.aside():
                verdict.wait(PATIENCE)

        waits, beside, last = Task(wait), Held(), Held()
        add(threads, waits, beside, last)
        assert beside.begun.wait(PATIENCE)
        verdict.set()
        assert waits.ended.wait(PATIENCE)
        assert alive(threads) and not last.begun.is_set()
        beside.go.set()
        assert last.begun.wait(PATIENCE)
        last.go.set()


def test_what_runs_for_long_does_not_count() -> None:
    """What it waits for may be nothing that others need. Who asks for /healthz changes nothing in that."""
    with running(2, 0.01) as threads:
        stuck = [Held() for _ in range(6)]
        add(threads, *stuck)
        while not all(task.begun.is_set() for task in stuck):
            assert alive(threads)
        others = [Task(lambda: None) for _ in range(20)]
        add(threads, *others)
        assert all(task.ended.wait(PATIENCE) for task in others)
        let_go(*stuck)


def test_an_error_frees_its_place_and_no_more() -> None:
    """In a request, and in what one waits for."""
    with running(1) as threads:

        def fail() -> None:
            with threads.aside():
                raise RuntimeError("the verdict is lost")

        failing = [Task(fail) for _ in range(4)]
        add(threads, *failing)
        assert all(task.ended.wait(PATIENCE) for task in failing)
        first, second = Held(), Held()
        add(threads, first, second)
        assert first.begun.wait(PATIENCE)
        assert alive(threads) and not second.begun.is_set()
        let_go(first, second)


def test_all_threads_can_be_stopped_while_requests_wait_for_their_turn() -> None:
    with running(1) as threads:
        busy, never = Held(), Held()
        add(threads, busy, never)
        assert busy.begun.wait(PATIENCE)
        threads.set_thread_count(0)
        busy.go.set()
    assert not threads.threads and not never.begun.is_set()


def test_a_request_finds_its_threads_and_elsewhere_nothing_happens() -> None:
    """By its WSGI environment; a test client, and what is no request, have none."""
    app, verdict, came = Flask(__name__), threading.Event(), []

    @app.get("/")
    def wait() -> str:
        came.append(arrived())
        with aside():
            return str(verdict.wait(PATIENCE))

    with running(1) as threads:
        asked = SimpleNamespace(arrived=12.5)
        waits = Task(lambda: app.test_client().get("/", environ_overrides=threads.environment(asked)))
        beside = Task(verdict.set)
        add(threads, waits, beside)
        assert beside.ended.wait(PATIENCE) and waits.ended.wait(PATIENCE)
    assert app.test_client().get("/").text == "True"
    assert came[0] == 12.5 and came[1] != 12.5
    with aside():
        pass
