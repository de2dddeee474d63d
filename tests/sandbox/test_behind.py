"""Jobs that nobody waits for: low priority, no spare, and room for the others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.dispatch.precedence import Precedence
from grader.sandbox.behind import Behind
from grader.sandbox.forker import LOWEST_PRIORITY
from grader.sandbox.pool import Pool

from .jobs import calls, job, returned
from .watching import PATIENCE, descendants, wait_until

pytestmark = pytest.mark.slow

SLOW = "import time\ndef g(x):\n    time.sleep(0.5)\n    return x + 1\n"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """With two spares of each kind."""
    with Pool(slots=3, spares=2) as made:
        made.hello()
        wait_until(lambda: made.status().spares == 4)
        yield made


def lowered() -> list[int]:
    """Processes below this one that have the lowest priority."""
    found = []
    for pid in descendants(os.getpid()):
        try:
            if os.getpriority(os.PRIO_PROCESS, pid) == LOWEST_PRIORITY:
                found.append(pid)
        except ProcessLookupError:
            continue
    return found


def test_its_child_has_the_lowest_priority_and_is_no_spare(pool: Pool) -> None:
    """Those that wait are left to whoever hands in, at the usual priority."""
    spares = set(pool.spares())
    behind = Behind(pool, lambda: None)
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(behind.run, job(SLOW, *calls("g", 1)))
        wait_until(lambda: len(lowered()) == 1)
        assert set(pool.spares()) == spares
        assert not {child.pid for child in pool.spares()} & set(lowered())
        seen = pool.run(job("def g(x):\n    return x + 1\n", *calls("g", 1)))
        assert returned(seen.outcomes["g@0"]) == 1.0
        assert returned(asked.result(PATIENCE).outcomes["g@0"]) == 1.0


def test_a_pair_runs_one_after_the_other_and_says_the_same(pool: Pool) -> None:
    """The second of two at once would hold a slot that another pair needs."""
    text = "def g(x):\n    return 3 * x\n"
    first, second = job(text, *calls("g", 2)), job(text, *calls("g", 3))
    ours, theirs = Behind(pool, lambda: None).run_both(first, second), pool.run_both(first, second)
    for one, other in zip(ours, theirs, strict=True):
        assert one.outcomes == other.outcomes
    assert pool.status().running == 0


def test_it_gives_way_before_and_after_but_not_for_a_reference(pool: Pool) -> None:
    """Others may wait for the same reference."""
    asked: list[int] = []
    behind = Behind(pool, lambda: asked.append(pool.status().running))
    behind.run(job("def g(x):\n    return x\n", *calls("g", 1)))
    assert asked == [0, 0]
    behind.run(job("from tool import g\n", *calls("g", 1)), {"tool": b"def g(x):\n    return x\n"})
    assert asked == [0, 0]


def test_giving_way_ends_when_nobody_is_waited_for() -> None:
    """And where somebody always is, after a while all the same."""
    precedence = Precedence()
    precedence.give_way()
    with ThreadPoolExecutor(1) as other:
        with precedence.first(), precedence.first():
            waiting = other.submit(precedence.give_way)
        waiting.result(PATIENCE)
        with precedence.first():
            other.submit(precedence.give_way).result(PATIENCE)
