"""Limits of time: of a processor, so that no verdict hangs on what else the machine does; and of patience."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from grader.checks import outcomes
from grader.model.exercise import Limits
from grader.model.observation import Died, Skipped
from grader.sandbox.clocks import Clocks, Spent
from grader.sandbox.pool import Pool

from .jobs import calls, death, job, returned


@pytest.fixture
def busy() -> Iterator[None]:
    """Programs that want more processors than there are."""
    loop = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(loop) for _ in range(10)]
    yield
    for other in others:
        other.kill()
        other.wait()


COMPUTES = """
import time
def spin(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until: pass
spin(0.6)
def g():
    spin(0.9)
    return 1
"""


@pytest.mark.usefixtures("busy")
def test_no_verdict_hangs_on_what_else_runs(pool: Pool) -> None:
    """A case that needs less than its processor time is answered, and a line of the file is run to its end,
    though by the clock on the wall both take longer than they may."""
    seen = pool.run(job(COMPUTES, "g", case_seconds=1.8, total_seconds=6.0))
    assert returned(seen.outcomes["g"]) == 1
    assert seen.loaded.notes == ()


@pytest.mark.parametrize(
    ("body", "limits", "limit"),
    [
        ("while True: pass", {"case_seconds": 0.3}, "processor"),
        ("time.sleep(100)", {"case_seconds": 0.3}, "asleep"),
        ("while True: time.sleep(1e-4)", {"case_seconds": 0.3}, "asleep"),
        ("while True: os.read(3, 1)", {"case_seconds": 0.3}, "asleep"),
        ("while True: pass", {"case_seconds": 8.0, "total_seconds": 2.0}, "processor of all"),
        ("time.sleep(100)", {"case_seconds": 8.0, "total_seconds": 0.3}, "asleep of all"),
    ],
)
def test_each_limit_ends_what_meets_it(pool: Pool, body: str, limits: dict[str, float], limit: str) -> None:
    """Whoever computes, sleeps or waits for ever ends, and the limit is called by its name."""
    seen = pool.run(job(f"import os, time\ndef g():\n    {body}\n", "g", **limits))
    # On a machine that is busy enough, the whole submission's time by the wall may be over first.
    assert death(seen, "g") in (Died("timeout", limit), Died("timeout", "elapsed of all"))
    assert "of all" in limit or death(seen, "g").detail == limit


def test_a_line_of_the_file_that_sleeps_is_passed_over(pool: Pool) -> None:
    """And the rest is judged; so is one that computes for ever."""
    for line in ("time.sleep(100)", "while True: pass"):
        seen = pool.run(job(f"import time\n{line}\ndef g(): return 1\n", "g"))
        assert returned(seen.outcomes["g"]) == 1
        assert [(note.what, note.line) for note in seen.loaded.notes] == [("slow", 2)]


def test_the_submissions_time_is_that_of_all_its_children(pool: Pool) -> None:
    """What a child spent that died is not given to the next one."""
    source = """
    import os, time
    def g(x):
        until = time.process_time() + 0.8
        while time.process_time() < until: pass
        os._exit(1)
    f = h = k = g
    """
    tasks = [msgspec.structs.replace(one, id=name) for name in "fghk" for one in calls(name, 1)]
    seen = pool.run(job(source, *tasks, case_seconds=5.0, total_seconds=2.0))
    causes = [outcome.cause for outcome in seen.outcomes.values() if isinstance(outcome, Died)]
    assert causes[0] == "crashed" and causes[-1] == "timeout" and len(causes) <= 3
    assert isinstance(seen.outcomes["k"], Skipped)


def test_which_limit_is_met_and_when_it_may_be() -> None:
    """Waiting for a processor is nobody's fault, but has an end, too."""
    assert Spent(1.9, 3.9, 9.9).over(2.0, of_all=True) is None
    assert Spent(2.0, 2.0, 2.0).over(2.0) == "processor"
    assert Spent(0.1, 4.0, 4.0).over(2.0) == "asleep"
    assert Spent(0.1, 0.1, 9.9).over(2.0, of_all=True) is Spent(0.1, 0.1, 10.0).over(2.0) is None
    assert Spent(0.1, 0.1, 10.0).over(2.0, of_all=True) == "elapsed"
    assert Spent(0.1, 0.1, 99.0).over(2.0, of_all=True, patient=True) is None
    assert Spent(0.1, 4.0, 99.0).over(2.0, of_all=True, patient=True) == "asleep"
    assert Spent(0.0, 0.0, 10.0).over(2.0, of_all=True, patient=True) == "elapsed", "nothing else is told"
    assert Spent(1.5, 1.5, 1.5).left(2.0) == 0.5
    assert Spent(1.0, 3.75, 5.0).left(2.0) == 0.25


def test_where_no_clock_can_be_read_the_wall_decides() -> None:
    """A child that cannot be looked at is not taken for one that computes or sleeps."""
    clocks = Clocks(0)
    before = clocks.read()
    spent = clocks.read().since(before)
    assert (spent.processor, spent.own) == (0, 0) and spent.elapsed > 0


def test_the_sentence_says_which_limit_it_was() -> None:
    """With the seconds that were really allowed, in both languages."""
    said = {
        "processor": ("within 2 s of processor time", "2 秒处理器时间"),
        "asleep": ("within 4 s", "4 秒内"),
        "processor of all": ("10 s of processor time", "10 秒处理器时间"),
        "asleep of all": ("20 s", "20 秒"),
        "elapsed of all": ("50 s", "50 秒"),
    }
    for limit, (en, zh) in said.items():
        message = outcomes.of_death(Died("timeout", limit), Limits()).message
        assert en in message.en and zh in message.zh, message
