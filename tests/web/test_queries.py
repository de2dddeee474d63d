"""How often each route asks the database: few queries, one transaction to read, at most one to write.

The same requests are made in a small and in a large course; neither exercises, attempts nor students make
the queries more. And no template asks anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask, before_render_template, template_rendered
from sqlalchemy import event, func, insert, select, update
from werkzeug.test import TestResponse

from grader.store import courses, people, pictures, sources
from grader.store.tables import ApiToken, SignIn, Submission, utcnow
from grader.store.tables import CheckResult as Result

from .world import PASSWORD, SOURCE, World, build, make_exercise, make_report

EXERCISES = 38
MINE = "11111111-1111-4111-8111-{:012}"

PATHS = {
    "course": "calc",
    "exercise": "detach",
    "submission_id": MINE.format(2),
    "slug": "detach",
    "token_id": "1",
    "token": "grl_of-no-link",
}
BODIES: dict[str, dict[str, Any]] = {
    "student.submit": {"data": {"source": SOURCE, "predict-ratio": "True"}},
    "drafts.save": {"data": {"source": SOURCE}, "headers": {"X-Requested-With": "fetch"}},
    "accounts.open_session": {"data": {"login": "ada", "password": PASSWORD}},
    "accounts.change_password": {"data": {"current": PASSWORD, "new": "n" * 12, "again": "n" * 12}},
    "accounts.set_email": {"data": {"email": "", "current": PASSWORD}},
    "accounts.set_timezone": {"data": {"timezone": "UTC"}},
    "joining.change_invitation": {"data": {"action": "make"}},
    "api.create": {"json": {"exercise": "detach", "source": SOURCE}},
}
QUERIES = {
    "GET student.home": 5,
    "GET student.course": 2,
    "GET student.exercise": 8,
    "GET student.exercise?from": 9,
    "POST student.submit": 15,
    "GET student.history": 4,
    "GET student.show_attempt": 5,
    "GET student.changes": 4,
    "GET student.source": 2,
    "GET student.outcome": 6,
    "GET pictures.fragment": 3,
    "POST drafts.save": 6,
    "POST drafts.read": 2,
    "GET formulas.formula": 2,
    "GET instructor.book": 6,
    "GET instructor.book_csv": 6,
    "GET instructor.attempts": 6,
    "POST joining.change_invitation": 6,
    "GET joining.ask": 1,
    "GET joining.invitation": 3,
    "POST joining.join": 6,
    "GET accounts.account": 2,
    "GET accounts.of_password": 1,
    "GET accounts.of_timezone": 1,
    "GET accounts.of_tokens": 1,
    "GET accounts.sign_in": 1,
    "POST accounts.open_session": 3,
    "POST accounts.sign_out": 2,
    "POST accounts.sign_out_everywhere": 2,
    "POST accounts.set_email": 6,
    "POST accounts.change_password": 7,
    "GET accounts.of_email": 1,
    "GET passwords.forgotten": 1,
    "POST passwords.send_link": 1,
    "GET passwords.sent": 1,
    "GET passwords.choose": 2,
    "POST passwords.use_link": 2,
    "GET participants.listing": 5,
    "GET participants.to_listing": 1,
    "POST participants.make_link": 12,
    "GET api.standing": 6,
    "POST accounts.set_timezone": 2,
    "POST accounts.new_token": 3,
    "POST accounts.revoke_token": 2,
    "GET openapi.document": 1,
    "GET api.list_exercises": 2,
    "GET api.show_exercise": 2,
    "GET api.show": 3,
    "POST api.create": 8,
}
"""Of each route, the most queries. Twice to read is only where a verdict is waited for in between."""
EXEMPT = {
    "static": "a file", "bundles.bundle": "a file", "sheet.send": "a file",
    "health.alive": "asks nothing", "health.ready": "asks whether anything can be asked",
    "health.metrics": "asks the dispatcher",
}  # fmt: skip
TWICE = {"POST student.submit", "GET api.show"}
REFUSED = {
    ("GET instructor.book", "ada"),
    ("GET instructor.book_csv", "ada"),
    ("GET instructor.attempts", "ada"),
    ("POST joining.change_invitation", "ada"),
    ("GET api.show", "tess"),  # another's
    ("POST accounts.revoke_token", "tess"),  # another's
    ("GET formulas.formula", "ada"),  # the exercise asks for none
    ("GET formulas.formula", "tess"),
    *(
        (route, login)
        for route in ("GET passwords.choose", "POST passwords.use_link")
        for login in ("ada", "tess")
    ),
    ("POST passwords.send_link", "ada"),  # no mail is sent here
    ("POST passwords.send_link", "tess"),
    ("GET participants.listing", "ada"),
    ("POST participants.make_link", "ada"),
}


@dataclass
class Asked:
    """What one request asked of the database."""

    queries: list[str] = field(default_factory=list)
    reads: int = 0
    writes: int = 0
    rendering: int = 0
    by_template: list[str] = field(default_factory=list)


@contextmanager
def watched(world: World) -> Iterator[Asked]:
    """Count what is asked within the block."""
    asked, store = Asked(), world.store

    def query(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.queries.append(statement)
            if asked.rendering:
                asked.by_template.append(statement)

    def read(_connection: object) -> None:
        asked.reads += 1

    def write(_connection: object) -> None:
        asked.writes += 1

    def begin(_app: Flask, **_more: object) -> None:
        asked.rendering += 1

    def end(_app: Flask, **_more: object) -> None:
        asked.rendering -= 1

    listeners = [(store._reader, "begin", read), (store._writer, "begin", write)]
    listeners += [(engine, "before_cursor_execute", query) for engine in (store._reader, store._writer)]  # type: ignore[list-item]
    for listener in listeners:
        event.listen(*listener)
    try:
        with before_render_template.connected_to(begin), template_rendered.connected_to(end):
            yield asked
    finally:
        for listener in listeners:
            event.remove(*listener)


def make_course(world: World, exercises: int, attempts: int, students: int) -> None:
    """``calc`` with so many exercises, so many students, and so many attempts of each at the first ones."""
    slugs = ["detach", *(f"exercise-{n}" for n in range(1, exercises))]
    world.shelf.exercises = [make_exercise(slug, n) for n, slug in enumerate(slugs, 1)]
    world.course("calc", *slugs, ada="student", tess="instructor", ivy="instructor")
    world.course("other", "detach", ada="student", tess="instructor")
    report = msgspec.json.encode(make_report()).decode()
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        courses.invite(session, course.id)
        users = [people.add_user(session, f"s{n}", f"Student {n}") for n in range(students)]
        for user in users:
            people.enrol(session, user.id, course.id)
        digest = sources.keep(session, SOURCE.encode())
        ada = people.find_user(session, "ada")
        assert ada is not None
        rows: list[dict[str, Any]] = []
        placed = courses.assignments(session, course.id)
        for user in (ada, *users):
            for assignment in placed[: 2 if user is not ada else None]:
                for attempt in range(1, attempts + 1):
                    rows.append(
                        {
                            "id": MINE.format(len(rows) + 1), "assignment_id": assignment.id,
                            "user_id": user.id, "source_digest": digest, "predictions": {"ratio": "True"},
                            "seed": attempt, "exercise_digest": "d" * 64, "state": "graded",
                            "attempt": attempt, "created_at": utcnow(), "score": 4.0, "max_score": 10.0,
                            "passed": False, "report": report,
                        }
                    )  # fmt: skip
        session.execute(insert(Submission), rows)
        checks = {"kind": "value", "verdict": "failed", "points": 0.0, "max_points": 4.0}
        session.execute(
            insert(Result),
            [
                {"submission_id": r["id"], "check_id": c, "position": n} | checks
                for r in rows
                for n, c in enumerate("ab")
            ],
        )
        pictures.save(session, MINE.format(2), pictures.Pictures())


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    """A small course and a large one."""
    made = []
    for exercises, attempts, students in ((2, 3, 2), (EXERCISES, 12, 40)):
        world = build(tmp_path_factory.mktemp("world"))
        world.dispatcher.mode = "never"
        make_course(world, exercises, attempts, students)
        made.append(world)
    yield made[0], made[1]
    for world in made:
        world.store.close()


def ask(
    world: World, route: str, login: str, *, stale: bool = False, query: dict[str, str] | None = None
) -> tuple[TestResponse, Asked]:
    """Make the request of ``route`` as somebody, and count.

    :param stale: the session or token was used last two minutes ago.
    """
    method, _, name = route.partition(" ")
    endpoint, _, wanted = name.partition("?")
    with world.store.read() as session:
        course, user = courses.find_course(session, "calc"), people.find_user(session, "s1")
        assert course is not None and user is not None
    values = PATHS | {"code": course.join_code, "user_id": user.id}
    rule = next(rule for rule in world.app.url_map.iter_rules(endpoint) if method in (rule.methods or ()))
    with world.app.test_request_context():
        path = world.app.url_for(endpoint, **{name: values[name] for name in rule.arguments})
    query = query or (
        {"from": MINE.format(1)} if wanted else {"answer": "ratio", "code": course.join_code or ""}
    )
    body = BODIES.get(endpoint, {})
    if endpoint.startswith("api."):
        client, body = world.client(), {"headers": world.token(login)} | body
    else:
        client = world.client(login)
    used = utcnow() - timedelta(minutes=2 if stale else 0)
    with world.store.write() as session:
        session.execute(update(SignIn).values(last_seen=used))
        session.execute(update(ApiToken).values(last_used=used))
    with watched(world) as asked, client.open(path, method=method, query_string=query, **body) as response:
        response.get_data()
    return response, asked


def test_every_route_is_counted_or_named_as_one_that_asks_nothing(worlds: tuple[World, World]) -> None:
    """A new route is written down here."""
    routes = {
        f"{method} {rule.endpoint}"
        for rule in worlds[0].app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in EXEMPT
    }
    assert routes == {route.partition("?")[0] for route in QUERIES}


@pytest.mark.parametrize("login", ["ada", "tess"])
@pytest.mark.parametrize("route", QUERIES)
def test_a_route_asks_little_and_no_more_of_a_large_course(
    worlds: tuple[World, World], route: str, login: str
) -> None:
    """As a student and as a teacher."""
    numbers = []
    for world in worlds:
        response, asked = ask(world, route, login)
        assert response.status_code < 400 or (route, login) in REFUSED
        assert asked.by_template == []
        assert len(asked.queries) <= QUERIES[route], "\n".join(asked.queries)
        assert asked.reads <= (2 if route in TWICE else 1) and asked.writes <= 1
        numbers.append((len(asked.queries), asked.reads, asked.writes))
    assert numbers[0] == numbers[1]


def test_lists_read_no_source_and_no_report(worlds: tuple[World, World]) -> None:
    """Neither the home page nor the list of attempts, the gradebook and its CSV."""
    for route in (
        "student.home",
        "student.history",
        "instructor.book",
        "instructor.book_csv",
        "instructor.attempts",
    ):
        _, asked = ask(worlds[1], f"GET {route}", "tess" if "instructor" in route else "ada")
        told = [query for query in asked.queries if "sources" in query or "submissions.report" in query]
        assert told == [], route


@pytest.mark.parametrize(
    "route",
    ["GET student.exercise", "GET api.list_exercises", "POST accounts.set_timezone", "POST student.submit"],
)
def test_last_use_is_written_with_what_else_is_written(worlds: tuple[World, World], route: str) -> None:
    """When it was noted a minute ago or more: in one transaction, which is none of those that read."""
    response, asked = ask(worlds[0], route, "ada", stale=True)
    assert response.status_code < 400
    assert (asked.reads, asked.writes) == (2 if route in TWICE else 1, 1)
    assert sum("UPDATE sign_ins" in q or "UPDATE api_tokens" in q for q in asked.queries) == 1
    with worlds[0].store.read() as session:
        used = [session.scalar(select(func.max(column))) for column in (SignIn.last_seen, ApiToken.last_used)]
    assert max(moment for moment in used if moment is not None) > utcnow() - timedelta(minutes=1)


def test_a_language_is_remembered_with_it(worlds: tuple[World, World]) -> None:
    """Both are left for the end of the request."""
    _, asked = ask(worlds[0], "GET student.home", "ivy", stale=True, query={"lang": "zh"})
    assert (asked.reads, asked.writes) == (1, 1)
    with worlds[0].store.read() as session:
        user = people.find_user(session, "ivy")
        assert user is not None and user.language == "zh"


def test_a_page_that_is_not_there_asks_who_reads_it_and_nothing_else(worlds: tuple[World, World]) -> None:
    """Its template greets the reader by name."""
    for login, queries in (("ada", 1), (None, 0)):
        client = worlds[0].client(login)
        with watched(worlds[0]) as asked:
            assert client.get("/nowhere").status_code == 404
        assert len(asked.queries) == queries and asked.by_template == []
