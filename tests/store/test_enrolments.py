"""Who takes a course, whoever presses twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from grader.store import enrolments, users

from .world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_enrolling_twice_changes_the_role(world: World) -> None:
    """And unenrolling ends it."""
    with world.store.write() as session:
        enrolments.enrol(session, world.ada, world.course.id, "instructor")
        assert [u.login for u in enrolments.members(session, world.course.id, "instructor")] == [
            "ada",
            "teacher",
        ]
        assert [u.login for u in enrolments.members(session, world.course.id, "student")] == ["bob", "cyd"]
        enrolments.unenrol(session, world.bob, world.course.id)
        assert enrolments.enrolment(session, world.bob, world.course.id) is None
        ((course, row),) = enrolments.of_user(session, world.ada)
        assert (course.slug, row.role) == ("autodiff", "instructor")


def test_joining_enrols_once_and_demotes_nobody(world: World) -> None:
    """A second time changes nothing; a teacher stays one."""
    with world.store.write() as session:
        new = users.add_user(session, "new", "New")
        assert enrolments.join(session, new.id, world.course.id) is True
        assert enrolments.join(session, new.id, world.course.id) is False
        assert enrolments.join(session, world.teacher, world.course.id) is False
    with world.store.read() as session:
        for user, role in ((new.id, "student"), (world.teacher, "instructor")):
            found = enrolments.enrolment(session, user, world.course.id)
            assert found is not None and found.role == role


def test_joining_what_is_gone_is_an_error(world: World) -> None:
    """It is not mistaken for a button that was pressed twice."""
    with pytest.raises(IntegrityError), world.store.write() as session:
        enrolments.join(session, world.ada, 424242)
