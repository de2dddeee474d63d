"""Standings: what is kept when a verdict is written is what all attempts come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, NullPool, create_engine, func, select, text, update

from grader.store import claims, gradebook, migrations, overrides, queue, regrades, standings, submissions
from grader.store.database import Store
from grader.store.tables import Assignment, CheckResult, Judging, Regrade, Standing, Submission

from .world import World, a_report

DUE = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rows(world: World) -> list[tuple[Any, ...]]:
    with world.store.read() as session:
        return [
            tuple(row)
            for row in session.execute(
                select(*Standing.__table__.columns).order_by(Standing.assignment_id, Standing.user_id)
            )
        ]


def refreshed(world: World) -> list[tuple[Any, ...]]:
    with world.store.write() as session:
        for assignment_id in (world.first, world.second):
            standings.refresh(session, assignment_id)
    return rows(world)


def hand_in(world: World, user: int, score: float, at: datetime) -> str:
    mine = world.hand_in(user, now=at)
    with world.store.write() as session:
        claimed = claims.claim(session, "t", 60)
        assert claimed is not None
        assert queue.finish(session, claimed.id, "t", a_report(score))
    return mine


def rule(world: World, **values: Any) -> None:
    with world.store.write() as session:
        session.execute(update(Assignment).where(Assignment.id == world.first).values(**values))


@pytest.mark.parametrize("counts", ["best", "last"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    work=st.lists(
        st.tuples(
            st.sampled_from(["ada", "bob"]), st.sampled_from([0.0, 4.0, 6.0, 10.0]), st.integers(-3, 30)
        ),
        min_size=1,
        max_size=7,
    )
)
def test_one_verdict_after_the_other_is_the_same_as_all_at_once(
    world: World, counts: str, work: Sequence[tuple[str, float, int]]
) -> None:
    """Whatever comes when: late or in time, better or worse than before."""
    rule(world, due=DUE, late=[[86400, 50.0]], counts=counts, points=20.0)
    for login, score, hours in work:
        hand_in(world, getattr(world, login), score, DUE + hours * HOUR)
    kept = rows(world)
    assert kept and kept == refreshed(world)


def test_late_rule_and_points_are_in_the_standing_and_not_in_the_judging(world: World) -> None:
    rule(world, due=DUE, late=[[86400, 50.0]], points=20.0)
    hand_in(world, world.ada, 10.0, DUE + HOUR)
    hand_in(world, world.ada, 6.0, DUE - HOUR)
    with world.store.read() as session:
        cell = gradebook.cell(session, world.ada, world.first)
    assert (cell.score, cell.max_score, cell.late, cell.attempts) == (12.0, 20.0, False, 2)
    assert (cell.passed, cell.passed_attempt, cell.passed_at) == (False, 1, DUE + HOUR)


def test_an_override_outlives_verdicts_and_regrades(world: World) -> None:
    mine = hand_in(world, world.ada, 4.0, DUE)
    with world.store.write() as session:
        overrides.set_total(
            session,
            assignment_id=world.first,
            user_id=world.ada,
            score=9.0,
            reason="seen in class",
            by=world.teacher,
        )
    hand_in(world, world.ada, 6.0, DUE)
    with world.store.write() as session:
        regrade = regrades.propose_rerun(session, world.first, [mine], reason="again", by=None).id
        claimed = claims.claim(session, "t", 60)
        assert claimed is not None and claimed.id == mine
        assert queue.finish(session, mine, "t", a_report(8.0))
    with world.store.read() as session:
        assert gradebook.cell(session, world.ada, world.first).graded_score == 6.0
    with world.store.write() as session:
        regrades.accept(session, session.get_one(Regrade, regrade), by=None)
    with world.store.read() as session:
        cell = gradebook.cell(session, world.ada, world.first)
    assert (cell.score, cell.graded_score, cell.override_reason) == (9.0, 8.0, "seen in class")
    assert cell.best_submission == mine
    assert rows(world) == refreshed(world)


@pytest.fixture
def engine(url: str, store: Store) -> Engine:
    """A way into the store's database that does not lead through the store."""
    return create_engine(url, poolclass=NullPool)


def test_verdicts_and_scores_survive_the_sixth_revision(engine: Engine, url: str, world: World) -> None:
    """Down to the fifth and up again with work in it: verdicts are judgings, best scores are standings."""
    world.grade(world.ada, 4.0, code="scale")
    best = world.grade(world.ada, 6.0)
    world.grade(world.bob, 10.0, world.second)
    waiting = world.hand_in(world.cyd)
    with world.store.write() as session:
        for user_id, score in ((world.ada, 7.0), (world.cyd, 1.0)):
            overrides.set_total(
                session,
                assignment_id=world.first,
                user_id=user_id,
                score=score,
                reason="by hand",
                by=world.teacher,
            )
    before = rows(world)
    world.store.close()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        migrations.downgrade(connection, "0005")
        old = connection.execute(text("SELECT COUNT(*) FROM check_results")).scalar_one()
        assert (
            connection.execute(text("SELECT COUNT(*) FROM submissions WHERE report IS NOT NULL")).scalar_one()
            == 3
        )
    again = Store.open(url)
    assert rows(replace(world, store=again)) == before
    with again.write() as session:
        assert session.scalar(select(func.count()).select_from(CheckResult)) == old == 3
        row = session.get_one(Submission, best)
        judging = session.get_one(Judging, row.judging_id)
        assert (judging.score, judging.exercise_digest, judging.grader) == (6.0, "0" * 64, None)
        assert submissions.report_of(row) == a_report(6.0)
        assert session.get_one(Submission, waiting).judging_id is None
        # Numbers go on where they were.
        claimed = claims.claim(session, "t", 60)
        assert claimed is not None and queue.finish(session, claimed.id, "t", a_report(2.0))
    again.close()
    engine.dispose()
