"""Joining a course by its code."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from grader.store import audit, courses, enrolments, passwords, users
from grader.store.tables import CourseRole
from tests.web.world import HOSTILE, PASSWORD, World, without_our_script

UNKNOWN = "ABCDEFGH23"
SENTENCE = "No course has this code."
FORM = {"login": "new", "name": "New Person", "password": "a good password"}


def invite(world: World, slug: str = "calc") -> str:
    """The code of a course, made when there is none."""
    with world.store.write() as transaction:
        course = courses.find_course(transaction, slug)
        assert course is not None
        return courses.invite(transaction, course.id)


def role(world: World, login: str, slug: str = "calc") -> CourseRole | None:
    """What an account is in a course."""
    with world.store.read() as transaction:
        user, course = users.find_user(transaction, login), courses.find_course(transaction, slug)
        assert user is not None and course is not None
        found = enrolments.enrolment(transaction, user.id, course.id)
        return found.role if found is not None else None


def exists(world: World, login: str) -> bool:
    """Whether there is such an account."""
    with world.store.read() as transaction:
        return users.find_user(transaction, login) is not None


def test_the_link_names_the_course_and_one_button_joins(world: World) -> None:
    """Looking at it changes nothing; pressing twice is harmless; it is on record once."""
    code, client = invite(world), world.client("bob")
    page = client.get(f"/join/{code}").text
    assert "Course calc" in page
    assert page.count('<button class="main"') == 1
    assert role(world, "bob") is None
    answer = client.post(f"/join/{code}")
    assert (answer.status_code, answer.location) == (303, "/#course-calc")
    assert role(world, "bob") == "student"
    assert client.post(f"/join/{code}").status_code == 303
    assert role(world, "bob") == "student"
    assert "You are in this course already." in client.get(f"/join/{code}").text
    assert "Course calc" in client.get("/").text
    with world.store.read() as transaction:
        assert [(e.actor, e.action) for e in audit.recent(transaction, subject="calc")] == [
            ("bob", "course.join")
        ]


@pytest.mark.parametrize("login", ["tess", "root"])
def test_who_teaches_is_not_made_a_student(world: World, login: str) -> None:
    """Neither the course's instructor nor an admin, who teaches every course without being enrolled."""
    world.user("root", role="admin")
    code, before = invite(world), role(world, login)
    client = world.client(login)
    assert "You teach this course." in client.get(f"/join/{code}").text
    assert client.post(f"/join/{code}").status_code == 303
    assert role(world, login) == before


def test_who_has_an_account_signs_in_and_comes_back(world: World) -> None:
    """The link on the page keeps the way; signing in alone joins nothing."""
    code, client = invite(world), world.client()
    page = client.get(f"/join/{code}").text
    found = re.search(r'href="(/sign-in\?next=[^"]+)"', page)
    assert found is not None
    assert f'name="next" value="/join/{code}"' in client.get(found.group(1)).text
    answer = client.post("/sign-in", data={"login": "bob", "password": PASSWORD, "next": f"/join/{code}"})
    assert answer.location == f"/join/{code}"
    assert role(world, "bob") is None
    assert client.post(f"/join/{code}").location == "/#course-calc"
    assert role(world, "bob") == "student"


def test_who_has_none_makes_an_account(world: World) -> None:
    """A student's, in this course only, in the page's language, signed in, with the chosen password."""
    code, client = invite(world), world.client()
    client.get(f"/join/{code}?lang=zh")
    answer = client.post(f"/join/{code}", data={**FORM, "login": " New@Example.org ", "role": "admin"})
    assert (answer.status_code, answer.location) == (303, "/#course-calc")
    assert "课程 calc" in client.get("/").text
    user = passwords.authenticate(world.store, "new@example.org", FORM["password"])
    assert user is not None
    assert (user.login, user.name, user.role, user.language) == (
        "New@Example.org",
        "New Person",
        "student",
        "zh",
    )
    assert role(world, "new@example.org") == "student"
    assert role(world, "new@example.org", "other") is None


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        ({"login": "ADA "}, 409, "taken. Choose another one"),
        ({"login": ""}, 400, "visible characters"),
        ({"login": "x" * 255}, 400, "visible characters"),
        ({"login": "\ufdfa" * 100}, 400, "visible characters"),
        ({"login": "ad\u200ba"}, 400, "visible characters"),
        ({"login": "a\0b"}, 400, "visible characters"),
        ({"name": " \u202e\0 "}, 400, "Write your name"),
        ({"password": "x" * 9}, 400, "at least 10 characters"),
        ({"password": "x" * 1025}, 400, "at most 1024 characters"),
    ],
)
def test_a_form_that_does_not_fit_says_why_and_makes_nothing(
    world: World, change: dict[str, str], code: int, sentence: str
) -> None:
    """What was typed stays in it, but for the password."""
    url, client = f"/join/{invite(world)}", world.client()
    with world.store.read() as transaction:
        before = len(users.everyone(transaction))
    answer = client.post(url, data={**FORM, **change})
    assert answer.status_code == code
    assert sentence in answer.text
    assert FORM["password"] not in answer.text
    if "name" not in change:
        assert 'value="New Person"' in answer.text
    with world.store.read() as transaction:
        assert len(users.everyone(transaction)) == before
    assert client.get("/").status_code == 302


def test_a_name_taken_while_the_password_was_hashed_is_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sentence, and the account that was faster stays as it is."""
    real = passwords.hash_password

    def slow(password: str) -> str:
        world.user("new", name="Faster")
        return real(password)

    url = f"/join/{invite(world)}"
    monkeypatch.setattr(passwords, "hash_password", slow)
    answer = world.client().post(url, data=FORM)
    assert answer.status_code == 409
    assert "taken. Choose another one" in answer.text
    assert passwords.authenticate(world.store, "new", FORM["password"]) is None


def test_an_invitation_withdrawn_while_the_password_was_hashed_is_withdrawn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No account is left over."""
    real, url = passwords.hash_password, f"/join/{invite(world)}"

    def slow(password: str) -> str:
        with world.store.write() as transaction:
            course = courses.find_course(transaction, "calc")
            assert course is not None
            courses.withdraw_invitation(transaction, course.id)
        return real(password)

    monkeypatch.setattr(passwords, "hash_password", slow)
    answer = world.client().post(url, data=FORM)
    assert answer.status_code == 404
    assert not exists(world, "new")


def test_what_a_stranger_types_is_inert(world: World) -> None:
    """Names and codes are shown again as text, bounded."""
    url, client = f"/join/{invite(world)}", world.client()
    pages = [
        client.post(url, data={"login": HOSTILE, "name": HOSTILE, "password": ""}).text,
        client.get("/join", query_string={"code": HOSTILE}).text,
        client.get("/join", query_string={"code": "y" * 5000}).text,
    ]
    for page in map(without_our_script, pages):
        assert "<script" not in page and "<img" not in page
        assert len(page) < 10_000


@pytest.mark.parametrize("login", [None, "bob", "tess"])
@pytest.mark.parametrize("code", [UNKNOWN, "x", "%F0%9F%98%80", "withdrawn"])
def test_a_code_that_opens_nothing_gets_one_answer(world: World, login: str | None, code: str) -> None:
    """Unknown, malformed or withdrawn, to read or to join, signed in or not; nobody is made or enrolled."""
    if code == "withdrawn":
        code = invite(world)
        world.client("tess").post("/courses/calc/invitation", data={"action": "withdraw"})
    client = world.client(login)
    answers = [
        client.get(f"/join/{code}"),
        client.post(f"/join/{code}"),
        client.post(f"/join/{code}", data=FORM),
    ]
    for answer in answers:
        assert answer.status_code == 404
        assert SENTENCE in answer.text
        assert "Course calc" not in answer.text
    assert not exists(world, "new")
    assert role(world, "bob") is None


def test_a_code_can_be_typed(world: World) -> None:
    """In small letters, with spaces or hyphens; a wrong one is said to be wrong."""
    code, client = invite(world), world.client()
    assert "<form" in client.get("/join").text
    for typed in (code, code.lower(), f" {code[:5]} {code[5:]} ", f"{code[:3]}-{code[3:6]}-{code[6:]}"):
        assert client.get("/join", query_string={"code": typed}).location == f"/join/{code}"
    assert "Course calc" in client.get(f"/join/{code.lower()}").text
    answer = client.get("/join", query_string={"code": "0O1IL"})
    assert answer.status_code == 404
    assert SENTENCE in answer.text
    assert client.get("/join", query_string={"code": UNKNOWN}, follow_redirects=True).status_code == 404


def test_who_is_in_no_course_is_led_to_the_form(world: World) -> None:
    """From the empty page, and before signing in."""
    world.user("new")
    assert 'href="/join"' in world.client("new").get("/").text
    assert 'href="/join"' in world.client().get("/sign-in").text


def test_a_form_of_another_state_only_leads_to_the_page(world: World) -> None:
    """A form for a new account where somebody has signed in since; a button where somebody has signed out."""
    url = f"/join/{invite(world)}"
    for client, form in ((world.client("bob"), FORM), (world.client(), {})):
        answer = client.post(url, data=form)
        assert (answer.status_code, answer.location) == (303, url)
    assert not exists(world, "new")
    assert role(world, "bob") is None


def test_wrong_codes_are_slowed_and_shut_out_no_class(make_world: Callable[..., World]) -> None:
    """Behind one address the link of the course goes on working while a neighbour guesses."""
    world = make_world(sign_in_limit="3 per minute")
    world.course("calc", "detach", tess="instructor")
    world.user("bob")
    code, client = invite(world), world.client()
    paths = [f"/join/{UNKNOWN}", "/join/x", "/join?code=x", f"/join/{UNKNOWN}"]
    assert [client.get(path).status_code for path in paths] == [404, 404, 404, 429]
    assert client.post(f"/join/{UNKNOWN}", data=FORM).status_code == 429
    assert "Retry-After" in client.get(f"/join/{UNKNOWN}").headers
    assert world.client("bob").post(f"/join/{code}").status_code == 303
    elsewhere = client.get(f"/join/{UNKNOWN}", environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 404


def test_no_address_asks_for_codes_without_end(make_world: Callable[..., World]) -> None:
    """Right ones count, too: otherwise a guesser would know by the answer."""
    world = make_world(sign_in_limit="3 per minute")
    world.course("calc", "detach", tess="instructor")
    url, client = f"/join/{invite(world)}", world.client()
    codes = [client.get(url).status_code for _ in range(201)]
    assert codes == [200] * 200 + [429]


def test_accounts_are_not_made_without_end(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Per address, whether the form fits or not; what was typed stays."""
    monkeypatch.setattr("grader.web.rate_limits.ACCOUNTS_PER_ADDRESS", "2 per minute")
    world = make_world(sign_in_limit="3 per minute")
    world.course("calc", "detach", ada="student")
    url = f"/join/{invite(world)}"
    forms = [{**FORM, "login": "ada"}, {**FORM, "login": "one"}, {**FORM, "login": "two"}]
    answers = [world.client().post(url, data=form) for form in forms]
    assert [answer.status_code for answer in answers] == [409, 303, 429]
    assert 'value="two"' in answers[2].text
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert not exists(world, "two")


def link(client: FlaskClient) -> str | None:
    """The link on the roster."""
    found = re.search(r'value="(http://[^"]+/join/[^"]+)"', client.get("/courses/calc/students").text)
    return found.group(1) if found is not None else None


def test_a_teacher_makes_replaces_and_withdraws_the_link(world: World) -> None:
    """It is shown whole; only the newest works; making one twice keeps it."""
    client, stranger = world.client("tess"), world.client()

    def press(action: str) -> str | None:
        answer = client.post("/courses/calc/invitation", data={"action": action})
        assert (answer.status_code, answer.location) == (303, "/courses/calc/students#invitation")
        return link(client)

    assert link(client) is None
    first = press("make")
    assert first is not None
    assert stranger.get(first).status_code == 200
    assert press("make") == first
    assert press("nonsense") == first
    second = press("replace")
    assert second is not None and second != first
    assert (stranger.get(first).status_code, stranger.get(second).status_code) == (404, 200)
    assert press("withdraw") is None
    assert stranger.get(second).status_code == 404
    with world.store.read() as transaction:
        actions = [event.action for event in audit.recent(transaction, subject="calc")]
    assert actions == ["course.withdraw", "course.invite", "course.invite", "course.invite"]


def test_only_who_teaches_the_course_invites(world: World) -> None:
    """Its students may not; for others the course does not exist; strangers sign in first."""
    for login, code in (("ada", 403), ("bob", 404), ("tom", 404), (None, 302)):
        answer = world.client(login).post("/courses/calc/invitation", data={"action": "make"})
        assert answer.status_code == code
    assert link(world.client("tess")) is None


def test_no_forged_post_joins_or_invites(make_world: Callable[..., World]) -> None:
    """Each form carries a token, and without it nothing happens."""
    world = make_world(csrf=True)
    world.course("calc", "detach", tess="instructor")
    world.user("bob")
    code = invite(world)
    for login, path in (
        (None, f"/join/{code}"),
        ("bob", f"/join/{code}"),
        ("tess", "/courses/calc/students"),
    ):
        page = world.client(login).get(path).text
        assert page.count('method="post"') == page.count('name="csrf_token"') > 0
    assert world.client().post(f"/join/{code}", data=FORM).status_code == 400
    assert world.client("bob").post(f"/join/{code}").status_code == 400
    answer = world.client("tess").post("/courses/calc/invitation", data={"action": "withdraw"})
    assert answer.status_code == 400
    assert not exists(world, "new")
    assert role(world, "bob") is None
    assert invite(world) == code


def test_the_pages_switch_language_where_they_are(world: World) -> None:
    """Also after a form was refused."""
    url = f"/join/{invite(world)}"
    page = world.client().post(url, data={**FORM, "password": ""})
    assert 'href="?lang=zh"' in page.text
    assert "课程 calc" in world.client().get(f"{url}?lang=zh").text
    assert "课程码" in world.client().get("/join?lang=zh").text
