"""Pictures come when they are asked for, after every verdict that is due, and cost none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from grader.dispatch import idle
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.errors import SandboxFailed
from grader.model.exercise import Exercise
from grader.model.picture import GraphPicture, Pictures
from grader.model.report import Report
from grader.model.submission import Submission
from grader.store import pictures, regrades
from grader.store.tables import Regrade

from . import fakes
from .conftest import Desk

Start = Callable[..., EmbeddedDispatcher]


def illustrate(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
    """A picture that says what it is of."""
    return Pictures(graph=GraphPicture(submission.source.decode()))


def held() -> tuple[Callable[[Exercise, Submission, Report | None], Pictures], list[bytes], threading.Event]:
    """What draws only once the event is set; the sources it has begun with, in their order; the event."""
    go_on, drawing = threading.Event(), []

    def slowly(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        drawing.append(submission.source)
        go_on.wait(30)
        return illustrate(exercise, submission, report)

    return slowly, drawing, go_on


@pytest.fixture
def start(desk: Desk) -> Iterator[Start]:
    """Start dispatchers that draw; each is closed at the end."""
    started: list[EmbeddedDispatcher] = []

    def start(illustrate: Any = illustrate, grade: Any = fakes.grade, **more: Any) -> EmbeddedDispatcher:
        settings = {"exercises": fakes.exercise, "sweep_seconds": 60.0, "backoff_seconds": 0.0} | more
        dispatcher = EmbeddedDispatcher(desk.store, grade, illustrate=illustrate, **settings)
        started.append(dispatcher)
        return dispatcher.start()

    yield start
    for dispatcher in started:
        dispatcher.close()


def found(desk: Desk, submission_id: str) -> Pictures | None:
    """What is in the store."""
    with desk.store.read() as session:
        return pictures.find(session, submission_id)


def until(condition: Callable[[], object]) -> None:
    """Wait for it, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def ask(dispatcher: EmbeddedDispatcher, *ids: str) -> None:
    """Have them drawn, as a page does, once they have their verdicts."""
    for each in ids:
        assert dispatcher.wait(each, 30)
        dispatcher.draw(each, "control-flow")


def test_a_submission_is_drawn_when_somebody_asks(desk: Desk, start: Start) -> None:
    """Its own source, and no other's."""
    dispatcher = start()
    first, second = desk.hand_in(0, b"6"), desk.hand_in(1, b"7")
    dispatcher.submit()
    ask(dispatcher, first)
    until(lambda: found(desk, first))
    assert found(desk, first) == Pictures(graph=GraphPicture("6"))
    assert dispatcher.wait(second, 30)
    assert found(desk, second) is None


def test_every_verdict_that_is_due_comes_before_every_picture(desk: Desk, start: Start) -> None:
    """One thread, five submissions, one of them asked for: five verdicts, then the picture."""
    did: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"1":
            begun.set()
            go_on.wait(30)
        did.append("grade")
        return fakes.grade(exercise, submission)

    def noted(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        did.append("draw")
        return illustrate(exercise, submission, report)

    dispatcher = start(noted, grade, threads=1)
    first = desk.hand_in(0)
    dispatcher.submit()
    assert dispatcher.wait(first, 30)
    for n in range(1, 5):
        desk.hand_in(n, b"1")
    dispatcher.submit()
    assert begun.wait(30)
    dispatcher.draw(first, "control-flow")
    dispatcher.draw(first, "control-flow")
    go_on.set()
    until(lambda: found(desk, first))
    assert did == ["grade"] * 5 + ["draw"]


def test_no_picture_takes_the_last_thread(desk: Desk, start: Start) -> None:
    """While one of two grades, the other is left to whoever hands in; then the picture is drawn."""
    begun, go_on = threading.Event(), threading.Event()
    drawn: list[bytes] = []

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"2":
            begun.set()
            go_on.wait(30)
        return fakes.grade(exercise, submission)

    def noted(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        drawn.append(submission.source)
        return illustrate(exercise, submission, report)

    dispatcher = start(noted, grade, threads=2)
    first, long = desk.hand_in(0, b"1"), desk.hand_in(1, b"2")
    dispatcher.submit()
    dispatcher.submit()
    assert begun.wait(30)
    ask(dispatcher, first)
    # The other thread has looked for work since it was asked to draw: it grades what came later.
    other = desk.hand_in(2, b"3")
    dispatcher.submit()
    assert dispatcher.wait(other, 30)
    assert drawn == []
    go_on.set()
    until(lambda: found(desk, first))
    assert drawn == [b"1"] and dispatcher.wait(long, 30)


def test_what_was_asked_for_last_is_drawn_first(desk: Desk, start: Start) -> None:
    """Its student is looking; another may have gone on."""
    slowly, drawn, go_on = held()
    ids = [desk.hand_in(n, b"%d" % n) for n in range(4)]
    dispatcher = start(slowly, threads=1)
    assert all(dispatcher.wait(each, 30) for each in ids)
    ask(dispatcher, ids[0])
    until(lambda: drawn)
    ask(dispatcher, *ids[1:])
    go_on.set()
    until(lambda: all(found(desk, each) for each in ids))
    assert drawn == [b"0", b"3", b"2", b"1"]


def test_a_thread_is_left_that_does_not_draw(desk: Desk, start: Start) -> None:
    """While a picture hangs, what is handed in is graded; and is drawn when it no longer does."""
    slowly, drawing, go_on = held()

    dispatcher = start(slowly, threads=2)
    ids = []
    for n in range(4):
        ids.append(desk.hand_in(n, b"%d" % n))
        dispatcher.submit()
        assert dispatcher.wait(ids[-1], 30), "no thread was left"
        ask(dispatcher, ids[-1])
        until(lambda: drawing)
    assert drawing == [b"0"]
    go_on.set()
    until(lambda: all(found(desk, each) for each in ids))


@pytest.mark.parametrize("error", [SandboxFailed("broken"), RuntimeError("a bug"), SystemExit(1)])
def test_a_picture_that_fails_costs_only_itself(desk: Desk, start: Start, error: BaseException) -> None:
    """The verdict stays, the thread lives, the next one is drawn."""

    def sometimes(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        if submission.source == b"1":
            raise error
        return illustrate(exercise, submission, report)

    dispatcher = start(sometimes, threads=1)
    bad, good = desk.hand_in(0, b"1"), desk.hand_in(1, b"2")
    dispatcher.submit()
    ask(dispatcher, good, bad)
    until(lambda: found(desk, good))
    row = desk.row(bad)
    assert (row.state, row.score, row.tries, row.problem) == ("graded", 1.0, 0, None)
    assert found(desk, bad) is None
    assert dispatcher.status().alive == 1


def test_what_could_not_be_graded_is_not_drawn(desk: Desk, start: Start) -> None:
    """There is no verdict to stand beside."""
    drawn = []

    def grade(exercise: Exercise, submission: Submission) -> Report:
        if submission.source == b"1":
            return fakes.grade(exercise, submission, "not-gradable")
        return fakes.grade(exercise, submission)

    def noted(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        drawn.append(submission.source)
        return illustrate(exercise, submission, report)

    dispatcher = start(noted, grade, threads=1)
    bad, good = desk.hand_in(0, b"1"), desk.hand_in(1, b"2")
    dispatcher.submit()
    ask(dispatcher, good, bad)
    until(lambda: found(desk, good))
    assert (desk.row(bad).state, drawn) == ("failed", [b"2"])


def test_more_than_the_list_holds_go_without(
    desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were asked for first; nothing grows without a bound."""
    monkeypatch.setattr(idle, "MOST_UNDRAWN", 2)
    slowly, drawing, go_on = held()

    ids = [desk.hand_in(n, b"%d" % n) for n in range(4)]
    dispatcher = start(slowly, threads=1)
    assert all(dispatcher.wait(each, 30) for each in ids)
    ask(dispatcher, ids[0])
    until(lambda: drawing)
    ask(dispatcher, *ids[1:])
    go_on.set()
    until(lambda: found(desk, ids[0]) and found(desk, ids[2]) and found(desk, ids[3]))
    dispatcher.close()
    assert found(desk, ids[1]) is None


def test_a_regrade_draws_anew_only_what_has_changed(desk: Desk, start: Start) -> None:
    """Pictures of the exercise as it was are dropped with the verdict; those that still hold stay."""
    digest, drawn = ["0" * 64], []

    def exercise(slug: str) -> Exercise:
        return msgspec.structs.replace(fakes.exercise(slug), digest=digest[0])

    def counted(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        drawn.append(exercise.digest[:1])
        if exercise.digest[0] == "2":
            raise RuntimeError
        return illustrate(exercise, submission, report)

    dispatcher = start(counted, exercises=exercise, threads=1)
    mine = desk.hand_in()

    def judged(regrade: int) -> bool:
        with desk.store.read() as session:
            return regrades.progress(session, regrade).judged == 1

    def again() -> None:
        with desk.store.write() as session:
            regrade = regrades.propose_rerun(session, desk.assignment, [mine], reason="again", by=None).id
        dispatcher.submit()
        until(lambda: judged(regrade))
        with desk.store.write() as session:
            regrades.accept(session, session.get_one(Regrade, regrade), by=None)
        ask(dispatcher, mine)
        until(lambda: not dispatcher._idle._undrawn and not dispatcher._idle._busy)

    dispatcher.submit()
    ask(dispatcher, mine)
    until(lambda: found(desk, mine))
    again()
    assert drawn == ["0"]
    digest[0] = "1" * 64
    again()
    assert drawn == ["0", "1"]
    assert found(desk, mine)
    digest[0] = "2" * 64
    again()
    assert drawn == ["0", "1", "2"]
    assert found(desk, mine) is None


def test_closing_does_not_wait_for_what_is_not_drawn(desk: Desk, start: Start) -> None:
    """Only for the picture at hand."""
    slowly, drawing, go_on = held()

    ids = [desk.hand_in(n) for n in range(3)]
    dispatcher = start(slowly, threads=1)
    ask(dispatcher, *ids)
    until(lambda: drawing)
    closing = threading.Thread(target=dispatcher.close)
    closing.start()
    until(lambda: dispatcher.status().alive == 0)
    go_on.set()
    closing.join(30)
    assert len(drawing) == 1
    assert all(desk.row(each).state == "graded" for each in ids)
