"""Some verdicts are judged again, when nothing waits; a difference is an alarm and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from grader.dispatch.embedded import EmbeddedDispatcher
from grader.dispatch.judging import Judging, Rules
from grader.dispatch.shadow import Shadows
from grader.model.exercise import Exercise
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.model.text import Text
from grader.store import judgings, shadows
from grader.store.database import Store
from grader.store.tables import Shadow, utcnow

from . import fakes
from .conftest import Desk
from .test_cache import VERSIONS, Counting

Start = Callable[..., EmbeddedDispatcher]
ALIKE = (VERSIONS.grader, VERSIONS.torch, VERSIONS.numpy)


@pytest.fixture
def start(file_desk: Desk) -> Iterator[Start]:
    """Start a server that judges everything twice."""
    started: list[EmbeddedDispatcher] = []

    def start(grade: Callable[[Exercise, HandedIn], Report], cache: int = 0) -> EmbeddedDispatcher:
        judging = Judging(file_desk.store, grade, Rules(cache, shadow=100.0), versions=VERSIONS)
        dispatcher = EmbeddedDispatcher(file_desk.store, judging, fakes.exercise, sweep_seconds=0.05)
        started.append(dispatcher)
        return dispatcher.start()

    yield start
    for dispatcher in started:
        dispatcher.close()


def compared(desk: Desk, submission_id: str) -> Shadow:
    """What came of judging it again."""
    deadline = time.monotonic() + 30
    while True:
        with desk.store.read() as session:
            for row in shadows.of_submission(session, submission_id).values():
                if row.state not in ("waiting", "running"):
                    return row
        assert time.monotonic() < deadline, "it is not judged again"
        time.sleep(0.02)


def test_the_same_outcome_is_written_down(file_desk: Desk, start: Start) -> None:
    """Also of a verdict that was taken from the cache."""
    grade = Counting()
    dispatcher = start(grade, cache=10)
    for student in (0, 1):
        mine = file_desk.hand_in(student, b"6")
        dispatcher.submit()
        assert dispatcher.wait(mine, 30)
        row = compared(file_desk, mine)
        assert (row.state, row.differs) == ("same", []) and row.worker is not None
    assert grade.calls == 3  # once for both, and again for each


def test_a_difference_names_both_and_changes_no_verdict(file_desk: Desk, start: Start) -> None:
    """In the log, by which an alarm is raised, and for who teaches the course."""
    times: list[int] = []

    def wavering(exercise: Exercise, submission: HandedIn) -> Report:
        times.append(1)
        report = fakes.grade(exercise, submission)
        if len(times) == 1:
            return report
        (check,) = report.checks
        other = msgspec.structs.replace(check, message=Text("Something else.", "别的。"))
        return msgspec.structs.replace(report, checks=(other,), score=report.score - 1)

    with capture_logs() as logged:
        dispatcher = start(wavering)
        mine = file_desk.hand_in(0, b"6")
        dispatcher.submit()
        assert dispatcher.wait(mine, 30)
        row = compared(file_desk, mine)
        assert (row.state, row.differs) == ("different", ["score", "value"])
        dispatcher.close()
    assert file_desk.row(mine).score == 6
    (alarm,) = [each for each in logged if each["log_level"] == "error"]
    with file_desk.store.read() as session:
        (judging,) = judgings.of_submission(session, mine)
    assert (alarm["submission"], alarm["judging"]) == (mine, judging.id)
    assert (alarm["first"], alarm["second"], alarm["differs"]) == (
        judging.worker,
        row.worker,
        ["score", "value"],
    )


def test_nothing_is_judged_again_while_something_waits(file_desk: Desk, start: Start) -> None:
    """Of what was handed in before the server started, every first verdict comes before any second one."""
    seen: list[bytes] = []

    def grade(exercise: Exercise, submission: HandedIn) -> Report:
        seen.append(submission.source)
        return fakes.grade(exercise, submission)

    rows = [file_desk.hand_in(student, str(student).encode()) for student in range(8)]
    start(grade)
    for each in rows:
        compared(file_desk, each)
    # Two threads: while one judges the last, the other may find nothing due.
    assert len(set(seen[:7])) == 7 and len(seen) == 16


def test_times_and_addresses_are_no_difference(file_desk: Desk, start: Start) -> None:
    """They are others in every process."""
    times: list[int] = []

    def grade(exercise: Exercise, submission: HandedIn) -> Report:
        times.append(1)
        said = Text(f"It returned <object at 0x7f{len(times):010x}>.", "")
        number = len(times)
        report = fakes.grade(exercise, submission)
        report = msgspec.structs.replace(report, stdout=str(number), summary=said)
        return msgspec.structs.replace(report, duration_ms=number / 2, phases={"run": number / 2})

    dispatcher = start(grade)
    mine = file_desk.hand_in(0, b"6")
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    assert compared(file_desk, mine).state == "same"


@pytest.mark.parametrize("why", ["the exercise has changed", "it cannot be judged now"])
def test_what_cannot_be_compared_is_dropped(file_desk: Desk, start: Start, why: str) -> None:
    """That is no difference, and nobody is alarmed."""
    times: list[int] = []

    def grade(exercise: Exercise, submission: HandedIn) -> Report:
        times.append(1)
        report = fakes.grade(exercise, submission)
        if why == "the exercise has changed":
            return msgspec.structs.replace(report, exercise_digest="9" * 64)
        if len(times) > 1:
            raise OSError("no descriptor left")
        return report

    dispatcher = start(grade)
    mine = file_desk.hand_in(0, b"6")
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    assert compared(file_desk, mine).state == "dropped"


def test_a_limit_that_was_met_is_not_sampled(file_desk: Desk) -> None:
    """It says what the machine was doing."""
    drawn = Shadows(file_desk.store, fakes.grade, VERSIONS, percent=100.0, worker="w").drawn
    report = fakes.grade(fakes.exercise("control-flow"), HandedIn(b"6"))
    assert drawn(report) and not drawn(msgspec.structs.replace(report, limited=True))
    never = Shadows(file_desk.store, fakes.grade, VERSIONS, percent=0.0, worker="w")
    assert not any(never.drawn(report) for _ in range(100))


def sampled(file_desk: Desk, start: Start) -> int:
    """A judging that waits to be made again; its number."""
    judging = Judging(file_desk.store, fakes.grade, Rules(0, shadow=0.0), versions=VERSIONS, worker="first")
    dispatcher = EmbeddedDispatcher(file_desk.store, judging, fakes.exercise).start()
    mine = file_desk.hand_in(0, b"6")
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)
    dispatcher.close()
    with file_desk.store.write() as session:
        (row,) = judgings.of_submission(session, mine)
        shadows.want(session, row.id)
    return row.id


def take(store: Store, worker: str, after: float = 0.0, **more: object) -> int | None:
    asked = {"cpu": "c", "alike": ALIKE, "alone": False, "now": utcnow() + timedelta(seconds=after)} | more
    with store.write() as session:
        taken = shadows.take(session, worker, **asked)  # type: ignore[arg-type]
    return None if taken is None else taken.judging_id


def test_another_worker_takes_it_and_a_dead_one_loses_it(file_desk: Desk, start: Start) -> None:
    """Who judged first may do it again only where nobody else has; or where it is alone."""
    number, store = sampled(file_desk, start), file_desk.store
    assert take(store, "first") is None
    assert take(store, "first", alike=(VERSIONS.grader, "9.9", VERSIONS.numpy), alone=True) is None
    assert take(store, "second") == number
    assert take(store, "third") is None
    assert take(store, "third", after=shadows.LOST_SECONDS + 1) == number
    with store.write() as session:
        assert not shadows.settle(session, number, "second", "same")
        assert shadows.settle(session, number, "third", "different", ["score"])
    assert take(store, "fourth", after=1000) is None
    with store.read() as session:
        assert shadows.counts(session) == {"different": 1}
    with store.write() as session:
        shadows.forget(session, utcnow() + timedelta(days=365))
        assert shadows.counts(session) == {"different": 1}  # an alarm stays


def test_where_nobody_else_takes_it_who_judged_first_does(file_desk: Desk, start: Start) -> None:
    number = sampled(file_desk, start)
    assert take(file_desk.store, "first", after=shadows.ALONE_SECONDS + 1) == number
