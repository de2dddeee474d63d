"""A course in Berlin, and short ways to its assignments, for the tests of its pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import update

from grader.store import courses, users
from grader.store.tables import Assignment, Course
from tests.web.world import World

LIST = "/courses/calc/assignments"
RULES = f"{LIST}/detach/rules"
USUAL = {
    "points": "", "opens": "", "due": "", "closes": "", "grace_minutes": "0", "late": "", "attempts": "",
    "pause": "no", "counts": "best", "feedback": "full",
}  # fmt: skip
"""A form of rules with nothing in it."""


def in_berlin(make_world: Callable[..., World]) -> World:
    """Course calc: two exercises, ada, an assistant, and tess, who teaches it."""
    world = make_world()
    world.course("calc", "detach", "control-flow", ada="student", amy="assistant", tess="instructor")
    with world.store.write() as session:
        session.execute(update(Course).values(timezone="Europe/Berlin"))
    return world


def placed(world: World) -> list[Assignment]:
    """The assignments, in order."""
    with world.store.read() as session:
        found = courses.find_course(session, "calc")
        assert found is not None
        return list(courses.assignments(session, found.id))


def problems(page: str) -> dict[str, str]:
    """What a page says at its fields."""
    return dict(re.findall(r'class="why" id="why-(\w+)">(.+?)</p>', page))


def user_id(world: World, login: str) -> int:
    """The id of an account."""
    with world.store.read() as session:
        found = users.find_user(session, login)
        assert found is not None
        return found.id


def extension(world: World, login: str = "ada") -> str:
    """The address of a student's extension in detach."""
    return f"{LIST}/detach/extensions/{user_id(world, login)}"
