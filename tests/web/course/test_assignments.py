"""Assignments of a course as who teaches it sees them: set, ordered, withdrawn; who may do that."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.store import enrolments, judging_versions
from grader.web.course.assignments import by_numbers
from tests.web.world import World, make_exercise

from .berlin import LIST, RULES, USUAL, extension, in_berlin, placed, user_id


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return in_berlin(make_world)


# The order


def test_an_assignment_moves_by_its_buttons(world: World) -> None:
    """Each is a form of its own, and leads back to the row; at the end nothing happens."""
    first, second = (row.id for row in placed(world))
    client = world.client("tess")
    answer = client.post(f"{LIST}/order", data={"move": f"{first} down"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"#assignment-{first}")
    assert [row.id for row in placed(world)] == [second, first]
    client.post(f"{LIST}/order", data={"move": f"{first} down"})
    assert [row.id for row in placed(world)] == [second, first]
    client.post(f"{LIST}/order", data={"move": f"{first} up"})
    assert [row.id for row in placed(world)] == [first, second]


def test_an_order_is_taken_whole_or_not_at_all(world: World) -> None:
    """A script's list that leaves one out, or names another course's, changes nothing."""
    first, second = (row.id for row in placed(world))
    client = world.client("tess")
    for wrong in (f"{first}", f"{first},{second},{second}", f"{second},999"):
        assert client.post(f"{LIST}/order", data={"order": wrong}).status_code == 409
    script = {"HX-Request": "true"}
    assert (
        client.post(f"{LIST}/order", data={"order": f"{second},{first}"}, headers=script).status_code == 204
    )
    assert [row.id for row in placed(world)] == [second, first]


@given(st.lists(st.integers(0, 12) | st.just(-1), min_size=1, max_size=8))
def test_numbers_give_an_order(typed: list[int]) -> None:
    """A permutation always; and numbers that were left as they are change nothing."""
    ids = [10 + n for n in range(len(typed))]
    texts = {one: "" if number < 0 else str(number) for one, number in zip(ids, typed, strict=True)}
    assert sorted(by_numbers(ids, texts)) == ids
    assert by_numbers(ids, {one: str(n) for n, one in enumerate(ids, 1)}) == ids


def test_what_gets_the_number_of_another_goes_to_its_place() -> None:
    """From the end to the front, and from the front to the end."""
    ids = [1, 2, 3, 4]
    usual = {one: str(n) for n, one in enumerate(ids, 1)}
    assert by_numbers(ids, usual | {4: "1"}) == [4, 1, 2, 3]
    assert by_numbers(ids, usual | {1: "4"}) == [2, 3, 4, 1]


# Picking


def test_exercises_are_found_read_and_added(world: World) -> None:
    """What is ticked stays ticked over another search; what is set already is not offered."""
    world.library.exercises.append(make_exercise("softmax", 3))
    world.library.exercises.append(make_exercise("hessian", 4))
    client = world.client("tess")
    page = client.get(f"{LIST}/add?q=title+hess&exercise=softmax&show=hessian").text
    assert 'value="hessian"' in page and 'value="detach"' not in page
    assert re.search(r'type="hidden" name="exercise" value="softmax"', page)
    assert 'id="preview"' in page and "<math" in page
    assert "No exercise has all these words." in client.get(f"{LIST}/add?q=nonsense").text
    client.post(f"{LIST}/add", data={"exercise": ["hessian", "softmax", "detach", "no-such"]})
    assert [row.exercise for row in placed(world)] == ["detach", "control-flow", "softmax", "hessian"]


# Withdrawing, and who may


def test_what_goes_with_an_assignment_is_said_first(world: World) -> None:
    """And the button is good for just that many."""
    world.submit("ada")
    client = world.client("tess")
    page = client.get(f"{LIST}/detach/withdraw").text
    assert "<strong>1 submission</strong> of 1 student" in page
    world.submit("ada", "second = 1\n")
    assert client.post(f"{LIST}/detach/withdraw", data={"submissions": "1"}).status_code == 409
    assert client.post(f"{LIST}/detach/withdraw", data={"submissions": "2"}).status_code == 303
    assert [row.exercise for row in placed(world)] == ["control-flow"]
    assert "Nobody has handed anything in." in client.get(f"{LIST}/control-flow/withdraw").text


CHANGES = (
    f"{LIST}/order", f"{LIST}/add", RULES, f"{LIST}/detach/withdraw", f"{LIST}/detach/extensions/1",
    "/courses/calc/settings", "/courses/calc/archive", "/courses/calc/duplicate",
)  # fmt: skip


def test_an_assistant_looks_and_changes_nothing(world: World) -> None:
    """Rules, scores and the course are the instructors'."""
    page = world.client("amy").get(LIST)
    assert page.status_code == 200 and '<button name="move"' not in page.text and "Withdraw" not in page.text
    assert world.client("ada").get(LIST).status_code == 403
    for login in ("amy", "ada"):
        for path in CHANGES:
            assert world.client(login).post(path, data=USUAL).status_code == 403, path
            if not path.endswith(("order", "archive")):
                assert world.client(login).get(path).status_code == 403, path


def test_in_an_archived_course_nothing_changes(world: World) -> None:
    """But for taking it out of the archive."""
    client = world.client("tess")
    assert client.post("/courses/calc/archive").status_code == 303
    for path in (
        f"{LIST}/order",
        f"{LIST}/add",
        RULES,
        f"{LIST}/detach/extensions/1",
        "/courses/calc/settings",
    ):
        data = USUAL | {"attempts": "3", "title_en": "New", "exercise": "x", "move": "1 down"}
        assert client.post(path, data=data).status_code == 409, path
    assert "archived" in client.get(LIST).text
    assert client.post("/courses/calc/archive", data={"again": "1"}).status_code == 303
    assert client.post(RULES, data=USUAL | {"attempts": "3"}).status_code == 303


def test_an_exercise_whose_folder_is_gone_can_still_be_withdrawn(world: World) -> None:
    world.library.exercises.pop(0)
    client = world.client("tess")
    assert "not available at the moment" in client.get(LIST).text
    assert client.get(RULES).status_code == 200 and client.get(f"{LIST}/detach/withdraw").status_code == 200


def test_enrolment_decides_who_can_be_given_an_extension(world: World) -> None:
    """Whoever left keeps what was handed in, and may still need one."""
    world.submit("ada")
    with world.store.write() as session:
        enrolments.unenrol(session, user_id(world, "ada"), 1)
    assert world.client("tess").get(extension(world)).status_code == 200


# Versions


def refused(world: World) -> None:
    """Something waits in both exercises, as the server's torch is newer than that of their first verdicts."""
    with world.store.write() as session:
        for row in placed(world):
            judging_versions.pin(session, row.id, "torch 2.13, numpy 2.4")
    world.dispatcher.mode = "never"
    world.submit("ada")
    with world.store.write() as session:
        ids = [row.id for row in placed(world)]
        assert len(judging_versions.note_refused(session, ids, "torch 2.14, numpy 2.4")) == 1


def versions(world: World) -> list[str | None]:
    return [row.versions for row in placed(world)]


def test_the_page_says_that_submissions_wait_for_other_versions(world: World) -> None:
    """Which, where, and what to do: for who may, a button. In both languages, and only while it is so."""
    title = "Submissions wait for other versions"
    assert title not in world.client("tess").get(LIST).text
    refused(world)
    page = world.client("tess").get(LIST).text
    assert title in page
    assert "judged by torch 2.13, numpy 2.4; the server has torch 2.14, numpy 2.4." in page
    assert page.count("Allow from now on") == 1 and "Allow in the whole course" in page
    chinese = world.client("tess").get(f"{LIST}?lang=zh").text
    assert "有提交在等待其他版本" in chinese and "从现在起允许" in chinese and title not in chinese


def test_versions_are_allowed_by_who_teaches_and_that_is_written_down(world: World) -> None:
    """In one exercise; nobody else may."""
    refused(world)
    exercise = next(row.exercise for row in placed(world) if row.refused)
    url, form = f"{LIST}/versions", {"exercise": exercise}
    assert world.client("ada").post(url, data=form).status_code == 403
    assert world.client("tess").post(url, data={"exercise": "no-such"}).status_code == 303
    assert versions(world) == ["torch 2.13, numpy 2.4"] * 2
    assert world.client("tess").post(url, data=form).status_code == 303
    both = "torch 2.13, numpy 2.4;torch 2.14, numpy 2.4"
    assert sorted(versions(world), key=str) == ["torch 2.13, numpy 2.4", both]
    assert "wait for other versions" not in world.client("tess").get(LIST).text
    log = world.client("tess").get("/courses/calc/audit").text
    assert f"allowed torch 2.14, numpy 2.4 to judge {exercise}" in log


def test_versions_are_allowed_in_a_whole_course_at_once(world: World) -> None:
    """Where nothing waits yet, too: after an upgrade something will."""
    refused(world)
    world.client("tess").post(f"{LIST}/versions", data={"exercise": ""})
    assert versions(world) == ["torch 2.13, numpy 2.4;torch 2.14, numpy 2.4"] * 2
