"""Numbers of one's own: what a student sees, how it is judged, and that a submission keeps its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from grader.dispatch.tolerances import Tolerances
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.sandbox.pool import Pool
from grader.store import claims, queue, regrades, verification
from grader.store.tables import Assignment, Judging, Submission, User
from tests.web.world import World

SLUG = "non-scalar"
URL = f"/courses/calc/{SLUG}"
CODE = """
def f(x):
    return x * x


def grad_f(x):
    return 2 * x


def vjp_f(x, v):
    return 2 * x * v
"""


@pytest.fixture
def classroom(make_world: Callable[..., World], library: Library) -> World:
    """Ada and eve take a course in which everybody has numbers of their own; tess teaches it."""
    world = make_world()
    world.library.exercises = [library.get(SLUG)]
    world.course("calc", SLUG, ada="student", eve="student", tess="instructor")
    setting(world, True)
    return world


def setting(world: World, on: bool) -> None:
    with world.store.write() as session:
        session.execute(update(Assignment).values(variants=on))


def numbers(page: str) -> list[float]:
    """The numbers of the given code, which what is typed is about."""
    found = re.search(r"x = torch\.(?:tensor\(\[(.*?)\]|arange\((4)\.0)", page)
    assert found is not None
    return [float(each) for each in found[1].split(",")] if found[1] else [0.0, 1.0, 2.0, 3.0]


def judge(world: World, pool: Pool) -> None:
    """Judge all that waits, as the dispatcher does."""
    exercises, truths = Tolerances(world.library.get), Truths()
    while True:
        with world.store.write() as session:
            claimed = claims.claim(session, "judge", 60)
        if claimed is None:
            return
        report = grade(exercises.exercise_of(claimed.work), claimed.work.submission, pool, truths)
        with world.store.write() as session:
            queue.finish(session, claimed.id, "judge", report)


def rows(world: World) -> list[Submission]:
    with world.store.read() as session:
        return list(session.scalars(select(Submission).order_by(Submission.created_at)))


def test_each_student_is_asked_about_numbers_of_their_own(
    classroom: World, library: Library, pool: Pool
) -> None:
    world = classroom
    world.dispatcher.mode = "never"
    seen = {login: numbers(world.client(login).get(URL).text) for login in ("ada", "eve")}
    assert seen["ada"] != seen["eve"] and [0.0, 1.0, 2.0, 3.0] not in seen.values()
    for whose in (seen["ada"], seen["eve"], [0.0, 1.0, 2.0, 3.0]):
        boxes = {f"predict-x_grad.{n}": f"{2 * each:g}" for n, each in enumerate(whose)}
        world.client("ada").post(URL, data={"source": CODE, **boxes})
    answer = {"exercise": SLUG, "source": CODE, "predictions": {"x_grad": [2 * each for each in seen["eve"]]}}
    assert (
        world.client().post("/api/v1/submissions", json=answer, headers=world.token("eve")).status_code == 202
    )
    judge(world, pool)

    handed = rows(world)
    assert [row.score for row in handed] == [10, 9, 9, 10]  # her own; eve's; the authored ones; eve's, by eve
    variants = [row.variant for row in handed]
    assert variants[0] == variants[1] == variants[2] != variants[3] and 0 not in variants
    page = world.client("tess").get(f"/attempts/{handed[0].id}").text
    assert f"Variant {variants[0]}:" in page and str([int(each) for each in seen["ada"]]) in page
    told = world.client().get(f"/api/v1/exercises/{SLUG}", headers=world.token("eve")).json
    assert told is not None and numbers(told["given"]) == seen["eve"]

    # The setting is changed afterwards: what was handed in stays about its numbers, whatever is judged anew.
    setting(world, False)
    page = world.client("ada").get(f"{URL}?attempt={handed[0].id}").text
    assert (
        numbers(page) == [0.0, 1.0, 2.0, 3.0]
        and "about other numbers than the exercise shows you now" in page
    )
    assert anew(world, pool) == [10, 9, 9, 10]
    assert [row.variant for row in rows(world)] == variants
    with world.store.read() as session:
        found = verification.grade_of(session, handed[3].id)
        assert found is not None and found.submission.variant == variants[3]
        assert library.get(SLUG).variant(variants[3]).judges_as(found.judging.exercise_digest)


def anew(world: World, pool: Pool) -> list[Any]:
    """What all submissions score when they are judged again."""
    with world.store.write() as session:
        placed = session.scalars(select(Assignment)).one()
        teacher = session.scalars(select(User).where(User.login == "tess")).one()
        ids = list(session.scalars(select(Submission.id)))
        regrades.propose_rerun(session, placed.id, ids, reason="once more", by=teacher.id)
    judge(world, pool)
    with world.store.read() as session:
        latest = select(Judging.score).where(Judging.regrade_id.is_not(None))
        wanted = latest.join(Submission, Submission.id == Judging.submission_id).order_by(
            Submission.created_at
        )
        return list(session.scalars(wanted))
