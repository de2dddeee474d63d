"""Equal submissions cost one judging, and nothing that differs is taken for equal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from grader.dispatch import cache as module
from grader.dispatch.cache import VerdictCache
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.dispatch.judging import Judging, Rules
from grader.dispatch.versions import Versions
from grader.errors import Preempted
from grader.model.exercise import Exercise
from grader.model.report import Isolation, Report
from grader.model.submission import Submission as HandedIn
from grader.model.text import Text
from grader.store import judgings, regrades, verdicts
from grader.store.tables import Judging as JudgingRow

from . import fakes
from .conftest import Desk

VERSIONS = Versions("1.0", "2.13.0", "2.4.0", "3.11.7 x86_64", "some processor", "c" * 64)
EXERCISE = fakes.exercise("control-flow")
SUBMISSION = HandedIn(b"5", {"x_grad": "1", "y_grad": "2"}, 7)


class Counting:
    """Judges by :func:`fakes.grade`, and counts how often. It can be held up, and told what else to say."""

    def __init__(self) -> None:
        self.calls = 0
        self.entered, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.changes: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, exercise: Exercise, submission: HandedIn) -> Report:
        with self._lock:
            self.calls += 1
        self.entered.set()
        assert self.go_on.wait(30)
        return msgspec.structs.replace(fakes.grade(exercise, submission), **self.changes)


def cache_of(
    desk: Desk, grade: Counting, versions: Versions = VERSIONS, isolation: Isolation = "namespaces"
) -> VerdictCache:
    return VerdictCache(desk.store, grade, versions, lambda: isolation, most=100, worker="w1")


@pytest.fixture
def grade() -> Counting:
    return Counting()


Start = Callable[..., EmbeddedDispatcher]


@pytest.fixture
def start(desk: Desk) -> Iterator[Start]:
    """Start dispatchers with a cache on the desk; each is closed at the end."""
    started: list[EmbeddedDispatcher] = []

    def start(grade: Counting, **rules: Any) -> EmbeddedDispatcher:
        chosen = Rules(**{"cache": 100, "shadow": 0.0, **rules})
        judging = Judging(desk.store, grade, chosen, versions=VERSIONS)
        dispatcher = EmbeddedDispatcher(desk.store, judging, fakes.exercise, sweep_seconds=60.0)
        started.append(dispatcher)
        return dispatcher.start()

    yield start
    for dispatcher in started:
        dispatcher.close()


def judged(desk: Desk, submission_id: str) -> JudgingRow:
    """The newest judging of a submission, with its report."""
    with desk.store.read() as session:
        newest = judgings.of_submission(session, submission_id)[-1].id
        return session.get_one(JudgingRow, newest, populate_existing=True)


def test_equal_submissions_are_judged_once_and_the_record_says_so(
    desk: Desk, grade: Counting, start: Start
) -> None:
    """Of whichever student, also after a restart. Each has a judging of its own, with the same report."""
    dispatcher = start(grade)
    rows = []
    for student in (0, 1):
        mine = desk.hand_in(student, b"6")
        dispatcher.submit()
        assert dispatcher.wait(mine, 30)
        rows.append(judged(desk, mine))
    first_server = rows[0].worker
    dispatcher.close()
    again = start(grade)
    mine = desk.hand_in(2, b"6")
    again.submit()
    assert again.wait(mine, 30)
    rows.append(judged(desk, mine))
    assert grade.calls == 1
    assert [row.cached_from for row in rows] == [None, first_server, first_server]
    assert "cache" not in rows[0].phases and all(set(row.phases) == {"cache", "all"} for row in rows[1:])
    assert len({row.report for row in rows}) == 1 and [row.score for row in rows] == [6, 6, 6]
    assert (rows[1].numpy, rows[1].python, rows[1].cpu) == ("2.4.0", "3.11.7 x86_64", "some processor")
    other = desk.hand_in(3, b"6 ")
    again.submit()
    assert again.wait(other, 30)
    assert grade.calls == 2


def test_whatever_a_verdict_depends_on_makes_another_key(desk: Desk, grade: Counting) -> None:
    """Also what a report only quotes: a title that was mended is not told in its old words."""
    titled = msgspec.structs.replace(EXERCISE, title=Text("Another title", "另一个标题"))
    exercises = (EXERCISE, msgspec.structs.replace(EXERCISE, digest="1" * 64), titled)
    submissions = (
        SUBMISSION,
        HandedIn(b"5\n", SUBMISSION.predictions, 7),
        HandedIn(b"5", {"x_grad": "1"}, 7),
        HandedIn(b"5", {"x_grad": "2", "y_grad": "1"}, 7),
        HandedIn(b"5", {}, 7),
        HandedIn(b"5", SUBMISSION.predictions, 8),
        HandedIn(b"5", SUBMISSION.predictions, 7, 1),
    )
    versions = [VERSIONS] + [
        replace(VERSIONS, **{name: "x"}) for name in ("grader", "torch", "numpy", "python", "code")
    ]
    keys = [cache_of(desk, grade).key(each, SUBMISSION) for each in exercises]
    keys += [cache_of(desk, grade).key(EXERCISE, each) for each in submissions[1:]]
    keys += [cache_of(desk, grade, each).key(EXERCISE, SUBMISSION) for each in versions[1:]]
    keys.append(cache_of(desk, grade, isolation="process").key(EXERCISE, SUBMISSION))
    assert len(set(keys)) == len(keys)
    # The same whatever the order of the boxes; and whatever processor adds it up.
    turned = HandedIn(b"5", dict(reversed(SUBMISSION.predictions.items())), 7)
    assert cache_of(desk, grade).key(EXERCISE, turned) == keys[0]
    elsewhere = replace(VERSIONS, cpu="another processor")
    assert cache_of(desk, grade, elsewhere).key(EXERCISE, SUBMISSION) == keys[0]


BORDERS = (
    (HandedIn(b"", {"a": "b"}), HandedIn(b"", {"ab": ""})),
    (HandedIn(b"", {"a": "b", "c": "d"}), HandedIn(b"", {"a": "bcd"})),
    (HandedIn(b"xy", {"a": "b"}), HandedIn(b"y", {"a": "bx"})),
    (HandedIn(b"", {"a": "\0b"}), HandedIn(b"", {"a\0": "b"})),
    (HandedIn(b"a", {}), HandedIn(b"", {"": "a"})),
    (HandedIn(b"", {"a": "\ud800"}), HandedIn(b"", {"a": "?"})),
    (HandedIn(b"", {}, 1, 12), HandedIn(b"", {}, 11, 2)),
)


def test_no_part_of_a_submission_can_be_taken_for_another(desk: Desk, grade: Counting) -> None:
    """A student chooses the text, the names and values of answers; none can be moved over a border."""
    cache = cache_of(desk, grade)
    for one, other in BORDERS:
        assert cache.key(EXERCISE, one) != cache.key(EXERCISE, other), (one, other)


def test_what_chance_or_we_decided_is_nobody_elses(desk: Desk) -> None:
    """A case that timed out, a failure of ours, a report that was cut, weaker walls than were meant."""
    for changes in (
        {"limited": True},
        {"status": "not-gradable"},
        {"thinned": True},
        {"isolation": "process"},
    ):
        grade = Counting()
        grade.changes = changes
        cache = cache_of(desk, grade)
        for _ in range(2):
            found = cache.judge(EXERCISE, SUBMISSION)
            assert (found.key, found.worker) == (None, None)
        cache.judge_for_guest(EXERCISE, SUBMISSION)
        cache.judge_for_guest(EXERCISE, SUBMISSION)
        assert grade.calls == 4 and cache.tally() == (0, 4, 0)


def test_what_raises_is_nobody_elses(desk: Desk) -> None:
    """The next equal one is judged; nobody waits for ever."""
    calls = []

    def fails(exercise: Exercise, submission: HandedIn) -> Report:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the sandbox is gone")
        return fakes.grade(exercise, submission)

    cache = VerdictCache(desk.store, fails, VERSIONS, lambda: "namespaces", most=100, worker="w")
    with pytest.raises(RuntimeError):
        cache.judge(EXERCISE, SUBMISSION)
    assert cache.judge(EXERCISE, SUBMISSION).worker is None
    assert cache.judge(EXERCISE, SUBMISSION).worker == "w" and len(calls) == 2


def test_equal_ones_at_once_wait_for_the_one_that_is_judged(
    desk: Desk, grade: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they come while it runs or a moment later, it is judged once."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 30.0)
    cache = cache_of(desk, grade)
    grade.go_on.clear()
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(cache.judge, EXERCISE, SUBMISSION)
        assert grade.entered.wait(30)
        others = [threads.submit(cache.judge, EXERCISE, SUBMISSION) for _ in range(8)]
        grade.go_on.set()
        assert first.result().worker is None
        assert {each.result().worker for each in others} == {"w1"}
    assert grade.calls == 1 and cache.tally()[:2] == (8, 1)


def test_who_waits_for_one_that_gives_up_its_slot_gives_up_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would run for as long. What is to run to its end is run instead."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 30.0)
    entered, go_on, calls = threading.Event(), threading.Event(), list[None]()
    stands = threading.Semaphore(0)

    class Told(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            stands.release()
            return super().wait(timeout)

    flight = module._Flight
    monkeypatch.setattr(module, "_Flight", lambda: flight(Told()))

    def grade(exercise: Exercise, submission: HandedIn) -> Report:
        calls.append(None)
        entered.set()
        assert go_on.wait(30)
        if len(calls) == 1:
            raise Preempted("others wait")
        return fakes.grade(exercise, submission)

    cache = VerdictCache(desk.store, grade, VERSIONS, lambda: "namespaces", most=100, worker="w")
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(cache.judge, EXERCISE, SUBMISSION, preemptible=True)
        assert entered.wait(30)
        equal = threads.submit(cache.judge, EXERCISE, SUBMISSION, preemptible=True)
        behind = threads.submit(cache.judge, EXERCISE, SUBMISSION)
        assert stands.acquire(timeout=30) and stands.acquire(timeout=30)
        go_on.set()
        for each in (first, equal):
            with pytest.raises(Preempted):
                each.result()
        assert behind.result().worker is None
    assert len(calls) == 2
    assert cache.judge(EXERCISE, SUBMISSION, preemptible=True).worker == "w"


def test_nobody_waits_longer_than_is_worth_it(
    desk: Desk, grade: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes long holds up no equal one; and one of which it is known that it is not shared, none."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.01)
    cache = cache_of(desk, grade)
    grade.go_on.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.judge, EXERCISE, SUBMISSION)
        assert grade.entered.wait(30)
        grade.entered.clear()
        second = threads.submit(cache.judge, EXERCISE, SUBMISSION)
        assert grade.entered.wait(30)  # it is run while the first still runs
        grade.go_on.set()
        assert first.result().worker is second.result().worker is None
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 1000.0)
    grade.changes = {"limited": True}
    loop = HandedIn(b"1", {}, 1)
    cache.judge(EXERCISE, loop)
    grade.go_on.clear()
    before = grade.calls
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(cache.judge, EXERCISE, loop) for _ in range(2)]
        deadline = time.monotonic() + 30
        while grade.calls < before + 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        assert grade.calls == before + 2
        grade.go_on.set()
        assert all(each.result().key is None for each in both)


def test_a_rerun_is_really_run_and_what_it_says_is_told_from_then_on(
    desk: Desk, grade: Counting, start: Start
) -> None:
    """It is there to check what was said."""
    dispatcher = start(grade)
    mine = desk.hand_in(0, b"6")
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    grade.changes = {"stdout": "said by the rerun"}
    with desk.store.write() as session:
        proposal = regrades.propose_rerun(session, desk.assignment, [mine], reason="look again", by=None).id
    dispatcher.submit()
    deadline = time.monotonic() + 30
    while grade.calls < 2 or dispatcher.status().running:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    row = judged(desk, mine)
    assert (row.regrade_id, row.cached_from) == (proposal, None) and "said by the rerun" in row.report
    other = desk.hand_in(1, b"6")
    dispatcher.submit()
    assert dispatcher.wait(other, 30)
    assert grade.calls == 2 and "said by the rerun" in judged(desk, other).report


def test_a_report_that_was_thinned_is_told_to_nobody(desk: Desk, grade: Counting, start: Start) -> None:
    """As where a person's data was deleted. The next one that is judged takes its place."""
    dispatcher = start(grade)
    mine = desk.hand_in(0, b"6")
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    dispatcher.close()
    with desk.store.write() as session:
        judgings.thin(session, [mine])
    dispatcher = start(grade)
    for student in (1, 2):
        other = desk.hand_in(student, b"6")
        dispatcher.submit()
        assert dispatcher.wait(other, 30)
    assert grade.calls == 2 and judged(desk, other).cached_from is not None


def test_a_guests_verdict_is_kept_in_memory_alone(desk: Desk, grade: Counting) -> None:
    """And no student is told it."""
    cache = cache_of(desk, grade)
    reports = [cache.judge_for_guest(EXERCISE, SUBMISSION) for _ in range(3)]
    assert grade.calls == 1 and reports[0] == reports[2]
    with desk.store.read() as session:
        assert verdicts.keys(session) == []
    assert cache.judge(EXERCISE, SUBMISSION).worker is None and grade.calls == 2


def test_memory_is_bounded(desk: Desk, grade: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for longest ago makes room."""
    grade.changes = {"stdout": "x" * 1000}
    monkeypatch.setattr(module, "MOST_BYTES", 5000)
    cache = cache_of(desk, grade)
    for seed in range(10):
        cache.judge(EXERCISE, HandedIn(b"1", {}, seed))
    assert cache._bytes <= 5000 and 1 <= len(cache._known) < 5
    assert cache._bytes == sum(len(found.report) for found in cache._known.values())
    assert cache.judge(EXERCISE, HandedIn(b"1", {}, 9)).worker == "w1" and grade.calls == 10


def test_a_cache_that_cannot_be_read_costs_a_judging_and_nothing_else(
    desk: Desk, grade: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(verdicts, "keys", broken)
    assert cache_of(desk, grade).judge(EXERCISE, SUBMISSION).report.score == 5
