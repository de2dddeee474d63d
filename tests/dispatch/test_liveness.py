"""Heartbeats on PostgreSQL: who is silent loses its rows, and who was cut off itself accuses nobody."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

import grader
from grader.dispatch.liveness import Liveness, announced
from grader.store import claims, submissions, workers
from grader.store.database import Store
from grader.store.tables import Judging, Submission, Worker
from tests.many_machines import postgresql

from .conftest import Desk, furnished

SERVER = Path(__file__).with_name("doomed_server.py")
ROOT = Path(grader.__file__).parent.parent


@pytest.fixture
def desk() -> Iterator[Desk]:
    """One assignment and ten students, on a database server."""
    with postgresql() as url, furnished(url) as made:
        yield made


def silence(store: Store, name: str) -> None:
    """It was seen last ten seconds ago."""
    with store.write() as session:
        moment = workers.now(session) - timedelta(seconds=10)
        session.execute(update(Worker).where(Worker.name == name).values(seen_at=moment))


def test_who_was_cut_off_accuses_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only after as long as it takes to be silent; then the rows of the dead go back."""
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    found: list[int] = []
    dead = announced("dead", 2, None)
    with desk.store.write() as session:
        workers.beat(session, dead, ready=True)
    held = desk.hand_in()
    with desk.store.write() as session:
        assert claims.claim(session, "dead:1", 60) is not None
    silence(desk.store, "dead")
    liveness = Liveness(desk.store, announced("me", 1, "namespaces"), requeued=found.append)

    def rounds(*seconds: float) -> None:
        for each in seconds:
            clock[0] += each
            liveness._round()

    rounds(0, 1, 1, 1, 1)
    assert found == []
    rounds(10, 1, 1, 1, 1)  # cut off for ten seconds: it begins anew
    assert found == [] and desk.row(held).state == "running"
    rounds(1)
    assert found == [1] and desk.row(held).state == "queued"
    with desk.store.read() as session:
        assert {each.name: each.alive for each in workers.seen(session)} == {"dead": False, "me": True}
    liveness.close()
    with desk.store.read() as session:
        assert [each.name for each in workers.seen(session)] == ["dead"]


@pytest.mark.slow
def test_a_killed_server_on_postgresql_delays_its_rows_by_seconds(desk: Desk) -> None:
    """Not by the lease of two minutes. The next server judges all of them, once."""
    ids = {desk.hand_in(n % 10, b"%d" % (n % 11)) for n in range(60)}
    url = desk.store._writer.url.render_as_string(hide_password=False)
    command = [sys.executable, str(SERVER), url, "--by-heartbeat"]

    def started() -> subprocess.Popen[str]:
        server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
        )
        assert server.stdout is not None and any(line == "serving\n" for line in server.stdout)
        return server

    def states() -> dict[str, int]:
        with desk.store.read() as session:
            rows = session.execute(select(Submission.state, func.count()).group_by(Submission.state))
            return {row[0]: row[1] for row in rows}

    server = started()
    deadline = time.monotonic() + 60
    while states().get("graded", 0) < 10 or not states().get("running"):
        assert time.monotonic() < deadline
    server.kill()
    server.communicate()
    left = states()
    assert left.get("running") and left["graded"] < 60, "it was killed at a bad moment to test anything"
    server = started()
    began = time.monotonic()
    while states().get("graded", 0) < 60:
        assert time.monotonic() - began < 60, "far from seconds"
    server.communicate("")
    with desk.store.read() as session:
        judged = session.scalars(select(Judging.submission_id)).all()
        assert sorted(judged) == sorted(ids)
        assert not workers.seen(session) or all(not each.alive for each in workers.seen(session))
        rows = submissions.ended_of(session, list(ids))
    assert len(rows) == 60
