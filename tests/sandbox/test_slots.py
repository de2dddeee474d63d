"""Whose turn it is, who is told that it is too much, and who has given up."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from grader.errors import Cancelled, SandboxBusy
from grader.sandbox.slots import Cancel, Slots

from .watching import PATIENCE, wait_until


class Line:
    """Askers in front of one slot that the test holds; who is served is noted in order."""

    def __init__(self, queue: int = 100) -> None:
        self.slots = Slots(1, queue)
        self.served: list[str] = []
        self._threads = ThreadPoolExecutor(64)
        self._holding = self.slots.held("the test", Cancel())
        self._holding.__enter__()

    def ask(self, who: str, cancel: Cancel | None = None) -> Future[None]:
        """Queue up; returns when it stands in the queue or has been refused."""
        before = self.slots.waiting

        def wait() -> None:
            with self.slots.held(who, cancel or Cancel()):
                self.served.append(who)

        asked = self._threads.submit(wait)
        wait_until(lambda: self.slots.waiting > before or asked.done() or self.slots.waiting == 3)
        return asked

    def go(self) -> str:
        """Let go of the slot; who was served, in order."""
        self._holding.__exit__(None, None, None)
        self._threads.shutdown()
        return "".join(self.served)


def test_askers_take_turns() -> None:
    """One student with many jobs does not starve another with one, whoever came first."""
    line = Line()
    for who in "aaaaabcab":
        line.ask(who)
    assert line.go() == "abcabaaaa"
    assert (line.slots.running, line.slots.waiting) == (0, 0)


def test_who_asks_one_by_one_starves_nobody() -> None:
    """Coming back at once puts nobody before those who wait."""
    slots, served = Slots(1, 100), []
    stop = time.monotonic() + 0.3

    def often(who: str) -> None:
        while time.monotonic() < stop:
            with slots.held(who, Cancel()):
                served.append(who)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(often, "abc"))
    assert min(served.count(who) for who in "abc") > len(served) / 10


def test_the_queue_has_an_end_and_the_greedy_feel_it() -> None:
    """Full is full; but who has fewer in it than another takes the place of the other's newest."""
    line = Line(queue=3)
    mine = [line.ask("a") for _ in range(3)]
    with pytest.raises(SandboxBusy):
        line.ask("a").result(PATIENCE)
    theirs = line.ask("b")
    with pytest.raises(SandboxBusy):
        mine[2].result(PATIENCE)
    with pytest.raises(SandboxBusy):
        line.ask("b").result(PATIENCE)  # two of a's and one of b's: now that would only be the reverse
    assert line.go() == "aba"
    assert theirs.result(PATIENCE) is None


def test_who_gives_up_leaves_the_queue() -> None:
    """At once, and the turn that was coming goes to the next."""
    line = Line()
    cancel = Cancel()
    first, second = line.ask("a", cancel), line.ask("b")
    cancel.set()
    with pytest.raises(Cancelled):
        first.result(PATIENCE)
    assert line.slots.waiting == 1
    assert line.go() == "b"
    assert second.result(PATIENCE) is None
    with pytest.raises(Cancelled), line.slots.held("a", cancel):
        pass
    assert line.slots.running == 0


def test_turns_are_not_lost_whenever_askers_give_up() -> None:
    """Given up before, while and after its turn comes: all slots are free at the end."""
    slots = Slots(2, 1000)

    def ask(n: int) -> None:
        cancel = Cancel()
        with ThreadPoolExecutor(1) as other:
            if n % 2:
                other.submit(lambda: (time.sleep(n % 7 / 5000), cancel.set()))
            try:
                with slots.held(n % 3, cancel):
                    time.sleep(0.0005)
            except Cancelled:
                pass

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(ask, range(300)))
    assert (slots.running, slots.waiting) == (0, 0)


def test_alone_means_alone() -> None:
    """Whoever runs is waited for, whoever comes waits, and two who want it do not block each other."""
    slots, together, alone = Slots(3, 100), 0, []
    lock = threading.Lock()

    def run(n: int) -> None:
        nonlocal together
        with slots.held(n, Cancel()):
            if n % 4 == 0:
                with slots.alone(Cancel()), lock:
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


def test_giving_up_while_waiting_to_be_alone() -> None:
    """The others go on."""
    slots, cancel = Slots(2, 10), Cancel()
    with ThreadPoolExecutor(1) as other, slots.held("a", Cancel()):

        def lonely() -> None:
            with slots.held("b", cancel), slots.alone(cancel):
                pass

        asked = other.submit(lonely)
        wait_until(lambda: slots.running == 2)
        time.sleep(0.02)
        cancel.set()
        with pytest.raises(Cancelled):
            asked.result(PATIENCE)
        with slots.held("c", Cancel()):
            assert slots.running == 2


def test_a_listener_is_called_once_and_never_after() -> None:
    """At once, if it is too late already."""
    calls: list[str] = []
    cancel = Cancel()
    with cancel.calling(lambda: calls.append("too early")):
        pass
    with cancel.calling(lambda: calls.append("now")):
        cancel.set()
    with cancel.calling(lambda: calls.append("late")):
        pass
    assert calls == ["now", "late"]
