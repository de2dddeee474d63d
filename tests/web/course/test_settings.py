"""A course itself: titles, zone, archive, duplicates, and who makes one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import update

from grader.store import audit, courses, enrolments, users
from grader.store.tables import Assignment
from tests.web.world import World

PAGE = "/courses/calc/settings"


def test_titles_and_zone_are_changed(world: World) -> None:
    """A zone in any case; no moment changes with it."""
    due = datetime(2027, 3, 5, 17, tzinfo=UTC)
    with world.store.write() as session:
        session.execute(update(Assignment).values(due=due))
    client = world.client("tess")
    form = {"title_en": "New name", "title_zh": "新名称", "timezone": "europe/berlin"}
    assert client.post(PAGE, data=form).status_code == 303
    page = client.get(PAGE).text
    assert 'value="New name"' in page and 'value="Europe/Berlin"' in page
    assert "due 2027-03-05 18:00" in client.get("/courses/calc/assignments").text
    with world.store.read() as session:
        event = audit.recent(session)[0]
    assert (event.action, event.details["timezone"]) == ("course.change", "Europe/Berlin")


def test_what_cannot_be_is_said_at_its_field(world: World) -> None:
    page = world.client("tess").post(PAGE, data={"title_en": " ", "title_zh": "", "timezone": "Atlantis"})
    said = dict(re.findall(r'class="why" id="why-(\w+)">(.+?)</p>', page.text))
    assert (
        page.status_code == 422 and set(said) == {"title_en", "timezone"} and 'value="Atlantis"' in page.text
    )


def test_a_duplicate_has_the_rules_and_nobody(world: World) -> None:
    """Dates from the new first day at the same time of day, in winter and in summer."""
    world.submit("ada")
    with world.store.write() as session:
        found = courses.find_course(session, "calc")
        assert found is not None
        courses.set_timezone(session, found.id, "Europe/Berlin")
        first, second = courses.assignments(session, found.id)
        first.opens, first.due = datetime(2027, 3, 1, 7, tzinfo=UTC), datetime(2027, 3, 5, 17, tzinfo=UTC)
        second.due, second.late, second.attempts = datetime(2027, 4, 2, 16, tzinfo=UTC), [[86400, 50.0]], 3
    client = world.client("tess")
    assert 'value="2027-03-01"' in client.get("/courses/calc/duplicate").text
    form = {"slug": "calc-2028", "title_en": "Again", "title_zh": "", "start": "2028-02-28"}
    assert client.post("/courses/calc/duplicate", data=form).status_code == 303
    with world.store.read() as session:
        made = courses.find_course(session, "calc-2028")
        assert made is not None and made.timezone == "Europe/Berlin" and made.join_code is None
        first, second = courses.assignments(session, made.id)
        tess = users.find_user(session, "tess")
        assert tess is not None
        assert [user.login for user in enrolments.members(session, made.id)] == ["tess"]
        assert courses.submissions_to(session, first.id) == 0
    assert first.opens == datetime(2028, 2, 28, 7, tzinfo=UTC)
    assert second.due == datetime(2028, 3, 31, 16, tzinfo=UTC)  # 18:00 in summer, as before
    assert (second.late, second.attempts, second.exercise) == ([[86400, 50.0]], 3, "control-flow")


def test_a_name_that_is_taken_or_none_is_refused(world: World) -> None:
    client = world.client("tess")
    for slug in ("", "calc", "Ünicode", "-x", "a/b", "x" * 65):
        form = {"slug": slug, "title_en": "Again", "title_zh": "", "start": ""}
        page = client.post("/courses/calc/duplicate", data=form)
        assert page.status_code == 422 and 'id="why-slug">' in page.text, slug


def test_teachers_accounts_make_courses(world: World) -> None:
    """And teach what they make; a student's account does not, nor one that only teaches a course."""
    world.user("prof", role="instructor")
    client = world.client("prof")
    assert client.get("/new-course").status_code == 200
    form = {"slug": "New-1", "title_en": "New", "title_zh": "", "timezone": "UTC"}
    answer = client.post("/new-course", data=form)
    assert answer.headers["Location"] == "/courses/new-1/assignments/add"
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.post("/new-course", data=form).status_code == 422
    for login in ("ada", "tess"):
        assert world.client(login).get("/new-course").status_code == 403
        assert world.client(login).post("/new-course", data=form | {"slug": "x"}).status_code == 403
