"""How often each route asks the database: few queries, one transaction to read, at most one to write.

The same requests are made in a small and in a large course; neither exercises, attempts nor students make
the queries more. And no template asks anything.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask import Flask, before_render_template, template_rendered
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from grader.model.lane import Lane
from grader.store import (
    courses,
    enrolments,
    notices,
    pictures,
    regrades,
    sections,
    sources,
    standings,
    users,
)
from grader.store.tables import (
    ApiToken,
    Judging,
    RegradeItem,
    SignIn,
    Submission,
    Upload,
    utcnow,
)
from grader.store.tables import CheckResult as Result
from tests import databases

from .world import PASSWORD, SOURCE, World, build, make_exercise, make_report

EXERCISES = 38
MINE = "11111111-1111-4111-8111-{:012}"

PATHS = {
    "course": "calc",
    "exercise": "detach",
    "submission_id": MINE.format(2),
    "id": MINE.format(2),
    "slug": "detach",
    "token_id": "1",
    "token": "grl_of-no-link",
    "number": 1,
    "notice_id": 1,
    "section_id": "1",
    "upload_id": str(UUID(int=1)),
    "check": "a",
    "diagnosis": "scale",
    "table": "checks",
}
OTHER_PATHS = {
    name: {"upload_id": str(UUID(int=2))}
    for name in ("grades_out.look", "grades_out.to_look", "grades_out.download")
}
LIST = b"name,login,email\nDee,dee,dee@example.org\nTess,tess,\n"
GRADEBOOK = b"Student,ID,SIS User ID,SIS Login ID,Section,detach (101)\nAda,11,,ada,,\n"
BODIES: dict[str, dict[str, Any]] = {
    "exercise.submit": {"data": {"source": SOURCE, "predict-ratio": "True"}},
    "drafts.save": {"data": {"source": SOURCE}, "headers": {"X-Requested-With": "fetch"}},
    "sign_in.open_session": {"data": {"login": "ada", "password": PASSWORD}},
    "accounts.change_password": {"data": {"current": PASSWORD, "new": "n" * 12, "again": "n" * 12}},
    "accounts.set_email": {"data": {"email": "", "current": PASSWORD}},
    "accounts.set_timezone": {"data": {"timezone": "UTC"}},
    "joining.change_invitation": {"data": {"action": "make"}},
    "watchlist.save": {"data": {"state": "contacted", "note": "asked", "seen": "0"}},
    "remarks.comment": {"data": {"text": "Look at u."}},
    "remarks.set_points": {"data": {"check": "a", "points": "0", "reason": "why"}},
    "regrades.decide": {"data": {"action": "cancel"}},
    "regrade_proposing.propose": {"data": {"action": "rescore", "points": "3", "reason": "why"}},
    "participants.change": {"data": {"who": "4", "action": "enter", "section": "1"}},
    "course_sections.make": {"data": {"name": "Another"}},
    "course_sections.change": {"data": {"name": "A", "action": "rename"}},
    "roster_import.upload": {"data": {"list": (LIST, "list.csv")}},
    "roster_import.undo": {"data": {"import": "1"}},
    "grades_out.upload": {"data": {"file": (GRADEBOOK, "canvas.csv")}},
    "api.submit": {"json": {"exercise": "detach", "source": SOURCE}},
    "assignments.order": {"data": {"move": "1 down"}},
    "assignments.save": {
        "data": {"points": "20", "grace_minutes": "0", "counts": "best", "feedback": "full"}
    },
    "extensions.save": {
        "data": {"attempts": "7", "grace_minutes": "0", "counts": "best", "feedback": "full"}
    },
    "course_settings.save": {"data": {"title_en": "Course calc", "timezone": "Asia/Shanghai"}},
    "course_settings.archive": {"data": {"again": "1"}},
    "course_settings.set_guests": {"data": {"shut": "1"}},
}
QUERIES = {
    "GET regrades.listing": 6,
    "GET regrades.show": 21,
    "GET regrades.progress": 4,
    "GET regrades.as_csv": 12,
    "GET regrade_proposing.form": 4,
    "GET regrade_proposing.form?points": 11,
    "POST regrades.decide": 7,
    "POST regrade_proposing.propose": 9,
    "POST notices.read": 2,
    "GET home.show": 7,
    "GET home.course": 2,
    "GET exercise.show": 11,
    "GET exercise.show?from": 12,
    "POST exercise.submit": 16,
    "GET attempts.listing": 6,
    "GET attempts.show": 12,
    "POST remarks.comment": 10,
    "POST remarks.set_points": 20,
    "GET attempts.changes": 4,
    "GET attempts.source": 2,
    "GET exercise.outcome": 7,
    "GET pictures.fragment": 3,
    "POST drafts.save": 6,
    "POST drafts.read": 2,
    "GET formulas.formula": 2,
    "GET gradebook.show": 9,
    "GET gradebook.as_csv": 9,
    "GET gradebook.student": 9,
    "GET gradebook.attempts": 15,
    "POST joining.change_invitation": 6,
    "GET joining.ask": 1,
    "GET joining.invitation": 3,
    "POST joining.join": 6,
    "GET accounts.account": 2,
    "GET accounts.of_password": 1,
    "GET accounts.of_timezone": 1,
    "GET accounts.of_tokens": 1,
    "GET sign_in.form": 1,
    "POST sign_in.open_session": 3,
    "POST sign_in.sign_out": 2,
    "POST sign_in.sign_out_everywhere": 2,
    "POST accounts.set_email": 6,
    "POST accounts.change_password": 7,
    "GET accounts.of_email": 1,
    "GET passwords.forgotten": 1,
    "POST passwords.send_link": 1,
    "GET passwords.sent": 1,
    "GET passwords.choose": 2,
    "POST passwords.use_link": 2,
    "GET participants.listing": 6,
    "POST participants.change": 12,
    "GET participants.to_list": 1,
    "POST participants.make_links": 8,
    "POST participants.mail_links": 5,
    "GET participants.to_roster": 1,
    "GET course_sections.to_list": 1,
    "POST course_sections.make": 7,
    "POST course_sections.change": 7,
    "GET roster_import.form": 2,
    "GET roster_import.preview": 7,
    "GET roster_import.to_preview": 1,
    "POST roster_import.carry_out": 9,
    "POST roster_import.undo": 5,
    "GET roster_import.to_roster": 1,
    "GET grades_out.show": 2,
    "GET grades_out.look": 8,
    "POST grades_out.look": 8,
    "GET grades_out.to_look": 1,
    "POST grades_out.download": 10,
    "POST roster_import.upload": 6,
    "POST grades_out.upload": 6,
    "GET course_audit.show": 3,
    "GET own_data.to_account": 1,
    "GET participants.to_listing": 1,
    "POST participants.make_link": 12,
    "GET api.show_standing": 6,
    "POST accounts.set_timezone": 2,
    "POST accounts.new_token": 3,
    "POST accounts.revoke_token": 2,
    "GET openapi.document": 1,
    "GET api.list_exercises": 2,
    "GET api.show_exercise": 2,
    "GET api.show_submission": 3,
    "POST api.submit": 8,
    "GET assignments.listing": 4,
    "POST assignments.order": 8,
    "POST assignments.allow_versions": 3,
    "GET assignments.pick": 3,
    "POST assignments.add": 3,
    "GET assignments.edit": 7,
    "POST assignments.save": 20,
    "GET assignments.ask_withdraw": 5,
    "POST assignments.withdraw": 5,
    "GET extensions.edit": 7,
    "POST extensions.save": 18,
    "GET extensions.edit_section": 4,
    "POST extensions.save_section": 4,
    "GET extensions.choose": 2,
    "GET course_settings.show": 2,
    "POST course_settings.save": 5,
    "POST course_settings.archive": 2,
    "POST course_settings.set_guests": 2,
    "GET course_settings.ask_duplicate": 3,
    "POST course_settings.duplicate": 3,
    "GET course_settings.ask_new": 1,
    "POST course_settings.make": 1,
    "GET classroom.show": 9,
    "GET classroom.assignment": 11,
    "GET classroom.held": 12,
    "GET classroom.card": 13,
    "GET statistics.show": 10,
    "GET statistics.as_csv": 10,
    "GET agreement.show": 8,
    "GET watchlist.show": 10,
    "POST watchlist.save": 7,
}
"""Of each route, the most queries. Twice to read is only where a verdict is waited for in between."""
EXEMPT = {
    "static": "a file", "assets.script": "a file", "assets.sheet": "a file",
    "monitoring.alive": "asks nothing", "monitoring.ready": "asks whether anything can be asked",
    "monitoring.metrics": "asks the dispatcher",
    "own_data.download": "reads all that is kept of somebody, some at a time",
}  # fmt: skip
TWICE = {"POST exercise.submit", "GET api.show_submission"}
REFUSED = {
    *(
        (route, "ada")
        for route in (
            "GET regrades.listing",
            "GET regrades.show",
            "GET regrades.progress",
            "GET regrades.as_csv",
            "GET regrade_proposing.form",
            "GET regrade_proposing.form?points",
            "POST regrades.decide",
            "POST regrade_proposing.propose",
        )
    ),
    ("POST notices.read", "tess"),  # another's
    ("GET gradebook.show", "ada"),
    ("GET gradebook.as_csv", "ada"),
    ("GET gradebook.attempts", "ada"),
    ("GET gradebook.student", "ada"),
    ("POST remarks.comment", "ada"),
    ("POST remarks.set_points", "ada"),
    ("POST joining.change_invitation", "ada"),
    ("GET api.show_submission", "tess"),  # another's
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
    ("POST participants.mail_links", "ada"),
    ("POST participants.mail_links", "tess"),  # no mail is sent here
    ("POST roster_import.carry_out", "tess"),  # what the page showed is not named: nothing is imported
    *(
        (route, "ada")
        for route in (
            "POST participants.change",
            "POST participants.make_links",
            "POST course_sections.make",
            "POST course_sections.change",
            "GET roster_import.form",
            "POST roster_import.upload",
            "GET roster_import.preview",
            "POST roster_import.carry_out",
            "POST roster_import.undo",
            "GET grades_out.show",
            "POST grades_out.upload",
            "GET grades_out.look",
            "POST grades_out.look",
            "POST grades_out.download",
            "GET course_audit.show",
        )
    ),
    ("POST participants.make_link", "ada"),
    *((route, "ada") for route in QUERIES if route.split()[1].startswith(("assignments.", "extensions."))),
    *((route, "ada") for route in QUERIES if route.split()[1].startswith("course_settings.")),
    ("POST assignments.withdraw", "tess"),  # it does not say how much would be deleted
    ("POST extensions.save_section", "tess"),  # an empty form
    ("POST course_settings.duplicate", "tess"),  # without a name
    ("GET course_settings.ask_new", "tess"),  # teaches a course; the account is a student's
    ("POST course_settings.make", "tess"),
    *((f"GET classroom.{page}", "ada") for page in ("show", "assignment", "held", "card")),
    *((f"GET {page}", "ada") for page in ("statistics.show", "statistics.as_csv", "agreement.show")),
    ("GET watchlist.show", "ada"),
    ("POST watchlist.save", "ada"),
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


def _judging_of_submission() -> Any:
    return select(Judging.id).where(Judging.submission_id == Submission.id).scalar_subquery()


def make_course(world: World, exercises: int, attempts: int, students: int) -> None:
    """``calc`` with so many exercises, so many students, and so many attempts of each at the first ones."""
    slugs = ["detach", *(f"exercise-{n}" for n in range(1, exercises))]
    world.library.exercises = [make_exercise(slug, n) for n, slug in enumerate(slugs, 1)]
    world.course("calc", *slugs, ada="student", tess="instructor", ivy="instructor")
    world.course("other", "detach", ada="student", tess="instructor")
    report = msgspec.json.encode(make_report()).decode()
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        courses.invite(session, course.id)
        added = [users.add_user(session, f"s{n}", f"Student {n}") for n in range(students)]
        for user in added:
            enrolments.enrol(session, user.id, course.id)
        digest = sources.keep(session, SOURCE.encode())
        ada = users.find_user(session, "ada")
        assert ada is not None
        rows: list[dict[str, Any]] = []
        placed = courses.assignments(session, course.id)
        for user in (ada, *added):
            for assignment in placed[: 2 if user is not ada else None]:
                for attempt in range(1, attempts + 1):
                    rows.append(
                        {
                            "id": MINE.format(len(rows) + 1), "assignment_id": assignment.id,
                            "user_id": user.id, "source_digest": digest, "predictions": {"ratio": "True"},
                            "seed": attempt, "exercise_digest": "d" * 64, "state": "graded",
                            "attempt": attempt, "created_at": utcnow(), "score": 4.0, "max_score": 10.0,
                            "passed": False, "judging_id": len(rows) + 1,
                        }
                    )  # fmt: skip
        # The two refer to each other: submissions first, without a verdict.
        session.execute(insert(Submission), [r | {"judging_id": None} for r in rows])
        same = {"exercise_digest": "d" * 64, "phases": {}, "finished_at": utcnow(), "report": report}
        session.execute(
            insert(Judging),
            [
                {"id": r["judging_id"], "submission_id": r["id"]} | same
                | {name: r[name] for name in ("seed", "score", "max_score", "passed")}
                for r in rows
            ],
        )  # fmt: skip
        if session.get_bind().dialect.name == "postgresql":  # numbers that were chosen are not known there
            last = select(func.max(Judging.id)).scalar_subquery()
            session.execute(select(func.setval(func.pg_get_serial_sequence("judgings", "id"), last)))
        session.execute(update(Submission).values(judging_id=_judging_of_submission()))
        checks = {"kind": "value", "verdict": "failed", "points": 0.0, "max_points": 4.0, "code": "scale"}
        session.execute(
            insert(Result),
            [
                {"judging_id": r["judging_id"], "check_id": c, "position": n} | checks
                for r in rows
                for n, c in enumerate("ab")
            ],
        )
        for assignment in placed:
            standings.refresh(session, assignment.id)
        sections.make(session, course.id, "A")
        tess = users.find_user(session, "tess")
        assert tess is not None
        for number, kind, data in ((1, "roster", LIST), (2, "gradebook", GRADEBOOK)):
            session.add(
                Upload(
                    id=str(UUID(int=number)), course_id=course.id, user_id=tess.id, kind=kind, name="x.csv",
                    data=data, made_at=utcnow(),
                )
            )  # fmt: skip
        pictures.save(session, MINE.format(2), pictures.Pictures())
        make_proposal(session, placed[0].id, ada.id, same | {"report": report})


def make_proposal(session: Session, assignment_id: int, user_id: int, same: dict[str, Any]) -> None:
    """An open proposal over an assignment, all of it judged, by which everybody moves; and a notice."""
    made = regrades.propose_rerun(session, assignment_id, None, reason="why", by=None)
    items = session.scalars(select(RegradeItem).where(RegradeItem.regrade_id == made.id)).all()
    scored = {"seed": 1, "score": 6.0, "max_score": 10.0, "passed": False}
    for item in items:
        judging = Judging(submission_id=item.submission_id, regrade_id=made.id, **same, **scored)
        session.add(judging)
        session.flush()
        item.after_id = judging.id
        for n, check in enumerate("ab"):
            session.add(
                Result(
                    judging_id=judging.id, check_id=check, position=n, kind="value", verdict="passed",
                    points=3.0, max_points=4.0,
                )
            )  # fmt: skip
    session.execute(update(Submission).values(state="graded", lane=Lane.INTERACTIVE, regrade_id=None))
    about = {"course": "calc", "exercise": "detach", "reason": "why", "before": 4.0, "after": 6.0}
    notices.tell(session, "regrade", [(user_id, about | {"of": 10.0, "of_now": 10.0})])


@pytest.fixture(scope="module")
def database_kind() -> str:
    """Statements are counted on SQLite; a server's own, such as locks, are not told from them."""
    return "sqlite"


@pytest.fixture(scope="module")
def worlds(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    """A small course and a large one."""
    made = []
    with ExitStack() as all_of_it:
        for exercises, attempts, students in ((2, 3, 2), (EXERCISES, 12, 40)):
            folder = tmp_path_factory.mktemp("world")
            url = all_of_it.enter_context(databases.migrated(database_kind, folder))
            world = build(folder, database_url=url)
            all_of_it.callback(world.store.close)
            world.dispatcher.mode = "never"
            make_course(world, exercises, attempts, students)
            made.append(world)
        yield made[0], made[1]


def ask(
    world: World, route: str, login: str, *, stale: bool = False, query: dict[str, str] | None = None
) -> tuple[TestResponse, Asked]:
    """Make the request of ``route`` as somebody, and count.

    :param stale: the session or token was used last two minutes ago.
    """
    method, _, name = route.partition(" ")
    endpoint, _, wanted = name.partition("?")
    with world.store.read() as session:
        course, user = courses.find_course(session, "calc"), users.find_user(session, "s1")
        assert course is not None and user is not None
    values = PATHS | OTHER_PATHS.get(endpoint, {}) | {"code": course.join_code, "user_id": user.id}
    rule = next(rule for rule in world.app.url_map.iter_rules(endpoint) if method in (rule.methods or ()))
    with world.app.test_request_context():
        path = world.app.url_for(endpoint, **{name: values[name] for name in rule.arguments})
    query = query or (
        {"from": MINE.format(1)}
        if wanted == "from"
        else {wanted: "3"}
        if wanted
        else {"answer": "ratio", "code": course.join_code or ""}
    )
    body = {
        name: {
            field: (io.BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value
            for field, value in part.items()
        }
        for name, part in BODIES.get(endpoint, {}).items()
    }
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


def test_lists_read_no_source_and_few_reports(worlds: tuple[World, World]) -> None:
    """The home page, the gradebook and its CSV none; the list of attempts those of its attempts, at once."""
    for route in (
        "home.show",
        "attempts.listing",
        "gradebook.show",
        "gradebook.as_csv",
        "gradebook.attempts",
    ):
        _, asked = ask(worlds[1], f"GET {route}", "tess" if route.startswith("gradebook") else "ada")
        assert not [query for query in asked.queries if "sources" in query], route
        reports = [query for query in asked.queries if "judgings.report" in query]
        assert len(reports) == (1 if "attempts" in route else 0), route


@pytest.mark.parametrize(
    "route",
    ["GET exercise.show", "GET api.list_exercises", "POST accounts.set_timezone", "POST exercise.submit"],
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
    _, asked = ask(worlds[0], "GET home.show", "ivy", stale=True, query={"lang": "zh"})
    assert (asked.reads, asked.writes) == (1, 1)
    with worlds[0].store.read() as session:
        user = users.find_user(session, "ivy")
        assert user is not None and user.language == "zh"


def test_a_page_that_is_not_there_asks_who_reads_it_and_nothing_else(worlds: tuple[World, World]) -> None:
    """Its template greets the reader by name."""
    for login, queries in (("ada", 1), (None, 0)):
        client = worlds[0].client(login)
        with watched(worlds[0]) as asked:
            assert client.get("/nowhere").status_code == 404
        assert len(asked.queries) == queries and asked.by_template == []
