"""Students who hand in over the JSON API and wait for the verdict, asking again when the last answer said so.

They are threads of another process than the service's, so that what is counted as the service's processor
time is the service's.
"""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from tests.loading.classroom import sources
from tests.served import ROOT

CLIENTS = 48
"""Threads that send and wait. Each stands for students who sit before a page."""

Work = list[tuple[str, str, str]]
"""Token, exercise, source."""


@dataclass
class Seen:
    """What came of many submissions."""

    seconds: list[float] = field(default_factory=list)
    """From handing in to the verdict."""
    failed: list[str] = field(default_factory=list)
    """Without a verdict, and why."""
    told_to_wait: int = 0
    """Refusals that said when to try again, and were followed."""
    unclear: int = 0
    """Refusals that did not."""
    requests: int = 0
    ids: set[str] = field(default_factory=set)
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


def hand_in(client: Client, seen: Seen, item: tuple[str, str, str]) -> tuple[int, Any]:
    """One submission until its verdict; the last status and answer."""
    token, slug, source = item
    body = {"exercise": slug, "source": source}

    def ask(method: str, path: str, sent: Any = None) -> tuple[int, dict[str, str], Any]:
        with seen.lock:
            seen.requests += 1
        return client.call(method, path, token, sent)

    # As 'grade submit' does, and the page: the verdict may be in the answer.
    where = "/api/v1/submissions?wait=2"
    status, headers, answer = ask("POST", where, body)
    while status in (429, 503):
        with seen.lock:
            clear = "Retry-After" in headers
            seen.told_to_wait += clear
            seen.unclear += not clear
        time.sleep(float(headers.get("Retry-After", "1")))
        status, headers, answer = ask("POST", where, body)
    while status in (200, 202) and answer["state"] in ("queued", "running"):
        time.sleep(float(answer.get("about_s", headers.get("Retry-After", "1"))))
        status, headers, answer = ask("GET", f"/api/v1/submissions/{answer['id']}")
    return status, answer


def rush(port: int, work: Work, per_second: float | None) -> Seen:
    """Hand in all of ``work``, evenly at a rate or as fast as it goes."""
    seen, client = Seen(), Client(port)
    seen.began = time.monotonic()

    def one(number_and_item: tuple[int, tuple[str, str, str]]) -> None:
        number, item = number_and_item
        due = seen.began + (number / per_second if per_second else 0.0)
        time.sleep(max(0.0, due - time.monotonic()))
        began = due if per_second else time.monotonic()
        try:
            status, answer = hand_in(client, seen, item)
            now = time.monotonic()
            with seen.lock:
                if status == 200 and answer["state"] == "graded":
                    seen.seconds.append(now - began)
                    seen.ids.add(answer["id"])
                    seen.ended = max(seen.ended, now)
                else:
                    seen.failed.append(f"{status} {answer}"[:200])
        except Exception as error:  # noqa: BLE001 - counted, and the first is printed
            with seen.lock:
                seen.failed.append(f"{type(error).__name__}: {error}"[:200])

    with ThreadPoolExecutor(CLIENTS if per_second is None else 4 * CLIENTS) as threads:
        list(threads.map(one, enumerate(work)))
    return seen


def capacity(jobs: int, slots: int = 3, exercises: tuple[str, ...] = ()) -> float:
    """Verdicts a second of the pool alone, judged and not stored: on the same files, or some of them."""
    library, truths, files = Library(ROOT / "exercises", ROOT / "solutions"), Truths(), sources()
    files = {slug: source for slug, source in files.items() if not exercises or slug in exercises}
    # The pool of a service with so many slots, see grader.cli.jailed.
    with Pool(slots=2 * slots - 1, spares=slots, collapse=True) as pool, ThreadPoolExecutor(slots) as threads:
        work = [
            (library.get(slug), Submission(own(source).encode()))
            for _, (slug, source) in zip(range(jobs), itertools.cycle(files.items()), strict=False)
        ]

        def judged(item: tuple[Exercise, Submission]) -> None:
            grade(*item, pool, truths)

        list(threads.map(judged, work[:40]))
        began = time.monotonic()
        list(threads.map(judged, work))
        return jobs / (time.monotonic() - began)


_numbers = itertools.count()


def own(source: str) -> str:
    """The same, as nobody else hands it in: two that are equal may be judged once."""
    return f"{source}\n# {next(_numbers)}\n"


def turns(tokens: list[str], many: int) -> Work:
    """So many submissions, of all students in turn and all exercises."""
    files = list(sources().items())
    return [
        (tokens[n % len(tokens)], slug, own(source))
        for n, (slug, source) in zip(range(many), itertools.cycle(files), strict=False)
    ]
