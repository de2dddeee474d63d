"""Guests: what they may try, what is judged and never stored, and that nothing else lets them in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, select

from grader.model.text import Text
from grader.store import audit, courses
from grader.store.tables import Base, utcnow
from tests.web.world import HOSTILE, PASSWORD, SECRET, SOURCE, World, make_report

URL = "/courses/calc/detach"


@pytest.fixture
def open_world(world: World) -> World:
    """Course ``calc`` is open to guests; its exercises say what they show."""
    why = Text("This is why.", "原因在此。")
    world.library.exercises = [msgspec.structs.replace(e, insight=why) for e in world.library.exercises]
    change(world, guests=True)
    return world


def change(world: World, slug: str = "calc", **values: object) -> None:
    """Set columns of a course."""
    with world.store.write() as transaction:
        course = courses.find_course(transaction, slug)
        assert course is not None
        for name, value in values.items():
            setattr(course, name, value)


def rule(world: World, exercise: str, **values: object) -> None:
    """Set columns of an assignment of ``calc``."""
    with world.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        row = courses.find_assignment(transaction, course.id, exercise)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)


def counts(world: World) -> dict[str, int]:
    """How many rows each table has."""
    with world.store.read() as transaction:
        return {
            name: transaction.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def test_a_guest_is_told_a_verdict_and_nothing_is_stored(open_world: World) -> None:
    """Not even who it was; the tally is in the guest's own cookie."""
    before, guest = counts(open_world), open_world.client()
    page = guest.get(URL).text
    assert "without an account: nothing is kept on this server" in page and "Save without" not in page
    assert SECRET not in page and "This is why." not in page
    open_world.dispatcher.report = make_report()
    answer = guest.post(URL, data={"source": SOURCE + f"# {HOSTILE}", "predict-x_grad": "[7]"})
    assert answer.status_code == 200 and "flows where you cut it" in answer.text
    assert HOSTILE not in answer.text and "This is why." not in answer.text
    exercise, submission, draw = open_world.dispatcher.tried[0]
    assert (exercise, submission.predictions, draw) == ("detach", {"x_grad": "[7]"}, True)
    open_world.dispatcher.report = make_report(10.0)
    full = guest.post(URL, data={"source": SOURCE}, headers={"HX-Request": "true"}).text
    assert "This is why." in full and 'href="/courses/calc/control-flow"' in full
    assert "2 tries in this session" in full and "<html" not in full
    shown = guest.get("/courses/calc").text
    assert "1 of 2 solved" in shown and "Course calc" in shown
    assert not open_world.dispatcher.submitted and counts(open_world) == before
    assert "tries in this session" not in open_world.client().get(URL).text


def test_what_is_not_open_now_is_not_open_to_guests(open_world: World) -> None:
    """Closed, upcoming, limited, archived, never opened: one is asked to sign in. Reasons stay withheld."""
    now, later, past = utcnow(), utcnow() + timedelta(days=1), utcnow() - timedelta(days=1)
    for values in ({"opens": later}, {"due": past}, {"attempts": 3}):
        rule(open_world, "detach", **values)
        guest = open_world.client()
        assert guest.get(URL).status_code == 302, values
        assert guest.post(URL, data={"source": SOURCE}).status_code == 401, values
        assert "Title of detach" not in open_world.client().get("/courses/calc").text
        assert "Title of control-flow" in open_world.client().get("/courses/calc").text
        rule(open_world, "detach", opens=None, due=None, attempts=None)
    assert open_world.client().get(URL).status_code == 200
    rule(open_world, "detach", feedback="verdict")
    open_world.dispatcher.report = make_report()
    told = open_world.client().post(URL, data={"source": SOURCE}).text
    assert "flows where you cut it" not in told and "not why" in told
    assert open_world.dispatcher.tried[-1][2] is False, "pictures would tell"
    change(open_world, archived_at=now)
    assert open_world.client().get(URL).status_code == 302
    change(open_world, archived_at=None, guests=False)
    assert open_world.client().get("/courses/calc").status_code == 302
    assert len(open_world.dispatcher.tried) == 1


def test_nothing_else_of_an_open_course_is_shown_to_a_guest(open_world: World) -> None:
    """Every address of the application, as nobody and as a member of another course."""
    identity = open_world.submit("ada", "marked_code = 1\n")
    shared = {
        "home.course", "exercise.show", "exercise.submit", "drafts.save", "drafts.read", "formulas.formula",
    }  # fmt: skip
    named = {"course": "calc", "exercise": "detach", "slug": "detach", "name": "grader", "role": "student"}
    named |= dict.fromkeys(("submission_id", "id", "upload_id"), identity)
    before = counts(open_world)
    with open_world.app.test_request_context():
        adapter = open_world.app.create_url_adapter(None) or open_world.app.url_map.bind("localhost")
        routes = []
        for each in open_world.app.url_map.iter_rules():
            address = adapter.build(each.endpoint, {name: named.get(name, "1") for name in each.arguments})
            methods = sorted((each.methods or set()) & {"GET", "POST"})
            if not each.endpoint.startswith("sign_in."):
                routes += [(each.endpoint, address, method) for method in methods]
    entered = set()
    for login in (None, "bob"):
        client = open_world.client(login)
        for endpoint, address, method in routes:
            data = {"source": SOURCE} if method == "POST" else None
            with client.open(address, method=method, data=data) as answer:
                text = answer.get_data().decode("utf-8", "replace")
            assert answer.status_code < 500, (method, address)
            # Not within a form's token, which is drawn.
            assert "marked_code" not in text and not re.search(r"(?<![\w.-])Ada(?![\w.-])", text), address
            assert answer.status_code != 200 or identity not in text.replace(address, ""), address
            if "/calc" in address:
                assert endpoint in shared or answer.status_code in (302, 401, 404), (method, address)
                entered |= {endpoint} if answer.status_code == 200 else set()
            if address.startswith("/api/"):
                assert answer.status_code in (401, 404, 405, 415), (method, address)
    assert entered >= shared - {"formulas.formula"}, "the walk has been inside"
    now = counts(open_world)
    assert {name for name in now if now[name] != before[name]} <= {"sign_ins", "api_tokens", "audit_events"}


def test_a_line_that_is_full_and_what_fails_keep_the_text(open_world: World) -> None:
    """Students come first; what is ours is said to be ours. Who reads by script is told the same."""
    guest = open_world.client()
    for mode, words in (("never", "Try again in 7 s"), ("fail", "our fault, not yours")):
        open_world.dispatcher.mode = mode
        page = guest.post(URL, data={"source": "kept = 1"})
        assert page.status_code == 503 and words in page.text and "kept = 1" in page.text
        assert page.headers.get("Retry-After") == ("7" if mode == "never" else None)
        part = guest.post(URL, data={"source": "kept = 1"}, headers={"HX-Request": "true"})
        assert part.status_code == 429 and words in part.text
    assert guest.post(URL, data={"source": " "}).status_code == 422
    assert "1 try" not in guest.get(URL).text


def test_an_address_may_try_so_often_and_a_forged_try_is_none(make_world: Callable[..., World]) -> None:
    """The limit is the guests' own: a student behind the same address hands in."""
    world = make_world(csrf=True, submit_limit="30 per minute")
    world.course("calc", "detach", ada="student")
    change(world, guests=True)
    guest = world.client()

    def token(client: object = guest) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', guest.get(URL).text)
        assert found is not None
        return found.group(1)

    forged = guest.post(URL, data={"source": "kept = 1"})
    assert forged.status_code == 400 and "kept = 1" in forged.text and not world.dispatcher.tried
    data = {"source": SOURCE, "csrf_token": token()}
    codes = [guest.post(URL, data=data).status_code for _ in range(21)]
    assert codes == [200] * 20 + [429]
    refused = guest.post(URL, data=data)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60 and "return x * x" in refused.text
    ada = world.client("ada")
    found = re.search(r'name="csrf_token" value="([^"]+)"', ada.get(URL).text)
    assert found is not None
    assert ada.post(URL, data=data | {"csrf_token": found.group(1)}).status_code == 303


def test_signing_in_takes_the_text_along(open_world: World) -> None:
    """Without a script: the form's button leads to the page that keeps it, and that into the account."""
    guest = open_world.client()
    assert 'href="/courses/calc"' in guest.get("/sign-in").text
    page = guest.post(
        f"{URL}/draft", data={"source": "kept = 1", "predict-x_grad.0": "7", "sign_in": "1"}
    ).text
    assert "kept = 1" in page and "what you wrote stays" in page and f'value="{URL}"' in page
    form = {"login": "ada", "password": PASSWORD, "next": URL, "source": "kept = 1"}
    assert "kept = 1" in guest.post("/sign-in", data=form).text
    assert "without an account" not in guest.get(URL).text
    stranger = open_world.client("bob").get(URL).text
    assert "You are not in this course" in stranger and "Sign in" not in stranger
    # Another language and starting over are buttons of the form, too.
    other = open_world.client()
    again = other.post(f"{URL}/draft?lang=zh", data={"source": "kept = 2"}).text
    assert "kept = 2" in again and "服务器上不会留下任何内容" in again
    assert "kept = 2" not in other.post(f"{URL}/draft", data={"source": "kept = 2", "start_over": "1"}).text


def test_who_teaches_opens_a_course_and_it_is_written_down(world: World) -> None:
    """And closes it; nobody else does."""
    teacher, path = world.client("tess"), "/courses/calc/guests"
    assert world.client("ada").post(path).status_code == 403
    assert world.client().get(URL).status_code == 302
    assert teacher.post(path).status_code == 303 and world.client().get(URL).status_code == 200
    assert "http://localhost/courses/calc" in teacher.get("/courses/calc/settings").text
    assert (
        teacher.post(path, data={"shut": "1"}).status_code == 303
        and world.client().get(URL).status_code == 302
    )
    with world.store.read() as transaction:
        told = [event.action for event in audit.recent(transaction, subject="calc")]
    assert told[:2] == ["course.no-guests", "course.guests"]
