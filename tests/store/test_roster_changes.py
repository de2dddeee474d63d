"""Imports of lists: what they change, that undoing puts it back, and whom they cannot get at."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model.roster import Step
from grader.rosters.plan import Plan, make_plan
from grader.rosters.rows import Person
from grader.store import courses, enrolments, members, recovery, roster_changes, sections, standings, users
from grader.store.database import Store
from grader.store.tables import Course, Enrolment, Extension, Section, SectionMember, User, utcnow

from .world import World

NUMBERS = itertools.count(1)


def plan_of(session: Session, course_id: int, people: Sequence[Person], **how: Any) -> Plan:
    known, names = roster_changes.known(
        session, course_id, [one.login for one in people], [one.email for one in people]
    )
    return make_plan(people, known, names, **{"with_sections": True, **how})


def import_(store: Store, course_id: int, people: Sequence[Person], **how: Any) -> Plan:
    with store.write() as session:
        plan = plan_of(session, course_id, people, **how)
        assert not plan.problems
        roster_changes.apply(session, course_id, plan.steps, by=None, language="en")
    return plan


def undo(store: Store, course_id: int) -> roster_changes.Undone:
    with store.write() as session:
        row = roster_changes.latest(session, course_id)
        assert row is not None
        return roster_changes.undo(session, row)


def everything(store: Store) -> dict[str, list[Any]]:
    """All that an import may touch."""
    with store.read() as session:
        rows: dict[str, list[Any]] = {
            table.__tablename__: [
                tuple(getattr(row, name) for name in names) for row in session.scalars(select(table))
            ]
            for table, names in (
                (User, ("login", "name", "email", "disabled", "password_hash")),
                (Enrolment, ("user_id", "course_id", "role", "active", "sis_id", "helped")),
                (Section, ("course_id", "name")),
                (SectionMember, ("section_id", "user_id")),
            )
        }
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def enrolled(store: Store, course_id: int, login: str) -> Enrolment:
    with store.read() as session:
        user = users.find_user(session, login)
        assert user is not None
        row = session.get(Enrolment, (user.id, course_id))
        assert row is not None
        return row


PEOPLE = st.lists(
    st.builds(
        lambda n, name, mail, number, groups: (n, name, mail, number, tuple(sorted(groups))),
        st.integers(0, 7),
        st.sampled_from(["", "Ada Nord", "Bo", "李娜"]),
        st.booleans(),
        st.booleans(),
        st.sets(st.sampled_from(["A", "B", "C"])),
    ),
    unique_by=lambda one: one[0],
    max_size=6,
)


@given(first=PEOPLE, second=PEOPLE, keep=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_an_import_is_as_if_there_had_been_none(
    store: Store, first: list[Any], second: list[Any], keep: bool
) -> None:
    """Whatever was in the course, on whatever list; and a list that was imported changes nothing again."""
    mark = next(NUMBERS)

    def as_people(rows: list[Any]) -> list[Person]:
        return [
            Person(
                line, name, f"u{mark}-{n}", f"u{mark}-{n}@example.org" if mail else "",
                f"{mark}{n}" if number else "", groups,
            )
            for line, (n, name, mail, number, groups) in enumerate(rows, 2)
        ]  # fmt: skip

    with store.write() as session:
        course = courses.add_course(session, f"course-{mark}", "Course").id
    import_(store, course, as_people(first))
    before = everything(store)
    plan = import_(store, course, as_people(second), keep_absent=keep)
    after = everything(store)
    assert import_(store, course, as_people(second), keep_absent=keep).count("same") == len(second)
    assert everything(store) == after
    if any(step.state != "same" for step in plan.steps):
        assert not undo(store, course).left
    assert everything(store) == before


def test_a_list_makes_accounts_without_a_password_and_sections(world: World) -> None:
    """New, changed, gone and the same; who teaches is neither gone nor changed."""
    people = [
        Person(2, "Ada", "ADA", "", "", ()), Person(3, "Bobby", "bob", "bob@example.org", "7", ("A",)),
        Person(4, "Dee", "dee", "", "", ("A", "B")), Person(5, "T", "teacher", "", "", ()),
    ]  # fmt: skip
    plan = import_(world.store, world.course.id, people)
    assert [(step.login, step.state) for step in plan.steps] == [
        ("ada", "same"), ("bob", "changed"), ("dee", "new"), ("teacher", "same"), ("cyd", "gone"),
    ]  # fmt: skip
    with world.store.read() as session:
        dee, bob, teacher = (users.find_user(session, login) for login in ("dee", "bob", "teacher"))
        assert dee is not None and bob is not None and teacher is not None
        assert (dee.password_hash, dee.role) == (None, "student")
        assert (bob.name, bob.email, teacher.name) == ("Bobby", "bob@example.org", "The Teacher")
        assert [each.name for each in sections.of_course(session, world.course.id)] == ["A", "B"]
        assert len(sections.members_of(session, world.course.id)[dee.id]) == 2
    assert not enrolled(world.store, world.course.id, "cyd").active
    assert enrolled(world.store, world.course.id, "bob").sis_id == "7"


def elsewhere(world: World, login: str, **more: Any) -> int:
    """An account of another course."""
    with world.store.write() as session:
        other = courses.find_course(session, "other") or courses.add_course(session, "other", "Other")
        user = users.add_user(session, login, login.title(), **more)
        enrolments.enrol(session, user.id, other.id)
        recovery.set_email(session, user.id, f"{login}@example.org")
        return user.id


@pytest.mark.parametrize(
    "line",
    [Person(2, "Evil", "victim", "evil@example.org", ""), Person(2, "Evil", "", "victim@example.org", "")],
)
def test_a_list_cannot_get_at_an_account_of_another_course(world: World, line: Person) -> None:
    """It is named before anything is done, keeps name, login and address, and gets no link by the new course;
    nor do those who teach there learn its address, or may a later list change it."""
    victim = elsewhere(world, "victim")
    with world.store.read() as session:
        plan = plan_of(session, world.course.id, [line], keep_absent=True)
    assert [step.login for step in plan.entering] == ["victim"]
    import_(world.store, world.course.id, [line], keep_absent=True)
    import_(
        world.store, world.course.id, [Person(2, "Again", "victim", "x@example.org", "")], keep_absent=True
    )
    with world.store.read() as session:
        user = users.get_user(session, victim)
        assert user is not None and (user.name, user.email) == ("Victim", "victim@example.org")
        assert not recovery.may_be_helped(session, user, world.course.id)
        member = members.find(session, world.course.id, victim)
        assert member is not None and not member.may_be_helped and member.address == "" and not member.ours


def test_an_address_that_two_accounts_have_is_a_problem(world: World) -> None:
    """Nobody guesses which of them is meant; nor where login and number are of different people."""
    elsewhere(world, "one")
    two = elsewhere(world, "two")
    with world.store.write() as session:
        recovery.set_email(session, two, "one@example.org")
        row = session.get(Enrolment, (world.bob, world.course.id))
        assert row is not None
        row.sis_id = "55"
    lines = [Person(2, "One", "", "one@example.org", ""), Person(3, "Ada", "ada", "", "55")]
    with world.store.read() as session:
        plan = plan_of(session, world.course.id, lines)
    assert [(problem.line, bool(problem.zh)) for problem in plan.problems] == [(2, True), (3, True)]
    assert "different accounts" in plan.problems[1].message and "several accounts" in plan.problems[0].message


def test_a_teacher_who_was_made_a_student_keeps_the_password(world: World) -> None:
    """A colleague cannot take the account by way of the role; nor by a list, nor by leaving and joining."""
    store, course = world.store, world.course.id
    with store.write() as session:
        members.set_role(session, course, [world.ada], "instructor")
        members.set_role(session, course, [world.ada], "student")
    with store.read() as session:
        ada = users.get_user(session, world.ada)
        assert ada is not None and not recovery.may_be_helped(session, ada, course)
    with store.write() as session:
        members.set_role(session, course, [world.bob], "assistant")
        members.set_active(session, course, [world.bob], False)
    import_(store, course, [Person(2, "Mallory", "bob", "m@example.org", "")], keep_absent=True)
    row = enrolled(store, course, "bob")
    assert (row.role, row.active, row.helped) == ("student", True, False)
    with store.write() as session:
        members.set_role(session, course, [world.cyd], "assistant")
        members.set_active(session, course, [world.cyd], False)
        assert enrolments.join(session, world.cyd, course)
    assert not enrolled(store, course, "cyd").helped


def test_the_last_teacher_stays(world: World) -> None:
    """By neither way; and a disabled colleague does not count."""
    with world.store.write() as session:
        other = users.add_user(session, "other", "Other")
        enrolments.enrol(session, other.id, world.course.id, "instructor")
        users.set_disabled(session, other.id, True)
    with pytest.raises(members.LastInstructor), world.store.write() as session:
        members.set_active(session, world.course.id, [world.teacher], False)
    with pytest.raises(members.LastInstructor), world.store.write() as session:
        members.set_role(session, world.course.id, [world.teacher], "student")
    assert enrolled(world.store, world.course.id, "teacher").active


def test_what_was_changed_or_used_since_is_left_alone(world: World) -> None:
    """A new account that has handed in, a name that was changed by hand; the rest is put back."""
    store, course = world.store, world.course.id
    import_(
        store,
        course,
        [Person(2, "Bobby", "bob", "", ""), Person(3, "Dee", "dee", "", ""), Person(4, "Eve", "eve", "", "")],
    )
    with store.write() as session:
        dee, eve = users.find_user(session, "dee"), users.find_user(session, "eve")
        assert dee is not None and eve is not None
        users.rename(session, world.bob, name="Robert")
        recovery.make_links(session, [eve.id], lifetime=timedelta(hours=1), course_id=course)
    world.hand_in(dee.id)
    assert undo(store, course).left == ("bob", "dee")
    with store.read() as session:
        assert users.find_user(session, "eve") is None
        bob, dee = users.find_user(session, "bob"), users.find_user(session, "dee")
        assert bob is not None and bob.name == "Robert" and dee is not None
    assert not enrolled(store, course, "dee").active and enrolled(store, course, "ada").active
    with pytest.raises(UsageError), store.write() as session:
        row = session.get(Course, course)
        assert row is not None and roster_changes.latest(session, course) is None
        kept = session.scalars(select(roster_changes.RosterImport)).one()
        roster_changes.undo(session, kept)


def test_a_section_with_other_rules_moves_the_scores_of_who_enters_it(world: World) -> None:
    """By a list, by hand, and back by undoing; a section that is deleted takes its rules along."""
    store, course = world.store, world.course.id
    world.grade(world.ada, 8.0)
    with store.write() as session:
        section = sections.make(session, course, "Half")
        rule = {"section_id": section.id, "changes": {"points": 5.0}, "made_at": utcnow()}
        session.add(Extension(assignment_id=world.first, **rule))

    def score() -> float | None:
        with store.read() as session:
            row = session.get(standings.Standing, (world.first, world.ada))
            assert row is not None
            return row.score

    assert score() == 8.0
    import_(store, course, [Person(2, "Ada", "ada", "", "", ("half",))], keep_absent=True)
    assert score() == 4.0
    undo(store, course)
    assert score() == 8.0
    with store.write() as session:
        found = sections.find(session, course, section.id)
        assert found is not None and sections.enter(session, found, [world.ada, world.ada, 999]) == 1
    assert score() == 4.0
    with store.write() as session:
        found = sections.find(session, course, section.id)
        assert found is not None and sections.remove(session, found) == 1
    assert score() == 8.0


def test_a_login_or_address_that_cannot_be_refuses_the_whole_list(world: World) -> None:
    """Nothing of it is kept."""
    before = everything(world.store)
    step = Step(2, "new", "dee", "Dee", "no address", "", ())
    with pytest.raises(UsageError), world.store.write() as session:
        roster_changes.apply(
            session, world.course.id, [Step(1, "new", "fay", "Fay", "", ""), step], by=None, language="en"
        )
    assert everything(world.store) == before
