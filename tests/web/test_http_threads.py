"""Request threads: so many requests run at once, those that wait do not count, /healthz passes by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from flask import Flask, request

from grader.web.http_threads import RequestThreads, waiting

PATIENCE = 60


class Task:
    """What stands for a connection of which a request is there: ``work`` is done on its thread."""

    def __init__(self, work: Callable[[], object], path: str = "/") -> None:
        self.requests = [SimpleNamespace(path=path)]
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

    def __init__(self, path: str = "/") -> None:
        self.go = threading.Event()
        super().__init__(lambda: self.go.wait(PATIENCE), path)


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


def idle(threads: RequestThreads) -> bool:
    """Whether nobody is about to begin: an own request of /healthz has passed by all that there is."""
    asked = Task(lambda: None, "/healthz")
    add(threads, asked)
    return asked.ended.wait(PATIENCE)


def test_no_more_run_at_once_than_may() -> None:
    """The third begins when one of the two before it has ended, and all get their turn."""
    with running(2) as threads:
        tasks = [Held() for _ in range(8)]
        add(threads, *tasks)
        for first, second, *later in (tasks[k:] for k in range(7)):
            assert first.begun.wait(PATIENCE) and second.begun.wait(PATIENCE)
            assert idle(threads) and not any(task.begun.is_set() for task in later)
            first.go.set()
            assert first.ended.wait(PATIENCE)
        tasks[-1].go.set()
        assert tasks[-1].ended.wait(PATIENCE)


def test_healthz_is_answered_while_as_many_run_as_may() -> None:
    with running(1) as threads:
        busy, next_ = Held(), Held()
        add(threads, busy, next_)
        assert busy.begun.wait(PATIENCE)
        assert idle(threads)
        assert not next_.begun.is_set()
        busy.go.set()
        next_.go.set()


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
        assert idle(threads) and not last.begun.is_set()
        beside.go.set()
        assert last.begun.wait(PATIENCE)
        last.go.set()


def test_where_none_ends_others_begin() -> None:
    """One after the other: what all of them wait for may be nothing that the next needs."""
    with running(1, 0.01) as threads:
        tasks = [Held() for _ in range(3)]
        add(threads, *tasks)
        for task in tasks:
            assert task.begun.wait(PATIENCE)
        for task in tasks:
            task.go.set()


def test_an_error_frees_its_place() -> None:
    """In a request, and in what one waits for."""
    with running(1) as threads:

        def fail() -> None:
            with threads.aside():
                raise RuntimeError("the verdict is lost")

        add(threads, *(Task(fail) for _ in range(4)))
        after = Task(lambda: None)
        add(threads, after)
        assert after.ended.wait(PATIENCE)


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
    app, verdict = Flask(__name__), threading.Event()

    @app.get("/")
    def wait() -> str:
        with waiting():
            return str(verdict.wait(PATIENCE))

    with running(1) as threads:
        waits = Task(lambda: app.test_client().get("/", environ_overrides=threads.environment()))
        beside = Task(verdict.set)
        add(threads, waits, beside)
        assert beside.ended.wait(PATIENCE) and waits.ended.wait(PATIENCE)
    assert app.test_client().get("/").text == "True"
    with waiting(), app.test_request_context():
        assert request.path == "/"
