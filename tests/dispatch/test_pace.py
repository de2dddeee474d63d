"""How long a grading takes, in the estimate of when a verdict comes."""

from __future__ import annotations

import pytest

from grader.dispatch.pace import AT_FIRST, LATELY, Pace


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
