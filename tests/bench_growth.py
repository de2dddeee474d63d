"""``make bench-growth``: how what a page or a claim costs grows with the table of submissions.

A course of a hundred students with ten assignments, always the same, beside a term that is over and has ever
more submissions. What is asked is about the first; so the figures say what depends on the size of the tables.
Each line: medians in milliseconds, and the slope, by which power of the number of rows they grow (the least
squares fit of the logarithms: 0 not at all, 1 in proportion).

    python -m tests.bench_growth [URL of an empty database] [--rows 1000 …]

Without a URL an SQLite file in a temporary folder is measured. What is handed in is invented; nobody judges.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from grader.store import claims, courses, enrolments, standings, users, waiting
from grader.store.tables import utcnow
from tests.web.world import SOURCE, World, build, make_exercise

STUDENTS, ASSIGNMENTS, EACH = 100, 10, 50
ROWS: Final = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS: Final = 15
QUEUED: Final = 50
_FIRST_USER: Final = 1_000_000
_ID: Final = "'00000000-0000-4000-8000-' || CAST(100000000000 + n AS TEXT)"
_SERIES: Final = {
    "postgresql": "SELECT n FROM generate_series(CAST(:first AS INTEGER), CAST(:last AS INTEGER)) AS s(n)",
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM s WHERE n < :last) "
    "SELECT n FROM s",
}
_FILL: Final = (
    "INSERT INTO users (id, login, login_key, name, role, language, created_at, disabled) "
    f"SELECT {_FIRST_USER} + (n - 1) / :each, 'p' || n, 'p' || n, 'P', 'student', 'en', :at, false "
    "FROM series WHERE (n - 1) % :each = 0",
    "INSERT INTO enrolments (user_id, course_id, role, active, helped) "
    f"SELECT {_FIRST_USER} + (n - 1) / :each, :course, 'student', true, true "
    "FROM series WHERE (n - 1) % :each = 0",
    "INSERT INTO submissions (id, assignment_id, user_id, source_digest, predictions, seed, variant, "
    "exercise_digest, state, attempt, created_at, queued_at, started_at, finished_at, tries, "
    "interruptions, lane, score, max_score, passed, thinned) "
    f"SELECT {_ID}, :assignment + (n - 1) % :each, {_FIRST_USER} + (n - 1) / :each, :source, "
    "'{}', n, 0, 'd', "
    "'graded', 1, :at, :at, :at, :at, 0, 0, 0, 4.0, 10.0, false, false FROM series",
    "INSERT INTO judgings (id, submission_id, exercise_digest, seed, phases, finished_at, score, max_score, "
    f"passed, alike, report) SELECT {_FIRST_USER} + n, {_ID}, 'd', n, '{{}}', :at, 4.0, 10.0, false, "
    "'a' || (n % 900), '{}' FROM series",
    f"UPDATE submissions SET judging_id = {_FIRST_USER} + seed "
    "WHERE judging_id IS NULL AND state = 'graded' AND seed BETWEEN :first AND :last",
    "INSERT INTO check_results (judging_id, check_id, position, kind, verdict, points, max_points) "
    f"SELECT {_FIRST_USER} + n, 'value', 0, 'value', 'failed', 4.0, 10.0 FROM series",
    "INSERT INTO standings (assignment_id, user_id, submission_id, score, max_score, late, passed, attempts) "
    f"SELECT :assignment + (n - 1) % :each, {_FIRST_USER} + (n - 1) / :each, {_ID}, 4.0, 10.0, false, false, "
    "1 FROM series",
)


def make(folder: Path, url: str | None) -> tuple[World, dict[str, object]]:
    """The course that is asked about, and what the rows of the other one refer to."""
    world = build(folder, **({} if url is None else {"database_url": url}))  # type: ignore[arg-type]
    world.dispatcher.mode = "never"
    slugs = ["detach", *(f"exercise-{n}" for n in range(1, ASSIGNMENTS))]
    world.library.exercises = [make_exercise(slug, n) for n, slug in enumerate(slugs, 1)]
    world.course("calc", *slugs, ada="student", tess="instructor")
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        for n in range(STUDENTS):
            enrolments.enrol(session, users.add_user(session, f"s{n}", f"Student {n}").id, course.id)
        past = courses.add_course(session, "past", "The term before")
        first, *_ = [courses.assign(session, past.id, f"old-{n}").id for n in range(EACH)]
        session.flush()
        past_id = past.id
    for n in range(QUEUED):
        world.submit(f"s{n}", SOURCE)
    with world.store.read() as session:
        source = session.execute(text("SELECT digest FROM sources")).scalar_one()
    return world, {"course": past_id, "assignment": first, "source": source, "each": EACH, "at": utcnow()}


def fill(world: World, known: dict[str, object], first: int, last: int) -> None:
    """Rows ``first`` to ``last`` of the other course."""
    with world.store.write() as session:
        connection = session.connection()
        for statement in _FILL:
            _run(connection, statement, known | {"first": first, "last": last})
    with world.store.write() as session:
        if session.get_bind().dialect.name == "postgresql":  # which does so by itself, a little later
            session.execute(text("ANALYZE"))


def _run(connection: Connection, statement: str, values: dict[str, object]) -> None:
    series = _SERIES[connection.dialect.name]
    if connection.dialect.name == "sqlite":
        values = values | {"at": str(values["at"])[:19]}
    whole = text(statement.replace("FROM series", f"FROM ({series}) AS series"))
    connection.execute(whole, {name: value for name, value in values.items() if f":{name}" in whole.text})


class _Undone(Exception):
    """Raised so that nothing of what was measured stays."""


def measured(world: World) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    ada, tess = world.client("ada"), world.client("tess")
    numbers = iter(range(10**9))

    def claim() -> None:
        try:
            with world.store.write() as session:
                assert claims.claim(session, f"bench-{next(numbers)}", 60, share=3) is not None
                raise _Undone
        except _Undone:
            pass

    def place() -> None:
        with world.store.read() as session:
            assert waiting.place_of(session, world.dispatcher.submitted[QUEUED // 2]) is not None

    def refresh() -> None:
        with world.store.write() as session:
            course = courses.find_course(session, "calc")
            assert course is not None
            standings.refresh(session, courses.assignments(session, course.id)[0].id)

    def get(client: object, path: str) -> Callable[[], None]:
        def ask() -> None:
            assert client.get(path).status_code == 200, path  # type: ignore[attr-defined]

        return ask

    def submit() -> None:
        answer = ada.post("/courses/calc/detach", data={"source": f"{SOURCE}# {next(numbers)}\n"})
        assert answer.status_code == 303, answer.status

    return {
        "claim": claim,
        "place in the queue": place,
        "home": get(ada, "/"),
        "exercise": get(ada, "/courses/calc/detach"),
        "submit": submit,
        "attempts": get(ada, "/courses/calc/detach/attempts"),
        "gradebook": get(tess, "/courses/calc/gradebook"),
        "class": get(tess, "/courses/calc/class"),
        "standings of an assignment": refresh,
    }


def slope(rows: list[int], seconds: list[float]) -> float:
    """The exponent of the power law that fits best."""
    x, y = ([math.log(each) for each in some] for some in (rows, seconds))
    return statistics.linear_regression(x, y).slope if len(rows) > 1 else 0.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", nargs="?", help="of an empty database; an SQLite file by default")
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world, known = make(Path(folder), options.url)
        took: dict[str, list[float]] = {}
        before = 0
        for rows in options.rows:
            began = time.monotonic()
            fill(world, known, before + 1, rows)
            before = rows
            print(f"growth: {rows:,} submissions, written in {time.monotonic() - began:.0f} s", flush=True)
            for name, work in measured(world).items():
                times = []
                for n in range(ROUNDS + 2):
                    start = time.perf_counter()
                    work()
                    if n >= 2:
                        times.append(time.perf_counter() - start)
                took.setdefault(name, []).append(statistics.median(times))
        print(f"{'ms at rows':<28}" + "".join(f"{rows:>12,}" for rows in options.rows) + "       slope")
        for name, each in took.items():
            cells = "".join(f"{1e3 * seconds:>12.1f}" for seconds in each)
            print(f"{name:<28}{cells}{slope(options.rows, each):>12.2f}")
        world.store.close()


if __name__ == "__main__":
    main()
