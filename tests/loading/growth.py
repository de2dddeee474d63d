"""Growth: what one request costs with 10³ … 10⁶ stored submissions, and what more slots or workers bring.

Each student of the table has 1,000 submissions: 25 attempts at each of 40 assignments. So a million of them
is a course of a thousand. They are invented, as rows are after a verdict. The slope is of the logarithms (a
power law): 0 costs the same at any size, 1 ten times as much at ten times the size.
"""

from __future__ import annotations

import http.client
import itertools
import json
import math
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import insert

from grader.exercises import Library
from grader.model.lane import Lane
from grader.store import claims, courses, enrolments, queue, requeue, sources, tokens, users, waiting
from grader.store.database import Store
from grader.store.tables import Submission, utcnow
from tests.bench_dashboard import _STANDINGS
from tests.loading import deadline
from tests.loading.classroom import TEACHER, cookie, sqlite_url
from tests.loading.printing import hold, say
from tests.loading.record import NotHere
from tests.loading.services import KEY, embedded, with_workers
from tests.loading.students import own
from tests.served import ROOT, Server

ASSIGNMENTS, ATTEMPTS = 40, 25
OF_ONE: Final = ASSIGNMENTS * ATTEMPTS
COURSE: Final = "large"
STEEP: Final = 0.3
"""A slope from which on something grows with the table: at a thousand times the size it costs eight times as
much."""
_ROWS: Final = f"WITH RECURSIVE n(i) AS (VALUES(:first) UNION ALL SELECT i + 1 FROM n WHERE i < :last - 1), r AS (SELECT i, :user + i / {OF_ONE} AS user_id, :assignment + i % {OF_ONE} / {ATTEMPTS} AS assignment_id, i % {ATTEMPTS} + 1 AS attempt, strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('-%d seconds', 1 + (4000000 - i * 7 % 3999999))) AS at, abs(i * 2654435761) % 100 < 30 + 2 * (i % {ATTEMPTS}) AS good FROM n)"  # noqa: E501 – one expression
_SUBMISSIONS: Final = f"INSERT INTO submissions (id, assignment_id, user_id, source_digest, predictions, seed, variant, exercise_digest, state, attempt, created_at, queued_at, started_at, finished_at, tries, interruptions, lane, judging_id, score, max_score, passed, thinned) {_ROWS} SELECT printf('%036d', i), assignment_id, user_id, 'd', '{{}}', 1, 0, 'd', 'graded', attempt, at, at, at, at, 0, 0, 0, i + 1, 4.0 * good, 4.0, good, 0 FROM r"  # noqa: E501
_JUDGINGS: Final = f"INSERT INTO judgings (id, submission_id, exercise_digest, seed, phases, finished_at, score, max_score, passed, alike, report) {_ROWS} SELECT i + 1, printf('%036d', i), 'd', 1, '{{}}', at, 4.0 * good, 4.0, good, 'a' || i % 900, '{{}}' FROM r"  # noqa: E501


class _Large:
    """A database that grows."""

    def __init__(self, folder: Path, most: int) -> None:
        self.path, self.url = folder / "grader.db", sqlite_url(folder)
        store = Store.open(self.url)
        library = Library(ROOT / "exercises", ROOT / "solutions")
        with store.write() as session:
            course = courses.add_course(session, COURSE, "A large course", "")
            session.flush()
            placed = [courses.assign(session, course.id, e.slug) for e in library.all()[:ASSIGNMENTS]]
            session.flush()
            self.first_assignment, self.slugs = placed[0].id, [row.exercise for row in placed]
            people = [users.add_user(session, f"s{n:04}", f"Student {n}") for n in range(most // OF_ONE)]
            teacher = users.add_user(session, TEACHER, "Teacher", role="instructor")
            session.flush()
            for user in people:
                enrolments.enrol(session, user.id, course.id)
            enrolments.enrol(session, teacher.id, course.id, "instructor")
            self.first_user, self.accounts = people[0].id, len(people)
            self.token = tokens.issue_token(session, people[0].id, "load")[0]
            self.student = cookie(KEY, tokens.open_sign_in(session, people[0].id))
            self.teacher = cookie(KEY, tokens.open_sign_in(session, teacher.id))
        store.close()
        self.size = 0
        with closing(sqlite3.connect(self.path)) as file, file:
            file.execute(
                "INSERT INTO sources (digest, data) VALUES ('d', CAST('def f(x): return x' AS BLOB))"
            )

    def grow(self, size: int) -> None:
        """Until there are so many submissions."""
        with closing(sqlite3.connect(self.path)) as file, file:
            file.execute("PRAGMA synchronous = OFF")
            numbers = {
                "first": self.size, "last": size, "user": self.first_user, "assignment": self.first_assignment
            }  # fmt: skip
            file.execute(_SUBMISSIONS, numbers)
            file.execute(_JUDGINGS, numbers)
            file.execute("DELETE FROM standings")
            file.execute(_STANDINGS)
        self.size = size


def _quickest(
    act: Callable[[], object], rounds: int = 15, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Milliseconds, the lower quartile: what the machine does besides makes nothing quicker."""
    took = []
    for _ in range(rounds):
        began = clock()
        act()
        took.append(1e3 * (clock() - began))
    return statistics.quantiles(took[1:], n=4, method="inclusive")[0]


def _in_process(large: _Large) -> dict[str, float]:
    """Processor time of what a start reads, and of one claim among 200 that wait, undone each time."""
    store = Store.open(large.url)

    def start() -> None:
        other = Store.open(large.url)
        with other.write() as session:
            requeue.requeue_running(session)
        with other.read() as session:
            queue.waiting(session)
            waiting.lengths(session)
        other.close()

    class Undo(Exception):
        pass

    def claim() -> None:
        try:
            with store.write() as session:
                assert claims.claim(session, "load", 60.0, share=2) is not None
                raise Undo
        except Undo:
            pass

    took = {"start-up": _quickest(start, 5, time.thread_time)}
    row = {
        "source_digest": "d", "predictions": {}, "seed": 1, "variant": 0, "exercise_digest": "d",
        "state": "queued", "tries": 0, "interruptions": 0, "lane": Lane.INTERACTIVE, "thinned": False,
        "assignment_id": large.first_assignment,
    }  # fmt: skip
    people = min(40, large.accounts)  # as many at every size
    rows = [
        {**row, "id": f"w{n:035x}", "user_id": large.first_user + n % people, "attempt": 1000 + n,
         "created_at": utcnow() - timedelta(seconds=n)}
        for n in range(200)
    ]  # fmt: skip
    with store.write() as session:
        sources.keep(session, b"x")
        session.execute(insert(Submission), rows)
    took["claim"] = _quickest(claim, clock=time.thread_time)
    store.close()
    with closing(sqlite3.connect(large.path)) as file, file:
        file.execute("DELETE FROM submissions WHERE state = 'queued'")
    return took


def _served(large: _Large, folder: Path) -> dict[str, float]:
    """Pages, and a submission until its verdict."""
    server = Server(folder, GRADER_SECRET_KEY=KEY)
    server.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)

        def get(path: str, who: str) -> None:
            connection.request("GET", path, headers={"Cookie": who})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status)

        source = sorted((ROOT / "solutions" / large.slugs[0] / "accepted").glob("*.py"))[0].read_text("utf-8")

        def submit() -> None:
            body = json.dumps({"exercise": large.slugs[0], "source": own(source)})
            headers = {"Authorization": f"Bearer {large.token}", "Content-Type": "application/json"}
            connection.request("POST", "/api/v1/submissions?wait=10", body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            assert said.get("state") == "graded", said

        at = f"/courses/{COURSE}"
        return {
            "home": _quickest(lambda: get("/", large.student)),
            "exercise": _quickest(lambda: get(f"{at}/{large.slugs[0]}", large.student)),
            "submit": _quickest(submit),
            "gradebook": _quickest(lambda: get(f"{at}/gradebook", large.teacher)),
        }
    finally:
        server.stop()


def table(largest: int) -> None:
    """A column for each size on SQLite, and the slope."""
    sizes = list(itertools.takewhile(lambda size: size <= largest, (10**n for n in range(3, 9))))
    columns: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = _Large(folder, sizes[-1])
        for size in sizes:
            large.grow(size)
            columns.append({**_in_process(large), **_served(large, folder)})
            # What was handed in through the pages is the table's from now on; it is not worth a row here.
            with closing(sqlite3.connect(large.path)) as file, file:
                file.execute("PRAGMA foreign_keys = ON")  # what was judged goes with what was handed in
                file.execute("DELETE FROM submissions WHERE attempt > ?", (ATTEMPTS,))
    say("stored submissions, SQLite", "".join(f"{size:>11,}" for size in sizes) + "   slope")
    for what in columns[0]:
        values = [column[what] for column in columns]
        last = math.log10(values[-1] / values[0]) / max(1, len(sizes) - 1)
        said = "".join(f"{value:8.1f} ms" for value in values)
        hold(f"    {what}", f"{said}   {last:5.2f}", last <= STEEP, f"at most {STEEP}")


def slots(alone: Callable[[int], float], many: int) -> None:
    """Verdicts a second with 1, 2, 4 slots in one process, and with 1, 2, 4 workers of one slot each."""
    for number in (1, 2, 4):
        say(f"{number} slots in one process", "")
        with embedded(61, number) as service:
            deadline.throughput(service, partial(alone, number), many)
    for number in (1, 2, 4):
        say(f"{number} workers of a slot each", "")
        try:
            with with_workers(61, number, 1) as service:
                deadline.throughput(service, partial(alone, number), many)
        except NotHere as lacking:
            say("    not measured", str(lacking))
            return
