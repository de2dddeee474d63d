"""The forecast of due dates on the page of assignments: true in each case, absent where nothing is known."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from grader.dispatch.base import Status
from grader.store import claims, enrolments, queue, submissions, users
from grader.store.judgings import Made, Times
from grader.store.tables import Assignment, Judging, utcnow
from grader.store.workers import Seen
from tests.web.world import World, make_report

from .berlin import LIST, in_berlin, placed

NOW = utcnow()
WORKER = Seen("host:1:ab", "host", 1, True, 0.2)
STUDENTS = 20


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """Twenty students; detach was due an hour ago, control-flow is in two days."""
    world = in_berlin(make_world)
    past, coming = placed(world)
    with world.store.write() as session:
        for n in range(STUDENTS - 1):
            student = users.add_user(session, f"s{n}", f"S {n}")
            session.flush()
            enrolments.enrol(session, student.id, past.course_id)
        for row, due in ((past, NOW - timedelta(hours=1)), (coming, NOW + timedelta(days=2))):
            session.execute(update(Assignment).where(Assignment.id == row.id).values(due=due))
    return world


def hand_in(world: World, each: int, seconds: float) -> None:
    """Every student handed in so often, in the last ten minutes; each took a grader so many seconds."""
    past, _coming = placed(world)
    with world.store.write() as session:
        mine = [user.id for user in enrolments.members(session, past.course_id, "student")]
        for user in mine * each:
            submissions.receive(
                session, assignment_id=past.id, user_id=user, source=b"x", predictions={}, seed=1,
                exercise_digest="d", now=NOW - timedelta(hours=1, minutes=5),
            )  # fmt: skip
            begun = NOW - timedelta(hours=1)
            claimed = claims.claim(session, f"me-{user}", 60, now=begun)
            assert claimed is not None
            made = Made(times=Times(begun, begun, begun))
            assert queue.finish(session, claimed.id, claimed.owner, make_report(10), started=begun, made=made)
        session.execute(update(Judging).values(finished_at=begun + timedelta(seconds=seconds)))


def told(world: World, login: str = "tess", language: str = "en") -> str:
    """The forecast as text; empty where there is none."""
    page = world.client(login).get(LIST, headers={"Accept-Language": language}).text
    found = re.search(r'<section[^>]*id="forecast">(.*?)</section>', page, re.DOTALL)
    return "" if found is None else re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", found[1])))


def in_words(world: World, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("Europe/Berlin")).strftime("%A %H:%M")


def test_enough_is_said_to_be_enough_and_on_what_that_rests(world: World) -> None:
    """Sixty in ten minutes are 0.1 a second; two graders of half a second do 2.8 with room for bursts."""
    hand_in(world, 3, 0.5)
    world.dispatcher.shown = Status(2, 2, 0, 0)
    said = told(world)
    peak = NOW + timedelta(days=2) - timedelta(minutes=10)
    assert f"{in_words(world, peak)}: 6.0 a minute expected, 168 can be graded." in said
    assert (
        "Based on 60 submissions to what was due in the last two weeks (exercises: 1)" in said
        and "3.0 a student and exercise" in said
    )
    assert "(students: 20)" in said and "0.50 s" in said


def test_one_machine_is_told_what_it_can_do_and_how_late_it_gets(world: World) -> None:
    """It has no workers to start. Of 60 × 20 s in ten minutes one grader does half: the last waits 600 s."""
    hand_in(world, 3, 20)
    world.dispatcher.shown = Status(1, 1, 0, 0)
    said = told(world)
    assert "6.0 a minute needed, 2.1 there: that is what this machine can do with GRADER_SLOTS=1" in said
    assert "up to 10 minutes late" in said and "worker" not in said


def test_many_machines_are_told_how_many_workers_to_start(world: World) -> None:
    """0.1 a second × 20 s keeps two graders busy; with room for bursts three, of which one is there."""
    hand_in(world, 3, 20)
    world.dispatcher.shown = Status(1, 1, 0, 0, True, (WORKER,))
    assert "6.0 a minute needed, 2.1 there: start 2 workers." in told(world)
    world.dispatcher.shown = Status(0, 0, 0, 0, True)
    assert "a second needed, 0 there: start" in told(world) or "a minute needed, 0 there: start" in told(
        world
    )


def test_it_is_said_in_chinese(world: World) -> None:
    hand_in(world, 3, 20)
    world.dispatcher.shown = Status(1, 1, 0, 0, True, (WORKER,))
    with world.store.write() as session:
        user = users.find_user(session, "tess")
        assert user is not None
        users.set_language(session, user.id, "zh")
    said = told(world)
    assert "每分钟需要评判 6.0 份，现有能力 2.1 份：请再启动 2 个 worker。" in said and "星期" in said


def test_nothing_is_said_where_nothing_is_known(world: World) -> None:
    """Too few hand-ins, no due date ahead; and an assistant reads the same as an instructor."""
    assert told(world) == ""
    hand_in(world, 2, 0.5)
    assert told(world) == "", "forty are too few"
    hand_in(world, 1, 0.5)
    assert told(world) != "" and told(world, "amy") == told(world)
    with world.store.write() as session:
        session.execute(update(Assignment).values(due=NOW - timedelta(hours=1)))
    assert told(world) == ""
