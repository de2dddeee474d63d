"""Jobs that give up their slot: when somebody waits, and they have had their share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.errors import Preempted
from grader.model.job import Call, Job
from grader.sandbox.pool import Pool
from grader.sandbox.preemptible import Preemptible
from grader.sandbox.share import WHOLE, Share

from .jobs import array, calls, death, job, returned
from .watching import PATIENCE, wait_until

pytestmark = pytest.mark.slow

LOOP = "def g(x):\n    while True:\n        pass\n"
LIMITS = {"case_seconds": 1.0, "total_seconds": 50.0}
LONG = {"case_seconds": 500.0, "total_seconds": 500.0}
"""Limits that no test waits for: what ends sooner was ended by somebody."""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """With room for a pair and another."""
    with Pool(slots=3) as made:
        made.hello()
        yield made


def looping(limits: dict[str, float], *, autograd: bool = True) -> Job:
    """A job that ends when it is ended."""
    made = job(LOOP, *calls("g", 1), **limits)
    return Job(source=made.source, tasks=made.tasks, limits=made.limits, seed=0, autograd=autograd)


def test_a_share_is_asked_about_once_it_is_used_up_and_stays_over() -> None:
    """Two jobs of a submission look at it: where one has given up, so does the other."""
    asked: list[None] = []
    waits = threading.Event()

    def wanted() -> bool:
        asked.append(None)
        return waits.is_set()

    share = Share(wanted, 0.5)
    assert not share.over(0.4) and not asked
    assert 0.0 < share.left(0.4) <= 0.1
    assert not share.over(0.5) and len(asked) == 1
    share.check(0.6)
    waits.set()
    assert share.over(0.7) and share.over(0.0) and share.left(0.0) == 0.0
    waits.clear()
    with pytest.raises(Preempted):
        share.check(0.0)
    assert not WHOLE.over(1e9)


def test_a_loop_is_ended_when_somebody_waits(pool: Pool) -> None:
    """However much time it has left."""
    with pytest.raises(Preempted):
        Preemptible(pool, lambda: True).run(looping(LONG))
    wait_until(lambda: pool.status().running == 0)


def test_a_loop_goes_on_to_its_limit_where_nobody_waits(pool: Pool) -> None:
    """Its verdict is what it always was."""
    seen = Preemptible(pool, lambda: False).run(looping(LIMITS))
    assert death(seen, "g@0").cause == "timeout"
    assert seen.outcomes == pool.run(looping(LIMITS)).outcomes


def test_it_is_asked_again_and_again_while_it_runs(pool: Pool) -> None:
    """Who comes later need not wait for the limit either."""
    waits, asked = threading.Event(), threading.Semaphore(0)

    def wanted() -> bool:
        asked.release()
        return waits.is_set()

    with ThreadPoolExecutor(1) as other:
        coming = other.submit(Preemptible(pool, wanted).run, looping(LONG))
        for _ in range(3):
            assert asked.acquire(timeout=PATIENCE)
        assert not coming.done()
        waits.set()
        assert isinstance(coming.exception(PATIENCE), Preempted)


def test_both_jobs_of_a_submission_are_ended_together(pool: Pool) -> None:
    """Also the one that is not told itself, and neither keeps a slot."""
    told = iter([True])
    both = Preemptible(pool, lambda: next(told, False))
    with pytest.raises(Preempted):
        both.run_both(looping(LONG), looping(LONG, autograd=False))
    wait_until(lambda: pool.status().running == 0)


def test_one_after_the_other_they_are_ended_likewise() -> None:
    """Where there is no second slot."""
    with Pool(slots=1) as small:
        with pytest.raises(Preempted):
            Preemptible(small, lambda: True).run_both(looping(LONG), looping(LONG, autograd=False))
        assert small.status().running == 0


def test_what_is_quick_and_a_reference_run_to_their_end(pool: Pool) -> None:
    """Whoever waits: a reference is run for others, too."""
    quick = Preemptible(pool, lambda: True)
    one, other = quick.run_both(
        job("def g(x):\n    return x + 1\n", *calls("g", 1)),
        job("def g(x):\n    return x + 2\n", *calls("g", 1)),
    )
    assert (returned(one.outcomes["g@0"]), returned(other.outcomes["g@0"])) == (1.0, 2.0)
    library = {"tool": LOOP.encode()}
    reference = job("from tool import g\n", *calls("g", 1), **LIMITS)
    assert death(quick.run(reference, library), "g@0").cause == "timeout"


def test_who_does_not_take_its_tasks_is_ended_too(pool: Pool) -> None:
    """It is asked on that way, too."""
    source = """
    import os, signal, time
    from grader.sandbox import wire
    from grader.model.observation import Loaded
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    os.write(3, wire.encode(wire.Loading(Loaded()))), time.sleep(1000)
    """
    big = array([0.0] * (1 << 20))
    with pytest.raises(Preempted):
        Preemptible(pool, lambda: True).run(job(source, Call(id="g", function="g", args=(big,)), **LONG))


def test_what_runs_behind_is_told_the_same_and_never_preempted(pool: Pool) -> None:
    """The whole of its time, from the start."""
    assert pool.run(looping(LIMITS), behind=True).outcomes == pool.run(looping(LIMITS)).outcomes
