"""A teacher's pages."""

from __future__ import annotations

import csv
import io

from grader.store import gradebook, people
from grader.store.courses import find_assignment, find_course

from .world import World, make_report


def test_the_gradebook_shows_students_by_exercises(world: World) -> None:
    """Best score and attempts in a table with headers; each cell leads to the attempts."""
    world.submit("ada")
    world.dispatcher.report = make_report(10.0)
    world.submit("ada", "better = 1")
    page = world.client("tess").get("/courses/calc/gradebook").text
    assert page.count('scope="col"') == 4
    assert page.count('scope="row"') == 1
    assert "<strong>10</strong>" in page
    assert "2 attempts" in page
    url = page[page.index("/courses/calc/students/") :].partition('"')[0]
    attempts = world.client("tess").get(url).text
    for identity in world.dispatcher.submitted:
        assert identity in attempts
    assert "better = 1" in world.client("tess").get(f"/attempts/{world.dispatcher.submitted[1]}").text


def test_a_gradebook_without_students_or_exercises_says_so(world: World) -> None:
    """Instead of an empty table."""
    world.course("empty", "detach", tess="instructor")
    world.course("bare", ada="student", tess="instructor")
    assert (
        "Nobody is enrolled in this course yet" in world.client("tess").get("/courses/empty/gradebook").text
    )
    assert "No exercise is set" in world.client("tess").get("/courses/bare/gradebook").text
    for course in ("empty", "bare"):
        assert world.client("tess").get(f"/courses/{course}/gradebook.csv").status_code == 200


def test_the_csv_opens_in_a_spreadsheet(world: World) -> None:
    """UTF-8 with a byte-order mark; one line a student; no formula."""
    eve = world.user("=cmd()", name='小明, the "long" name' + "x" * 150)
    with world.store.write() as transaction:
        course = find_course(transaction, "calc")
        assert course is not None
        people.enrol(transaction, eve.id, course.id)
    world.submit("ada")
    answer = world.client("tess").get("/courses/calc/gradebook.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert 'filename="calc.csv"' in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(lines) == 3
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line)


def test_a_score_set_by_hand_is_shown_as_such(world: World) -> None:
    """It counts, and the cell says where it is from."""
    world.submit("ada")
    with world.store.write() as transaction:
        course = find_course(transaction, "calc")
        ada, tess = people.find_user(transaction, "ada"), people.find_user(transaction, "tess")
        assert course is not None and ada is not None and tess is not None
        assignment = find_assignment(transaction, course.id, "detach")
        assert assignment is not None
        gradebook.override(
            transaction, assignment_id=assignment.id, user_id=ada.id, score=9.5, reason="oral", by=tess.id
        )
    page = world.client("tess").get("/courses/calc/gradebook").text
    assert "<strong>9.5</strong>" in page
    assert "set by hand" in page


def test_what_waits_is_shown_as_being_graded(world: World) -> None:
    """Not as a zero."""
    world.dispatcher.mode = "never"
    world.submit("ada")
    page = world.client("tess").get("/courses/calc/gradebook").text
    assert "being graded" in page
    assert "<strong>0</strong> " not in page


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
        bob = people.find_user(transaction, "bob")
    assert bob is not None
    client = world.client("tess")
    assert client.get(f"/courses/calc/students/{bob.id}/detach").status_code == 404
    assert client.get("/courses/calc/students/424242/detach").status_code == 404
