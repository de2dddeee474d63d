"""Headers, forged posts, error pages, and that nobody sees what is another's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.routing import Rule

from grader.store import enrolments, notices, regrades, tables, tokens, users

from .world import HOSTILE, PASSWORD, SECRET, SOURCE, World, without_our_script

URL = "/courses/calc/detach"


def csrf_token(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nowhere", "/api/v1/exercises", "/healthz", "/static/grader.css"]
)
def test_every_answer_carries_the_safety_headers(world: World, path: str) -> None:
    """Pages, errors, redirects, the API and static files alike."""
    with world.client().get(path) as answer:
        headers = answer.headers
    # Where scripts are built, the page to sign in loads one of ours, by a number used once.
    policy = re.sub(
        r"script-src '(nonce-[\w-]+)'; style-src 'self' '\1'; connect-src",
        "style-src",
        headers["Content-Security-Policy"],
    )
    assert policy == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_by_shared_caches(world: World) -> None:
    """A page is private; the style sheet is not."""
    assert "private" in world.client("ada").get("/").headers["Cache-Control"]
    assert "Cookie" in world.client("ada").get("/").headers["Vary"]


def test_a_forged_post_changes_nothing_and_loses_nothing(make_world: Callable[..., World]) -> None:
    """Without the form's token nothing is stored; what was typed is in the form again."""
    world = make_world(csrf=True)
    world.course("calc", "detach", ada="student")
    client = world.client("ada")
    page = client.post(URL, data={"source": "kept = 1", "predict-x_grad": "[7]"})
    assert page.status_code == 400
    assert "kept = 1" in page.text
    assert 'value="[7]"' in page.text
    assert not world.dispatcher.submitted
    again = client.post(URL, data={"source": "kept = 1", "csrf_token": csrf_token(page.text)})
    assert again.status_code == 303
    assert len(world.dispatcher.submitted) == 1


def test_every_form_of_ours_carries_a_token(make_world: Callable[..., World]) -> None:
    """And no post goes through without one, except the API's, which takes no cookie."""
    world = make_world(csrf=True)
    world.course("calc", "detach", ada="student")
    client = world.client("ada")
    for path in ("/", URL, "/account"):
        page = client.get(path).text
        assert page.count("<form") == page.count('name="csrf_token"')
    for path in ("/sign-out", "/sign-out-everywhere", "/account/tokens", "/sign-in"):
        answer = client.post(path, data={"name": "x"})
        assert answer.status_code == 400
        assert "out of date" in answer.text
    assert client.get("/").status_code == 200
    answer = world.client().post(
        "/api/v1/submissions", json={"exercise": "detach", "source": SOURCE}, headers=world.token("ada")
    )
    assert answer.status_code == 202


def test_signing_in_works_with_the_token(make_world: Callable[..., World]) -> None:
    """The whole way of a browser: page, password, submit, sign out."""
    world = make_world(csrf=True)
    world.course("calc", "detach", ada="student")
    client = world.client()
    token = csrf_token(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"login": "ada", "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 303
    token = csrf_token(client.get(URL).text)
    assert client.post(URL, data={"source": SOURCE, "csrf_token": token}).status_code == 303
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303


def test_a_submit_with_a_lost_session_is_kept_even_though_its_token_is_lost_too(
    make_world: Callable[..., World],
) -> None:
    """The cookie is gone overnight; the open tab still holds an answer."""
    world = make_world(csrf=True)
    world.course("calc", "detach", ada="student")
    client = world.client()
    page = client.post(URL, data={"source": "kept = 1", "csrf_token": "old"})
    assert "kept = 1" in page.text
    form = {"source": "kept = 1", "next": URL, "login": "ada", "password": PASSWORD}
    page = client.post("/sign-in", data={**form, "csrf_token": csrf_token(page.text)})
    assert "kept = 1" in page.text
    form = {"source": "kept = 1", "csrf_token": csrf_token(page.text)}
    page = client.post(URL, data=form, follow_redirects=True)
    assert "4 of 10" in page.text


def test_signing_in_twice_from_two_tabs_keeps_the_text(make_world: Callable[..., World]) -> None:
    """The second tab's token is old by then, and its text is not."""
    world = make_world(csrf=True)
    world.course("calc", "detach", ada="student")
    client = world.client("ada")
    form = {"source": "kept = 1", "next": URL, "login": "ada", "password": PASSWORD, "csrf_token": "old"}
    page = client.post("/sign-in", data=form)
    assert "kept = 1" in page.text
    assert f'action="{URL}"' in page.text


def test_a_cookie_is_no_key_to_the_api(world: World) -> None:
    """Otherwise any page could post with it."""
    answer = world.client("ada").post("/api/v1/submissions", json={"exercise": "detach", "source": SOURCE})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "code"), [("/nowhere", 404), (f"{URL}/attempts/x/y", 404), ("/sign-out", 405)]
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_error_pages_are_pages(world: World, path: str, code: int, lang: str) -> None:
    """In the reader's language, with a way on."""
    page = world.client("ada").get(f"{path}?lang={lang}")
    assert page.status_code == code
    assert ("回到习题" if lang == "zh" else "To the exercises") in page.text


def test_our_failure_shows_no_traceback(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The log has it; the page and the API's answer have not."""

    def broken() -> None:
        raise RuntimeError("hunter2")

    world.app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    world.library.all = broken  # type: ignore[method-assign, assignment]
    world.library.get = lambda slug: broken()  # type: ignore[method-assign, assignment, return-value]
    page = world.client("ada").get(URL)
    assert page.status_code == 500
    assert "not your fault" in page.text
    answer = world.client().get("/api/v1/exercises", headers=world.token("ada"))
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert "hunter2" not in page.text + answer.text
    assert "hunter2" in capsys.readouterr().out


def test_without_a_database_the_answer_is_still_a_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even the error page cannot know its reader then."""
    from sqlalchemy.exc import OperationalError

    client = world.client("ada")

    def gone(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("disk"))

    monkeypatch.setattr(tokens, "find_sign_in", gone)
    page = client.get("/")
    assert page.status_code == 500
    assert "我们这边出错了" in page.text
    assert "disk" not in page.text


def test_a_hostile_name_is_inert_everywhere(world: World) -> None:
    """In one's own header and in the teacher's pages, and isolated so that it cannot turn the line around."""
    eve = world.user("eve", name=HOSTILE)
    with world.store.write() as transaction:
        course = enrolments.of_user(transaction, world_user(world, "ada"))[0][0]
        enrolments.enrol(transaction, eve.id, course.id)
    identity = world.submit("eve")
    for login, path in (
        ("eve", "/"),
        ("eve", "/account"),
        ("tess", "/courses/calc/gradebook"),
        ("tess", "/courses/calc/gradebook?view=plain"),
        ("tess", f"/courses/calc/students/{eve.id}"),
        ("tess", f"/courses/calc/students/{eve.id}/detach"),
        ("tess", f"/attempts/{identity}"),
    ):
        page = world.client(login).get(path)
        assert page.status_code == 200
        assert "<bdi" in page.text
        assert "&lt;script&gt;" in page.text
        assert "<script" not in without_our_script(page.text)
        assert "<img" not in page.text


def world_user(world: World, login: str) -> int:
    """The id of an account."""
    with world.store.read() as transaction:
        user = users.find_user(transaction, login)
        assert user is not None
        return user.id


def addresses(world: World, rule: Rule, identity: str, user: int) -> Iterator[str]:
    """Addresses of a rule that lead to ada's data, if any do."""
    values = {
        "course": "calc",
        "exercise": "detach",
        "slug": "detach",
        "submission_id": identity,
        "id": identity,
        "user_id": user,
        "token_id": 1,
        "filename": "grader.css",
        "code": "NOSUCHCODE",
        "name": "exercise.js",
        "token": "grp_no-such-link",
        "upload_id": UUID(int=1),
        "section_id": 1,
        "digest": "0" * 16,
        "number": 1,
        "notice_id": 1,
        "check": "prediction",
        "diagnosis": "scale",
        "table": "checks",
    }
    with world.app.test_request_context():
        adapter = world.app.create_url_adapter(None) or world.app.url_map.bind("localhost")
        yield adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})


def test_no_route_shows_anybody_what_is_anothers(world: World) -> None:
    """Every address of the application, as nobody, as a student and a teacher of another course.

    What ada wrote, was told and is called must not appear; nothing of hers may change. Her own
    client sees each of these marks somewhere, so that the test cannot pass by looking for nothing.
    """
    with world.store.write() as transaction:
        transaction.execute(
            update(tables.User).where(tables.User.login == "ada").values(name="Ada-Marked-Name")
        )
    identity = world.submit("ada", "marked_code = 1\n", **{"predict-x_grad": "marked_prediction"})
    ada = world_user(world, "ada")
    world.token("ada")
    with world.store.write() as transaction:
        row = transaction.get_one(tables.Submission, identity)
        regrades.propose_rerun(transaction, row.assignment_id, None, reason="marked_reason", by=None)
        about = {"course": "calc", "exercise": "detach", "reason": "marked_reason", "before": 4.0}
        notices.tell(transaction, "regrade", [(ada, about | {"of": 10.0, "after": 6.0, "of_now": 10.0})])
    marks = (
        "marked_reason",
        "Ada-Marked-Name",
        "marked_code",
        "marked_prediction",
        "flows where you cut it",
        identity,
        "Course calc",
        SECRET,
    )
    seen: set[str] = set()
    clients: list[tuple[str, FlaskClient, dict[str, str]]] = [
        ("nobody", world.client(), {}),
        ("student", world.client("bob"), world.token("bob")),
        ("teacher", world.client("tom"), world.token("tom")),
        ("own", world.client("ada"), world.token("ada")),
        ("own teacher", world.client("tess"), world.token("tess")),
    ]
    visited = 0
    for who, client, token in clients:
        for rule in world.app.url_map.iter_rules():
            if rule.endpoint in {"sign_in.sign_out", "sign_in.sign_out_everywhere"}:
                continue  # They would end the session that the rest of the walk needs.
            for address in addresses(world, rule, identity, ada):
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    if who.startswith("own") and method == "POST":
                        continue
                    body = {"exercise": "detach", "source": SOURCE} if address.startswith("/api/") else None
                    form = None if body or method == "GET" else {"source": SOURCE}
                    answer = client.open(
                        address,
                        method=method,
                        json=body if method == "POST" else None,
                        data=form,
                        headers=token,
                    )
                    text = answer.get_data().decode("utf-8", "replace")
                    answer.close()
                    visited += 1
                    assert answer.status_code < 500, (who, method, address)
                    found = {mark for mark in marks if mark in text.replace(address, "")}
                    if who.startswith("own"):
                        seen |= found
                        assert SECRET not in found, address
                    else:
                        assert not found, (who, method, address)
                        if "calc" in address or identity in address:
                            assert answer.status_code in {302, 401, 404}, (who, method, address)
    assert visited > 80
    assert seen == set(marks) - {SECRET}
    assert world.client().get("/api/v1/exercises", headers=world.token("ada")).status_code == 200


def test_a_student_is_no_teacher(world: World) -> None:
    """In one's own course the teacher's pages are refused, not hidden."""
    ada = world_user(world, "ada")
    identity = world.submit("ada")
    for path in ("gradebook", "gradebook.csv", f"students/{ada}", f"students/{ada}/detach"):
        assert world.client("ada").get(f"/courses/calc/{path}").status_code == 403
    for path in ("comments", "points"):
        form = {"text": "good", "check": "", "points": "10", "reason": "me"}
        assert world.client("ada").post(f"/attempts/{identity}/{path}", data=form).status_code == 403


def test_an_assistant_comments_and_sets_no_points(world: World) -> None:
    """Scores are the instructors'; everything can be seen."""
    world.user("ann")
    with world.store.write() as transaction:
        (course, _enrolment) = enrolments.of_user(transaction, world_user(world, "ada"))[0]
        enrolments.enrol(transaction, world_user(world, "ann"), course.id, "assistant")
    identity, client = world.submit("ada"), world.client("ann")
    page = client.get(f"/attempts/{identity}").text
    assert "How it was judged" in page and "Set points by hand" not in page
    assert client.post(f"/attempts/{identity}/comments", data={"text": "Look at u."}).status_code == 303
    form = {"check": "", "points": "10", "reason": "kind"}
    assert client.post(f"/attempts/{identity}/points", data=form).status_code == 403
    assert "Look at u." in world.client("ada").get(f"/attempts/{identity}").text
    for path in ("gradebook", "gradebook.csv", f"students/{world_user(world, 'ada')}"):
        assert client.get(f"/courses/calc/{path}").status_code == 200


def test_an_ended_enrolment_ends_access(world: World) -> None:
    """The course is gone at once; one's own attempts can still be read."""
    identity = world.submit("ada")
    with world.store.write() as transaction:
        (course, _enrolment) = enrolments.of_user(transaction, world_user(world, "ada"))[0]
        enrolments.unenrol(transaction, world_user(world, "ada"), course.id)
    client = world.client("ada")
    assert client.get(URL).status_code == 404
    assert client.get(f"/attempts/{identity}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/?_scheme=javascript&_external=1&endpoint=x&lang=en",
        "/?lang=xx",
        "/?lang=%00",
        "/courses/%00/x",
        "/courses/calc/%ff",
        "/attempts/%F0%9F%98%80",
        "/attempts/'%20OR%201=1",
        "/courses/calc/students/99999999999999999999999/detach",
        "/sign-in?next=%ff",
    ],
)
def test_odd_addresses_are_no_failures(world: World, path: str) -> None:
    """They are pages or refusals, and lead nowhere."""
    for login in (None, "ada", "tess"):
        page = world.client(login).get(path)
        assert page.status_code < 500
        assert "javascript:" not in page.text


def test_reading_is_limited_per_account_and_not_per_class(make_world: Callable[..., World]) -> None:
    """Behind one address, who asks too often is told when to come back; nobody else notices."""
    world = make_world(read_limit="3 per minute")
    world.course("calc", "detach", ada="student", bob="student")
    ada, bob, stranger = world.client("ada"), world.client("bob"), world.client()
    token = world.token("ada")
    assert [ada.get("/").status_code for _ in range(3)] == [200] * 3
    page = ada.get(URL)
    assert page.status_code == 429 and 1 <= int(page.headers["Retry-After"]) <= 60
    assert "Too many requests" in page.text
    answer = world.client().get("/api/v1/exercises", headers=token)
    assert answer.status_code == 429 and answer.content_type == "application/problem+json"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    # Neither files nor what operators watch, nor handing in.
    for path in ("/static/grader.css", "/healthz", "/readyz", "/metrics"):
        with ada.get(path) as file:
            assert file.status_code == 200
    assert ada.post(URL, data={"source": SOURCE}).status_code == 303
    assert bob.get("/").status_code == 200
    assert [stranger.get("/sign-in").status_code for _ in range(16)] == [200] * 15 + [429]
    assert world.client().get("/api/v1/exercises").status_code == 429
    assert bob.get("/").status_code == 200
    assert stranger.post("/sign-in", data={"login": "bob", "password": PASSWORD}).status_code == 303


def test_reading_is_not_limited_where_that_is_off(world: World) -> None:
    """As tests of load ask."""
    client = world.client()
    assert {client.get("/sign-in").status_code for _ in range(20)} == {200}
