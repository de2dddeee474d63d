"""Roster's page: who is shown, what may be done to whom, and lists that are imported."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grader.store import enrolments, members, roster_changes, sections, users
from grader.store.tables import Enrolment, User
from tests.web.world import HOSTILE, World

PAGE = "/courses/calc/students"


def account(world: World, login: str) -> User:
    with world.store.read() as session:
        user = users.find_user(session, login)
        assert user is not None
        return user


def enrolled(world: World, login: str, course: int = 1) -> Enrolment | None:
    with world.store.read() as session:
        return session.get(Enrolment, (account(world, login).id, course))


def act(client: FlaskClient, action: str, *ids: int, **more: str) -> TestResponse:
    return client.post(
        "/courses/calc/members", data={"action": action, "who": [str(one) for one in ids], **more}
    )


def said(page: TestResponse) -> str:
    return " ".join(re.findall(r'role="(?:status|alert)"[^>]*>(.*?)</p>', page.text, re.DOTALL))


def send(client: FlaskClient, data: bytes, name: str = "list.csv") -> TestResponse:
    return client.post("/courses/calc/roster", data={"list": (io.BytesIO(data), name)})


def import_(client: FlaskClient, data: bytes, **ticks: str) -> TestResponse:
    """Look, then import what was shown."""
    where = send(client, data).location
    digest = re.search(r'name="plan" value="(\w+)"', client.get(where).text)
    assert digest is not None
    return client.post(f"{where}/import", data={"plan": digest[1], **ticks})


def test_everybody_is_listed_apart_by_whether_they_are_in_it(world: World) -> None:
    """With login, address, number, role, sections; searched and filtered."""
    tess = world.client("tess")
    import_(
        tess,
        b"name,login,email,student id,group\nAda,ada,ada@x.org,4711,Mon\nBo Li,boli,,,Tue\nCy,cy,,,Tue\n",
    )
    act(tess, "let-out", account(world, "cy").id)
    page = tess.get(PAGE).text
    for text in (
        "Bo Li",
        "boli",
        "ada@x.org",
        "4711",
        "Mon",
        "Teacher",
        "1 person is no longer in the course",
    ):
        assert text in page
    found = tess.get(f"{PAGE}?q=BO").text
    assert "Bo Li" in found and "ada@x.org" not in found and "1 of 3 people fit" in found
    with world.store.read() as session:
        tuesday = next(each.id for each in sections.of_course(session, 1) if each.name == "Tue")
    assert "Bo Li" in tess.get(f"{PAGE}?in={tuesday}").text
    assert "Bo Li" not in tess.get(f"{PAGE}?in=none").text
    assert "Bo Li" not in tess.get(f"{PAGE}?role=instructor").text
    for strange in ("?page=9999999999", "?page=-1", "?in=x&role=y&q=%00", "?in=99999999999999999999"):
        assert tess.get(PAGE + strange).status_code == 200


def test_many_are_shown_page_by_page(world: World) -> None:
    """The page says which."""
    with world.store.write() as session:
        for number in range(150):
            user = users.add_user(session, f"s{number:03}", f"Student {number:03}")
            enrolments.enrol(session, user.id, 1)
    first, second = (world.client("tess").get(f"{PAGE}?page={page}").text for page in (1, 2))
    assert "Here: 1 to 100." in first and "Here: 101 to 152." in second and "Student 149" in second


def test_nobody_is_lost_by_accident(world: World) -> None:
    """Neither oneself nor the last who teaches; and nobody who was not ticked."""
    tess = world.client("tess")
    for action, more in (("let-out", {}), ("role", {"role": "student"})):
        page = act(tess, action, account(world, "tess").id, account(world, "ada").id, **more)
        assert page.status_code == 409 and "You ticked yourself" in said(page)
    assert "Nobody was ticked" in said(act(tess, "let-out"))
    assert "Choose a role" in said(act(tess, "role", account(world, "ada").id, role="admin"))
    world.user("root", "admin")
    root = world.client("root")
    for action, more in (("let-out", {}), ("role", {"role": "assistant"})):
        page = act(root, action, account(world, "tess").id, **more)
        assert page.status_code == 409 and "Nobody would teach" in said(page)
    row = enrolled(world, "tess")
    assert row is not None and row.active and row.role == "instructor"


def test_a_role_and_sections_are_given_to_those_who_are_ticked(world: World) -> None:
    """A stranger's number changes nothing; a section of another course is none."""
    tess, ada, bob = world.client("tess"), account(world, "ada").id, account(world, "bob").id
    tess.post("/courses/calc/sections", data={"name": "  Mon  day "})
    with world.store.write() as session:
        (mine,) = sections.of_course(session, 1)
        theirs = sections.make(session, 2, "Theirs")
    assert act(tess, "enter", ada, bob, section=str(mine.id)).status_code == 303
    assert "Choose a section" in said(act(tess, "enter", ada, section=str(theirs.id)))
    act(tess, "role", ada, bob, role="assistant")
    with world.store.read() as session:
        assert sections.members_of(session, 1) == {ada: {mine.id}}
    row = enrolled(world, "ada")
    assert mine.name == "Mon day" and row is not None and row.role == "assistant"
    assert enrolled(world, "bob") is None
    assert tess.post(f"/courses/calc/sections/{theirs.id}", data={"action": "delete"}).status_code == 404
    for name in ("", "x" * 201, "Mon day"):
        page = tess.post("/courses/calc/sections", data={"name": name}, follow_redirects=True)
        assert "name" in said(page)
    page = tess.post(f"/courses/calc/sections/{mine.id}", data={"action": "delete"}, follow_redirects=True)
    assert "1 person was in it" in said(page)


@pytest.mark.parametrize("login", ["ada", "helper", "tom", None])
def test_only_who_teaches_the_course_may_do_any_of_it(world: World, login: str | None) -> None:
    """Not a student, not an assistant, not another course's teacher, not a stranger."""
    world.user("helper")
    with world.store.write() as session:
        enrolments.enrol(session, account(world, "helper").id, 1, "assistant")
    where = send(world.client("tess"), b"login\nnew\n").location
    client, ada = world.client(login), str(account(world, "ada").id)
    code = {"ada": 403, "helper": 403, "tom": 404, None: 302}[login]
    for path in (PAGE, "/courses/calc/roster", where, "/courses/calc/grades-out", "/courses/calc/audit"):
        assert client.get(path).status_code == code, path
    posts: tuple[tuple[str, dict[str, str]], ...] = (
        ("members", {"action": "let-out", "who": ada}), ("sections", {"name": "x"}), ("password-links", {}),
        (f"password-links/{ada}", {}), ("roster/undo", {"import": "1"}),
    )  # fmt: skip
    for name, form in posts:
        assert client.post(f"/courses/calc/{name}", data=form).status_code == code, name
    assert client.post(f"{where}/import", data={"plan": "x"}).status_code == code
    assert send(client, b"login\nnew\n").status_code == code
    row = enrolled(world, "ada")
    assert row is not None and row.active


def test_a_list_is_looked_at_imported_and_undone(world: World) -> None:
    """In an encoding of its own; new accounts get links; undone, all is as before."""
    tess = world.client("tess")
    where = send(tess, "姓名;用户名;小组\n李娜;lina;一班\n".encode("gb18030")).location
    page = tess.get(where).text
    assert "李娜" in page and "GB18030" in page and "gets an account" in page and "becomes inactive" in page
    with world.store.read() as session:
        assert users.find_user(session, "lina") is None
    answer = import_(tess, "姓名;用户名;小组\n李娜;lina;一班\n".encode("gb18030"))
    assert answer.status_code == 409 and "most of the course" in said(answer)
    answer = import_(tess, "姓名;用户名;小组\n李娜;lina;一班\n".encode("gb18030"), empties="yes")
    assert answer.status_code == 303
    page = tess.get(answer.location).text
    assert (
        "Imported: 1 new, 0 changed, 1 gone, 0 the same." in page and "1 student has no password yet" in page
    )
    links = tess.post("/courses/calc/password-links")
    (row,) = csv.DictReader(io.StringIO(links.data.decode("utf-8-sig")))
    assert row["login"] == "lina" and links.headers["Cache-Control"] == "no-store"
    path = "/" + row["link"].split("/", 3)[3]
    anybody = world.client()
    assert anybody.get(path).status_code == 200
    assert anybody.post(path, data={"new": "n" * 12, "again": "n" * 12}).status_code == 303
    number = re.search(r'name="import" value="(\d+)"', page)
    assert number is not None
    page = tess.post("/courses/calc/roster/undo", data={"import": number[1]}, follow_redirects=True)
    assert "The import is undone" in said(page) and "left as they are: lina" in said(page)
    ada, lina = enrolled(world, "ada"), enrolled(world, "lina")
    assert ada is not None and ada.active and lina is None
    again = tess.post("/courses/calc/roster/undo", data={"import": number[1]}, follow_redirects=True)
    assert "There is no such import any more" in said(again)


def test_what_changed_since_the_preview_is_shown_before_anything_is_done(world: World) -> None:
    """And an import needs what has to be ticked."""
    tess = world.client("tess")
    where = send(tess, b"login\nada\nbob\n").location
    digest = re.search(r'name="plan" value="(\w+)"', tess.get(where).text)
    assert digest is not None
    refused = tess.post(f"{where}/import", data={"plan": digest[1]})
    assert refused.status_code == 409 and "accounts that are there already" in said(refused)
    act(tess, "let-out", account(world, "ada").id)
    refused = tess.post(f"{where}/import", data={"plan": digest[1], "existing": "yes"})
    assert refused.status_code == 409 and "The course has changed" in said(refused)
    assert enrolled(world, "bob") is None
    digest = re.search(r'name="plan" value="(\w+)"', refused.text)
    assert digest is not None
    assert tess.post(f"{where}/import", data={"plan": digest[1], "existing": "yes"}).status_code == 303
    row = enrolled(world, "bob")
    assert row is not None and not row.helped
    assert tess.post(f"/courses/calc/password-links/{account(world, 'bob').id}").status_code == 403
    assert tess.get(where).status_code == 404


def test_nothing_of_a_list_with_a_problem_is_imported(world: World) -> None:
    """The lines are named; the button is not there, and pressing it does nothing."""
    tess = world.client("tess")
    where = send(tess, b"name,login,email\nNew,new,new@x.org\nMal,,\nBad,bad,no-address\n").location
    page = tess.get(where).text
    assert "2 things are wrong" in page and "Line 3:" in page and "Line 4:" in page
    assert '/import"' not in page
    assert tess.post(f"{where}/import", data={"plan": "0"}).status_code == 409
    with world.store.read() as session:
        assert users.find_user(session, "new") is None


def test_columns_that_were_misunderstood_can_be_said(world: World) -> None:
    """A heading in no language that is known; the same choice goes along into the import."""
    tess = world.client("tess")
    where = send(tess, b"Wer,Kuerzel,Wo\nAda N,ada,Mon\nBo,boli,Tue\n").location
    page = tess.get(f"{where}?c0=name&c1=login&c2=section&heading=yes")
    assert page.status_code == 200 and "boli" in page.text and "Kuerzel" in page.text
    digest = re.search(r'name="plan" value="(\w+)"', page.text)
    assert digest is not None
    form = dict(re.findall(r'type="hidden" name="(c\d+|heading|absent)" value="(\w*)"', page.text))
    assert form["c1"] == "login"
    assert tess.post(f"{where}/import", data={"plan": digest[1], **form}).status_code == 303
    with world.store.read() as session:
        assert users.find_user(session, "boli") is not None and users.find_user(session, "kuerzel") is None
        assert {each.name for each in sections.of_course(session, 1)} == {"Mon", "Tue"}
    none = tess.get(send(tess, b"a,b\n1,2\n").location + "?c0=name")
    assert none.status_code == 200 and "choose one" in none.text


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"PK\x03\x04xl/workbook", "Excel"),
        (b"<!doctype html><input type=password>", "sign in"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\0\1\2\3" * 50, "binary"),
    ],
)
def test_what_is_no_list_is_named_and_not_kept(world: World, data: bytes, word: str) -> None:
    """In one sentence, on the page with the form."""
    page = send(world.client("tess"), data, "list.xlsx")
    assert page.status_code == 400 and word in said(page)
    with world.store.read() as session:
        assert session.query(roster_changes.RosterImport).count() == 0
    assert world.client("tess").post("/courses/calc/roster", data={}).status_code == 400


def test_a_hostile_list_is_text(world: World) -> None:
    """In the preview, in the roster, in the CSV of links; a formula is no formula."""
    tess = world.client("tess")
    rows = io.StringIO()
    csv.writer(rows).writerows(
        [["name", "login", "section", HOSTILE], [HOSTILE, "evil", HOSTILE, ""], ["=1+1", "=cmd", "", ""]]
    )
    where = send(tess, rows.getvalue().encode(), HOSTILE).location
    assert "<script>" not in tess.get(where).text.replace('<script type="module"', "")
    assert import_(tess, rows.getvalue().encode(), empties="yes").status_code == 303
    page = tess.get(PAGE).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "<img" not in page
    links = tess.post("/courses/calc/password-links").data.decode("utf-8-sig")
    found = {row["login"]: row["name"] for row in csv.DictReader(io.StringIO(links))}
    assert set(found) == {"evil", "cmd"} and found["cmd"] == "'=1+1"
    assert "<img" not in tess.get("/courses/calc/audit").text


def test_a_file_of_somebody_else_cannot_be_had(world: World) -> None:
    """Not by a colleague, not for another course; and it is gone after a day."""
    where = send(world.client("tess"), b"login\nsecretlogin\n").location
    world.user("ivy")
    with world.store.write() as session:
        enrolments.enrol(session, account(world, "ivy").id, 1, "instructor")
        enrolments.enrol(session, account(world, "tess").id, 2, "instructor")
    for login, path in (("ivy", where), ("tess", where.replace("calc", "other"))):
        page = world.client(login).get(path)
        assert page.status_code == 404 and "secretlogin" not in page.text


def test_every_line_of_members_says_what_may_be(world: World) -> None:
    """Nobody's rights are guessed from the page: the store says the same."""
    with world.store.read() as session:
        listed, _ = members.listing(session, 1)
    assert {each.user.login: each.may_be_helped for each in listed} == {"ada": True, "tess": False}
