"""``make bench-dashboard``: what the pages of a course take for who teaches it, one line each.

A course of 1,000 students and 40 assignments in an SQLite file, once with 5 attempts each and once with 25
(a million submissions), served as an operator would; over loopback, on one connection that is kept open. What
was handed in is invented, and nothing of it is judged: rows are written as they are after a verdict.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from grader.exercises import Library
from grader.settings import Settings
from grader.store import courses, enrolments, passwords, users
from grader.store.database import Store
from grader.store.tables import Section, SectionMember
from tests.bench_web import Browser, Figures
from tests.served import ROOT, Server, Visitor

COURSE: Final = "large"
PASSWORD: Final = "a long enough password"
STUDENTS, ASSIGNMENTS, ATTEMPTS = 1000, 40, (5, 25)
ROUNDS: Final = 15
MOST_SERVER: Final = 250.0
MOST_PAINT: Final = 1000.0
MOST_SORT: Final = 100.0
CODES: Final = ("undetached", "cut-graph", "scale", "missing-factor", None, None)
_STANDINGS: Final = """
    INSERT INTO standings (assignment_id, user_id, submission_id, score, max_score, late, passed, attempts,
        last_at, passed_attempt, passed_at)
    SELECT assignment_id, user_id, id, score, max_score, 0, passed, attempts, last_at, passed_attempt,
        passed_at
    FROM (
        SELECT assignment_id, user_id, id, score, max_score, passed,
            COUNT(*) OVER cell AS attempts,
            MAX(created_at) OVER cell AS last_at,
            MIN(CASE WHEN passed THEN attempt END) OVER cell AS passed_attempt,
            MIN(CASE WHEN passed THEN created_at END) OVER cell AS passed_at,
            ROW_NUMBER() OVER (PARTITION BY assignment_id, user_id ORDER BY score DESC, attempt) AS place
        FROM submissions WINDOW cell AS (PARTITION BY assignment_id, user_id)
    ) WHERE place = 1
"""
_SUBMISSION: Final = (
    "INSERT INTO submissions (id, assignment_id, user_id, source_digest, predictions, seed, variant, "
    "exercise_digest, state, attempt, created_at, queued_at, tries, interruptions, lane, judging_id, score, "
    "max_score, passed, thinned) "
    "VALUES (?, ?, ?, 'd', '{}', 1, 0, 'd', 'graded', ?, ?, '2026-01-01 00:00:00', 0, 0, 0, ?, ?, ?, ?, 0)"
)
_JUDGING: Final = (
    "INSERT INTO judgings (id, submission_id, exercise_digest, seed, phases, finished_at, score, max_score, "
    "passed, alike, report) VALUES (?, ?, ?, 1, '{}', ?, ?, ?, ?, ?, '{}')"
)


def fill(settings: Settings, library: Library, attempts: int) -> None:
    """A course whose students handed in ``attempts`` times to each assignment."""
    store = Store.open(settings.database_url)
    with store.write() as session:
        course = courses.add_course(session, COURSE, "A large course", "大课")
        teacher = users.add_user(
            session,
            "teacher",
            "The Teacher",
            password_hash=passwords.hash_password(PASSWORD),
            role="instructor",
        )
        enrolments.enrol(session, teacher.id, course.id, "instructor")
        sections = [Section(course_id=course.id, name=f"Section {n}") for n in range(10)]
        session.add_all(sections)
        session.flush()
        people = []
        for n in range(STUDENTS):
            user = users.add_user(session, f"s{n:04}", f"Student {n % 617:03} Family{n % 89}")
            enrolments.enrol(session, user.id, course.id)
            session.add(SectionMember(section_id=sections[n % 10].id, user_id=user.id))
            people.append(user.id)
        now = datetime.now(UTC)
        slugs = [exercise.slug for exercise in library.all()][:ASSIGNMENTS]
        placed = [
            courses.assign(session, course.id, slug, due=now + timedelta(days=7 * (n // 7 - 4)))
            for n, slug in enumerate(slugs)
        ]
        work = [(row.id, library.get(row.exercise)) for row in placed]
    path = store.path
    store.close()
    assert path is not None
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA synchronous = OFF")
        file.execute("INSERT INTO sources (digest, data) VALUES ('d', CAST('def f(x): return x' AS BLOB))")
        draw, number = random.Random(1), 0
        for assignment, exercise in work:
            handed_in, judgings, results = [], [], []
            checks = exercise.checks
            begin = now - timedelta(days=40)
            for person in people:
                for attempt in range(1, attempts + 1):
                    number += 1
                    name = f"{number:036}"
                    right = [draw.random() < 0.4 + 0.5 * attempt / attempts for _ in checks]
                    points = [c.points if good else 0.0 for c, good in zip(checks, right, strict=True)]
                    score, most = sum(points), sum(c.points for c in checks)
                    at = str((begin + timedelta(minutes=7 * number % 50_000)).replace(tzinfo=None))
                    handed_in.append((name, assignment, person, attempt, at, number, score, most, all(right)))
                    judgings.append(
                        (number, name, exercise.digest, at, score, most, all(right), f"a{number % 900}")
                    )
                    results += [
                        (number, c.id, place, c.kind, "passed" if good else "failed", got, c.points,
                         None if good else draw.choice(CODES))
                        for place, (c, good, got) in enumerate(zip(checks, right, points, strict=True))
                    ]  # fmt: skip
            file.executemany(_SUBMISSION, handed_in)
            file.executemany(_JUDGING, judgings)
            file.executemany("INSERT INTO check_results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", results)
        file.execute(_STANDINGS)
        file.commit()
        file.execute("ANALYZE")


def measure(data: Path, attempts: int, figures: Figures, pages: dict[str, str]) -> None:
    """The server's time for each page; and in a browser the first paint of the gradebook and one sort."""
    said = f"{STUDENTS} × {ASSIGNMENTS} × {attempts}"
    server = Server(data)
    server.start()
    try:
        visitor = Visitor(server.url)
        visitor.sign_in("teacher", PASSWORD)
        browser = Browser(server, visitor)
        for name, path in pages.items():
            took, size, first = [], 0, 0.0
            for n in range(ROUNDS + 2):
                answer = browser.get(path)
                if answer.status == 404:
                    break
                assert answer.status == 200, (path, answer.status)
                size = len(answer.body)
                first = first or 1e3 * answer.seconds
                if n >= 2:
                    took.append(1e3 * answer.seconds)
            if not took:
                print(f"dashboard: {name}: there is no such page", flush=True)
                continue
            about = f"; {said}; first {first:.0f}, slowest then {max(took):.0f}; {size / 1024:.0f} KiB"
            figures.say(
                f"dashboard: {name}, request to answer", statistics.median(took), "ms", MOST_SERVER, about
            )
        in_browser(server, visitor, figures, said)
    finally:
        server.stop()


def in_browser(server: Server, visitor: Visitor, figures: Figures, said: str) -> None:
    """First contentful paint of the gradebook, and one sort until the next frame is painted."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("dashboard: no browser here; first paint and sort were not measured")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies(
            [{"name": c.name, "value": c.value or "", "url": server.url} for c in visitor.cookies]
        )
        page = context.new_page()
        paints = []
        for _ in range(5):
            page.goto(f"{server.url}/courses/{COURSE}/gradebook")
            paints.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            )
        figures.say(
            "dashboard: gradebook, first paint", statistics.median(paints), "ms", MOST_PAINT, f"; {said}"
        )
        sorts = page.evaluate(
            """async () => {
                const took = []
                for (const head of [...document.querySelectorAll('[data-sort]')].slice(0, 6)) {
                    const began = performance.now()
                    head.click()
                    await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
                    took.push(performance.now() - began)
                }
                return took
            }"""
        )
        if sorts:
            about = f"; {said}; slowest {max(sorts):.0f}"
            figures.say("dashboard: gradebook, one sort", statistics.median(sorts), "ms", MOST_SORT, about)
        browser.close()


def main() -> int:
    """Print the figures; 1 when one is short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, action="append", help="of each student at each assignment")
    options = parser.parse_args()
    library = Library(ROOT / "exercises", ROOT / "solutions")
    figures = Figures()
    for attempts in options.attempts or ATTEMPTS:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data=Path(folder), exercises=ROOT / "exercises", solutions=ROOT / "solutions")
            began = time.monotonic()
            fill(settings, library, attempts)
            print(f"dashboard: {STUDENTS * ASSIGNMENTS * attempts} submissions written in "
                  f"{time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
            at = f"/courses/{COURSE}"
            first = library.all()[0].slug
            pages = {
                "gradebook": f"{at}/gradebook", "gradebook CSV": f"{at}/gradebook.csv",
                "class": f"{at}/class", "assignment": f"{at}/class/{first}",
                "watchlist": f"{at}/watchlist", "roster": f"{at}/students",
                "assignments": f"{at}/assignments",
            }  # fmt: skip
            measure(Path(folder), attempts, figures, pages)
    return 0 if figures.good else 1


if __name__ == "__main__":
    sys.exit(main())
