"""First predictions: kept whatever comes later, and counted by course; on both databases."""

from __future__ import annotations

from sqlalchemy import NullPool, create_engine, text

from grader.model.report import CheckResult, Report, TypedAnswer
from grader.model.text import EMPTY
from grader.store import claims, first_predictions, migrations, queue, regrades, requeue
from grader.store.database import Store
from grader.store.first_predictions import Calibration, First
from grader.store.tables import Regrade

from .world import World


def report(**answers: tuple[str, bool]) -> Report:
    """A verdict on each of these answers: what was said, and whether it is right."""
    checks = tuple(
        CheckResult(
            name.replace("_", "-"), "state", EMPTY, "passed" if right else "failed", float(right), 1.0,
            typed=TypedAnswer(name, said),
        )
        for name, (said, right) in answers.items()
    )  # fmt: skip
    score = sum(check.points for check in checks)
    return Report("e", "e" * 64, 7, "graded", score, float(len(checks)), "namespaces", 1.0, checks)


def claim(world: World, submission_id: str, owner: str) -> None:
    with world.store.write() as session:
        claimed = claims.claim(session, owner, 60, share=9)
        assert claimed is not None and claimed.id == submission_id


def finish(world: World, submission_id: str, owner: str, **answers: tuple[str, bool]) -> None:
    with world.store.write() as session:
        assert queue.finish(session, submission_id, owner, report(**answers))


def graded(world: World, **answers: tuple[str, bool]) -> str:
    mine = world.hand_in(world.ada, predictions={name: said for name, (said, _) in answers.items()})
    claim(world, mine, "t")
    finish(world, mine, "t", **answers)
    return mine


def firsts(world: World, user: int | None = None) -> dict[str, First]:
    with world.store.read() as session:
        return first_predictions.of_assignment(session, user or world.ada, world.first)


def counted(world: World) -> dict[int, Calibration]:
    with world.store.read() as session:
        return first_predictions.calibration(session, world.ada, [world.course.id])


def test_a_later_attempt_erases_nothing_and_adds_what_was_not_said(world: World) -> None:
    assert firsts(world) == {} and counted(world) == {}
    one = graded(world, x_grad=("[0, 2]", False))
    two = graded(world, x_grad=("[0, 4]", True), y=("28", True))
    assert firsts(world) == {"x_grad": First("[0, 2]", one, False), "y": First("28", two, True)}
    assert counted(world) == {world.course.id: Calibration(1, 2)}
    assert firsts(world, world.bob) == {}


def test_the_earlier_attempt_is_the_first_whichever_is_graded_first(world: World) -> None:
    one, two = (world.hand_in(world.ada) for _ in range(2))
    claim(world, one, "slow")
    claim(world, two, "quick")
    finish(world, two, "quick", x_grad=("8", True))
    finish(world, one, "slow", x_grad=("5", False))
    assert firsts(world) == {"x_grad": First("5", one, False)}


def test_an_attempt_that_could_not_be_graded_leaves_none(world: World) -> None:
    """Our fault: the one after it is the first."""
    failed = world.hand_in(world.ada)
    claim(world, failed, "t")
    with world.store.write() as session:
        assert requeue.give_back(session, failed, "t", "no zygote", retry=False) == "failed"
    assert firsts(world) == {}
    two = graded(world, x_grad=("4", True))
    assert firsts(world) == {"x_grad": First("4", two, True)}


def test_an_accepted_regrade_moves_whether_it_was_right_and_no_text(world: World) -> None:
    one = graded(world, x_grad=("[0, 2]", False))
    graded(world, x_grad=("[0, 4]", True))
    with world.store.write() as session:
        proposal = regrades.propose_rerun(session, world.first, [one], reason="r", by=world.teacher).id
    claim(world, one, "again")
    finish(world, one, "again", x_grad=("other", True))
    assert firsts(world)["x_grad"] == First("[0, 2]", one, False), "proposed is not accepted"
    with world.store.write() as session:
        regrades.accept(session, session.get_one(Regrade, proposal), by=world.teacher)
    assert firsts(world) == {"x_grad": First("[0, 2]", one, True)}
    with world.store.write() as session:
        regrades.undo(session, session.get_one(Regrade, proposal), by=world.teacher)
    assert firsts(world) == {"x_grad": First("[0, 2]", one, False)}


def test_what_was_answered_before_there_was_a_record_is_the_first(world: World, url: str) -> None:
    one = graded(world, x_grad=("[0, 2]", False), y=(" ", True))
    graded(world, x_grad=("[0, 4]", True), y=("28", True))
    waiting = world.hand_in(world.bob)
    world.store.close()
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        migrations.downgrade(connection, "0006")
    engine.dispose()
    again = Store.open(url)
    try:
        with again.read() as session:
            found = first_predictions.of_assignment(session, world.ada, world.first)
            assert found["x_grad"] == First("[0, 2]", one, False)
            assert (found["y"].text, found["y"].right) == ("28", True), "an empty box says nothing"
            assert first_predictions.of_assignment(session, world.bob, world.first) == {}
            kept = session.execute(text("SELECT count(*) FROM submissions WHERE id = :id"), {"id": waiting})
            assert kept.scalar_one() == 1
    finally:
        again.close()
