"""``make bench-regrade``: ten thousand submissions judged anew, beside the pool alone; one line each.

What is printed: verdicts a second of the rerun and of the pool alone, and their ratio; the server's resident
memory at the beginning and at most; and what somebody waits for who hands in meanwhile, at a slow rate,
beside the same before and after; then how long proposing, looking, accepting and undoing take.
"""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model import seeds
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.sandbox.pool import Pool
from grader.store import courses, regrades, sources, standings, users
from grader.store.database import Store
from grader.store.regrade_effects import effect
from grader.store.tables import Assignment, CheckResult, Judging, Regrade, Submission, utcnow
from tests.loading import classroom
from tests.loading.students import capacity
from tests.served import COURSE, ROOT, Server

EXERCISE = "control-flow"
KEY = b"the key of a server that is under test"
ALONE = 800
"""Submissions of the pool alone, before and after: the machine is not as fast at one time as at another."""
EACH = 5
"""Attempts of a student."""


def a_report() -> Report:
    """What the file that everybody hands in comes to."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    with Pool(slots=3, spares=1) as pool:
        return grade(library.get(EXERCISE), HandedIn(classroom.sources()[EXERCISE].encode()), pool, Truths())


def populate(store: Store, many: int, report: Report) -> int:
    """So many judged submissions of the students of :mod:`tests.loading.classroom`, without judging them."""
    with store.write() as session:
        course = courses.find_course(session, COURSE)
        assert course is not None
        placed = courses.find_assignment(session, course.id, EXERCISE)
        assert placed is not None
        digest = sources.keep(session, classroom.sources()[EXERCISE].encode())
        students = [user.id for user in users.everyone(session)][: many // EACH]
        drawn = seeds.pool_of(KEY, placed.id)
        rows: list[dict[str, Any]] = [
            {
                "id": f"00000000-0000-4000-8000-{n:012}", "assignment_id": placed.id, "attempt": n % EACH + 1,
                "user_id": students[n // EACH], "source_digest": digest, "predictions": {},
                "seed": drawn[n % len(drawn)], "exercise_digest": report.exercise_digest, "state": "graded",
                "created_at": utcnow(), "score": report.score, "max_score": report.max_score, "passed": True,
            }
            for n in range(len(students) * EACH)
        ]  # fmt: skip
        session.execute(insert(Submission), rows)
        text = msgspec.json.encode(report).decode()
        made = {
            "exercise_digest": "0" * 64, "phases": {}, "finished_at": utcnow(), "report": text,
            "passed": True, "score": report.score, "max_score": report.max_score,
        }  # fmt: skip
        session.execute(
            insert(Judging),
            [
                {"id": n, "submission_id": row["id"], "seed": row["seed"]} | made
                for n, row in enumerate(rows, 1)
            ],
        )
        session.execute(
            insert(CheckResult),
            [
                {
                    "judging_id": n, "check_id": check.id, "position": position, "kind": check.kind,
                    "verdict": check.verdict, "points": check.points, "max_points": check.max_points,
                }
                for n in range(1, len(rows) + 1)
                for position, check in enumerate(report.checks)
            ],
        )  # fmt: skip
        mine = select(Judging.id).where(Judging.submission_id == Submission.id).scalar_subquery()
        session.execute(update(Submission).values(judging_id=mine))
        standings.refresh(session, placed.id)
        return placed.id


def waited(server: Server, tokens: list[str], per_second: float, stop: Callable[[int], bool]) -> list[float]:
    """Seconds until the verdict of what is handed in, one after the other at this rate, until ``stop``."""
    seconds: list[float] = []
    source = classroom.sources()[EXERCISE]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    while not stop(len(seconds)):
        began = time.monotonic()
        token = tokens[len(seconds) % len(tokens)]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps({"exercise": EXERCISE, "source": source})
        connection.request("POST", "/api/v1/submissions?wait=10", body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        assert answer.status == 200 and said["state"] == "graded", said
        seconds.append(time.monotonic() - began)
        time.sleep(max(0.0, 1 / per_second - seconds[-1]))
    return seconds


def memory(server: Server) -> float:
    """MiB that the server's own processes hold (PSS, so that what they share counts once)."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"GRADER_DATA={server.data}".encode() in (process / "environ").read_bytes():
                rollup = (process / "smaps_rollup").read_text()
                total += int(rollup.split("Pss:")[1].split()[0])
        except (OSError, IndexError):
            continue
    return total / 1024


def at(seconds: list[float], share: float) -> float:
    """A quantile, in ms."""
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))] * 1e3


def say(what: str, figures: str) -> None:
    """One line."""
    print(f"bench-regrade: {what:<34} {figures}", flush=True)


def timed(what: str, store: Store, act: Callable[..., Any]) -> Any:
    """One act in a transaction of its own, and the line about it."""
    began = time.monotonic()
    with store.write() as session:
        done = act(session)
    say(what, f"{time.monotonic() - began:6.2f} s")
    return done


def main() -> None:
    """Print every line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--beside", type=int, default=200, help="handed in before, and again after")
    parser.add_argument("--rate", type=float, default=2.0, help="handed in a second")
    given = parser.parse_args()
    report = a_report()
    alone = [capacity(ALONE, exercises=(EXERCISE,))]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        issued = classroom.populate(f"sqlite:///{data}/grader.db", given.submissions // EACH + 20).tokens
        store = Store.open(f"sqlite:///{data}/grader.db")
        assignment = populate(store, given.submissions, report)
        others = issued[-20:]
        server = Server(data)
        server.start()
        try:
            judged = _measure(server, store, assignment, others, given)
        finally:
            server.stop()
            store.close()
    alone.append(capacity(ALONE, exercises=(EXERCISE,)))
    say("the pool alone, before and after", f"{alone[0]:6.1f} /s, {alone[1]:.1f} /s")
    say("all judged / pool", f"{2 * judged / sum(alone):4.2f} (at least 0.7)")


def _measure(
    server: Server, store: Store, assignment: int, others: list[str], given: argparse.Namespace
) -> float:
    """Print its lines; verdicts a second of the rerun, and of who handed in meanwhile."""
    waited(server, others, 5.0, lambda n: n >= 20)  # the server warms up
    before = waited(server, others, given.rate, lambda n: n >= given.beside)
    held = memory(server)
    number = timed(
        "proposing", store,
        lambda session: regrades.propose_rerun(session, assignment, None, reason="bench", by=None).id,
    )  # fmt: skip
    most, ended, began = [held], threading.Event(), time.monotonic()
    done: list[tuple[float, int]] = []

    def watch() -> None:
        while not ended.is_set():
            with store.read() as session:
                far = regrades.progress(session, number)
            done.append((time.monotonic(), far.judged))
            most.append(memory(server))
            if not far.waiting:
                ended.set()
            ended.wait(1.0)

    watching = threading.Thread(target=watch)
    watching.start()
    beside = waited(server, others, given.rate, lambda n: ended.is_set() and n > 0)
    watching.join()
    rate = done[-1][1] / (done[-1][0] - began)
    rate_beside = len(beside) / (done[-1][0] - began)
    say(f"{done[-1][1]:,} judged again, {len(beside)} beside", f"{rate:6.1f} /s, {rate_beside:.1f} /s")
    say("memory", f"{held:6.0f} MiB before, {max(most):.0f} at most")
    after = waited(server, others, given.rate, lambda n: n >= given.beside)
    quiet = before + after
    for what, share, bound in (("median", 0.5, ""), ("p95", 0.95, " (at most 1.05)")):
        ratio = at(beside, share) / at(quiet, share)
        say(f"handed in meanwhile, {what}", f"{at(beside, share):6.1f} ms  / without {ratio:5.2f}{bound}")
    say("without, p95 before and after", f"{at(before, 0.95):6.1f} ms, {at(after, 0.95):.1f} ms")

    def row(session: Any) -> Regrade:
        return session.get_one(Regrade, number)  # type: ignore[no-any-return]

    timed("working out who moves", store,
          lambda session: effect(session, row(session), session.get_one(Assignment, assignment)))  # fmt: skip
    timed("accepting", store, lambda session: regrades.accept(session, row(session), by=None))
    timed("undoing", store, lambda session: regrades.undo(session, row(session), by=None))
    return rate + rate_beside


if __name__ == "__main__":
    main()
