"""Properties of regrades, over invented classes: undo after accept is the identity; overrides survive."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grader.store import overrides, regrades, standings
from grader.store.database import Store
from grader.store.regrade_effects import effect
from grader.store.tables import Assignment, Regrade, Standing, Submission
from tests import databases

from .test_regrades import NOON, decide, judge_all, look, propose, state
from .world import World, make_world

SCORES = st.integers(0, 10).map(float)


@dataclass(frozen=True)
class Class:
    """Attempts of three students: (who, score, hours after the due date, score when judged again)."""

    attempts: list[tuple[int, float, int, float]]
    by_hand: dict[int, float]
    rules: dict[str, Any]


RULES = st.fixed_dictionaries(
    {},
    optional={
        "points": st.sampled_from([None, 5.0, 20.0]),
        "late": st.sampled_from([[], [{"within_seconds": 86400, "percent": 50}]]),
        "grace_minutes": st.sampled_from([0, 120]),
        "counts": st.sampled_from(["best", "last"]),
        "due": st.sampled_from([None, (NOON + timedelta(hours=12)).isoformat()]),
    },
)
CLASSES = st.builds(
    Class,
    st.lists(st.tuples(st.integers(0, 2), SCORES, st.integers(-30, 60), SCORES), min_size=1, max_size=6),
    st.dictionaries(st.integers(0, 2), SCORES, max_size=2),
    RULES,
)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def made(kind: str, some: Class) -> Iterator[tuple[World, dict[str, tuple[float, None]]]]:
    """A store of this class; what each submission comes to when it is judged again."""
    with tempfile.TemporaryDirectory() as folder, databases.migrated(kind, Path(folder)) as url:
        world = make_world(Store.open(url))
        try:
            yield world, filled(world, some)
        finally:
            world.store.close()


def filled(world: World, some: Class) -> dict[str, tuple[float, None]]:
    """Have this class hand in."""
    with world.store.write() as session:
        row = session.get_one(Assignment, world.first)
        row.due, row.late = NOON, [[2 * 86400, 80.0]]
    students = (world.ada, world.bob, world.cyd)
    again = {
        world.grade_at(students[who], score, NOON + timedelta(hours=hours)): (then, None)
        for who, score, hours, then in some.attempts
    }
    with world.store.write() as session:
        standings.refresh(session, world.first)
        for who, score in some.by_hand.items():
            overrides.set_total(
                session, assignment_id=world.first, user_id=students[who], score=score, reason="r",
                by=world.teacher,
            )  # fmt: skip
    return again


def scores(world: World) -> dict[int, float | None]:
    """What counts, by student."""
    with world.store.read() as session:
        rows = session.scalars(select(Standing).where(Standing.assignment_id == world.first))
        return {row.user_id: row.score if row.override is None else row.override for row in rows}


def accepted_and_undone(world: World, number: int, some: Class) -> None:
    """The effect that is shown is what happens; who was set by hand stays; all is as it was when undone."""
    before, had, found = state(world), scores(world), look(world, number)
    told = decide(world, number, regrades.accept, seen=found.mark)
    now = scores(world)
    students = (world.ada, world.bob, world.cyd)
    for who, score in some.by_hand.items():
        assert now[students[who]] == score
    for move in found.moves:
        assert now[move.user_id] is not None and abs(now[move.user_id] - move.after.score) < 1e-9
    still = set(had) - {move.user_id for move in found.moves}
    assert all(abs((had[user] or 0) - (now[user] or 0)) < 1e-9 for user in still)
    assert told >= len(found.moves)
    with world.store.write() as session:  # deriving it once more changes nothing
        standings.refresh(session, world.first)
    assert scores(world) == now
    decide(world, number, regrades.undo)
    assert state(world) == before


@FEW
@given(CLASSES)
def test_undoing_a_rerun_is_the_identity(database_kind: str, some: Class) -> None:
    """On pointers, scores and standings; and an effect, looked at twice, is the same."""
    with made(database_kind, some) as (world, again):
        number = propose(world)
        judge_all(world, again)
        with world.store.read() as session:
            row, placed = session.get_one(Regrade, number), session.get_one(Assignment, world.first)
            assert effect(session, row, placed).mark == effect(session, row, placed).mark
            assert session.scalars(select(Submission.regrade_id)).all() == [None] * len(again)
        accepted_and_undone(world, number, some)


@FEW
@given(CLASSES)
def test_undoing_a_rescore_is_the_identity(database_kind: str, some: Class) -> None:
    """Whatever rules were proposed together."""
    with made(database_kind, some) as (world, _):
        try:
            with world.store.write() as session:
                number = regrades.propose_rescore(
                    session, world.first, some.rules, reason="r", by=world.teacher
                ).id
        except regrades.RegradeError:
            return  # nothing differs
        accepted_and_undone(world, number, some)
