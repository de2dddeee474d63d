"""The truth: observed once, cached, and a broken reference is named in one sentence."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pytest

from grader.checks.evidence import Plan, Truth
from grader.errors import SandboxFailed, TruthBusy, TruthFailed, TruthLate
from grader.exercises import Library
from grader.grading import Truths
from grader.grading import truths as truths_module
from grader.grading.plan import make_plan
from grader.model.exercise import Limits
from grader.model.job import Job
from grader.model.observation import Observation
from grader.sandbox.pool import Pool


class Counting:
    """A sandbox that counts its jobs, and may fail the first ones."""

    def __init__(self, pool: Pool, failures: int = 0) -> None:
        self.pool, self.failures, self.jobs = pool, failures, 0
        self.lock = threading.Lock()

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        with self.lock:
            self.jobs += 1
            if self.failures:
                self.failures -= 1
                raise SandboxFailed("no zygote today")
        return self.pool.run(job, library)


@pytest.fixture
def plan(library: Library) -> Plan:
    return make_plan(library.get("detach"), 11)


def test_eight_threads_and_one_observation(pool: Pool, plan: Plan) -> None:
    truths, sandbox = Truths(), Counting(pool)
    start = threading.Barrier(8)

    def ask(_: int) -> Truth:
        start.wait()
        return truths.of(plan, sandbox)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(8)))
    assert sandbox.jobs == 1 and len({id(truth) for truth in found}) == 1
    assert truths.known(plan)


def test_another_seed_is_another_truth_and_the_oldest_is_forgotten(pool: Pool, library: Library) -> None:
    truths, sandbox = Truths(most=2), Counting(pool)
    plans = [make_plan(library.get("control-flow"), seed) for seed in (1, 2, 3)]
    for one in plans:
        truths.of(one, sandbox)
    assert [truths.known(one) for one in plans] == [False, True, True] and sandbox.jobs == 3


def test_work_ahead_pushes_out_nothing_that_is_of_use(
    pool: Pool, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    truths, sandbox, exercise = Truths(most=2), Counting(pool), library.get("control-flow")
    for expected in (1, 2):
        assert truths.missing(exercise, (1, 2, 3)) == expected
        truths.of(make_plan(exercise, expected), sandbox)
    assert truths.missing(exercise, (1, 2, 3), whole=False) == 3, "of these there is room for more"
    assert truths.missing(exercise, (1, 2, 3)) is None
    monkeypatch.setattr(truths_module, "OF_USE_SECONDS", 0.0)
    assert truths.missing(exercise, (1, 2, 3)) == 3
    truths.of(make_plan(exercise, 3), sandbox)
    assert truths.missing(exercise, (2, 3)) is None and truths.missing(exercise, (1,)) == 1


def test_a_failure_of_ours_is_not_remembered(pool: Pool, plan: Plan) -> None:
    truths, sandbox = Truths(), Counting(pool, failures=1)
    with pytest.raises(SandboxFailed):
        truths.of(plan, sandbox)
    assert not truths.known(plan)
    assert truths.of(plan, sandbox) is truths.of(plan, sandbox)


def test_it_holds_what_the_catalogue_says(pool: Pool, truths: Truths, library: Library) -> None:
    for exercise in library.all()[:4]:
        plan = make_plan(exercise, 0)
        truth = truths.of(plan, pool)
        assert set(truth.rights) == {
            (check.id, case.name) for check in exercise.checks if check.function for case in plan.cases
        }
        for right in truth.rights.values():
            assert right.expected is not None and right.expected.dtype == np.float64
    answers = truths.of(make_plan(library.get("simple-example"), 0), pool).answers
    assert answers["grad_before"] is None
    assert answers["sum_grad_without_zero"].tolist() == [1, 5, 9, 13]  # type: ignore[union-attr]


def broken(library: Library, **change: Any) -> Plan:
    exercise = library.get("control-flow")
    assert exercise.solution is not None
    if "reference" in change:
        change["reference"] = exercise.solution.reference + change["reference"]
    solution = msgspec.structs.replace(exercise.solution, **change)
    return make_plan(msgspec.structs.replace(exercise, solution=solution, digest=repr(change)), 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reference": "\nraise ValueError('half done')"}, "cannot be run: ValueError: half done"),
        (
            {"reference": "\ndef f(a):\n  return a * (1 if a > 0 else no_such_name)"},
            "fails at case 'negative'",
        ),
        ({"reference": "\ndef f(a):\n  return 2 * a.detach()"}, "no gradient at case 'positive': no-graph"),
        ({"reference": "\ndef branch(a):\n  return 'sideways'"}, "id of a [[branch]]"),
        ({"reference": "\ndef branch(a):\n  return a"}, "id of a [[branch]]"),
        ({"reference": "\ndef answers():\n  return 3"}, "answers() must return a dict"),
        ({"reference": "\ndef answers():\n  return {}"}, "gives nothing for 'ratio'"),
        ({"reference": "\ndef answers():\n  return {'ratio': 'yes'}"}, "neither numbers nor None"),
        ({"reference": "\ndel answers"}, "'answers' does not return"),
        ({"misconceptions_source": "x ="}, "cannot be run: SyntaxError"),
        ({"misconceptions_source": ""}, "does not return"),
    ],
)
def test_a_broken_reference_is_named_in_one_sentence(
    pool: Pool, library: Library, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(TruthFailed) as caught:
        Truths().of(broken(library, **change), pool)
    said = str(caught.value)
    assert words in said and said.startswith("control-flow: ") and "\n" not in said
    assert not caught.value.retry


class Slow:
    """A sandbox in which the reference runs until it is let go, and then fails if told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.jobs = error, 0
        self.began, self.go_on = threading.Event(), threading.Event()

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        self.jobs += 1
        self.began.set()
        self.go_on.wait(30)
        raise self.error or SandboxFailed("not now")


def test_a_reference_that_is_being_run_is_not_waited_for_long(library: Library) -> None:
    """Neither at the same seed nor at another: whoever asks is told so, and does something else."""
    truths, sandbox = Truths(patience=0.05), Slow()
    first, second = (make_plan(library.get("detach"), seed) for seed in (1, 2))
    other = make_plan(library.get("control-flow"), 1)
    with ThreadPoolExecutor(1) as threads:
        coming = threads.submit(truths.right, first, sandbox)
        assert sandbox.began.wait(30)
        for plan in (first, second):
            with pytest.raises(TruthBusy, match="detach"):
                truths.right(plan, sandbox)
            with pytest.raises(TruthBusy):
                truths.ask(plan)
        assert sandbox.jobs == 1
        truths.ask(other)
        sandbox.go_on.set()
        with pytest.raises(SandboxFailed):
            coming.result()
    truths.ask(second)


class Hasty(Counting):
    """A sandbox that gives a reference less time."""

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        return super().run(msgspec.structs.replace(job, limits=Limits(0.3, 0.3)), library)


def test_a_reference_that_runs_out_of_time_is_tried_again(library: Library, pool: Pool) -> None:
    """The machine may be to blame. It is remembered, too, and then who asks has only to come again."""
    exercise = library.get("control-flow")
    assert exercise.solution is not None
    endless = msgspec.structs.replace(
        exercise.solution, reference=f"{exercise.solution.reference}\nwhile True: pass\n"
    )
    plan = make_plan(msgspec.structs.replace(exercise, solution=endless), 1)
    for truths, then in ((Truths(), TruthLate), (Truths(patience=60.0), TruthBusy)):
        sandbox = Hasty(pool)
        with pytest.raises(TruthLate, match="timeout") as first:
            truths.right(plan, sandbox)
        assert first.value.retry
        with pytest.raises(then):
            truths.right(plan, sandbox)
        with pytest.raises(then):
            truths.ask(plan)
        assert sandbox.jobs == 1


def test_a_reference_that_never_ends_has_failed_after_three_times(
    library: Library, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a row: then who asks is told so, and no longer to come again."""
    exercise = library.get("control-flow")
    assert exercise.solution is not None
    endless = msgspec.structs.replace(exercise.solution, reference="while True: pass\n")
    plan = make_plan(msgspec.structs.replace(exercise, solution=endless), 1)
    truths, sandbox = Truths(patience=60.0), Hasty(pool)
    monkeypatch.setattr(truths_module, "FAILED_SECONDS", 0.0)
    for _ in range(truths_module.MOST_LATE - 1):
        with pytest.raises(TruthLate):
            truths.right(plan, sandbox)
        truths.ask(plan)  # it is forgotten at once here
    monkeypatch.setattr(truths_module, "FAILED_SECONDS", 60.0)
    with pytest.raises(TruthLate):
        truths.right(plan, sandbox)
    with pytest.raises(TruthFailed) as known:
        truths.right(plan, sandbox)
    assert not known.value.retry and sandbox.jobs == truths_module.MOST_LATE


def test_a_failure_of_the_reference_is_remembered_for_a_while(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its seed; at all seeds, where it took long to fail. What the sandbox does is not remembered."""
    truths, sandbox = Truths(), Slow(TruthFailed("it raised"))
    sandbox.go_on.set()
    first, second, third = (make_plan(library.get("detach"), seed) for seed in (1, 2, 3))
    for _ in range(3):
        with pytest.raises(TruthFailed, match="it raised"):
            truths.right(first, sandbox)
    assert sandbox.jobs == 1
    monkeypatch.setattr(truths_module, "SLOW_SECONDS", 0.0)
    with pytest.raises(TruthFailed):
        truths.right(second, sandbox)
    with pytest.raises(TruthFailed):
        truths.ask(third)
    assert sandbox.jobs == 2
    broken = Slow()
    broken.go_on.set()
    fresh = Truths()
    for jobs in (1, 2):
        with pytest.raises(SandboxFailed):
            fresh.right(first, broken)
        assert broken.jobs == jobs
    monkeypatch.setattr(truths_module.time, "monotonic", lambda: time.monotonic_ns() / 1e9 + 1e4)
    with pytest.raises(TruthFailed):
        truths.right(third, sandbox)
    assert sandbox.jobs == 3
