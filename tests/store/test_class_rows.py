"""Rows of a class: counted by the database as by hand, of its students alone."""

from __future__ import annotations

from datetime import UTC, timedelta

from grader.analytics.misconceptions import prevalences
from grader.analytics.rows import Attempt, CheckOutcome
from grader.store import class_rows, enrolments, overrides, sections, standings
from grader.store.tables import Section, SectionMember, Source, utcnow

from .world import World


def fill(world: World) -> None:
    """Three students; one was rid of a misconception, one found another, one has left the course."""
    world.grade(world.ada, 2.0, code="sign")
    world.grade(world.ada, 10.0)
    world.grade(world.bob, 2.0, code="sign")
    world.grade(world.bob, 3.0, code="scale")
    world.grade(world.bob, 1.0, world.second)
    world.grade(world.cyd, 2.0, code="sign")
    world.grade(world.teacher, 2.0, code="sign")
    world.hand_in(world.ada, world.second)
    with world.store.write() as session:
        enrolments.unenrol(session, world.cyd, world.course.id)
        section = Section(course_id=world.course.id, name="Monday")
        session.add(section)
        session.flush()
        session.add(SectionMember(section_id=section.id, user_id=world.bob))


def test_codes_are_counted_as_by_hand(world: World) -> None:
    fill(world)
    with world.store.read() as session:
        placed = [world.first, world.second]
        rows = class_rows.judged(session, world.course.id, placed)
        checks = class_rows.checked(session, world.course.id, placed)
        told = class_rows.told(session, world.course.id, placed, since=utcnow() - timedelta(days=1))
        late = class_rows.told(session, world.course.id, placed, since=utcnow() + timedelta(days=1))
        tried = class_rows.tried(session, world.course.id)
        (section,) = sections.of_course(session, world.course.id)
        in_section = class_rows.told(session, world.course.id, placed, section.id, since=utcnow())
        of_section = class_rows.judged(session, world.course.id, placed, section.id)
    attempts = [
        Attempt(
            row.user_id, row.assignment_id, row.attempt, row.created_at, row.score, row.max_score, row.passed,
            tuple(CheckOutcome(*each) for each in checks[row.judging_id]), row.id,
        )
        for row in rows
    ]  # fmt: skip
    assert len(attempts) == 5 and {a.user_id for a in attempts} == {world.ada, world.bob}
    by_hand = {(*p.misconception, p.share.ever, p.share.now) for p in prevalences(attempts, {}, UTC)}
    assert [each.recent for each in told] == [each.now for each in told]
    assert [each.recent for each in late] == [0, 0]
    assert {tuple(each[:5]) for each in told} == by_hand == {
        (world.first, "prediction", "sign", 2, 0), (world.first, "prediction", "scale", 1, 1),
    }  # fmt: skip
    assert tried == {world.first: 2, world.second: 1}
    assert {(each.code, each.ever) for each in in_section} == {("sign", 1), ("scale", 1)}
    assert {row.user_id for row in of_section} == {world.bob}


def test_begun_is_what_is_judged_waits_or_was_marked_by_hand(world: World) -> None:
    fill(world)
    with world.store.write() as session:
        overrides.set_total(
            session, assignment_id=world.second, user_id=world.cyd, score=3.0, reason="oral", by=world.teacher
        )
    with world.store.read() as session:
        begun = class_rows.begun(session, world.course.id)
        last = class_rows.last_active(session, world.course.id)
        active = class_rows.active(session, world.course.id, since=utcnow() - timedelta(days=1))
        none = class_rows.active(session, world.course.id, since=utcnow() + timedelta(days=1))
    mine = {(world.ada, world.first), (world.ada, world.second)}
    others = {(user, place) for user in (world.bob, world.cyd) for place in (world.first, world.second)}
    assert begun == mine | others | {(world.teacher, world.first)}
    assert last.keys() == {world.ada, world.bob, world.cyd, world.teacher}
    assert (active, none) == (2, 0)


def test_the_unsolved_are_those_without_full_marks(world: World) -> None:
    fill(world)
    since = utcnow() - timedelta(days=1)
    with world.store.read() as session:
        found = class_rows.unsolved(session, world.course.id, since, 2)
        assert {(row.user_id, row.attempt) for row in found} == {(world.bob, 1), (world.bob, 2)}
        assert class_rows.unsolved(session, world.course.id, since, 3) == []
        assert class_rows.unsolved(session, world.course.id, utcnow() + timedelta(days=1), 1) == []


def test_what_counts_and_what_counts_elsewhere(world: World) -> None:
    fill(world)
    with world.store.write() as session:
        overrides.set_total(
            session, assignment_id=world.second, user_id=world.bob, score=5.0, reason="oral", by=world.teacher
        )
        standings.refresh(session, world.second)
    with world.store.read() as session:
        assert class_rows.shares(session, world.second) == {world.bob: 0.5}
        assert class_rows.points_elsewhere(session, world.course.id, world.first)[world.bob] == 5.0


def test_how_alike_a_source_is_is_kept_with_its_text(world: World) -> None:
    fill(world)
    with world.store.write() as session:
        session.query(Source).update({"tree": "tree 1"})
    with world.store.read() as session:
        found = class_rows.trees(session, world.course.id, world.first)
        (digest,) = {row.source_digest for row in class_rows.judged(session, world.course.id, [world.first])}
        assert class_rows.texts(session, [digest]) == {digest: b"def f(x): return x"}
    assert len(found) == 4 and set(map(str, found.values())) == {"('tree 1', {'x_grad': '1'}, 0)"}


def test_a_verdict_changes_the_stamp_of_its_assignment_alone(world: World) -> None:
    world.grade(world.ada, 2.0, code="sign")
    with world.store.read() as session:
        before = class_rows.stamps(session, world.course.id)
        course = class_rows.stamp(session, world.course.id)
        one = class_rows.stamp(session, world.course.id, world.first)
    world.grade(world.bob, 1.0, code="sign")
    with world.store.read() as session:
        after = class_rows.stamps(session, world.course.id)
        assert class_rows.stamp(session, world.course.id) != course
        assert class_rows.stamp(session, world.course.id, world.first) != one
        assert class_rows.stamp(session, world.course.id, world.second) == before[world.second]
    assert before[world.first] == one
    assert {each for each in before if before[each] != after[each]} == {world.first}
