"""Whether anything would be judged: by a verdict that is fresh, or by a canary's."""

from __future__ import annotations

import threading

from grader.dispatch import canary as module
from grader.dispatch.canary import FRESH, STALE, Canary
from grader.errors import SandboxFailed
from grader.grading import Truths
from grader.grading.canary import sings
from grader.sandbox.pool import Pool


class Clock:
    """Time as a test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_canary_is_judged_by_a_real_sandbox(pool: Pool) -> None:
    """Both its right answer and its wrong one."""
    assert sings(pool, Truths())


def test_a_fresh_verdict_is_proof_and_no_canary_is_judged() -> None:
    clock, asked = Clock(), list[float]()
    canary = Canary(lambda: bool(asked.append(clock.now)) or True, clock=clock)
    canary.judged()
    clock.now += FRESH
    assert canary.trouble() is None and asked == []
    clock.now += 1
    assert canary.trouble() is None and asked == [clock.now]
    clock.now += FRESH
    assert canary.trouble() is None and len(asked) == 1


def test_a_sandbox_that_fails_or_judges_wrongly_is_said_at_once() -> None:
    def broken() -> bool:
        raise SandboxFailed("bwrap: /secret/path")

    said = Canary(broken).trouble()
    assert said is not None and "could not be judged" in said and "secret" not in said
    clock, verdicts = Clock(), [True, False]
    canary = Canary(lambda: verdicts.pop(0), clock=clock)
    assert canary.trouble() is None
    clock.now += FRESH + 1
    assert canary.trouble() == "a canary was judged wrongly"
    canary.judged()
    assert canary.trouble() is None


def test_a_canary_in_a_long_line_is_no_trouble_until_nothing_was_judged_for_long(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Else a load balancer would take the server away when it is needed most."""
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    clock, sang, begun = Clock(), threading.Event(), list[float]()

    def slow() -> bool:
        begun.append(clock.now)
        return sang.wait(30)

    canary = Canary(slow, clock=clock)
    canary.judged()
    clock.now += FRESH + 1
    assert canary.trouble() is None
    clock.now += STALE - FRESH
    assert canary.trouble() is not None
    assert len(begun) == 1
    trying = canary._trying
    sang.set()
    assert trying is not None
    trying.join(30)
    assert canary.trouble() is None
