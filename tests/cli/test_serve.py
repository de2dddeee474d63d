"""``grade serve``: how it starts, and when it refuses to."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from grader.cli.demo import COURSE, Account, _remember, fill
from grader.cli.jailed import pool_for
from grader.errors import SandboxFailed
from grader.exercises import Library
from grader.model.job import Job
from grader.settings import Settings
from grader.store import courses, enrolments, waiting
from grader.store.database import Store
from grader.store.tables import Submission
from tests.golden import ROOT
from tests.sandbox.jobs import calls, job, returned
from tests.sandbox.watching import wait_until
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


def test_one_students_loops_leave_a_slot() -> None:
    """All grading threads but one may run what never ends, in two children each: the last still grades."""

    def both(source: str) -> tuple[Job, Job]:
        work = job(source, *calls("g", 1), case_seconds=60, total_seconds=60)
        return work, msgspec.structs.replace(work, autograd=False)

    loop = both("def g(x):\n    while True:\n        pass\n")
    honest = both("def g(x):\n    return x\n")
    with pool_for(3) as pool, ThreadPoolExecutor(3) as threads:
        try:
            looping = []
            for begun in (1, 2):
                looping.append(threads.submit(pool.run_both, *loop))
                wait_until(lambda begun=begun: pool.status().running == 2 * begun)
            coming = threads.submit(pool.run_both, *honest)
            for seen in coming.result(30):
                assert returned(seen.outcomes["g@0"]) == 0.0
            assert not any(each.done() for each in looping)
        finally:
            pool.close()
        for each in looping:
            with pytest.raises(SandboxFailed):
                each.result(60)


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


@dataclass(frozen=True)
class Demo:
    """A server with a small demo course, and how to sign in there."""

    server: Server
    store: Store
    student: Account
    teacher: Account


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """What several tests look at while it is graded."""
    data = tmp_path_factory.mktemp("demo")
    library = Library(ROOT / "exercises", ROOT / "solutions")
    settings = Settings(data=data, exercises=ROOT / "exercises", solutions=ROOT / "solutions")
    with closing(Store.open(settings.database_url)) as store:
        student, teacher = fill(store, library, settings, students=4)
        assert fill(store, library, settings) == [student, teacher], "a second start must not fill again"
        with store.read() as session:
            assert waiting.lengths(session).queued > 60
            (course,) = courses.courses(session)
            assert len(enrolments.members(session, course.id, "student")) == 4
        server = Server(data)
        server.start()
        try:
            yield Demo(server, store, student, teacher)
        finally:
            server.stop()


@pytest.mark.slow
def test_a_second_server_on_the_same_database_is_refused(demo: Demo) -> None:
    """Two dispatchers on one SQLite file would judge twice."""
    done = serve(demo.server.data, "--port", "0")
    assert done.returncode == 3
    assert "another" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_the_demos_passwords_are_its_owners_from_the_first_byte_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No moment between making the file and guarding it, whatever was left there, and whatever the umask."""
    monkeypatch.setattr(os, "chmod", lambda *_, **__: pytest.fail("guarded afterwards"))
    path, before = tmp_path / "demo-accounts.json", os.umask(0)
    path.touch(0o666)
    try:
        _remember(path, [Account("student", "student01", "secret")])
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "secret" in path.read_text()


def test_a_demo_beside_another_course_lets_nobody_in(tmp_path: Path) -> None:
    """Then real people may have work there."""
    settings = Settings(data=tmp_path)
    _remember(tmp_path / "demo-accounts.json", [Account("student", "student01", "secret")])
    store = Store.open(settings.database_url)
    with store.write() as session:
        courses.add_course(session, COURSE, "The demo")
    library = Library(ROOT / "exercises", ROOT / "solutions")
    assert [account.login for account in fill(store, library, settings)] == ["student01"]
    with store.write() as session:
        courses.add_course(session, "real", "A real one")
    assert fill(store, library, settings) == []
    store.close()


@pytest.mark.slow
def test_a_terminal_shows_how_to_sign_in_last_and_pages_answer_before_the_class_is_graded(
    tmp_path: Path,
) -> None:
    """In a terminal no JSON; both doors are open; a visitor's own work is judged before the class's."""
    server = Server(tmp_path)
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [*GRADE, "serve", "--demo", "--port", str(server.port)],
        cwd=ROOT, env=server.environment(), stdout=terminal, stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    said: list[bytes] = []

    def listen() -> None:
        with contextlib.suppress(OSError):  # what a terminal says when its other end is gone
            while piece := os.read(master, 4096):
                said.append(piece)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    store = Store.open(Settings(data=tmp_path).database_url)
    try:
        visitor = Visitor(server.url)
        deadline = time.monotonic() + 300
        while True:
            assert time.monotonic() < deadline and process.poll() is None, b"".join(said).decode()
            with contextlib.suppress(OSError):
                if "This is a demo" in visitor.get("/sign-in"):
                    break
            time.sleep(0.1)
        with store.read() as session:
            assert waiting.lengths(session).queued > 60, "the first page waited for the class"
        for role, door in (("student", visitor), ("instructor", Visitor(server.url))):
            door.post_to(f"/demo/{role}", "/sign-in")
            assert "/sign-out" in door.get("/")
        visitor.post(f"/courses/{COURSE}/detach", source="def f(x):\n    return x\n")
        own = (
            select(Submission.state).order_by(Submission.created_at.desc()).limit(1)
        )  # the class came before
        while True:
            assert time.monotonic() < deadline
            with store.read() as session:
                if session.scalars(own).one() == "graded":
                    assert waiting.lengths(session).queued > 0, "it waited for the class"
                    break
            time.sleep(0.1)
        lines = b"".join(said).decode().splitlines()
    finally:
        process.terminate()
        process.wait(60)
        store.close()
        listener.join(10)
        os.close(master)
    assert not [line for line in lines if line.lstrip().startswith("{")]
    serving = next(n for n, line in enumerate(lines) if line.startswith("Serving at"))
    assert [line.split()[4] for line in lines[serving + 1 : serving + 3]] == ["student01", "instructor"]
    assert lines[serving + 3].endswith(f"/courses/{COURSE}"), "and where nobody needs to sign in"
    assert len(lines) == serving + 5, lines


@pytest.mark.slow
def test_the_demo_is_really_graded_and_its_accounts_work(demo: Demo) -> None:
    """The gradebook fills by grading; student and instructor sign in with what is remembered."""
    deadline = time.monotonic() + 600
    while True:
        with demo.store.read() as session:
            left = waiting.lengths(session)
        if left.queued == left.running == 0:
            break
        assert time.monotonic() < deadline, left
        time.sleep(0.2)
    visitor = Visitor(demo.server.url)
    visitor.sign_in(demo.student.login, demo.student.password)
    assert "2.5.4" in visitor.get("/")
    assert "gradebook.csv" not in visitor.get("/")
    instructor = Visitor(demo.server.url)
    instructor.sign_in(demo.teacher.login, demo.teacher.password)
    book = instructor.get(f"/courses/{COURSE}/gradebook.csv")
    scores = [cell for line in book.splitlines()[1:] for cell in line.split(",")]
    assert "10" in scores
    assert any(score in scores for score in ("4", "6", "8"))
