"""Another tolerance, as a proposal tries it: the submissions of that proposal alone are judged by it."""

from __future__ import annotations

import time
from pathlib import Path

from grader.dispatch.embedded import EmbeddedDispatcher
from grader.exercises import Library
from grader.model.exercise import Exercise
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.store import regrades

from . import fakes
from .conftest import Desk

ROOT = Path(__file__).resolve().parents[2]


def test_a_proposals_tolerance_reaches_the_checks_and_nobody_elses(desk: Desk) -> None:
    """One exercise is made of it, however many submissions: plans and truths are kept by it."""
    library = Library(ROOT / "exercises", None)
    seen: list[Exercise] = []

    def grade(exercise: Exercise, submission: HandedIn) -> Report:
        seen.append(exercise)
        return fakes.grade(exercise, submission)

    def until(number: int) -> None:
        deadline = time.monotonic() + 30
        while len(seen) < number or dispatcher.status().running:
            assert time.monotonic() < deadline, f"{len(seen)} of {number} were judged"
            time.sleep(0.01)

    dispatcher = EmbeddedDispatcher(desk.store, grade, library.get, threads=2).start()
    try:
        for student in range(3):
            desk.hand_in(student, b"4")
        dispatcher.submit()
        until(3)
        usual = {check.rtol for check in seen[0].checks}
        assert all(exercise is seen[0] for exercise in seen) and 1e-3 not in usual
        with desk.store.write() as session:
            regrades.propose_rerun(session, desk.assignment, None, reason="r", by=None, rtol=1e-3)
        dispatcher.submit()
        until(6)
        assert all(exercise is seen[3] for exercise in seen[3:])
        assert 1e-3 in {check.rtol for check in seen[3].checks} and not seen[0].judges_as(seen[3].digest)
        desk.hand_in(4, b"4")
        dispatcher.submit()
        until(7)
        assert seen[6] is seen[0]
    finally:
        dispatcher.close()
