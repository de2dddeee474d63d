"""All marks of a course at once: the same as cell by cell, in few statements, without the submissions."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from grader.store import courses, enrolments, gradebook, overrides, users
from grader.store.matrix import NOTHING, last, matrix
from grader.store.tables import Assignment, Extension, Section, SectionMember, utcnow

from .world import World


def test_a_mark_is_what_the_cell_says(world: World) -> None:
    """Scores, attempts, overrides, what waits; teachers and who has left are not in it."""
    world.grade(world.ada, 4.0)
    world.grade(world.ada, 8.0)
    world.grade(world.bob, 10.0)
    world.grade(world.teacher, 10.0)
    world.hand_in(world.ada, world.second)
    world.hand_in(world.bob)
    with world.store.write() as session:
        for user, score in ((world.bob, 3.0), (world.cyd, 10.0)):
            overrides.set_total(
                session,
                assignment_id=world.second,
                user_id=user,
                score=score,
                reason="oral",
                by=world.teacher,
            )
        gone = users.add_user(session, "gone", "Gone")
        enrolments.enrol(session, gone.id, world.course.id)
        enrolments.unenrol(session, gone.id, world.course.id)
    with world.store.read() as session:
        found = matrix(session, world.course, full=lambda _assignment: 10.0)
        book = gradebook.gradebook(session, world.course)
        times = last(session, found)
    assert [line.student.login for line in found.lines] == ["ada", "bob", "cyd"]
    for line, row in zip(found.lines, book.rows, strict=True):
        assert line.total == row.total
        for mark, cell in zip(line.marks, row.cells, strict=True):
            assert (mark.score, mark.attempts, mark.late) == (cell.score, cell.attempts, cell.late)
            assert (mark.by_hand, mark.running) == (cell.override is not None, cell.pending)
    ada, bob, cyd = found.lines
    assert not ada.marks[0].solved and ada.marks[1].running
    assert bob.marks[0].solved and bob.marks[0].running and not bob.marks[1].solved
    assert cyd.marks[0] is NOTHING and cyd.marks[1].solved
    assert times.keys() == {(user, world.first) for user in (world.ada, world.bob, world.teacher)}
    assert all(at.tzinfo is not None for at in times.values())


def test_who_needs_help_is_told_by_own_dates(world: World) -> None:
    """Past due weighs two, for who has no extension; five attempts without full marks weigh one more."""
    now = utcnow()
    for _ in range(5):
        world.grade(world.ada, 2.0)
    world.grade(world.bob, 10.0)
    with world.store.write() as session:
        first, second = session.get(Assignment, world.first), session.get(Assignment, world.second)
        assert first is not None and second is not None
        first.due, second.due = now - timedelta(hours=1), now + timedelta(days=2)
        later = {"due": (now + timedelta(days=9)).isoformat()}
        session.add(
            Extension(assignment_id=world.first, user_id=world.cyd, changes=later, reason="ill", made_at=now)
        )
    with world.store.read() as session:
        found = matrix(session, world.course, now=now)
    assert {line.student.login: line.need for line in found.lines} == {"ada": 4, "bob": 1, "cyd": 1}


def test_names_are_in_alphabetical_order(world: World) -> None:
    """With accents and without, in small letters and capitals, on either database."""
    with world.store.write() as session:
        for name in ("Çelik", "Zoë", "zoe", "Ünal", "Dora", "小明"):
            user = users.add_user(session, name, name)
            enrolments.enrol(session, user.id, world.course.id)
    with world.store.read() as session:
        found = [line.student.name for line in matrix(session, world.course).lines]
    assert found == ["Ada", "Bob", "Çelik", "Cyd", "Dora", "Ünal", "Zoë", "zoe", "小明"]


def test_a_section_chooses_its_students(world: World) -> None:
    """One of another course, or none, chooses nobody out."""
    with world.store.write() as session:
        other = courses.add_course(session, "other", "Other")
        mine, foreign = (Section(course_id=c.id, name="A") for c in (world.course, other))
        session.add_all((mine, foreign))
        session.flush()
        session.add_all(
            (
                SectionMember(section_id=mine.id, user_id=world.bob),
                SectionMember(section_id=foreign.id, user_id=world.ada),
            )
        )
        mine_id, foreign_id = mine.id, foreign.id
    with world.store.read() as session:
        some = matrix(session, world.course, section_id=mine_id)
        everybody = matrix(session, world.course, section_id=foreign_id)
    assert [line.student.id for line in some.lines] == [world.bob] and some.sections == [(mine_id, "A")]
    assert len(everybody.lines) == 3


def test_the_number_of_statements_does_not_grow(world: World) -> None:
    """With students, assignments or attempts; and none of them reads a submission that has a verdict."""

    def statements(session: Session) -> list[str]:
        asked: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *a: asked.append(a[2]))
        matrix(session, world.course)
        return asked

    with world.store.read() as session:
        few = statements(session)
    with world.store.write() as session:
        for n in range(20):
            user = users.add_user(session, f"s{n}", f"S {n}")
            enrolments.enrol(session, user.id, world.course.id)
        courses.assign(session, world.course.id, "detach")
    for _ in range(3):
        world.grade(world.ada, 3.0)
    with world.store.read() as session:
        many = statements(session)
    assert len(many) == len(few) == 6
    assert all("judging_id IS NULL" in each for each in many if "FROM submissions" in each)
