"""An installation under test: pages, workers, database and broker, each a real process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, get_args

from sqlalchemy import Connection, NullPool, create_engine, text

from grader.store import courses, enrolments, passwords, tokens, users
from grader.store.database import Store
from grader.store.engines import running_beside
from tests.chaos.services import PATIENCE, Postgres
from tests.redis_server import RedisServer
from tests.sandbox.watching import alive, descendants
from tests.served import COURSE, GRADE, ROOT, Server

Mode = Literal["embedded, SQLite", "embedded, PostgreSQL", "Celery"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
EXERCISE: Final = "simple-example"
PASSWORD: Final = "long enough for a test"


class Site:
    """One installation in ``folder``; nothing is running yet.

    :param postgres: a running server, where the mode needs one.
    :param redis: likewise; a Redis is the broker of one installation.
    :ivar tokens: a student's token for the JSON API each.
    """

    def __init__(
        self, folder: Path, mode: Mode, *, postgres: Postgres | None, redis: RedisServer | None, students: int
    ) -> None:
        self.folder, self.mode, self.postgres, self.redis = folder, mode, postgres, redis
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self._students = students
        self.tokens: list[str] = []
        self.worker_count = 2
        self.worker_program = [*GRADE]
        self.workers: list[subprocess.Popen[bytes]] = []
        settings = {"GRADER_SLOTS": "2", "GRADER_LOG_LEVEL": "info"}
        if mode != "embedded, SQLite":
            assert postgres is not None
            self.url = postgres.url(f"chaos_{uuid.uuid4().hex[:12]}")
            settings["GRADER_DATABASE_URL"] = self.url
        else:
            self.url = f"sqlite:///{self.data}/grader.db"
        if mode == "Celery":
            assert redis is not None
            settings["GRADER_BROKER_URL"] = redis.url
        self.settings = settings
        self.server = Server(self.data, **settings)
        self.ended: list[int | None] = []
        """The exit codes of servers that ended by themselves, or were ended."""
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> None:
        """Make the course, start everything, and return when a submission would be judged."""
        self._populate()
        if self.mode == "Celery":
            for _ in range(self.worker_count):
                self.add_worker()
        self.server.launch()
        self._supervisor.start()
        self.server.until_ready()

    def _supervise(self) -> None:
        """Start what has ended again, as an init system does."""
        while not self._over.wait(0.5):
            if self.server.ended() is not None:
                self.ended.append(self.server.ended())
                self.server.launch()
            for process in [each for each in self.workers if each.poll() is not None]:
                self.workers.remove(process)
                self.add_worker()

    def add_worker(self) -> None:
        """Start one more ``grade worker``."""
        with (self.folder / "workers.log").open("ab") as log:
            self.workers.append(
                subprocess.Popen(
                    [*self.worker_program, "worker"],
                    cwd=ROOT, env=self.server.environment(), stdout=log, stderr=log, start_new_session=True,
                )
            )  # fmt: skip

    def stop(self) -> None:
        """End everything that was started here, however it is."""
        self._over.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        for process in self.workers:
            process.terminate()
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.server.stop()
        for process in self.workers:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()

    # Who judges

    def judges(self) -> list[int]:
        """The processes that judge."""
        if self.mode == "Celery":
            return [process.pid for process in self.workers if process.poll() is None]
        return self.web_workers()

    def web_workers(self) -> list[int]:
        """gunicorn's worker, which the master starts again when it has died."""
        master = self.server.pid
        return [pid for pid in descendants(master) if _parent(pid) == master]

    def kill_a_judge(self) -> None:
        """SIGKILL to one that judges something at this moment."""
        wait_for(self._kill_busy, what="nothing is being judged")

    def _kill_busy(self) -> bool:
        busy = set(self.being_judged().values()) & set(self.judges())
        for pid in busy:
            self.kill(pid)
            return True
        return False

    def kill(self, pid: int) -> None:
        """SIGKILL to one that judges; gunicorn's master, or who watches over the workers, starts another."""
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not alive(pid))

    def zygotes(self) -> list[int]:
        """The outermost processes of every jail."""
        roots = self.judges()
        below = {pid for root in roots for pid in descendants(root)}
        return [pid for pid in below if _name(pid).startswith("bwrap") and _parent(pid) in roots]

    def being_judged(self) -> dict[str, int]:
        """The submissions that are being judged at this moment, and by which process."""
        if self.mode == "embedded, SQLite":
            noted = running_beside(self.data / "grader.db").read_bytes().replace(b"\0", b"")
            ids = [noted[n : n + 36].decode("ascii", "replace") for n in range(0, len(noted), 36)]
            return {each: pid for each in ids for pid in self.judges()[:1]}
        with self.connection() as connection:
            rows = connection.execute(text("SELECT id, owner FROM submissions WHERE state = 'running'")).all()
        return {row.id: int(row.owner.split(":")[1]) for row in rows if row.owner}

    # The database, seen from outside

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of its own, which reads what is committed."""
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection

    def log(self) -> str:
        """What the server and the workers have said."""
        files = [self.data / "log", self.folder / "workers.log"]
        return "".join(file.read_text("utf-8", "replace") for file in files if file.exists())

    def _populate(self) -> None:
        store = Store.open(self.url)
        with store.write() as session:
            course = courses.add_course(session, COURSE, "A class", "")
            session.flush()
            courses.assign(session, course.id, EXERCISE)
            teacher = users.add_user(
                session, "teacher", "Teacher", password_hash=passwords.hash_password(PASSWORD)
            )
            session.flush()
            enrolments.enrol(session, teacher.id, course.id, "instructor")
            for n in range(self._students):
                user = users.add_user(session, f"s{n:02}", f"Student {n}")
                session.flush()
                enrolments.enrol(session, user.id, course.id)
                self.tokens.append(tokens.issue_token(session, user.id, "chaos")[0])
        store.close()


def wait_for(true: Callable[[], bool], seconds: float = PATIENCE, what: str = "it did not come") -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
