"""An assignment is judged by the versions of its first verdict, until others are allowed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from grader.dispatch import pins
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.dispatch.judging import Judging, Rules
from grader.dispatch.pins import Pins, VersionsRefused
from grader.dispatch.versions import Versions
from grader.store import judging_versions, regrades
from grader.store.tables import Assignment, utcnow

from . import fakes
from .conftest import Desk
from .test_cache import VERSIONS, Counting

NEWER = replace(VERSIONS, torch="2.14.0")
Start = Callable[..., EmbeddedDispatcher]


@pytest.fixture
def start(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a server with such versions, in place of the one before; closed at the end."""
    monkeypatch.setattr("grader.dispatch.rows_in_memory.BLOCKED_SECONDS", 0.05)
    monkeypatch.setattr(pins, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(pins, "NOTE_SECONDS", 0.0)
    started: list[EmbeddedDispatcher] = []

    def start(versions: Versions, **rules: Any) -> EmbeddedDispatcher:
        for one in started:
            one.close()
        judging = Judging(desk.store, Counting(), Rules(0, shadow=0.0, **rules), versions=versions)
        dispatcher = EmbeddedDispatcher(desk.store, judging, fakes.exercise, sweep_seconds=0.05)
        started.append(dispatcher)
        return dispatcher.start()

    yield start
    for dispatcher in started:
        dispatcher.close()


def assignment(desk: Desk) -> Assignment:
    with desk.store.read() as session:
        return session.get_one(Assignment, desk.assignment)


def hand_in(desk: Desk, dispatcher: EmbeddedDispatcher, student: int = 0) -> str:
    mine = desk.hand_in(student, b"6")
    dispatcher.submit()
    return mine


def until_refused(desk: Desk, family: str) -> None:
    deadline = time.monotonic() + 30
    while judging_versions.refused_now(assignment(desk)) != family:
        assert time.monotonic() < deadline, "nobody notes that something waits"
        time.sleep(0.02)


def test_what_other_versions_judge_waits_until_these_are_allowed(desk: Desk, start: Start) -> None:
    """It stays queued, uses up no try, and a note says why; allowed, it is judged without a restart."""
    dispatcher = start(VERSIONS)
    assert dispatcher.wait(hand_in(desk, dispatcher), 30)
    assert assignment(desk).versions == "torch 2.13, numpy 2.4"
    dispatcher = start(NEWER)
    waits = hand_in(desk, dispatcher, 1)
    until_refused(desk, "torch 2.14, numpy 2.4")
    row = desk.row(waits)
    assert (row.state, row.tries, row.judging_id) == ("queued", 0, None)
    with desk.store.read() as session:
        assert judging_versions.left_waiting(session) == 1
    with desk.store.write() as session:
        assert judging_versions.allow(session, [desk.assignment], NEWER.family) == ["control-flow"]
    assert dispatcher.wait(waits, 30)
    assert desk.row(waits).score == 6
    assert judging_versions.families(assignment(desk).versions) == (VERSIONS.family, NEWER.family)
    assert judging_versions.refused_now(assignment(desk)) is None
    # Those that judged first may go on.
    dispatcher = start(VERSIONS)
    assert dispatcher.wait(hand_in(desk, dispatcher, 2), 30)


def test_a_release_that_only_mends_something_stops_nothing(desk: Desk, start: Start) -> None:
    """Nor does another version of the grader or of Python, or another processor."""
    dispatcher = start(VERSIONS)
    assert dispatcher.wait(hand_in(desk, dispatcher), 30)
    mended = replace(
        VERSIONS, torch="2.13.1+cpu", numpy="2.4.6", grader="9.9", python="3.12.1 x86_64", cpu="z"
    )
    dispatcher = start(mended)
    assert dispatcher.wait(hand_in(desk, dispatcher, 1), 30)
    assert assignment(desk).versions == "torch 2.13, numpy 2.4"


def test_versions_are_mixed_where_the_operator_says_so(desk: Desk, start: Start) -> None:
    """And it is written down by which."""
    dispatcher = start(VERSIONS)
    assert dispatcher.wait(hand_in(desk, dispatcher), 30)
    dispatcher = start(NEWER, mix_versions=True)
    assert dispatcher.wait(hand_in(desk, dispatcher, 1), 30)
    assert judging_versions.families(assignment(desk).versions) == (VERSIONS.family, NEWER.family)


def test_a_rerun_may_be_made_by_any_versions(desk: Desk, start: Start) -> None:
    """That is how one sees what they would change, before anything does."""
    dispatcher = start(VERSIONS)
    mine = hand_in(desk, dispatcher)
    assert dispatcher.wait(mine, 30)
    dispatcher = start(NEWER)
    with desk.store.write() as session:
        regrade = regrades.propose_rerun(session, desk.assignment, None, reason="newer torch", by=None).id
    dispatcher.submit()
    deadline = time.monotonic() + 30
    while True:
        with desk.store.read() as session:
            if regrades.progress(session, regrade).judged == 1:
                break
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert assignment(desk).versions == VERSIONS.family


def test_of_two_that_judge_the_first_submissions_at_once_one_is_refused(desk: Desk) -> None:
    """Both looked before there was a verdict; what decides is the transaction that writes one."""
    one, other = Pins(desk.store, VERSIONS.family), Pins(desk.store, NEWER.family)
    assert one.blocked() == other.blocked() == frozenset()
    with desk.store.write() as session:
        one.check(session, desk.assignment)
    with pytest.raises(VersionsRefused), desk.store.write() as session:
        other.check(session, desk.assignment)
    with desk.store.write() as session:
        one.check(session, desk.assignment)
    assert other.blocked() == {desk.assignment}  # it looks again at once


def test_a_refused_verdict_leaves_its_row_waiting(
    desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loser of that race has judged in vain; the submission is judged by whom it belongs to."""
    with desk.store.write() as session:
        judging_versions.pin(session, desk.assignment, VERSIONS.family)
    monkeypatch.setattr(Pins, "blocked", lambda _self: frozenset())  # it has not heard of the pin
    dispatcher = start(NEWER)
    mine = hand_in(desk, dispatcher)
    assert not dispatcher.wait(mine, 0.5)
    row = desk.row(mine)
    assert (row.state, row.tries, row.judging_id) == ("queued", 0, None)
    monkeypatch.undo()
    dispatcher = start(VERSIONS)
    dispatcher.submit()
    assert dispatcher.wait(mine, 30)


def test_a_first_verdict_that_is_not_committed_pins_nothing(desk: Desk) -> None:
    """What was checked in a transaction that was undone is checked again."""
    one = Pins(desk.store, VERSIONS.family)
    with pytest.raises(ZeroDivisionError), desk.store.write() as session:
        one.check(session, desk.assignment)
        raise ZeroDivisionError
    assert assignment(desk).versions is None
    with desk.store.write() as session:
        one.check(session, desk.assignment)
    assert assignment(desk).versions == VERSIONS.family


def test_a_note_that_is_not_made_again_is_shown_no_more(desk: Desk) -> None:
    """Whoever could not judge is gone."""
    with desk.store.write() as session:
        judging_versions.pin(session, desk.assignment, VERSIONS.family)
    desk.hand_in()
    with desk.store.write() as session:
        (left,) = judging_versions.note_refused(session, [desk.assignment], NEWER.family)
    assert (left.course, left.exercise, left.waiting) == ("autodiff", "control-flow", 1)
    row = assignment(desk)
    assert judging_versions.refused_now(row) == NEWER.family
    assert judging_versions.refused_now(row, utcnow() + timedelta(minutes=3)) is None


def test_families_are_read_off_versions() -> None:
    """What is not installed is not guessed."""
    assert VERSIONS.family == "torch 2.13, numpy 2.4"
    assert replace(VERSIONS, torch=None, numpy="3").family == "torch unknown, numpy 3"
    here = Versions.here()
    assert here.torch is not None and here.family.startswith("torch 2.") and len(here.code) == 64
