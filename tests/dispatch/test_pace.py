"""How long a grading takes, in the estimate of when a verdict comes."""

from __future__ import annotations

import pytest

from grader.dispatch.pace import AT_FIRST, LATELY, Pace, Paces
from grader.model.lane import Lane
from grader.store.waiting import Place


def test_one_students_loops_say_nothing_of_the_others() -> None:
    """However many they are, they count once."""
    pace = Pace()
    for student in range(3):
        pace.note(student, 0.05)
    for _ in range(100):
        pace.note(99, 18.0)
    assert pace.seconds == 0.05


def test_a_class_whose_work_takes_long_is_told_so() -> None:
    """The students graded last count, and no others."""
    pace = Pace()
    assert pace.seconds == AT_FIRST
    for student in range(LATELY):
        pace.note(student, 0.05)
    for student in range(LATELY, 2 * LATELY):
        pace.note(student, 3.0)
    assert pace.seconds == pytest.approx(3.0)
    assert len(pace._of) == LATELY


def test_what_runs_for_long_has_a_pace_of_its_own() -> None:
    """Neither twenty students' loops nor regrades make anybody wait in the first lane."""
    paces = Paces()
    for student in range(20):
        paces.note(Lane.INTERACTIVE, student, 0.05)
    for student in range(20, 40):
        paces.note(Lane.LONG, student, 18.0)
        paces.note(Lane.REGRADE, student, 7.0)
    assert paces.seconds == 0.05
    assert until(paces, Place(3, False)) == pytest.approx(2 * 0.05)
    assert until(paces, Place(0, True)) == pytest.approx(0.05)


def test_what_runs_for_long_is_told_how_long_that_is() -> None:
    """At first both limits of time; of those before it only its own lane's take as long."""
    paces = Paces()
    assert until(paces, Place(0, True, long=0)) == pytest.approx(20.0)
    assert until(paces, Place(0, True, long=0, ran=8.0)) == pytest.approx(12.0)
    assert until(paces, Place(5, False, long=2)) == pytest.approx(3 / 3 * AT_FIRST + 2 * 20.0)
    paces.note(Lane.LONG, 1, 12.0)
    assert until(paces, Place(2, False, 1.0, long=2)) == pytest.approx(1.0 + 2 * 12.0)


def test_what_takes_longer_than_others_did_is_told_no_time() -> None:
    """A loop that nobody waits behind runs in the first lane for ten seconds: "about 1 s" is untrue then."""
    paces = Paces()
    assert not paces.ahead(Place(0, True, ran=0.9), 3, 2, stalled=False).overdue
    assert paces.ahead(Place(0, True, ran=1.1), 3, 2, stalled=False).overdue
    assert not paces.ahead(Place(0, True, long=0, ran=19.0), 3, 2, stalled=False).overdue
    late = paces.ahead(Place(0, True, long=0, ran=21.0), 3, 2, stalled=True)
    assert (late.overdue, late.running, late.stalled) == (True, True, False)


def until(paces: Paces, place: Place) -> float:
    """The seconds told, of three graders, two of them for the lower lanes."""
    told = paces.ahead(place, 3, 2, stalled=False)
    assert not told.overdue and told.before == place.before
    return told.seconds
