"""What stands in front of judging, with a real jail: run once, told twice, and checked twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader.dispatch.embedded import EmbeddedDispatcher
from grader.dispatch.judging import Judging, Rules
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.sandbox.pool import Pool
from grader.store import judgings, shadows

from .conftest import Desk

SOURCE = Path(__file__).resolve().parents[2] / "solutions/control-flow/rejected/first_step.py"


def test_an_equal_submission_is_told_what_was_run_and_both_are_judged_again(
    desk: Desk, pool: Pool, library: Library, truths: Truths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome of judging it again, in other children, is the same."""
    monkeypatch.setattr(shadows, "ALONE_SECONDS", 0.0)  # on a server, others have a minute to come first
    judging = Judging(
        desk.store,
        lambda exercise, submission: grade(exercise, submission, pool, truths),
        Rules(shadow=100.0),
        isolation=lambda: pool.isolation,
    )
    dispatcher = EmbeddedDispatcher(desk.store, judging, library.get, threads=2).start()
    rows = []
    try:
        for student in (0, 1):
            mine = desk.hand_in(student, SOURCE.read_bytes())
            dispatcher.submit()
            assert dispatcher.wait(mine, 60)
            with desk.store.read() as session:
                rows += judgings.of_submission(session, mine)
        deadline = time.monotonic() + 60
        compared: dict[str, int] = {}
        while compared != {"same": 2}:
            assert time.monotonic() < deadline, compared
            time.sleep(0.05)
            with desk.store.read() as session:
                compared = shadows.counts(session)
    finally:
        dispatcher.close()
    assert judging.tally() == (1, 1, 0)
    assert [row.cached_from for row in rows] == [None, judging.worker]
    assert "run" in rows[0].phases and set(rows[1].phases) == {"cache", "all"}
    assert rows[0].score == rows[1].score and not rows[0].passed
