"""Courses and assignments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from grader.errors import UsageError
from grader.model.policy import is_open
from grader.store import access, audit, courses
from grader.store.policies import policy_of
from grader.store.tables import Assignment

from .world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_assignments_keep_their_order(world: World) -> None:
    """A new one is last; a place can be given."""
    with world.store.write() as session:
        courses.assign(session, world.course.id, "hvp")
        courses.assign(session, world.course.id, "intro", position=-1)
        found = courses.assignments(session, world.course.id)
    assert [a.exercise for a in found] == ["intro", "control-flow", "backward-twice", "hvp"]


def test_an_exercise_is_set_once_in_a_course(world: World) -> None:
    """Setting it again changes its times and keeps its submissions."""
    with world.store.write() as session:
        row = courses.assign(session, world.course.id, "control-flow", due=NOW)
        assert row.id == world.first
        assert len(courses.assignments(session, world.course.id)) == 2
        assert row.due == NOW


def test_a_slug_is_one_course(world: World) -> None:
    """A second one is refused with a sentence."""
    with world.store.write() as session, pytest.raises(UsageError, match="already"):
        courses.add_course(session, "autodiff", "Again")


def test_a_course_that_is_over_invites_nobody(world: World) -> None:
    """Until it is brought back, by the same code."""
    with world.store.write() as session:
        code = courses.invite(session, world.course.id)
        assert courses.find_invitation(session, code) is not None
        courses.archive(session, world.course.id)
        assert courses.find_invitation(session, code) is None
        courses.archive(session, world.course.id, over=False)
        assert courses.find_invitation(session, code) is not None


def test_an_assignment_is_open_between_its_times() -> None:
    """Both ends included; an absent end is open."""
    second = timedelta(seconds=1)
    row = Assignment(course_id=1, exercise="x", position=0, opens=NOW, due=NOW + second)
    policy = policy_of(row)
    assert [is_open(policy, NOW + n * second) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    assert is_open(policy_of(Assignment(course_id=1, exercise="x", position=0)), NOW)


def test_an_exercise_leads_to_the_users_own_assignments(world: World) -> None:
    """The JSON API names an exercise only. Courses the user is not enrolled in do not count."""
    with world.store.write() as session:
        other = courses.add_course(session, "other", "Other")
        courses.assign(session, other.id, "control-flow")
        found = [row for row, _teaches in access.assignments(session, world.ada, "control-flow")]
        assert [a.id for a in found] == [world.first]
        assert access.assignments(session, world.ada, "nothing") == []


def test_what_was_done_is_on_record(world: World) -> None:
    """Newest first, by subject when asked."""
    with world.store.write() as session:
        audit.record(session, "teacher", "override", "submission 1", {"score": 5.0})
        audit.record(session, "system", "regrade", "assignment 2")
        assert [e.action for e in audit.recent(session)] == ["regrade", "override"]
        (event,) = audit.recent(session, subject="submission 1")
        assert event.details == {"score": 5.0} and event.at.tzinfo is not None


def test_a_course_has_one_invitation_at_a_time(world: World) -> None:
    """Inviting again gives the same code; a new one replaces it; withdrawn, none is found."""
    with world.store.write() as session:
        assert courses.find_course(session, "autodiff").join_code is None  # type: ignore[union-attr]
        first = courses.invite(session, world.course.id)
        assert courses.invite(session, world.course.id) == first
        second = courses.invite(session, world.course.id, anew=True)
        assert first != second
    with world.store.read() as session:
        assert courses.find_invitation(session, first) is None
        found = courses.find_invitation(session, f" {second[:5].lower()}-{second[5:]} ")
        assert found is not None and found.id == world.course.id
    with world.store.write() as session:
        courses.withdraw_invitation(session, world.course.id)
        assert courses.find_invitation(session, second) is None
        with pytest.raises(UsageError, match="no such course"):
            courses.invite(session, 424242)


def test_a_code_can_be_read_aloud(world: World) -> None:
    """No sign in it looks like another one; what cannot be a code is not looked for."""
    with world.store.write() as session:
        code = courses.invite(session, world.course.id)
    assert len(code) == 10
    assert not set(code) & set("01OIL") and code == code.upper()
    assert courses.written_code(code.lower()) == code
    for typed in (
        "",
        "ABC",
        code + "A",
        code[:-1] + "0",
        code[:-1] + "\0",
        "\ufb03" * 4,
        "-" * 10_000 + code,
    ):
        assert courses.written_code(typed) is None
