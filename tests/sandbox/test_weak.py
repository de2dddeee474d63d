"""Where there are no namespaces: plain processes, which run and say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.model.observation import REFUSED, Died, Raised
from grader.sandbox import syscalls
from grader.sandbox.pool import Pool

from .jobs import array, ask, calls, death, gradient, job, plain, returned


@pytest.fixture(scope="module")
def weak() -> Iterator[Pool]:
    """A pool of plain processes."""
    with Pool(slots=1, spares=1, weak=True) as pool:
        yield pool


def test_a_weak_pool_runs_and_says_so(weak: Pool) -> None:
    """The observation names its isolation, so that the report can."""
    seen = weak.run(job("def f(x): return x * x\ndef g(x): return 2 * x\n", gradient(), *calls("g", 2)))
    assert seen.isolation == "process" and weak.isolation == "process"
    assert plain(seen.outcomes["f'"].grads[0]) == [2.0, 4.0]  # type: ignore[union-attr]
    assert returned(seen.outcomes["g@1"]) == 2.0
    assert array(1.0).shape == ()


def test_a_weak_child_still_has_limits(weak: Pool) -> None:
    """Time is kept outside, memory by the kernel; the environment is still empty."""
    seen = weak.run(job("def g():\n    while True: pass\n", "g", case_seconds=0.3))
    assert death(seen, "g") == Died("timeout", "processor")
    outcome = weak.run(job("def g(): return len(bytearray(4 << 30))\n", "g")).outcomes["g"]
    assert getattr(outcome, "type", "") == "MemoryError"
    assert "HOME" in ask(weak, "import os\ndef g(): return dict(os.environ)\n")


def test_a_weak_child_makes_no_call_that_is_not_listed(weak: Pool) -> None:
    """Where there is a filter, there is all of it."""
    for attempt in ("os.pipe()", "os.memfd_create('x')", "os.fork()", "__import__('socket').socket()"):
        outcome = weak.run(job(f"import os\ndef g(): {attempt}\n", "g")).outcomes["g"]
        assert isinstance(outcome, Raised) and outcome.errno in REFUSED, outcome


def test_isolation_is_what_the_child_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """In namespaces, but with a wall missing: that is not called full isolation."""
    monkeypatch.setattr(syscalls, "compile_filters", syscalls.Filters)
    with Pool(slots=1) as pool:
        seen = pool.run(job("import os\ndef g(): return os.getpriority(0, 0)\n", "g"))
        assert isinstance(returned(seen.outcomes["g"]), int), "there is a filter: this shows nothing"
        assert seen.isolation == "process" and pool.isolation == "process"
