"""Signing in and out, and tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from grader.store import passwords, recovery, users
from grader.web.security import local_path
from tests.web.world import HOSTILE, PASSWORD, SOURCE, World, without_our_script

URL = "/courses/calc/detach"


def sign_in(world: World, login: str = "ada", password: str = PASSWORD, **form: str):  # type: ignore[no-untyped-def]
    """A fresh browser and the answer to its sign-in."""
    client = world.client()
    return client, client.post("/sign-in", data={"login": login, "password": password, **form})


def test_the_right_password_opens_a_session(world: World) -> None:
    """The answer is a redirect, so that a reload sends no password."""
    client, answer = sign_in(world, " ADA ")
    assert answer.status_code == 303
    assert answer.location == "/"
    assert "Course calc" in client.get("/").text


def test_the_cookie_cannot_be_read_by_scripts_or_sent_from_elsewhere(world: World) -> None:
    """HttpOnly, SameSite; Secure whenever the request came over TLS."""
    _client, answer = sign_in(world)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    client = world.client()
    answer = client.post(
        "/sign-in", data={"login": "ada", "password": PASSWORD}, base_url="https://localhost"
    )
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_cookies_can_be_kept_to_tls(make_world: Callable[..., World]) -> None:
    """GRADER_SECURE_COOKIES marks them even where TLS ends before us."""
    world = make_world(secure_cookies=True)
    world.user("ada")
    _client, answer = sign_in(world)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Secure" in world.client().get("/sign-in?lang=zh").headers["Set-Cookie"]


def test_a_refusal_does_not_tell_whether_the_account_exists(world: World) -> None:
    """Unknown, wrong and disabled are the same page, but for the name that was typed, to who has no password
    that is right. Who has is told what is so, and is not let in."""
    world.user("gone")
    with world.store.write() as transaction:
        gone = users.find_user(transaction, "gone")
        assert gone is not None
        users.set_disabled(transaction, gone.id, True)
    pages = []
    for login, password in (("ada", "wrong"), ("nobody", PASSWORD), ("gone", "wrong"), ("ada", "")):
        _client, answer = sign_in(world, login, password)
        assert answer.status_code == 401
        page = without_our_script(answer.text.replace(login, "LOGIN"))
        pages.append(re.sub(r'name="csrf_token" value="[^"]*"', "", page))
    assert len(set(pages)) == 1
    client, answer = sign_in(world, "gone", PASSWORD)
    assert answer.status_code == 403
    assert "This account is disabled" in answer.text
    assert client.get("/").status_code == 302


def test_who_is_disabled_is_out_at_once(world: World) -> None:
    """The session that is open, the token, and the link to a new password; enabled again, the token works."""
    client, token = world.client("ada"), world.token("ada")
    with world.store.write() as transaction:
        ada = users.find_user(transaction, "ada")
        assert ada is not None
        link = recovery.make_link(transaction, ada.id, lifetime=timedelta(hours=1))
    assert client.get("/").status_code == 200
    with world.store.write() as transaction:
        users.set_disabled(transaction, ada.id, True)
    assert client.get("/").status_code == 302
    assert world.client().get("/api/v1/exercises", headers=token).status_code == 401
    assert world.client().get(f"/password/{link}").status_code == 404
    with world.store.write() as transaction:
        users.set_disabled(transaction, ada.id, False)
    assert client.get("/").status_code == 302
    assert world.client().get("/api/v1/exercises", headers=token).status_code == 200
    assert world.client().get(f"/password/{link}").status_code == 404


def test_what_was_typed_as_a_name_is_inert(world: World) -> None:
    """It is shown again, as text."""
    _client, answer = sign_in(world, HOSTILE)
    assert "<script" not in without_our_script(answer.text)
    assert "<img" not in answer.text


@pytest.mark.parametrize("login", ["", "\0", "a" * 10_000, "\ud800", "ada\n"])
def test_no_name_is_an_error(world: World, login: str) -> None:
    """Whatever is sent, the answer is a refusal or a session."""
    client = world.client()
    body = {"login": login.encode("utf-8", "surrogatepass"), "password": PASSWORD.encode()}
    assert client.post("/sign-in", data=body).status_code in {303, 401}
    assert (
        client.post(
            "/sign-in", data={"login": b"ada", "password": login.encode("utf-8", "surrogatepass")}
        ).status_code
        == 401
    )


def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    client, _answer = sign_in(world)
    thief = world.client()
    cookie = client.get_cookie("grader")
    assert cookie is not None
    thief.set_cookie("grader", cookie.value)
    assert thief.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert thief.get("/").status_code == 302


def test_signing_out_everywhere_ends_every_session(world: World) -> None:
    """On this device and the others."""
    here, there = world.client("ada"), world.client("ada")
    here.post("/sign-out-everywhere")
    assert here.get("/").status_code == 302
    assert there.get("/").status_code == 302
    assert world.client("tess").get("/").status_code == 200


def test_signing_in_ends_what_was_prepared_in_the_session(world: World) -> None:
    """Nothing that was in the cookie before survives into the new session."""
    client = world.client()
    with client.session_transaction() as session:
        session["planted"] = "x"
    client.post("/sign-in", data={"login": "ada", "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session


def test_one_is_led_back_to_where_one_wanted_to_go(world: World) -> None:
    """The address is kept through signing in."""
    answer = world.client().get(f"{URL}?from=starter")
    assert answer.location == "/sign-in?next=/courses/calc/detach?from%3Dstarter"
    _client, answer = sign_in(world, next=f"{URL}?from=starter")
    assert answer.location == f"{URL}?from=starter"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "\t//evil.example",
        " //evil.example",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_one_is_never_led_elsewhere(world: World, target: str) -> None:
    """Only a path of this server counts as a target."""
    assert local_path(target) is None
    _client, answer = sign_in(world, next=target)
    assert answer.location == "/"
    assert world.client("ada").get("/sign-in", query_string={"next": target}).location == "/"


def test_guessing_is_slowed_for_one_account_from_one_address(make_world: Callable[..., World]) -> None:
    """In any spelling of the name; other accounts and the same account from elsewhere go on."""
    world = make_world(sign_in_limit="3 per minute")
    world.user("ada")
    world.user("bob")
    codes = [sign_in(world, login, "wrong")[1].status_code for login in ("ada", "ADA", " ada ", "Ada")]
    assert codes == [401, 401, 401, 429]
    _client, answer = sign_in(world)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert sign_in(world, "bob")[1].status_code == 303
    elsewhere = world.client().post(
        "/sign-in", data={"login": "ada", "password": PASSWORD}, environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert elsewhere.status_code == 303


def test_an_address_is_taken_from_proxies_only_when_they_are_ours(make_world: Callable[..., World]) -> None:
    """Without GRADER_TRUSTED_PROXIES nobody escapes the limit by a header."""
    for trusted, last in ((0, 429), (1, 401)):
        world = make_world(sign_in_limit="1 per minute", trusted_proxies=trusted)
        world.user("ada")
        codes = [
            world.client()
            .post(
                "/sign-in",
                data={"login": "ada", "password": "no"},
                headers={"X-Forwarded-For": f"10.0.0.{n}"},
            )
            .status_code
            for n in range(2)
        ]
        assert codes == [401, last]


def test_a_form_sent_after_the_session_ended_is_kept_through_signing_in(world: World) -> None:
    """The page holds code and predictions, signs in, and offers to submit them."""
    client = world.client()
    page = client.post(URL, data={"source": "kept = '<b>'", "predict-x_grad": "[1]", "request_key": "k"})
    assert page.status_code == 401
    assert "kept = &#39;&lt;b&gt;&#39;" in page.text
    assert f'name="next" value="{URL}"' in page.text
    form = {"source": "kept = 1", "predict-x_grad": "[1]", "next": URL, "login": "ada"}
    wrong = client.post("/sign-in", data={**form, "password": "wrong"})
    assert "kept = 1" in wrong.text
    page = client.post("/sign-in", data={**form, "password": PASSWORD})
    assert "kept = 1" in page.text
    assert 'name="predict-x_grad" value="[1]"' in page.text
    assert f'action="{URL}"' in page.text
    assert not world.dispatcher.submitted
    assert client.post(URL, data={"source": "kept = 1"}).status_code == 303


def test_tokens_are_shown_once_and_can_be_revoked(world: World) -> None:
    """The account page lists them by name; another account cannot revoke them."""
    client = world.client("ada")
    page = client.post("/account/tokens", data={"name": HOSTILE})
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script" not in page.text
    found = re.search(r"grt_[A-Za-z0-9_-]+", page.text)
    assert found is not None
    header = {"Authorization": f"Bearer {found.group()}"}
    assert world.client().get("/api/v1/exercises", headers=header).status_code == 200
    page = client.get("/account")
    assert found.group() not in page.text
    url = re.search(r"/account/tokens/\d+/revoke", page.text)
    assert url is not None
    assert world.client("bob").post(url.group()).status_code == 404
    assert world.client().get("/api/v1/exercises", headers=header).status_code == 200
    assert client.post(url.group()).status_code == 303
    assert world.client().get("/api/v1/exercises", headers=header).status_code == 401


def test_tokens_are_bounded(world: World) -> None:
    """A form that is sent in a loop does not fill the table."""
    client = world.client("ada")
    codes = [client.post("/account/tokens", data={"name": "x\0"}).status_code for _ in range(21)]
    assert codes == [200] * 20 + [409]


def test_submitting_needs_a_session(world: World) -> None:
    """And without a source there is nothing to keep."""
    assert world.client().post(URL, data={"predict-x_grad": SOURCE}).status_code == 302


NEW = "a longer new password"


def change(client: FlaskClient, current: str = PASSWORD, new: str = NEW, again: str | None = None):  # type: ignore[no-untyped-def]
    """The answer to the password's form."""
    form = {"current": current, "new": new, "again": new if again is None else again}
    return client.post("/account/password", data=form)


def test_a_changed_password_ends_every_other_session(world: World) -> None:
    """This browser goes on, with another token; a copy of its old cookie is worth nothing."""
    here, there, thief = world.client("ada"), world.client("ada"), world.client()
    cookie = here.get_cookie("grader")
    assert cookie is not None
    thief.set_cookie("grader", cookie.value)
    answer = change(here)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your password is changed" in here.get("/account").text
    assert "Your password is changed" not in here.get("/account").text
    assert there.get("/").status_code == 302
    assert thief.get("/").status_code == 302
    assert world.client("tess").get("/").status_code == 200
    assert sign_in(world)[1].status_code == 401
    assert sign_in(world, password=NEW)[1].status_code == 303


@pytest.mark.parametrize(
    ("form", "code", "sentence"),
    [
        ({"current": "wrong"}, 403, "The current password is not right."),
        ({"current": ""}, 403, "The current password is not right."),
        ({"new": "x" * 9}, 400, "at least 10 characters"),
        ({"new": ""}, 400, "at least 10 characters"),
        ({"new": "x" * 1025}, 400, "at most 1024 characters"),
        ({"again": "a longer new passwort"}, 400, "differ"),
    ],
)
def test_a_refused_change_says_why_and_changes_nothing(
    world: World, form: dict[str, str], code: int, sentence: str
) -> None:
    """The old password still works, and nobody is signed out."""
    here, there = world.client("ada"), world.client("ada")
    answer = change(here, **form)
    assert answer.status_code == code
    assert sentence in answer.text
    assert here.get("/account").status_code == there.get("/account").status_code == 200
    assert sign_in(world)[1].status_code == 303


def test_guessing_the_current_password_counts_as_signing_in(make_world: Callable[..., World]) -> None:
    """A session left open is no faster way to a password; what is only typed badly costs no try."""
    world = make_world(sign_in_limit="2 per minute")
    world.user("ada")
    client = world.client("ada")
    assert [change(client, new="short").status_code for _ in range(3)] == [400] * 3
    assert [change(client, "wrong").status_code for _ in range(2)] == [403, 403]
    answer = change(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert sign_in(world)[1].status_code == 429


_OTHERS_IN_TRANSACTION = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
)


def test_no_transaction_is_open_while_a_password_is_hashed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing takes 0.1 s; the one writer goes on meanwhile."""
    real, written = passwords.hash_password, []

    def hash_and_write(password: str) -> str:
        turn = world.store._turn
        if turn is None:  # a database server has more than one writer, and knows who is in a transaction
            with world.store.read() as session:
                written.append(session.scalar(text(_OTHERS_IN_TRANSACTION)) == 0)
            return real(password)
        written.append(turn.acquire(blocking=False))
        turn.release()
        return real(password)

    monkeypatch.setattr(passwords, "hash_password", hash_and_write)
    assert change(world.client("ada")).status_code == 303
    assert written == [True]


def test_an_account_without_a_password_is_offered_no_change(world: World) -> None:
    """It signs in by another way; nothing it could type as the current one is right."""
    with world.store.write() as transaction:
        users.add_user(transaction, "lti", "From elsewhere")
    client = world.client("lti")
    assert 'name="current"' not in client.get("/account").text
    assert 'name="current"' in world.client("ada").get("/account").text
    assert change(client, "").status_code == 403


def zone_of(world: World, login: str) -> str | None:
    """What the store has."""
    with world.store.read() as transaction:
        user = users.find_user(transaction, login)
        assert user is not None
        return user.timezone


def test_a_time_zone_is_kept_and_used(world: World) -> None:
    """As the database spells it; empty gives the choice back to the browser."""
    client = world.client("ada")
    assert client.post("/account/timezone", data={"timezone": "asia/tokyo"}).status_code == 303
    assert zone_of(world, "ada") == "Asia/Tokyo"
    page = client.get("/account").text
    assert 'value="Asia/Tokyo" list="zones"' in page
    assert "UTC+9" in page
    assert client.post("/account/timezone", data={"timezone": " "}).status_code == 303
    assert zone_of(world, "ada") is None
    assert "UTC+9" not in client.get("/account").text


@pytest.mark.parametrize("typed", ["Mars/Olympus", HOSTILE, "../../etc/passwd", "x" * 10_000, "UTC\0"])
def test_a_zone_that_is_none_is_refused(world: World, typed: str) -> None:
    """What was typed is shown again, as text; the account keeps what it had."""
    client = world.client("ada")
    client.post("/account/timezone", data={"timezone": "Europe/Paris"})
    answer = client.post("/account/timezone", data={"timezone": typed})
    assert answer.status_code == 400
    assert "There is no such time zone." in answer.text
    assert "<script" not in answer.text and len(answer.text) < 30_000
    assert zone_of(world, "ada") == "Europe/Paris"


@pytest.mark.parametrize("form", ["password", "timezone", "tokens"])
def test_after_a_form_the_language_can_be_switched(world: World, form: str) -> None:
    """The page of a refused form stands at the form's address, and its links are relative to it."""
    client = world.client("ada")
    page = client.get(f"/account/{form}?lang=zh", follow_redirects=True)
    assert page.status_code == 200
    assert "你的账户" in page.text


def test_a_language_chosen_while_signed_in_is_the_accounts(world: World) -> None:
    """Another device reads it; a page that does not exist, the API and a stranger change nothing."""
    assert "退出" in world.client("ada").get("/?lang=zh").text
    assert "退出" in world.client("ada").get("/").text
    world.client("ada").get("/nowhere?lang=en")
    world.client("ada").get("/api/v1/exercises?lang=en", headers=world.token("ada"))
    world.client().get("/sign-in?lang=en")
    assert "退出" in world.client("ada").get("/").text
    world.client("ada").get("/account?lang=xx")
    assert "退出" in world.client("ada").get("/").text
    assert "Sign out" in world.client("ada").get("/?lang=en").text
    assert "Sign out" in world.client("ada").get("/").text
