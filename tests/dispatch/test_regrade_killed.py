"""A rerun whose server is killed, with SIGKILL, half-way: it goes on, and each is judged once."""

from __future__ import annotations

import signal
import time
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.dispatch.embedded import EmbeddedDispatcher
from grader.store import regrades
from grader.store.regrades import Progress
from grader.store.tables import Judging, Regrade, RegradeItem, Submission

from . import fakes
from .conftest import Desk
from .test_killed import start, until

MANY = 120


def current(session: Session) -> dict[str, int | None]:
    """Which judging of each submission holds."""
    return {row.id: row.judging_id for row in session.scalars(select(Submission))}


def judged(desk: Desk, number: int, at_least: int) -> Progress:
    """Wait until so many are."""
    deadline = time.monotonic() + 120
    while True:
        with desk.store.read() as session:
            far = regrades.progress(session, number)
        if far.judged >= at_least:
            return far
        assert time.monotonic() < deadline, f"only {far} were judged"
        time.sleep(0.01)


def test_a_rerun_survives_a_kill_half_way_and_each_is_judged_once(desk: Desk) -> None:
    """Scores stay until it is accepted; what was being judged is judged again by the next server."""
    for n in range(MANY):
        desk.hand_in(n % 10, b"%d" % (n % 9))
    dispatcher = EmbeddedDispatcher(desk.store, fakes.grade, fakes.exercise, threads=4).start()
    try:
        until(desk, MANY)
    finally:
        dispatcher.close()
    with desk.store.write() as session:
        before = current(session)
        number = regrades.propose_rerun(session, desk.assignment, None, reason="again", by=None).id
    for target in (20, 60):
        server = start(desk)
        assert judged(desk, number, target).waiting, "it was killed too late to test anything"
        server.send_signal(signal.SIGKILL)
        server.communicate()
        with desk.store.read() as session:
            assert current(session) == before
    server = start(desk)
    assert judged(desk, number, MANY) == Progress(0, MANY, 0)
    server.communicate("")
    with desk.store.write() as session:
        made = session.scalars(select(Judging.submission_id).where(Judging.regrade_id == number)).all()
        assert Counter(made) == dict.fromkeys(before, 1)
        assert set(session.scalars(select(Submission.state))) == {"graded"}
        assert regrades.accept(session, session.get_one(Regrade, number), by=None) == 0
        moved = select(func.count()).where(Submission.judging_id == RegradeItem.after_id)
        moved = moved.where(RegradeItem.submission_id == Submission.id)
        assert session.scalar(moved) == MANY
