"""How many run at once, how many wait, and who has the machine to itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from grader.errors import SandboxBusy
from grader.sandbox.slots import Slots

from .watching import PATIENCE, wait_until


class Line:
    """Jobs in front of one slot that the test holds; who is served is noted in order."""

    def __init__(self, queue: int = 100) -> None:
        self.slots = Slots(1, queue)
        self.served: list[str] = []
        self._threads = ThreadPoolExecutor(64)
        self._holding = self.slots.held()
        self._holding.__enter__()

    def ask(self, who: str) -> Future[None]:
        """Queue up; returns when it stands in the queue or has been refused."""
        before = self.slots.waiting

        def wait() -> None:
            with self.slots.held():
                self.served.append(who)

        asked = self._threads.submit(wait)
        wait_until(lambda: self.slots.waiting > before or asked.done())
        return asked

    def go(self) -> str:
        """Let go of the slot; who was served, in order."""
        self._holding.__exit__(None, None, None)
        self._threads.shutdown()
        return "".join(self.served)


def test_first_come_first_served() -> None:
    """In the order in which they came, and nothing is held at the end."""
    line = Line()
    for who in "abcdef":
        line.ask(who)
    assert line.go() == "abcdef"
    assert (line.slots.running, line.slots.waiting) == (0, 0)


def test_who_comes_back_at_once_starves_nobody() -> None:
    """Coming back at once puts nobody before those who wait."""
    slots, served = Slots(1, 100), []
    stop = time.monotonic() + 0.3

    def often(who: str) -> None:
        while time.monotonic() < stop:
            with slots.held():
                served.append(who)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(often, "abc"))
    assert min(served.count(who) for who in "abc") > len(served) / 10


def test_the_queue_has_an_end() -> None:
    """Full is full: the next is refused at once, and those who wait are served."""
    line = Line(queue=2)
    waiting = [line.ask("a"), line.ask("b")]
    with pytest.raises(SandboxBusy):
        line.ask("c").result(PATIENCE)
    assert line.go() == "ab"
    assert [each.result(PATIENCE) for each in waiting] == [None, None]


def test_slots_are_never_more_than_there_are() -> None:
    """However many threads ask, and however they end."""
    slots, lock = Slots(3, 1000), threading.Lock()
    running, most = 0, 0

    def ask(n: int) -> None:
        nonlocal running, most
        try:
            with slots.held():
                with lock:
                    running += 1
                    most = max(most, running)
                time.sleep(0.0005)
                with lock:
                    running -= 1
                if n % 3 == 0:
                    raise ValueError(n)
        except ValueError:
            pass

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(ask, range(300)))
    assert most == 3
    assert (slots.running, slots.waiting) == (0, 0)


def test_alone_means_alone() -> None:
    """Whoever runs is waited for, whoever comes waits, and two who want it do not block each other."""
    slots, together, alone = Slots(3, 100), 0, []
    lock = threading.Lock()

    def run(n: int) -> None:
        nonlocal together
        with slots.held():
            if n % 4 == 0:
                with slots.alone(), lock:
                    alone.append(together)
                return
            with lock:
                together += 1
            time.sleep(0.002)
            with lock:
                together -= 1

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(run, range(60)))
    assert alone == [0] * 15
    assert (slots.running, slots.waiting) == (0, 0)
