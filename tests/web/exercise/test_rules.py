"""Rules of an assignment where students hand in: dates of their own, attempts, pauses, what is told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from grader.model.overrides import to_store
from grader.store import courses, enrolments, pictures, users
from grader.store.tables import Assignment, Course, Extension, Section, SectionMember, utcnow
from tests.web.world import SOURCE, World, make_report

URL = "/courses/calc/detach"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOLD = (
    "three times too large",
    "requires_grad",
    "flows where you cut it",
    "hello from the code",
    "expected</dt>",
    '"scale"',
)
"""What a report says beside scores and verdicts, wherever it is shown."""


def rule(world: World, **values: Any) -> None:
    """Change the rules of detach in calc."""
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        session.execute(
            update(Assignment)
            .where(Assignment.course_id == course.id, Assignment.exercise == "detach")
            .values(**values)
        )


def extend(world: World, login: str | None = None, section: int | None = None, **changes: Any) -> None:
    """Other rules for one student or one section."""
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        placed = courses.find_assignment(session, course.id, "detach")
        user = users.find_user(session, login) if login is not None else None
        assert placed is not None
        session.execute(
            insert(Extension).values(
                assignment_id=placed.id,
                user_id=user.id if user is not None else None,
                section_id=section,
                changes=to_store(changes),
                made_at=utcnow(),
            )
        )


def post(world: World, login: str = "ada", source: str = SOURCE, **headers: str) -> Any:
    return world.client(login).post(URL, data={"source": source}, headers=headers)


def api(world: World, login: str = "ada") -> Any:
    body = {"exercise": "detach", "source": SOURCE}
    return world.client().post("/api/v1/submissions", json=body, headers=world.token(login))


def test_an_extension_opens_what_is_closed_for_all_others(world: World) -> None:
    """On the page, on the home page and in the API; and only for whom it is."""
    rule(world, due=utcnow() - DAY)
    assert post(world).status_code == 403 and api(world).status_code == 409
    extend(world, "ada", due=utcnow() + HOUR)
    assert post(world).status_code == 303 and api(world).status_code == 202
    assert "due within the hour" in world.client("ada").get("/").text
    standing = world.client().get("/api/v1/standing", headers=world.token("ada")).json
    assert standing[0]["open"] and datetime.fromisoformat(standing[0]["due"]) > utcnow()


def test_a_section_decides_for_its_members(world: World) -> None:
    """One that opens later is not seen by them before."""
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        ada = users.find_user(session, "ada")
        assert course is not None and ada is not None
        section = Section(course_id=course.id, name="Tuesday")
        session.add(section)
        session.flush()
        session.add(SectionMember(section_id=section.id, user_id=ada.id))
        number = section.id
    extend(world, section=number, opens=utcnow() + DAY)
    assert "This exercise opens" in world.client("ada").get(URL).text
    assert post(world).status_code == 403
    assert "opens" in world.client("ada").get("/").text
    headers = world.token("ada")
    assert world.client().get("/api/v1/exercises/detach", headers=headers).status_code == 404
    assert [each["slug"] for each in world.client().get("/api/v1/exercises", headers=headers).json] == [
        "control-flow"
    ]
    assert post(world, "tess").status_code == 303


def test_attempts_are_counted_down_and_then_none_is_taken(world: World) -> None:
    """Said before and after; what was typed stays; the teacher may go on."""
    rule(world, attempts=2)
    assert "2 of 2 attempts left" in world.client("ada").get(URL).text
    post(world)
    assert "1 of 2 attempts left" in world.client("ada").get("/").text
    post(world, source="second = 1\n")
    page = post(world, source="kept = 1\n")
    assert page.status_code == 403 and "All 2 attempts at this exercise are used." in page.text
    assert "kept = 1" in page.text
    assert re.search(r'<button class="main" disabled', page.text)
    answer = api(world)
    assert answer.status_code == 409 and "All 2 attempts" in answer.json["detail"]
    assert [post(world, "tess").status_code for _ in range(3)] == [303] * 3


def test_a_failure_of_ours_costs_no_attempt(world: World) -> None:
    rule(world, attempts=1)
    world.dispatcher.mode = "fail"
    post(world)
    assert "1 of 1 attempt left" in world.client("ada").get(URL).text
    world.dispatcher.mode = "grade"
    assert post(world, source="again = 1\n").status_code == 303


def test_quick_failures_are_followed_by_a_pause(world: World) -> None:
    """429 with the seconds, on the page and in the API; nothing that was typed is lost."""
    rule(world, pause=True)
    for n in range(6):
        assert post(world, source=f"wrong = {n}\n").status_code == 303
    page = post(world, source="kept = 1\n")
    assert page.status_code == 429 and 1 <= int(page.headers["Retry-After"]) <= 15
    assert "there is a pause" in page.text and "kept = 1" in page.text
    assert re.search(r'<button class="main"[^>]* data-wait="\d+"', page.text)
    part = post(world, source="kept = 1\n", **{"HX-Request": "true"})
    assert part.status_code == 429 and re.search(r'data-state="refused" data-wait="\d+"', part.text)
    answer = api(world)
    assert answer.status_code == 429 and 1 <= int(answer.headers["Retry-After"]) <= 15
    assert answer.content_type == "application/problem+json" and "pause" in answer.json["detail"]
    standing = world.client().get("/api/v1/standing", headers=world.token("ada")).json
    assert datetime.fromisoformat(standing[0]["next_attempt"]) > utcnow()
    assert post(world, "tess").status_code == 303


def test_a_pause_does_not_cost_the_deadline(world: World) -> None:
    """In its last minutes nobody waits."""
    rule(world, pause=True, due=utcnow() + timedelta(minutes=4))
    assert [post(world, source=f"wrong = {n}\n").status_code for n in range(8)] == [303] * 8


def test_an_archived_course_is_read_only(world: World) -> None:
    """For everybody; the home page says so, and the API has nothing to hand in to."""
    with world.store.write() as session:
        session.execute(update(Course).where(Course.slug == "calc").values(archived_at=utcnow()))
    assert "This course is over" in world.client("ada").get(URL).text
    for login in ("ada", "tess"):
        page = post(world, login)
        assert page.status_code == 403 and "This course is over. Nothing was submitted." in page.text
    assert api(world).status_code == 403
    assert "This course is over" in world.client("ada").get("/").text
    assert not world.client().get("/api/v1/standing", headers=world.token("ada")).json[0]["open"]


def test_the_late_rule_is_said_in_dates_and_what_an_attempt_counts_beside_its_score(world: World) -> None:
    """On the exercise's page, the attempt's own, in the list, and in the API."""
    rule(world, due=utcnow() - HOUR, late=[[86400, 90.0]], points=20.0)
    world.dispatcher.report = make_report(8.0)
    page = world.client("ada").get(URL).text
    assert "100 %, until" in page and "90 %, then practice" in page
    assert "late: counts 90 %" in world.client("ada").get("/").text
    identity = world.submit("ada")
    words = "8 of 10, counts 14.4 of 20 after the late rule."
    for path in (f"{URL}?attempt={identity}", f"/attempts/{identity}"):
        assert words in world.client("ada").get(path).text
    assert words in world.client("tess").get(f"/attempts/{identity}").text
    assert "counts 14.4 of 20" in world.client("ada").get(f"{URL}/attempts").text
    assert "best 14.4 of 20" in world.client("ada").get(URL).text
    row = world.client().get(f"/api/v1/submissions/{identity}", headers=world.token("ada")).json
    assert (row["score"], row["counts"]) == (8.0, {"score": 14.4, "max_score": 20.0, "late": True})


def test_the_last_attempt_counts_where_that_is_the_rule(world: World) -> None:
    rule(world, counts="last")
    world.submit("ada")
    world.dispatcher.report = make_report(5.0)
    world.submit("ada", "other = 1\n")
    page = world.client("ada").get(URL).text
    assert "The last attempt counts, not the best one." in page and "5 of 10" in page
    assert "the best attempt counts" not in world.client("ada").get("/").text


@pytest.mark.parametrize("feedback", ["verdict", "after-due"])
def test_what_is_withheld_is_nowhere(world: World, feedback: str) -> None:
    """Every address of the application, as the student: scores and verdicts, not one word of the rest.

    The teacher reads each of these words somewhere, so that the test cannot pass by looking for nothing.
    """
    rule(world, feedback=feedback, due=utcnow() + DAY)
    first, second = world.submit("ada"), world.submit("ada", "another = 1\n")
    with world.store.write() as session:
        pictures.save(session, second, pictures.Pictures())
        ada = users.find_user(session, "ada")
        assert ada is not None
    values = {
        "course": "calc", "exercise": "detach", "slug": "detach", "submission_id": second, "id": second,
        "user_id": ada.id, "token_id": 1, "code": "NOSUCHCODE", "name": "x", "token": "x",
        "filename": "grader.css", "digest": "x", "assignment_id": 1, "section_id": 1,
        "regrade_id": 1, "judging_id": 1,
    }  # fmt: skip
    read = {}
    for login in ("ada", "tess"):
        pages = []
        for rule_ in world.app.url_map.iter_rules():
            if "GET" not in (rule_.methods or ()) or not set(rule_.arguments) <= set(values):
                continue
            with world.app.test_request_context():
                path = world.app.url_for(rule_.endpoint, **{name: values[name] for name in rule_.arguments})
            for query in ("", f"?attempt={second}", f"?since={first}"):
                client = world.client(login)
                with client.get(path + query, headers=world.token(login)) as answer:
                    pages.append((path + query, answer.text))
        read[login] = {word: [path for path, text in pages if word in text] for word in TOLD}
        if login == "ada":
            assert any("4 of 10" in text for _path, text in pages)
            assert any('"withheld":true' in text for _path, text in pages)
    assert read["ada"] == {word: [] for word in TOLD}
    assert all(read["tess"].values())
    # What a submit is answered with, too.
    part = post(world, source="third = 1\n", **{"HX-Request": "true"}).text
    sent = api(world).text
    assert "4 of 10" in part and not [word for word in TOLD if word in part + sent]


def test_after_the_students_own_due_date_everything_is_told(world: World) -> None:
    """An extension puts that off; the rest of the class is told."""
    world.user("bea")
    with world.store.write() as session:
        course, bea = courses.find_course(session, "calc"), users.find_user(session, "bea")
        assert course is not None and bea is not None
        enrolments.enrol(session, bea.id, course.id)
    rule(world, feedback="after-due", due=utcnow() - HOUR, late=[[86400, 50.0]])
    extend(world, "bea", due=utcnow() + DAY)
    told, waits = world.submit("ada"), world.submit("bea")
    assert "three times too large" in world.client("ada").get(f"/attempts/{told}").text
    page = world.client("bea").get(f"/attempts/{waits}").text
    assert "three times too large" not in page and "Why a check does not pass is told from" in page
    row = world.client().get(f"/api/v1/submissions/{waits}", headers=world.token("bea")).json
    assert row["report"]["withheld"] and datetime.fromisoformat(row["details_from"]) > utcnow()
    assert row["report"]["checks"][1]["verdict"] == "failed" and row["score"] == 4.0


def test_the_web_reads_reports_for_readers_by_one_function() -> None:
    """``report_of`` is everything; where a student may read, ``report_for`` asks whether to withhold."""
    web = Path(__file__).parents[3] / "grader" / "web"
    for folder in ("attempts", "exercise", "api", "home", "accounts", "ui"):
        for path in (web / folder).rglob("*.py"):
            assert "report_of(" not in path.read_text(encoding="utf-8"), path
    assert "report_of(" not in (web / "access.py").read_text(encoding="utf-8")
