"""A server that is killed, with SIGKILL, in the middle of its work."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select, text

import grader
from grader.store.engines import running_beside
from grader.store.requeue import MAX_INTERRUPTIONS
from grader.store.tables import CheckResult, Submission

from .conftest import Desk, add_trigger

SERVER = Path(__file__).with_name("doomed_server.py")
ROOT = Path(grader.__file__).parent.parent


def start(desk: Desk) -> subprocess.Popen[str]:
    """A server on the desk's database, serving."""
    server = subprocess.Popen(
        [sys.executable, str(SERVER), desk.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert server.stdout is not None
    lines = iter(server.stdout.readline, "")
    # What kills it may do so before it can say that it serves.
    assert any(line == "serving\n" for line in lines) or server.wait(60) == -signal.SIGKILL
    return server


def graded(desk: Desk) -> int:
    """How many are."""
    with desk.store.read() as session:
        return session.scalar(select(func.count()).where(Submission.state == "graded")) or 0


def left_running(desk: Desk) -> bool:
    """Whether a dead server left word of what it was grading: in the table, or beside a file."""
    if desk.store.path is not None:
        return bool(running_beside(desk.store.path).read_bytes().strip(b"\0"))
    with desk.store.read() as session:
        return bool(session.scalar(select(func.count()).where(Submission.state == "running")))


def until(desk: Desk, number: int) -> None:
    """Wait until so many are graded."""
    deadline = time.monotonic() + 120
    while graded(desk) < number:
        assert time.monotonic() < deadline, f"only {graded(desk)} of {number} were graded"
        time.sleep(0.01)


def test_two_hundred_submissions_survive_three_kills_graded_exactly_once(desk: Desk) -> None:
    """Each time the next server takes over: none is lost, none is graded twice, none is failed."""
    ids = {desk.hand_in(n % 10, b"%d" % (n % 11)) for n in range(200)}
    with desk.store.write() as session:
        # The database itself keeps count, whatever the code under test believes.
        session.execute(text("CREATE TABLE gradings (id TEXT)"))
        graded_now = "AFTER UPDATE OF state ON submissions", "NEW.state = 'graded'"
        add_trigger(session, *graded_now, "INSERT INTO gradings VALUES (NEW.id)")
    left = []
    for target in (20, 60, 100):
        server = start(desk)
        until(desk, target)
        server.send_signal(signal.SIGKILL)
        server.communicate()
        assert graded(desk) < 200, "it was killed too late to test anything"
        left.append(left_running(desk))
    assert any(left), "nothing was running at any kill"
    server = start(desk)
    until(desk, 200)
    server.communicate("")
    assert server.returncode == 0
    with desk.store.read() as session:
        assert Counter(session.scalars(text("SELECT id FROM gradings"))) == Counter(ids)
        rows = session.scalars(select(Submission)).all()
        results = session.scalar(select(func.count()).select_from(CheckResult))
    assert results == 200
    assert all(row.state == "graded" and row.score == float(row.source) for row in rows)
    assert all(row.tries == 0 for row in rows)
    assert any(row.interruptions for row in rows)


def test_a_submission_that_kills_its_server_is_set_aside_and_those_beside_it_are_graded(desk: Desk) -> None:
    """After three deaths, at the last of which nothing ran beside it: no loop, and nobody else is blamed."""
    poison = desk.hand_in(0, b"poison")
    ids = {desk.hand_in(n % 10, b"%d" % (n % 11)) for n in range(1, 20)}
    for death in range(1, MAX_INTERRUPTIONS + 1):
        server = start(desk)
        assert server.wait(60) == -signal.SIGKILL, f"death {death}"
        server.communicate()
    server = start(desk)
    until(desk, len(ids))
    # On a server the last death is known only when its heart has not beaten for a while.
    deadline = time.monotonic() + 60
    while desk.row(poison).state != "failed":
        assert time.monotonic() < deadline, desk.row(poison).state
        time.sleep(0.05)
    server.communicate("")
    assert server.returncode == 0
    rows = {each: desk.row(each) for each in ids}
    assert all(row.state == "graded" and row.tries == 0 for row in rows.values())
    blamed = [row.interruptions for row in rows.values() if row.interruptions]
    assert blamed and max(blamed) < MAX_INTERRUPTIONS, (
        "something ran beside it, and was not blamed for the last"
    )
