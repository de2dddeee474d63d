"""Many machines on this one: PostgreSQL, Redis, a server that serves pages only, and workers that grade."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from grader.store import courses, enrolments, tokens, users
from grader.store.database import Store
from tests import databases
from tests.redis_server import RedisServer, redis_server
from tests.served import COURSE, GRADE, ROOT, Server, call


class Worker:
    """``grade worker``, as an operator starts it.

    :param server: whose submissions it grades.
    """

    def __init__(self, server: Server, *options: str, **settings: str) -> None:
        self.log = server.data / f"worker-{uuid.uuid4().hex[:6]}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*GRADE, "worker", *options],
                cwd=ROOT, env={**server.environment(), **settings}, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def ready(self) -> str:
        """Wait until it grades; its name."""
        deadline = time.monotonic() + 240
        while True:
            said = self.log.read_text()
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, f"the worker does not get ready: {said}"
            for line in said.splitlines():
                if line.startswith("Grading "):
                    return line.rpartition(" as ")[2]
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL, as an out-of-memory killer would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(240)


class ManyMachines:
    """All of them, and who hands in.

    :param url: of an empty PostgreSQL database.
    """

    def __init__(self, folder: Path, url: str, redis: RedisServer, **settings: str) -> None:
        self.url, self.redis = url, redis
        self.server = Server(
            folder, GRADER_DATABASE_URL=url, GRADER_BROKER_URL=redis.url, GRADER_SLOTS="2", **settings
        )
        self.workers: list[Worker] = []

    def worker(self, *options: str, **settings: str) -> Worker:
        """One more worker."""
        self.workers.append(Worker(self.server, *options, **settings))
        return self.workers[-1]

    def course(self, *exercises: str, students: int) -> list[str]:
        """A course and accounts in it, in a database that is migrated for that: a token of each student."""
        store = Store.open(self.url)
        try:
            with store.write() as session:
                course = courses.add_course(session, COURSE, "A course")
                for exercise in exercises:
                    courses.assign(session, course.id, exercise)
                made = []
                for n in range(students):
                    user = users.add_user(session, f"student{n}", f"Student {n}")
                    enrolments.enrol(session, user.id, course.id)
                    made.append(tokens.issue_token(session, user.id, "test")[0])
            return made
        finally:
            store.close()

    def hand_in(self, token: str, exercise: str, source: str, *, wait: int = 0) -> dict[str, Any]:
        """Hand in by HTTP; what is answered."""
        address = f"{self.server.url}/api/v1/submissions?wait={wait}"
        return dict(call(address, token, {"exercise": exercise, "source": source}))

    def close(self) -> None:
        """End everything but the database and Redis."""
        self.server.stop()
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()


def postgresql() -> AbstractContextManager[str]:
    """The URL of a new database; the test is skipped where there is no server, and fails there in CI."""
    return databases.empty("postgresql", Path())


@contextmanager
def many_machines(**settings: str) -> Iterator[ManyMachines]:
    """PostgreSQL and Redis run; the server and workers are for the test to start."""
    with postgresql() as url, redis_server() as redis, tempfile.TemporaryDirectory() as folder:
        machines = ManyMachines(Path(folder), url, redis, **settings)
        try:
            yield machines
        finally:
            machines.close()
