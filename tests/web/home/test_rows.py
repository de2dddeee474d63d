"""Rows of the home page are kept by what they show: never one reader's for another."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from grader.store import courses
from grader.web.home.rows import _drawn
from tests.web.world import World


def row(page: str) -> str:
    """The row of ``detach``, spaces as one."""
    found = re.search(r"<ol class=\"exercises.*?</ol>", page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", found[0])


def test_each_reader_has_their_own_language_times_and_standing(world: World) -> None:
    course = world.course("algebra", "detach", amy="student", ben="student")
    with world.store.write() as transaction:
        placed = courses.find_assignment(transaction, course, "detach")
        assert placed is not None
        placed.due = datetime(2099, 5, 1, 12, tzinfo=UTC)
    amy, ben = world.client("amy"), world.client("ben")
    amy.set_cookie("tz", "Europe%2FBerlin")
    ben.set_cookie("tz", "Asia%2FShanghai")
    assert "2099-05-01 14:00" in row(amy.get("/").text) and "2099-05-01 20:00" in row(ben.get("/").text)
    assert "detach 的标题" in row(amy.get("/?lang=zh").text)
    assert "Title of detach" in row(ben.get("/").text) and "10 points" in row(ben.get("/").text)
    world.submit("ben", course="algebra")
    mine, others = row(ben.get("/").text), row(amy.get("/?lang=en").text)
    assert "<strong>4</strong> / 10" in mine and "1 attempt" in mine
    assert "attempt" not in others and "10 points" in others


def test_a_row_is_made_once_for_all_who_stand_alike(world: World) -> None:
    world.course("algebra", "detach", "control-flow", amy="student", ben="student")
    first = world.client("amy").get("/").text
    made = _drawn.cache_info().misses
    assert row(world.client("ben").get("/").text) == row(first)
    assert _drawn.cache_info().misses == made


def test_addresses_begin_where_the_application_does(world: World) -> None:
    world.course("algebra", "detach", amy="student")
    client = world.client("amy")
    assert 'href="/courses/algebra/detach"' in row(client.get("/").text)
    below = client.get("/", environ_overrides={"SCRIPT_NAME": "/grader"})
    assert below.status_code != 200 or 'href="/grader/courses/algebra/detach"' in row(below.text)
