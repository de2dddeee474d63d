"""Who forgot a password gets in again: links that work once, made by a teacher or sent by mail."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from grader.model.mail import Mail, SmtpSecurity
from grader.store import audit, courses, enrolments, passwords, recovery, users
from grader.store.tables import PasswordLink, User
from grader.web.context import EXTENSION, Asked
from tests import smtp
from tests.web.world import HOSTILE, PASSWORD, World

NEW = "a longer new password"


def account(world: World, login: str) -> User:
    """As the store has it."""
    with world.store.read() as transaction:
        user = users.find_user(transaction, login)
        assert user is not None
        return user


def post_for_link(world: World, login: str, by: str = "tess", course: str = "calc") -> TestResponse:
    """The answer to the teacher's button."""
    return world.client(by).post(f"/courses/{course}/password-links/{account(world, login).id}")


def path_in(text: str) -> str:
    """The path of the link in a page or a mail."""
    found = re.findall(r"/password/grp_[\w-]+", text)
    assert len(set(found)) == 1, text
    return str(found[0])


def use(client: FlaskClient, path: str, new: str = NEW, again: str | None = None) -> TestResponse:
    """The answer to the form behind a link."""
    return client.post(path, data={"new": new, "again": new if again is None else again})


def can_sign_in(world: World, login: str, password: str) -> bool:
    """Through the form."""
    form = {"login": login, "password": password}
    return world.client().post("/sign-in", data=form).status_code == 303


def test_a_teachers_link_gives_a_student_a_new_password_once(world: World) -> None:
    """Previews may open it; the form uses it up. All other sessions and the tokens end; this one begins."""
    elsewhere, token = world.client("ada"), world.token("ada")
    page = world.client("tess").get("/courses/calc/students").text
    assert "Make a password link for Ada" in page
    answer = post_for_link(world, "ada")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    path = path_in(answer.text)
    assert len(path.removeprefix("/password/grp_")) >= 43, "256 bits"
    assert path not in world.client("tess").get("/courses/calc/students").text
    with world.store.read() as transaction:
        row = transaction.query(PasswordLink).one()
        assert path.removeprefix("/password/") not in str(vars(row))
        event = audit.recent(transaction, subject="ada")[0]
        assert (event.actor, event.action, event.details) == ("tess", "account.link", {"course": "calc"})

    client = world.client()
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == client.head(path).status_code == 200
        assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert can_sign_in(world, "ada", PASSWORD) and elsewhere.get("/").status_code == 200
    for form, sentence in (
        ({"new": "short"}, "at least 10 characters"),
        ({"again": "another one"}, "differ"),
    ):
        refused = use(client, path, **form)
        assert refused.status_code == 400 and sentence in refused.text
        assert refused.headers["Referrer-Policy"] == "no-referrer"
    answer = use(client, path)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your password is changed" in client.get("/account").text
    assert can_sign_in(world, "ada", NEW) and not can_sign_in(world, "ada", PASSWORD)
    assert elsewhere.get("/").status_code == 302
    assert world.client().get("/api/v1/exercises", headers=token).status_code == 401

    other = world.client()
    for again in (other.get(path), use(other, path, "yet another password")):
        assert again.status_code == 404
        assert again.headers["Referrer-Policy"] == "no-referrer"
    assert can_sign_in(world, "ada", NEW)
    with world.store.read() as transaction:
        event = audit.recent(transaction, subject="ada")[0]
        assert (event.actor, event.action) == ("ada", "account.password")


def test_links_that_do_not_work_say_one_thing_and_name_nobody(make_world: Callable[..., World]) -> None:
    """Used, expired, replaced, invented, of who was disabled or has left: one page but for the address."""
    world = make_world()
    everyone = ("used", "old", "replaced", "off", "left", "changed")
    world.course("calc", "detach", tess="instructor", **dict.fromkeys(everyone, "student"))  # type: ignore[arg-type]
    paths = {login: path_in(post_for_link(world, login).text) for login in everyone}
    use(world.client(), paths["used"])
    post_for_link(world, "replaced")
    with world.store.write() as transaction:
        user = users.find_user(transaction, "old")
        course = courses.find_course(transaction, "calc")
        assert user is not None and course is not None
        expired = recovery.make_link(
            transaction, user.id, lifetime=timedelta(seconds=-1), course_id=course.id
        )
        paths["old"] = f"/password/{expired}"
        users.set_disabled(transaction, account(world, "off").id, True)
        enrolments.unenrol(transaction, account(world, "left").id, course.id)
        passwords.set_password(transaction, account(world, "changed").id, None)
    paths["invented"], paths["odd"] = "/password/grp_" + "A" * 43, "/password/%F0%9F%98%80"
    pages = set()
    for path in paths.values():
        page = world.client().get(path)
        assert page.status_code == use(world.client(), path).status_code == 404
        pages.add(page.text.replace(path, ""))
    assert len(pages) == 1
    assert "This link does not work" in pages.pop()


def test_no_link_reaches_who_can_do_more_than_a_student(world: World) -> None:
    """A teacher elsewhere, an administrator, a colleague, somebody of another course; not later either."""
    world.user("root", "admin")
    world.user("prof", "instructor")
    world.user("tutor")
    late = path_in(post_for_link(world, "ada").text)
    with world.store.write() as transaction:
        calc, other = (courses.find_course(transaction, slug) for slug in ("calc", "other"))
        assert calc is not None and other is not None
        for login in ("root", "prof", "tutor"):
            enrolments.enrol(transaction, account(world, login).id, calc.id)
        enrolments.enrol(transaction, account(world, "tutor").id, other.id, "instructor")
        enrolments.enrol(transaction, account(world, "ada").id, other.id, "instructor")
    page = world.client("tess").get("/courses/calc/students").text
    assert page.count("ask whoever runs this server") == 4
    assert page.count("Make a password link") == 0
    for login, code in (("root", 403), ("prof", 403), ("tutor", 403), ("tess", 403), ("bob", 404)):
        answer = post_for_link(world, login)
        assert (answer.status_code, "/password/grp_" in answer.text) == (code, False), login
    assert post_for_link(world, "bob", by="ada").status_code == 403
    assert post_for_link(world, "ada", by="bob").status_code == 404
    assert world.client().get(late).status_code == 404, "ada teaches since the link was made"


def test_two_who_press_the_button_at_once_set_one_password(world: World) -> None:
    """The row tells who was first, whoever looked first."""
    token = path_in(post_for_link(world, "ada").text).removeprefix("/password/")
    results, together = [], threading.Barrier(2)

    def press(password_hash: str) -> None:
        together.wait()
        with world.store.write() as transaction:
            results.append(recovery.use_link(transaction, token, password_hash) is not None)

    threads = [threading.Thread(target=press, args=(each,)) for each in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]


def test_the_form_works_over_tls_without_a_referrer_and_is_not_forged(
    make_world: Callable[..., World],
) -> None:
    """The page sends no referrer, which the defence against forged posts would want over TLS."""
    world = make_world(csrf=True)
    world.course("calc", "detach", ada="student")
    with world.store.write() as transaction:
        token = recovery.make_link(transaction, account(world, "ada").id, lifetime=timedelta(hours=1))
    client, path, tls = world.client(), f"/password/{token}", "https://localhost"
    page = client.get(path, base_url=tls).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    form = {"new": NEW, "again": NEW}
    refused = client.post(path, data=form, base_url=tls)
    assert refused.status_code == 400 and "out of date" in refused.text
    assert client.post(path, data={**form, "csrf_token": "x"}, base_url=tls).status_code == 400
    assert client.post(path, data={**form, "csrf_token": found[1]}, base_url=tls).status_code == 303


def test_guessing_links_is_slow_and_shuts_out_nobody_with_a_right_one(
    make_world: Callable[..., World],
) -> None:
    """As with codes of courses."""
    world = make_world(sign_in_limit="3 per minute")
    world.user("ada")
    with world.store.write() as transaction:
        token = recovery.make_link(transaction, account(world, "ada").id, lifetime=timedelta(hours=1))
    client = world.client()
    codes = [client.get(f"/password/grp_guess{n}").status_code for n in range(5)]
    assert codes == [404, 404, 404, 429, 429]
    assert client.get(f"/password/{token}").status_code == 200


def test_making_links_is_bounded(make_world: Callable[..., World]) -> None:
    """A teacher's session left open does not make them by the thousand."""
    world = make_world(sign_in_limit="1000 per minute")
    world.course("calc", "detach", ada="student", tess="instructor")
    client, url = world.client("tess"), f"/courses/calc/password-links/{account(world, 'ada').id}"
    assert [client.post(url).status_code for _ in range(31)] == [200] * 30 + [429]


# By mail


@pytest.fixture
def sink() -> Iterator[smtp.Sink]:
    """A mail server that speaks SMTP."""
    with smtp.sink() as kept:
        yield kept


@pytest.fixture
def mailing(make_world: Callable[..., World], sink: smtp.Sink) -> World:
    """Course ``calc``, and a server that mails."""
    mail = Mail(
        "127.0.0.1", "grader@school.example", "https://grader.school.example/exercises", "off", sink.port
    )
    world = make_world(mail=mail)
    world.course("calc", "detach", ada="student", tess="instructor")
    return world


def set_email(world: World, login: str, email: str) -> None:
    """As the account page does."""
    with world.store.write() as transaction:
        recovery.set_email(transaction, account(world, login).id, recovery.checked_email(email))


def ask(world: World, typed: str, lang: str = "en") -> TestResponse:
    """Ask for a mail by the form, and wait until it was seen to."""
    answer = world.client().post(f"/password?lang={lang}", data={"login": typed})
    world.app.extensions[EXTENSION].mailer.settle()
    return answer


def test_a_mail_brings_a_link_that_works(mailing: World, sink: smtp.Sink) -> None:
    """By the login in any case. The address of the link is ours, whatever host the request names."""
    set_email(mailing, "ada", "Ada@School.example")
    assert 'href="/password"' in mailing.client().get("/sign-in").text
    answer = mailing.client().post(
        "/password", data={"login": " ADA "}, headers={"Host": "evil.example", "X-Forwarded-Host": "evil"}
    )
    assert (answer.status_code, answer.location) == (303, "/password-sent")
    mailing.app.extensions[EXTENSION].mailer.settle()
    (mail,) = sink.mails
    assert (mail["From"], mail["To"]) == ("grader@school.example", "ada@school.example")
    text = mail.get_content()
    assert "evil" not in text and "account ada:" in text and "within 24 hours" in text
    assert f"https://grader.school.example/exercises{path_in(text)}\r\n" in text
    assert use(mailing.client(), path_in(text)).status_code == 303
    assert can_sign_in(mailing, "ada", NEW)


def test_an_address_with_several_accounts_gets_one_mail_that_lists_each(
    mailing: World, sink: smtp.Sink
) -> None:
    """In the language of who asks. A login that is an address is one."""
    mailing.user("ada.second")
    mailing.user("ada@school.example")
    set_email(mailing, "ada", "ada@school.example")
    set_email(mailing, "ada.second", "ada@school.example")
    ask(mailing, "ada@school.example", "zh")
    (mail,) = sink.mails
    text = mail.get_content()
    assert len(set(re.findall(r"/password/grp_[\w-]+", text))) == 3
    assert "为账户 ada.second 设置新密码" in text
    assert mail["Subject"] == "重设习题系统的密码"


def test_the_answer_does_not_tell_who_has_an_account(mailing: World, sink: smtp.Sink) -> None:
    """Nothing is looked up before it is given: not even the time could tell."""
    set_email(mailing, "ada", "ada@school.example")
    mailing.user("gone")
    set_email(mailing, "gone", "gone@school.example")
    with mailing.store.write() as transaction:
        users.set_disabled(transaction, account(mailing, "gone").id, True)
    answers = set()
    for typed in ("ada", "tess", "nobody", "gone", "gone@school.example", HOSTILE, "a\0b", "\ud800"):
        body = {"login": typed.encode("utf-8", "surrogatepass")}
        answer = mailing.client().post("/password", data=body)
        answers.add((answer.status_code, answer.location, answer.text))
    assert len(answers) == 1
    mailing.app.extensions[EXTENSION].mailer.settle()
    assert [mail["To"] for mail in sink.mails] == ["ada@school.example"]


def test_one_mailbox_gets_few_mails(mailing: World, sink: smtp.Sink) -> None:
    """However many accounts somebody gives the address of another person."""
    for login in ("one", "two", "three", "four", "five"):
        mailing.user(login)
        set_email(mailing, login, "victim@school.example")
    for login in ("one", "two", "three", "four", "five"):
        assert ask(mailing, login).status_code == 303
    assert len(sink.mails) == 3


def test_asking_without_end_is_slowed(make_world: Callable[..., World], sink: smtp.Sink) -> None:
    """From one address of the network, whoever is asked for."""
    mail = Mail("127.0.0.1", "g@school.example", "https://g.example", "off", sink.port)
    world = make_world(mail=mail, sign_in_limit="100 per minute")
    codes = {n: world.client().post("/password", data={"login": f"n{n}"}).status_code for n in range(21)}
    assert (codes[19], codes[20]) == (303, 429)


def test_a_failure_is_logged_without_the_link_and_the_link_is_worth_nothing(
    mailing: World, sink: smtp.Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader gets the answer that all get; the thread lives on."""
    set_email(mailing, "ada", "ada@school.example")
    sink.refuses = True
    assert ask(mailing, "ada").status_code == 303
    said = "".join(capsys.readouterr())
    assert "a mail could not be sent" in said and "SMTPDataError" in said and "554" in said
    assert "grp_" not in said
    with mailing.store.read() as transaction:
        assert transaction.query(PasswordLink).count() == 0
    sink.refuses = False
    ask(mailing, "ada")
    assert len(sink.mails) == 1


def test_too_many_that_wait_are_refused_truthfully(
    mailing: World, monkeypatch: pytest.MonkeyPatch, sink: smtp.Sink
) -> None:
    """The queue is bounded; the page says that nothing will come of it."""
    mailer, begun, held = mailing.app.extensions[EXTENSION].mailer, threading.Event(), threading.Event()
    monkeypatch.setattr(mailer, "_answer", lambda _asked: begun.set() or held.wait(60))
    assert mailer.ask(Asked("x", "en")) and begun.wait(60)  # or it would make room when it begins
    while mailer.ask(Asked("x", "en")):
        pass
    answer = mailing.client().post("/password", data={"login": "ada"})
    assert answer.status_code == 503 and "Try again in a few minutes" in answer.text
    held.set()
    mailer.settle()


@pytest.mark.parametrize(("password", "arrives"), [("hunter2 hunter2", True), ("wrong", False)])
def test_a_server_that_wants_a_password_gets_it(
    make_world: Callable[..., World], sink: smtp.Sink, password: str, arrives: bool
) -> None:
    """And a wrong one sends nothing."""
    mail = Mail("127.0.0.1", "g@s.example", "https://g.example", "off", sink.port, "grader", password)
    world = make_world(mail=mail)
    world.user("ada@s.example")
    ask(world, "ada@s.example")
    assert (len(sink.mails) == 1) is arrives


def test_where_tls_is_wanted_nothing_goes_in_the_clear(
    make_world: Callable[..., World], sink: smtp.Sink
) -> None:
    """A server, or somebody on the way, that does not offer STARTTLS gets neither password nor mail."""
    mail = Mail("127.0.0.1", "g@s.example", "https://g.example", "starttls", sink.port, "grader", "hunter2")
    world = make_world(mail=mail)
    world.user("ada@s.example")
    ask(world, "ada@s.example")
    assert sink.mails == []
    assert {command.split(" ")[0].upper() for command in sink.commands} <= {"EHLO", "STARTTLS", "QUIT"}


@pytest.mark.parametrize("security", ["starttls", "ssl"])
@pytest.mark.parametrize(
    ("names", "trusted", "arrives"),
    [
        ("IP:127.0.0.1", True, True),
        ("IP:127.0.0.1", False, False),
        ("DNS:another.example", True, False),
    ],
    ids=["right", "of an authority that nobody trusts", "of another server"],
)
def test_mail_over_tls_goes_to_the_right_server_only(
    make_world: Callable[..., World],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: SmtpSecurity,
    names: str,
    trusted: bool,
    arrives: bool,
) -> None:
    """A real handshake, with an authority of the test's own: nothing goes in the clear, or elsewhere."""
    context, certificate = smtp.authority(tmp_path, names)
    if trusted:
        # OpenSSL's own variable, by which an operator names the authority of a mail server, too.
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with smtp.sink(context, implicit=security == "ssl") as sink:
        mail = Mail(
            "127.0.0.1", "g@s.example", "https://g.example", security, sink.port, "grader", "hunter2 hunter2"
        )
        world = make_world(mail=mail)
        world.user("ada@s.example")
        ask(world, "ada@s.example")
        assert (len(sink.mails) == 1) is arrives
        assert any(command.startswith("AUTH") for command in sink.commands) is arrives
        assert {command.split(" ")[0].upper() for command in sink.in_clear} <= {"EHLO", "STARTTLS"}


def test_without_mail_the_page_says_whom_to_ask(world: World) -> None:
    """And offers nothing that would not come."""
    for lang, sentence in (
        ("en", "Your teacher can give you a link"),
        ("zh", "老师可以给你一个重设密码的链接"),
    ):
        page = world.client().get(f"/sign-in?lang={lang}").text
        assert sentence in page and 'href="/password"' not in page
        assert sentence in world.client().get(f"/password?lang={lang}").text
    assert world.client().post("/password", data={"login": "ada"}).status_code == 404
    for page in (world.client("ada").get("/account").text, world.client().get("/sign-in").text):
        assert 'name="email"' not in page


def test_an_address_is_set_with_the_password_only(mailing: World) -> None:
    """Whoever finds a session open cannot take the account over; a link to the old address ends."""
    client = mailing.client("ada")
    assert client.post("/account/email", data={"email": "a@x.example", "current": "no"}).status_code == 403
    assert account(mailing, "ada").email is None
    for typed in ("no address", "a@b", "a@x.example\nBcc: b@x.example", "<a@x.example>", HOSTILE, "a" * 5000):
        answer = client.post("/account/email", data={"email": typed, "current": PASSWORD})
        assert answer.status_code == 400 and "This is no e-mail address" in answer.text
        assert "<script" not in answer.text
    form = {"email": " Ada@X.example ", "current": PASSWORD}
    assert client.post("/account/email", data=form).status_code == 303
    assert account(mailing, "ada").email == "ada@x.example"
    assert 'value="ada@x.example"' in client.get("/account").text
    with mailing.store.write() as transaction:
        token = recovery.make_link(transaction, account(mailing, "ada").id, lifetime=timedelta(hours=1))
    assert client.post("/account/email", data={"email": "", "current": PASSWORD}).status_code == 303
    assert account(mailing, "ada").email is None
    assert mailing.client().get(f"/password/{token}").status_code == 404
    assert client.get("/account/email").location == "/account"


def test_an_address_may_be_given_when_joining(mailing: World) -> None:
    """It is not required; one that is none is said, and makes no account."""
    with mailing.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        code = courses.invite(transaction, course.id)
    form = {"login": "new", "name": "New", "password": "a good password"}
    refused = mailing.client().post(f"/join/{code}", data={**form, "email": "nonsense"})
    assert refused.status_code == 400 and 'value="nonsense"' in refused.text
    assert mailing.client().post(f"/join/{code}", data={**form, "email": "n@x.example"}).status_code == 303
    assert account(mailing, "new").email == "n@x.example"
    other = {**form, "login": "other", "email": ""}
    assert mailing.client().post(f"/join/{code}", data=other).status_code == 303
    assert account(mailing, "other").email is None


def test_new_people_of_a_list_are_mailed_a_link_to_a_first_password(mailing: World, sink: smtp.Sink) -> None:
    """Those who have an address and no password yet; once; and a mail that was refused leaves no link."""
    with mailing.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        for login, email in (("new", "new@school.example"), ("refused", "r@school.example"), ("none", None)):
            user = users.add_user(session, login, login.title())
            recovery.set_email(session, user.id, email)
            enrolments.enrol(session, user.id, course.id)
    tess, mailer = mailing.client("tess"), mailing.app.extensions[EXTENSION].mailer
    assert "Mail each the link" in tess.get("/courses/calc/students").text
    page = tess.post("/courses/calc/password-mails", follow_redirects=True)
    mailer.settle()
    assert "2 mails are being sent" in page.text
    assert sorted(mail["To"] for mail in sink.mails) == ["new@school.example", "r@school.example"]
    text = next(mail for mail in sink.mails if mail["To"].startswith("new")).get_content()
    assert "You are enrolled in the course Course calc at grader.school.example." in text
    assert use(mailing.client(), path_in(text)).status_code == 303
    sink.mails.clear()
    sink.refuses = True
    tess.post("/courses/calc/password-mails")
    mailer.settle()
    assert sink.mails == []
    with mailing.store.read() as session:
        links = session.scalars(select(PasswordLink).where(PasswordLink.ended.is_(None))).all()
    assert links == []
