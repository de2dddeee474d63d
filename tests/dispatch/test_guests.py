"""A guest's try: judged behind whoever somebody waits for, drawn, and never stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from grader.dispatch import guests
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.errors import GradingFailed, TruthBusy
from grader.model.exercise import Exercise
from grader.model.picture import GraphPicture, Pictures
from grader.model.report import Report
from grader.model.submission import Submission

from . import fakes
from .conftest import Desk

Start = Callable[..., EmbeddedDispatcher]


@pytest.fixture
def start(desk: Desk) -> Iterator[Start]:
    """Start dispatchers; each is closed at the end."""
    started: list[EmbeddedDispatcher] = []

    def start(grade: Any, **more: Any) -> EmbeddedDispatcher:
        started.append(EmbeddedDispatcher(desk.store, grade, fakes.exercise, sweep_seconds=60.0, **more))
        return started[-1].start()

    yield start
    for dispatcher in started:
        dispatcher.close()


def tried(source: str) -> Submission:
    """What a guest hands in."""
    return Submission(source.encode(), {}, 1)


def test_students_come_first_and_the_line_is_short(
    desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread: while it works, a guest comes, then two students; who finds the line full is told when."""
    monkeypatch.setattr(guests, "MOST_WAITING", 1)
    begun, go_on, order = threading.Event(), threading.Event(), list[str]()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        order.append(submission.source.decode())
        begun.set()
        assert go_on.wait(20)
        return fakes.grade(exercise, submission)

    dispatcher = start(grade, threads=1)
    rows = [desk.hand_in(0, b"1")]
    dispatcher.submit()
    assert begun.wait(20)
    with ThreadPoolExecutor() as pool:
        guest = pool.submit(dispatcher.judge, "control-flow", tried("2"), 20.0, draw=False)
        while not dispatcher._guests._line:
            time.sleep(0.005)
        refused = dispatcher.judge("control-flow", tried("9"), 20.0, draw=False)
        assert refused.report is None and refused.again >= 1
        rows += [desk.hand_in(1, b"3"), desk.hand_in(0, b"4")]
        dispatcher.submit()
        go_on.set()
        report = guest.result(20).report
    assert report is not None and report.score == 2
    assert all(dispatcher.wait(row, 20) for row in rows)
    assert order[0] == "1" and order[-1] == "2" and sorted(order) == ["1", "2", "3", "4"]


def test_what_comes_of_a_try(desk: Desk, start: Start) -> None:
    """A verdict with its pictures; nothing after a failure of ours; a busy reference is waited for."""
    busy = iter([True])

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"0":
            raise GradingFailed("no")
        if next(busy, False):
            raise TruthBusy("another runs it")
        return fakes.grade(exercise, submission)

    def illustrate(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        assert report is not None
        if submission.source == b"5":
            raise GradingFailed("no")
        return Pictures(graph=GraphPicture(submission.source.decode()))

    dispatcher = start(grade, illustrate=illustrate)
    right = dispatcher.judge("control-flow", tried("10"), 20.0, draw=True)
    assert (
        right.report is not None
        and right.report.passed
        and right.pictures == Pictures(graph=GraphPicture("10"))
    )
    undrawn = dispatcher.judge("control-flow", tried("5"), 20.0, draw=True)
    assert undrawn.report is not None and undrawn.pictures is None
    failed = dispatcher.judge("control-flow", tried("0"), 20.0, draw=True)
    assert (failed.report, failed.again) == (None, 0)
    assert dispatcher.status().queued == 0
