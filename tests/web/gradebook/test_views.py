"""A teacher's pages."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from grader.store import enrolments, overrides, users
from grader.store.courses import find_assignment, find_course
from grader.store.tables import Section, SectionMember, utcnow
from grader.web.gradebook import views
from grader.web.ui.pseudonyms import pseudonym
from tests.web.world import World, make_report


def body_of(page: str) -> list[list[str]]:
    """The rows of the matrix: of each its head's text and its cells' texts."""
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].strip().split("\n")
    cells = [re.split("<t[dh][^>]*>", row)[1:] for row in rows if row]
    return [[re.sub("<[^>]*>", "", cell).strip() for cell in row] for row in cells]


def enrol(world: World, *logins: str) -> dict[str, int]:
    """More students of ``calc``; their ids."""
    ids = {}
    with world.store.write() as transaction:
        course = find_course(transaction, "calc")
        assert course is not None
        for login in logins:
            user = users.add_user(transaction, login, login.title())
            enrolments.enrol(transaction, user.id, course.id)
            ids[login] = user.id
    return ids


def set_total(world: World, login: str, score: float, exercise: str = "detach") -> None:
    """Points by hand."""
    with world.store.write() as transaction:
        course = find_course(transaction, "calc")
        who, tess = users.find_user(transaction, login), users.find_user(transaction, "tess")
        assert course is not None and who is not None and tess is not None
        assignment = find_assignment(transaction, course.id, exercise)
        assert assignment is not None
        overrides.set_total(
            transaction, assignment_id=assignment.id, user_id=who.id, score=score, reason="oral", by=tess.id
        )


def test_the_gradebook_shows_students_by_exercises(world: World) -> None:
    """What counts and the attempts, in a table with heads; a cell of the plain one leads to the attempts."""
    world.submit("ada")
    world.dispatcher.report = make_report(10.0)
    world.submit("ada", "better = 1")
    page = world.client("tess").get("/courses/calc/gradebook").text
    assert page.count('scope="col"') == 4 and page.count("scope=row") == 1
    assert body_of(page) == [["Ada ada", "10", "10 (2) ✓", ""]]
    assert '<td class="k p">10 (2) ✓<td>' in page
    plain = world.client("tess").get("/courses/calc/gradebook?view=plain").text
    assert body_of(plain) == body_of(page)
    url = re.findall(r'<td class="k p"><a href="([^"]+)">', plain)[0]
    attempts = world.client("tess").get(f"/courses/calc/{url}").text
    for identity in world.dispatcher.submitted:
        assert identity in attempts
    assert "better = 1" in re.sub(
        "<[^>]*>", "", world.client("tess").get(f"/attempts/{world.dispatcher.submitted[1]}").text
    )


def test_a_gradebook_without_students_or_exercises_says_so(world: World) -> None:
    """Instead of an empty table; and so does a choice that nobody meets."""
    world.course("empty", "detach", tess="instructor")
    world.course("bare", ada="student", tess="instructor")
    assert (
        "Nobody is enrolled in this course yet" in world.client("tess").get("/courses/empty/gradebook").text
    )
    assert "No exercise is set" in world.client("tess").get("/courses/bare/gradebook").text
    for course in ("empty", "bare"):
        for columns in ("", "?columns=all"):
            answer = world.client("tess").get(f"/courses/{course}/gradebook.csv{columns}")
            assert answer.status_code == 200 and answer.text.count("\n") == 1 + (course == "bare")
    page = world.client("tess").get("/courses/calc/gradebook?state=late").text
    assert "No student of this course is in that section and state." in page
    assert "<table" not in page


def test_a_large_class_is_shown_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page says which students it has, and the CSV has all."""
    monkeypatch.setattr(views, "MOST_LINES", 2)
    enrol(world, "bea", "cyd", "dan", "eve")
    client, url = world.client("tess"), "/courses/calc/gradebook?sort=name"
    pages = (("", "Ada Bea"), ("&page=2", "Cyd Dan"), ("&page=3", "Eve"), ("&page=x", "Ada Bea"))
    for query, names in pages:
        page = client.get(url + query).text
        assert [row[0].split()[0] for row in body_of(page)] == names.split()
        assert ('rel="next"' in page) is (names != "Eve") and ('rel="prev"' in page) is (names[0] != "A")
    assert "students 3 to 4 of 5" in client.get(url + "&page=2").text
    assert body_of(client.get(url + "&page=99").text) == []
    assert client.get("/courses/calc/gradebook.csv").text.count("\n") == 6


def test_the_order_is_that_of_the_address(world: World) -> None:
    """By need of help unless asked otherwise; who has nothing in a column comes last in it, both ways."""
    enrol(world, "bea", "cyd")
    for login, score in (("ada", 9.0), ("bea", 2.0)):
        world.dispatcher.report = make_report(score)
        world.submit(login)
    with world.store.write() as transaction:
        course = find_course(transaction, "calc")
        assert course is not None
        due = utcnow() - timedelta(days=1)
        for slug in ("detach", "control-flow"):
            assignment = find_assignment(transaction, course.id, slug)
            assert assignment is not None
            assignment.due = due
    set_total(world, "bea", 10.0, "control-flow")

    def order(query: str) -> str:
        page = world.client("tess").get(f"/courses/calc/gradebook{query}").text
        return " ".join(row[0].split()[0] for row in body_of(page))

    # All miss an exercise that is past its due date, cyd and ada two; of these cyd has less.
    assert order("") == order("?sort=nonsense") == "Cyd Ada Bea"
    assert order("?sort=-need") == "Bea Ada Cyd"
    assert order("?sort=name") == "Ada Bea Cyd" and order("?sort=-name") == "Cyd Bea Ada"
    assert order("?sort=total") == "Bea Ada Cyd" and order("?sort=-total") == "Cyd Ada Bea"
    assert order("?sort=exercise.detach") == "Bea Ada Cyd"
    assert order("?sort=-exercise.detach") == "Ada Bea Cyd"
    assert order("?sort=exercise.gone") == "Ada Bea Cyd"


def test_students_are_chosen_by_section_and_state(world: World) -> None:
    """A section of another course chooses nothing, and whoever is in no state is not shown."""
    ids = enrol(world, "bea", "cyd")
    with world.store.write() as transaction:
        course, other = find_course(transaction, "calc"), find_course(transaction, "other")
        assert course is not None and other is not None
        mine = Section(course_id=course.id, name="<b>Monday")
        foreign = Section(course_id=other.id, name="Elsewhere")
        transaction.add_all((mine, foreign))
        transaction.flush()
        transaction.add(SectionMember(section_id=mine.id, user_id=ids["bea"]))
        mine_id, foreign_id = mine.id, foreign.id
    world.dispatcher.report = make_report(10.0)
    world.submit("ada")
    world.submit("ada", exercise="control-flow")
    set_total(world, "bea", 10.0)

    def names(query: str) -> str:
        page = world.client("tess").get(f"/courses/calc/gradebook?sort=name&{query}").text
        assert "<b>Monday" not in page and "Elsewhere" not in page
        return " ".join(row[0].split()[0] for row in body_of(page))

    assert names(f"section={mine_id}") == "Bea"
    assert names(f"section={foreign_id}") == names("section=x") == names("section=-1") == "Ada Bea Cyd"
    assert names("state=solved") == "Ada" and names("state=unsolved") == "Bea Cyd"
    assert names("state=nothing") == "Cyd" and names("state=by-hand") == "Bea"
    world.dispatcher.mode = "never"
    world.submit("cyd")
    assert names("state=running") == "Cyd" and names("state=nothing") == ""
    assert names(f"section={mine_id}&state=solved") == ""


def test_names_can_be_hidden(world: World) -> None:
    """No page behind the gradebook has a name or a login then, until they are shown again."""
    ids = enrol(world, "zoe-secret")
    identity = world.submit("zoe-secret")
    client = world.client("tess")
    page = client.get("/courses/calc/gradebook?names=hidden").text
    code = re.findall(r">([A-Z2-9]{3}-[A-Z2-9]{3})</a>", page)
    assert len(code) == 2 and len(set(code)) == 2
    paths = (
        "/courses/calc/gradebook",
        "/courses/calc/gradebook?view=plain&sort=name",
        f"/courses/calc/students/{ids['zoe-secret']}",
        f"/courses/calc/students/{ids['zoe-secret']}/detach",
        f"/attempts/{identity}",
    )
    for path in paths:
        page = client.get(path).text
        # Not within a form's token, which is drawn.
        assert not re.search(r"(?<![\w.-])zoe(?![\w.-])", page.lower()) and "secret" not in page.lower()
        assert any(each in page for each in code)
    assert [row[0] for row in body_of(client.get(paths[1]).text)] == sorted(code)
    assert "Zoe-Secret" in client.get("/courses/calc/gradebook?names=shown").text
    assert "Zoe-Secret" in client.get(paths[2]).text
    # The same student is another one in another course, and there is no way back without the key.
    with world.app.test_request_context():
        assert pseudonym(1, 7) == pseudonym(1, 7) != pseudonym(2, 7)


def test_from_a_cell_one_goes_on_in_the_order_of_the_gradebook(world: World) -> None:
    """To the next student and the next assignment, and back to the same view."""
    ids = enrol(world, "bea", "cyd")
    set_total(world, "cyd", 5.0)
    client = world.client("tess")
    url = f"/courses/calc/students/{ids['bea']}/detach?sort=total"
    page = client.get(url).text
    links = dict(re.findall(r'<a href="([^"]+)"><span aria-hidden="true">(.)</span>', page))
    by_sign = {sign: link for link, sign in links.items()}
    assert set(by_sign) == {"↑", "→"}  # bea is the last of three, and detach is the first exercise
    assert "/detach?sort=total" in by_sign["↑"]
    assert by_sign["→"] == f"/courses/calc/students/{ids['bea']}/control-flow?sort=total"
    assert 'href="/courses/calc/gradebook?sort=total"' in page
    line = client.get(f"/courses/calc/students/{ids['cyd']}?sort=total").text
    assert "Total: 5" in line and 'rel="next"' in line and 'rel="prev"' not in line
    assert client.get("/courses/calc/students/424242").status_code == 404


def test_the_csv_opens_in_a_spreadsheet(world: World) -> None:
    """UTF-8 with a byte-order mark; one line a student; no formula."""
    eve = world.user("=cmd()", name='小明, the "long" name' + "x" * 150)
    with world.store.write() as transaction:
        course = find_course(transaction, "calc")
        assert course is not None
        enrolments.enrol(transaction, eve.id, course.id)
    world.submit("ada")
    answer = world.client("tess").get("/courses/calc/gradebook.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert 'filename="calc.csv"' in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(lines) == 3
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line)


def test_the_csv_with_all_columns_explains_the_scores(world: World) -> None:
    """Maximum, attempts, time, lateness and whether it was set by hand, for each exercise."""
    enrol(world, "bea")
    world.submit("ada")
    world.submit("ada", "again = 1")
    set_total(world, "bea", 7.5)
    text = world.client("tess").get("/courses/calc/gradebook.csv?columns=all").data.decode("utf-8-sig")
    ada, bea = list(csv.DictReader(io.StringIO(text)))
    assert (ada["detach"], ada["detach maximum"], ada["detach attempts"]) == ("4", "10", "2")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", ada["detach last attempt (UTC)"])
    assert (ada["detach late"], ada["detach set by hand"], ada["total"]) == ("no", "no", "4")
    assert (bea["detach"], bea["detach attempts"], bea["detach late"]) == ("7.5", "0", "")
    assert (bea["detach set by hand"], bea["control-flow"], bea["control-flow maximum"]) == ("yes", "", "10")


def test_a_score_set_by_hand_is_shown_as_such(world: World) -> None:
    """It counts, and the cell says where it is from."""
    world.submit("ada")
    set_total(world, "ada", 9.5)
    page = world.client("tess").get("/courses/calc/gradebook").text
    assert '<td class="j o">9.5 (1) set by hand' in page


def test_what_waits_is_shown_as_being_graded(world: World) -> None:
    """Not as a zero."""
    world.dispatcher.mode = "never"
    world.submit("ada")
    page = world.client("tess").get("/courses/calc/gradebook").text
    assert "<td class=r>being graded" in page


def test_an_admin_sees_every_course(world: World) -> None:
    """Without being enrolled."""
    world.user("root", role="admin")
    page = world.client("root").get("/").text
    assert "Course calc" in page
    assert "Course other" in page
    assert world.client("root").get("/courses/other/gradebook").status_code == 200


def test_an_instructor_by_role_teaches_only_what_they_teach(world: World) -> None:
    """The account's role opens no course; the enrolment does."""
    world.user("pat", role="instructor")
    assert world.client("pat").get("/courses/calc/gradebook").status_code == 404


def test_a_stranger_to_the_course_is_not_shown(world: World) -> None:
    """A teacher cannot look up who exists by counting."""
    with world.store.read() as transaction:
        bob = users.find_user(transaction, "bob")
    assert bob is not None
    client = world.client("tess")
    assert client.get(f"/courses/calc/students/{bob.id}/detach").status_code == 404
    assert client.get("/courses/calc/students/424242/detach").status_code == 404
