"""``make load``: a class at its deadline, through HTTP, against the pool alone; one line each.

Clients are another process, so that what is counted as the server's processor time is the server's. Each
student has a token, hands in one of an exercise's accepted files and waits for the verdict by asking again
when the last answer said so (``about_s``, else ``Retry-After``).
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from grader.store import courses, enrolments, tokens, users
from grader.store.database import Store
from tests.served import COURSE, ROOT, Server

EXERCISES = ("simple-example", "non-scalar", "detach", "control-flow")
CLIENTS = 48
"""Threads that send and wait. Each stands for students who sit before a page."""


@dataclass
class Seen:
    """What came of many submissions."""

    seconds: list[float] = field(default_factory=list)
    """From handing in to the verdict."""
    failed: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def rate(self) -> float:
        """Verdicts a second."""
        return len(self.seconds) / max(0.001, self.ended - self.began)

    def at(self, share: float) -> float:
        """The quantile of the seconds."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


class Client(threading.local):
    """One connection a thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        """One request; status, headers, decoded body."""
        for again in (False, True):
            connection = self._connection
            if connection is None:
                connection = self._connection = http.client.HTTPConnection(
                    "127.0.0.1", self._port, timeout=120
                )
            try:
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = connection.getresponse()
                data = answer.read()
                is_json = "json" in (answer.getheader("Content-Type") or "")
                return answer.status, dict(answer.getheaders()), json.loads(data) if is_json else None
            except (http.client.HTTPException, OSError):
                connection.close()
                self._connection = None
                if again:
                    raise
        raise AssertionError


def sources() -> dict[str, str]:
    """An accepted file of each exercise."""
    return {
        slug: sorted((ROOT / "solutions" / slug / "accepted").glob("*.py"))[0].read_text(encoding="utf-8")
        for slug in EXERCISES
    }


def populate(data: Path, students: int) -> list[str]:
    """A course of so many students; their tokens."""
    store = Store.open(f"sqlite:///{data}/grader.db")
    issued: list[str] = []
    with store.write() as session:
        course = courses.add_course(session, COURSE, "A class", "")
        session.flush()
        for slug in EXERCISES:
            courses.assign(session, course.id, slug)
        for n in range(students):
            user = users.add_user(session, f"s{n:04}", f"Student {n}")
            session.flush()
            enrolments.enrol(session, user.id, course.id)
            issued.append(tokens.issue_token(session, user.id, "load")[0])
    store.close()
    return issued


def rush(server: Server, work: list[tuple[str, str, str]], per_second: float | None) -> Seen:
    """Hand in all of ``work`` (token, exercise, source), evenly at a rate or as fast as it goes."""
    seen, client = Seen(), Client(server.port)
    seen.began = time.monotonic()

    def one(number_and_item: tuple[int, tuple[str, str, str]]) -> None:
        number, (token, slug, source) = number_and_item
        due = seen.began + (number / per_second if per_second else 0.0)
        time.sleep(max(0.0, due - time.monotonic()))
        began = due if per_second else time.monotonic()
        try:
            body = {"exercise": slug, "source": source}
            status, headers, answer = client.call("POST", "/api/v1/submissions", token, body)
            while status == 503 or (status in (200, 202) and answer["state"] in ("queued", "running")):
                if status == 503:
                    time.sleep(float(headers["Retry-After"]))
                    status, headers, answer = client.call("POST", "/api/v1/submissions", token, body)
                    continue
                time.sleep(float(answer.get("about_s", headers.get("Retry-After", "1"))))
                path = f"/api/v1/submissions/{answer['id']}"
                status, headers, answer = client.call("GET", path, token)
            now = time.monotonic()
            with seen.lock:
                if status == 200 and answer["state"] == "graded":
                    seen.seconds.append(now - began)
                    seen.ended = max(seen.ended, now)
                else:
                    seen.failed.append(f"{status} {answer}"[:200])
        except Exception as error:  # noqa: BLE001 - counted, and the first is printed
            with seen.lock:
                seen.failed.append(f"{type(error).__name__}: {error}"[:200])

    with ThreadPoolExecutor(CLIENTS if per_second is None else 4 * CLIENTS) as threads:
        list(threads.map(one, enumerate(work)))
    return seen


def capacity(jobs: int, exercises: tuple[str, ...] = ()) -> float:
    """Verdicts a second of the pool alone, on the same files, or on those of these exercises."""
    library, truths, files = Library(ROOT / "exercises", ROOT / "solutions"), Truths(), sources()
    files = {slug: source for slug, source in files.items() if not exercises or slug in exercises}
    with Pool(slots=3, spares=3, collapse=True) as pool, ThreadPoolExecutor(4) as threads:
        work = [(library.get(slug), Submission(source.encode())) for slug, source in files.items()]
        list(threads.map(lambda item: grade(*item, pool, truths), work * 2))
        began = time.monotonic()
        list(threads.map(lambda n: grade(*work[n % len(work)], pool, truths), range(jobs)))
        return jobs / (time.monotonic() - began)


def processor_seconds(server: Server) -> float:
    """What the server's own processes have used: not those of the jail."""
    total = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"GRADER_DATA={server.data}".encode() not in (process / "environ").read_bytes():
                continue
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError):
            continue
    return total


def say(what: str, seen: Seen, extra: str = "") -> None:
    """One line."""
    if not seen.seconds:
        print(f"load: {what:<34} no verdicts; {seen.failed[:1]}")
        return
    print(
        f"load: {what:<34} {seen.rate():6.1f} /s   p50 {seen.at(0.5):6.2f} s   p95 {seen.at(0.95):6.2f} s"
        f"   not graded {len(seen.failed)} {seen.failed[:1] or ''} {extra}",
        flush=True,
    )


LOOPING = "import torch\n\n\ndef f(x):\n    while True:\n        pass\n\n\ngrad_f = f\n"


def slow_clients(port: int, many: int) -> list[socket.socket]:
    """Connections that send a part of a header, a part of a body, or nothing, and then wait."""
    parts = (
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n",
        b"POST /api/v1/submissions HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{",
    )
    opened = []
    for n in range(many):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(parts[n % len(parts)])
        opened.append(connection)
    return opened


def main() -> None:
    """Print every line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="within which all of them hand in")
    parser.add_argument("--best", type=int, default=600, help="submissions as fast as it goes")
    given = parser.parse_args()
    files = sources()
    slugs = list(files)
    alone = capacity(200)
    print(f"load: the pool alone                     {alone:6.1f} /s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        tokens = populate(data, max(given.students, 61))
        # All hand in the same four files: what is measured is judging, and not looking verdicts up.
        server = Server(data, GRADER_VERDICT_CACHE="0")
        server.start()
        healthy: list[float] = []
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(0.25):
                began = time.monotonic()
                Client(server.port).call("GET", "/healthz", "none")
                healthy.append(time.monotonic() - began)

        def work(many: int) -> list[tuple[str, str, str]]:
            """So many submissions, of all students in turn and all exercises."""
            return [
                (tokens[n % len(tokens)], slugs[n % len(slugs)], files[slugs[n % len(slugs)]])
                for n in range(many)
            ]

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            say("as fast as it goes, at first", rush(server, work(given.best), None))
            before = processor_seconds(server)
            best = rush(server, work(given.best), None)
            used = (processor_seconds(server) - before) / max(1, len(best.seconds)) * 1e3
            say("as fast as it goes", best, f"  / pool {best.rate() / alone:4.2f} (at least 0.7)")
            print(
                f"load: server's processor time            {used:6.1f} ms a submission (at most 8)",
                flush=True,
            )
            double = rush(server, work(given.best), 2 * best.rate())
            say(
                "twice that is offered", double, f"  / best {double.rate() / best.rate():4.2f} (at least 0.9)"
            )
            many = given.students * given.each
            say(f"{many} within {given.seconds:.0f} s", rush(server, work(many), many / given.seconds))
            honest = [(token, slugs[1], files[slugs[1]]) for token in tokens[1:41]]
            say("forty of others, alone", rush(server, honest, 4.0))
            for what, flood in (
                ("  during one student's 400", [(tokens[0], slugs[0], files[slugs[0]])] * 400),
                ("  during one student's 20 loops", [(tokens[0], slugs[0], LOOPING)] * 20),
            ):
                with ThreadPoolExecutor(1) as beside:
                    coming = beside.submit(rush, server, flood, None)
                    time.sleep(1.0)
                    say(what, rush(server, honest, 4.0))
                    coming.result()
            slow = slow_clients(server.port, 200)
            say("  beside 200 slow connections", rush(server, honest, 4.0))
            for connection in slow:
                connection.close()
        finally:
            stop.set()
            watching.join()
            server.stop()
        print(
            f"load: /healthz throughout, slowest        {max(healthy):6.2f} s (at most 0.5), median "
            f"{statistics.median(healthy) * 1e3:.0f} ms"
        )


if __name__ == "__main__":
    sys.exit(main())
