"""``grade serve``: how it starts, and when it refuses to."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.demo import STUDENTS, fill
from grader.library import Library
from grader.settings import Settings
from grader.store import courses, people, submissions
from grader.store.database import Store
from tests.golden import ROOT
from tests.served import GRADE, Server, Visitor


def serve(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``grade serve`` where it must end by itself."""
    return subprocess.run(
        [*GRADE, "serve", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "GRADER_DATA": str(data), "PYTHONPATH": str(ROOT), **environment},  # noqa: TID251
    )  # fmt: skip


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """One sentence, exit 2, before anything is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = serve(tmp_path, "--port", str(other.getsockname()[1]))
    assert done.returncode == 2
    assert re.fullmatch(r"grade: cannot listen on .*--port\n", done.stderr)


@pytest.mark.slow
def test_it_refuses_to_serve_without_namespaces(tmp_path: Path) -> None:
    """Student code would run unguarded: exit 3, and the way out is named."""
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "bwrap").write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    (broken / "bwrap").chmod(0o755)
    path = f"{broken}:{Path(sys.executable).parent}:/usr/bin:/bin"
    done = serve(tmp_path, "--port", "0", PATH=path)
    assert done.returncode == 3
    assert "--allow-weak-isolation" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_second_server_on_the_same_database_is_refused(tmp_path: Path) -> None:
    """Two dispatchers on one SQLite file would judge twice."""
    server = Server(tmp_path)
    server.start()
    try:
        done = serve(tmp_path, "--port", "0")
    finally:
        server.stop()
    assert done.returncode == 3
    assert "another" in done.stderr.lower()
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demo_is_really_graded_and_its_accounts_work(tmp_path: Path) -> None:
    """The gradebook fills by grading; student and instructor sign in with what is remembered."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    settings = Settings(data=tmp_path, exercises=ROOT / "exercises", solutions=ROOT / "solutions")
    store = Store.open(settings.database_url)
    student, teacher = fill(store, library, settings)
    assert fill(store, library, settings) == [student, teacher], "a second start must not fill again"
    with store.read() as session:
        handed_in = submissions.queue(session).queued
        (course,) = courses.courses(session)
        assert len(people.members(session, course.id, "student")) == STUDENTS
    assert handed_in > 60
    server = Server(tmp_path)
    server.start()
    try:
        deadline = time.monotonic() + 600
        while True:
            with store.read() as session:
                left = submissions.queue(session)
            if left.queued == left.running == 0:
                break
            assert time.monotonic() < deadline, left
            time.sleep(0.2)
        visitor = Visitor(server.url)
        visitor.sign_in(student.login, student.password)
        assert "2.5.4" in visitor.get("/")
        assert "gradebook.csv" not in visitor.get("/")
        instructor = Visitor(server.url)
        instructor.sign_in(teacher.login, teacher.password)
        book = instructor.get(f"/courses/{course.slug}/gradebook.csv")
        scores = [cell for line in book.splitlines()[1:] for cell in line.split(",")]
        assert "10" in scores
        assert any(score in scores for score in ("4", "6", "8"))
    finally:
        server.stop()
        store.close()
