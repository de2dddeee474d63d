"""The service in both modes, on this machine, each on a new database.

*embedded*: one process of ``grade serve`` on SQLite. *workers*: ``grade serve`` for the pages and
``grade worker`` for grading, PostgreSQL and Redis, all started here as an operator would (each transaction is
on disk when it is committed), and ended with the block.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.loading.classroom import Class, populate, sqlite_url
from tests.loading.record import NotHere, cores, program
from tests.loading.usage import Meter
from tests.served import GRADE, ROOT, Server

KEY = "the key of a server that is under load"
REQUEST_THREADS = 64
"""As :data:`grader.cli.serve.THREADS`, whose module is not for importing twice."""


@dataclass
class Service:
    """One that runs, and a class in it."""

    mode: str
    server: Server
    people: Class
    slots: int
    url: str
    """Of its database."""
    roots: dict[str, list[int]] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """Where the pages are."""
        return self.server.port

    def meter(self) -> Meter:
        """What measures the use of processors from now on. Who asks is this process and its children."""
        return Meter({**self.roots, "students": [os.getpid()]}, self.port, self.slots, REQUEST_THREADS)


@contextmanager
def embedded(students: int, slots: int | None = None, **settings: str) -> Iterator[Service]:
    """``grade serve`` on SQLite."""
    slots = slots or cores() + 1
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        people = populate(sqlite_url(data), students, KEY)
        server = Server(data, GRADER_SECRET_KEY=KEY, GRADER_SLOTS=str(slots), **settings)
        server.start()
        try:
            yield Service("embedded", server, people, slots, sqlite_url(data), {"pages": [_pid(server)]})
        finally:
            server.stop()


@contextmanager
def with_workers(students: int, workers: int = 1, slots: int | None = None) -> Iterator[Service]:
    """``grade serve``, ``grade worker``, PostgreSQL and Redis.

    :raises NotHere: in one sentence, when this machine lacks one of them.
    """
    slots = slots or cores() + 1
    if subprocess.run([*GRADE, "worker", "--help"], cwd=ROOT, capture_output=True).returncode:
        raise NotHere("this version has no 'grade worker'")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        data = Path(folder)
        data.chmod(0o755)
        url, database = stack.enter_context(postgresql(data))
        broker, redis = stack.enter_context(redis_server(data))
        people = populate(url, students, KEY)
        settings = {
            "GRADER_SECRET_KEY": KEY, "GRADER_DATABASE_URL": url, "GRADER_BROKER_URL": broker,
            "GRADER_SLOTS": str(slots),
        }  # fmt: skip
        server = Server(data, **settings)
        pids = [stack.enter_context(_worker(server, data, n)) for n in range(workers)]
        stack.callback(server.stop)
        server.start()
        roots = {"pages": [_pid(server)], "workers": pids, "database": [database], "broker": [redis]}
        yield Service("workers", server, people, slots * workers, url, roots)


@contextmanager
def _worker(server: Server, data: Path, number: int) -> Iterator[int]:
    # Beside the pages' own folder, so that none finds what belongs to another process.
    with (data / f"worker-{number}.log").open("wb") as log:
        process = subprocess.Popen(
            [*GRADE, "worker"], cwd=ROOT, env=server.environment(), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[str, int]]:
    """Redis on a socket in this folder; its address and process.

    :raises NotHere: it is not installed, or does not start.
    """
    path, socket = program("redis-server"), folder / "redis.sock"
    if path is None:
        raise NotHere("there is no redis-server on this machine (Debian: redis-server)")
    process = subprocess.Popen(
        [path, "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--appendonly", "yes"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _until(socket.exists, "redis-server")
        yield f"redis+socket://{socket}", process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[str, int]]:
    """PostgreSQL on a socket below this folder, with its settings as installed; its address and process.

    :raises NotHere: it is not installed, or does not start.
    """
    initdb, postgres = program("initdb"), program("postgres")
    if initdb is None or postgres is None:
        raise NotHere("there is no PostgreSQL server on this machine (Debian: postgresql)")
    home = folder / "postgresql"
    home.mkdir(mode=0o755)
    as_user: list[str] = []
    if os.getuid() == 0:
        # It refuses to run as root.
        shutil.chown(home, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = home / "data"
    subprocess.run(
        [*as_user, initdb, "-D", str(data), "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync"],
        cwd=home, check=True, **quiet,
    )  # type: ignore[call-overload] # fmt: skip
    options = [
        "-c",
        "listen_addresses=",
        "-c",
        f"unix_socket_directories={home}",
        "-c",
        "max_connections=200",
    ]
    process = subprocess.Popen([*as_user, postgres, "-D", str(data), *options], cwd=home, **quiet)  # type: ignore[call-overload]
    try:
        file = data / "postmaster.pid"
        _until(lambda: (home / ".s.PGSQL.5432").exists() and file.exists(), "PostgreSQL")
        time.sleep(0.5)
        master = int(file.read_text().split("\n", 1)[0])
        yield f"postgresql+psycopg://grader@/postgres?host={home}", master
    finally:
        with contextlib.suppress(OSError, ValueError):
            # A fast shutdown; the process that was started may only be a wrapper around it.
            os.kill(int((data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGINT)
        process.wait(30)


def _until(there: object, name: str) -> None:
    deadline = time.monotonic() + 30
    while not there():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise NotHere(f"{name} did not start within 30 s")
        time.sleep(0.05)


def ready(server: Server) -> bool:
    """Whether something would be graded."""
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def _pid(server: Server) -> int:
    assert server._process is not None
    return server._process.pid
