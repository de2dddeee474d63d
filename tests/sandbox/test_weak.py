"""Where there are no namespaces: plain processes, which run and say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.model.observation import Died
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
    assert death(seen, "g") == Died("timeout")
    outcome = weak.run(job("def g(): return len(bytearray(4 << 30))\n", "g")).outcomes["g"]
    assert getattr(outcome, "type", "") == "MemoryError"
    assert "HOME" in ask(weak, "import os\ndef g(): return dict(os.environ)\n")
