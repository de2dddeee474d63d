"""Zygotes that die, hang, start slowly or grow; spares; turns; giving up. All with real processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from grader.errors import SandboxBusy, SandboxCrashed, SandboxFailed, SandboxSlow
from grader.model.observation import Observation
from grader.sandbox import forker, jail, pool, zygote
from grader.sandbox.pool import Pool
from grader.sandbox.zygote import Lifetime, Zygote
from tests import soak

from .jobs import calls, death, job, returned
from .watching import PATIENCE, alive, descendants, wait_until

pytestmark = pytest.mark.slow

ECHO = "def g(x):\n    return x + 1\n"
SLEEP = "import time\ndef g(x):\n    time.sleep(%s)\n    return x + 1\n"
LONG = {"case_seconds": PATIENCE, "total_seconds": PATIENCE}


def serving(of: Pool) -> int:
    """The process that serves now."""
    return of.serving().autograd.pid


def right(seen: Observation) -> bool:
    """Whether ``g(0)`` was answered."""
    return returned(seen.outcomes["g@0"]) == 1.0


def ask(of: Pool, seconds: float = 0.0, **more: object) -> bool:
    """A job that sleeps and adds one."""
    return right(of.run(job(SLEEP % seconds, *calls("g", 1), **LONG), **more))  # type: ignore[arg-type]


@contextmanager
def inside(monkeypatch: pytest.MonkeyPatch, code: str) -> Iterator[None]:
    """Zygotes that start in this block run ``code`` before anything else."""
    real = jail.zygote_program

    def program(*args: object, **more: object) -> list[str]:
        *command, start = real(*args, **more)  # type: ignore[arg-type]
        imports, path, main = start.split("; ", 2)
        return [*command, "\n".join((f"{imports}; {path}", code, main))]

    with monkeypatch.context() as patch:
        patch.setattr(jail, "zygote_program", program)
        yield


@pytest.fixture
def own() -> Iterator[Pool]:
    """A pool that a test may break."""
    with Pool(slots=2, spares=2) as pool:
        pool.hello()
        wait_until(lambda: pool.status().spares == 4)
        yield pool


# Zygotes.


def test_a_zygote_that_hangs_is_replaced(own: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is alive and answers nothing: orders have a bound, and the job is run on another."""
    monkeypatch.setattr(forker, "ORDER_SECONDS", 0.5)
    first = serving(own)
    os.kill(first, signal.SIGSTOP)
    # The first ends in a way that only the zygote can tell.
    seen = own.run(
        job("import os\ndef g(x): os._exit(3)\ndef h(x): return x\n", *calls("g", 1), *calls("h", 1))
    )
    assert death(seen, "g@0").detail == "exit 3" and returned(seen.outcomes["h@0"]) == 0.0
    for _ in range(4):  # more than there were spares
        assert ask(own)
    assert serving(own) != first
    wait_until(lambda: not alive(first))


def test_a_zygote_that_hangs_is_noticed_though_nobody_asks(
    own: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a student has to wait for it."""
    monkeypatch.setattr(forker, "ORDER_SECONDS", 0.5)
    monkeypatch.setattr(pool, "PING_SECONDS", 0.1)
    first = serving(own)
    os.kill(first, signal.SIGSTOP)
    wait_until(lambda: own.ready() and own.status().started == 2)
    assert serving(own) != first
    wait_until(lambda: own.status().spares == 4 and not alive(first))


def test_a_lost_zygote_costs_a_student_no_time(own: Pool) -> None:
    """The time of the try that was lost is given back, and so is what was seen."""
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(
            own.run, job(SLEEP % 1.2, *calls("g", 1), case_seconds=PATIENCE, total_seconds=2.0)
        )
        wait_until(lambda: own.status().running == 1)
        time.sleep(1.0)
        os.kill(serving(own), signal.SIGKILL)
        assert right(coming.result(PATIENCE))


def test_a_slow_start_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """By jobs, while it lasts no longer than it may."""
    with inside(monkeypatch, "import time; time.sleep(1.5)"), Pool(slots=1) as slow:
        assert not slow.ready()
        assert ask(slow)


def test_a_start_that_hangs_is_given_up_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits is told only after several; the one that works is found by itself."""
    monkeypatch.setattr(zygote, "START_SECONDS", 1.0)
    with inside(monkeypatch, "import time; time.sleep(1000)"):
        hanging = Pool(slots=1)
        with pytest.raises(SandboxSlow, match="does not get warm within 1 s"):
            hanging.hello()
    monkeypatch.undo()
    with hanging:
        wait_until(hanging.ready)
        assert ask(hanging)


def test_closed_while_its_jail_is_made_it_leaves_nothing_and_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """bubblewrap is two processes then, the second waits for the first. Here: a shell and what it began."""
    monkeypatch.setattr(jail, "bwrap_command", lambda *_, **__: ["/bin/sh", "-c", "/bin/sleep 1000 & wait"])
    starting = Zygote.start()
    wait_until(lambda: len(descendants(starting._process.pid)) == 1)
    (second,) = descendants(starting._process.pid)
    with ThreadPoolExecutor(1) as other:
        warm = other.submit(starting.wait_until_warm)
        starting.close()
        wait_until(lambda: not alive(second))
        with pytest.raises(SandboxFailed):
            warm.result(PATIENCE)


def test_a_zygote_that_ends_at_once_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words reach whoever asks, and nobody waits long."""
    began = time.monotonic()
    with inside(monkeypatch, "raise SystemExit('there is no torch today')"), Pool(slots=1) as broken:
        for _ in range(2):
            with pytest.raises(SandboxFailed, match="no torch today"):
                ask(broken)
    assert time.monotonic() - began < PATIENCE / 2


def test_an_old_zygote_makes_place_without_a_pause() -> None:
    """The new one warms up while the old one serves; what runs on the old one finishes there."""
    with Pool(slots=2, spares=1, lifetime=Lifetime(seconds=0.5)) as aging, ThreadPoolExecutor(1) as other:
        aging.hello()
        first = serving(aging)
        long = other.submit(ask, aging, 5.0)
        wait_until(lambda: aging.status().running == 1)
        while aging.status().started == 1:
            assert aging.ready()
            assert ask(aging)
        assert serving(aging) != first and (alive(first) or long.done())
        for _ in range(3):
            assert ask(aging)
        # As long as the first has work, no third is begun.
        zygotes = aging.status().zygotes
        assert zygotes == 2 or long.done()
        assert long.result(PATIENCE)
        wait_until(lambda: not alive(first))


def test_a_zygote_that_grows_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen from outside, whatever it is that grows in there."""
    monkeypatch.setattr(zygote, "WEIGH_SECONDS", 0.01)
    leak = "from grader.sandbox.inside.zygote import Children; reap, kept = Children.reap, []\n"
    leak += "Children.reap = lambda self, number: (kept.append(b'x' * (4 << 20)), reap(self, number))[1]"
    with inside(monkeypatch, leak), Pool(slots=1, spares=1, lifetime=Lifetime(growth=20 * 2**20)) as fat:
        fat.hello()
        first = serving(fat)
        for _ in range(12):
            assert ask(fat)
        wait_until(lambda: not alive(first))
        assert ask(fat) and fat.status().memory < 2 * fat.serving().memory() + 1


def test_a_zygote_has_only_so_many_children() -> None:
    """Dozens of jobs over several zygotes: all are answered, and at no time are there three."""
    with Pool(slots=2, spares=2, lifetime=Lifetime(forks=12)) as mortal:
        mortal.hello()
        most = 0
        with ThreadPoolExecutor(2) as threads:
            while mortal.status().started < 3:
                assert all(threads.map(lambda _: ask(mortal), range(6)))
                most = max(most, mortal.status().zygotes)
        assert most <= 2
        wait_until(lambda: mortal.status().zygotes == 1 and not mortal.status().dead)


KILLS = """
import os
from grader.sandbox.inside.zygote import Children
reap = Children.reap
def deadly(self, number):
    code = reap(self, number)
    if code == 77:
        os._exit(1)
    return code
Children.reap = deadly
"""


def test_a_job_that_crashes_the_sandbox_is_named_and_no_other_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried three times, at last alone; what runs beside it is retried until it is answered."""
    with inside(monkeypatch, KILLS), Pool(slots=3, spares=3) as hit, ThreadPoolExecutor(2) as others:
        hit.hello()
        beside = [others.submit(ask, hit, 0.4) for _ in range(12)]
        with pytest.raises(SandboxCrashed, match="each time"):
            hit.run(job("import os\ndef g(): os._exit(77)\n", "g"))
        assert all(asked.result(PATIENCE) for asked in beside)
        assert ask(hit)


# Spares.


def test_spares_are_refilled_after_the_job_and_not_while_it_runs(own: Pool) -> None:
    """No fork disturbs a job that has the processor to itself."""
    before = own.status().forks
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(ask, own, 0.5)
        wait_until(lambda: own.status().running == 1)
        while own.status().running:
            assert own.status().forks == before
            time.sleep(0.01)
        assert asked.result(PATIENCE)
    wait_until(lambda: own.status().spares == 4 and own.status().forks == before + 1)


def test_a_spare_that_died_is_replaced_before_anybody_asks(own: Pool) -> None:
    """And one that waited too long, too."""
    first = own.spares()
    first[0].kill()
    wait_until(lambda: own.status().spares == 4 and first[0] not in own.spares())
    assert set(first[1:]) <= set(own.spares())


def test_a_spare_that_waited_long_is_replaced(own: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is as fresh as on its first day."""
    first = own.spares()
    monkeypatch.setattr(zygote, "SPARE_SECONDS", 0.5)
    wait_until(lambda: own.status().spares == 4 and not set(first) & set(own.spares()))
    monkeypatch.undo()
    assert ask(own)


# Turns.


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, so that somebody may come back later; who waits is served."""
    with Pool(slots=1, queue=1) as narrow, ThreadPoolExecutor(2) as students:
        first = students.submit(ask, narrow, 0.5)
        wait_until(lambda: narrow.status().running == 1)
        second = students.submit(ask, narrow)
        wait_until(lambda: narrow.status().waiting == 1)
        with pytest.raises(SandboxBusy):
            ask(narrow)
        assert first.result(PATIENCE) and second.result(PATIENCE)


def test_closing_ends_what_runs() -> None:
    """At once: the child is dead, and no verdict comes of it."""
    own = Pool(slots=2, spares=2)
    own.hello()
    with ThreadPoolExecutor(1) as student:
        asked = student.submit(own.run, job("def g():\n    while True: pass\n", "g", **LONG))
        wait_until(lambda: own.status().running == 1)
        zygote = own.serving().autograd.pid  # not of this process: another pool may live in it
        running = {zygote} | descendants(zygote)
        own.close()
        with pytest.raises(SandboxFailed):
            asked.result(PATIENCE)
    wait_until(lambda: not any(map(alive, running)))


def test_a_flood(own: Pool) -> None:
    """All are answered, and nothing is left behind."""
    with ThreadPoolExecutor(12) as students:
        answered = list(students.map(lambda _: right(own.run(job(ECHO, *calls("g", 1)))), range(120)))
    assert all(answered)
    wait_until(lambda: own.status().spares == 4 and not own.status().dead)
    assert own.status().started == 1


@pytest.mark.slow
def test_hundreds_of_submissions_leave_nothing_behind() -> None:
    """A short ``make soak``: with several zygotes, nothing grows, and every verdict is right."""
    rows, wrong = soak.soak(300, 60, forks=210)
    assert wrong == []
    assert len(rows) == 5 and rows[-1].zygotes >= 3
