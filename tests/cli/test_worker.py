"""``grade worker`` and ``grade serve`` with a broker: when they refuse to start, and what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.many_machines import Worker, postgresql
from tests.served import GRADE, ROOT, Server


def run(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that must end by itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}  # noqa: TID251
    return subprocess.run(
        [*GRADE, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**clean, "GRADER_DATA": str(data), "PYTHONPATH": str(ROOT), **settings},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "settings", "sentence"),
    [
        ("worker", {}, "GRADER_BROKER_URL is not set"),
        ("worker", {"GRADER_BROKER_URL": "redis://127.0.0.1:1"}, "an SQLite file, which one process serves"),
        ("serve", {"GRADER_BROKER_URL": "redis://127.0.0.1:1"}, "an SQLite file, which one process serves"),
        ("worker", {"GRADER_BROKER_URL": "amqp://x"}, "must begin with redis://"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(
    tmp_path: Path, command: str, settings: dict[str, str], sentence: str
) -> None:
    """Exit 2, before anything is started or made."""
    done = run(tmp_path, command, **settings)
    assert done.returncode == 2 and sentence in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert not list(tmp_path.iterdir())


def test_celery_is_loaded_where_there_is_a_broker_alone() -> None:
    """Neither help nor a server that grades by itself pays for it."""
    code = (
        "import sys, grader.cli.main, grader.cli.serve, grader.cli.worker\n"
        "print(sorted({'celery', 'kombu', 'redis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
    listed = subprocess.run([*GRADE, "worker", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert "--slots" in listed.stdout and "SIGTERM" in listed.stdout


@pytest.mark.slow
def test_a_worker_waits_for_the_server_to_migrate_and_for_redis(tmp_path: Path) -> None:
    """It says for what, once; and is healthy when it grades."""
    with postgresql() as url:
        server = Server(
            tmp_path, GRADER_DATABASE_URL=url, GRADER_BROKER_URL="redis://127.0.0.1:1", GRADER_SLOTS="1"
        )
        worker = Worker(server)
        try:
            deadline = time.monotonic() + 60
            while "older schema" not in worker.log.read_text():
                assert time.monotonic() < deadline and worker.process.poll() is None, worker.log.read_text()
                time.sleep(0.05)
            server.grade("course", "show", "--help")  # migrates nothing
            server.grade("account", "list")
            worker.ready()
            assert "1 at once" in server.grade("worker", "--check")
            said = worker.log.read_text()
            assert said.count("waiting: ") == 1 and "127.0.0.1:1 cannot be used" in said
            assert worker.stop() == 0
            with pytest.raises(AssertionError, match="was seen within 5 s"):
                server.grade("worker", "--check")
        finally:
            if worker.process.poll() is None:
                worker.kill()
