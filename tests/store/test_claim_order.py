"""Whose turn it is by the table: the same as in memory, in any history, on each kind of database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from grader.dispatch.lanes import Lanes
from grader.dispatch.turns import Turns
from grader.model.lane import FLOOR, Lane
from grader.store import claims, sources, waiting
from grader.store.queue import Waiting
from grader.store.tables import Submission, utcnow

from .world import World

START = utcnow() - timedelta(days=1)


@dataclass
class Both:
    """A history that the queue in memory and the table are told of."""

    world: World
    session: Session
    share: int
    turns: Turns = field(init=False)
    lanes: Lanes = field(init=False)
    digest: str = ""
    second: int = 0
    running: dict[str, tuple[Waiting, Lane, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.turns, self.lanes = Turns(self.share), Lanes(self.share)
        self.session.execute(delete(Submission))
        self.digest = sources.keep(self.session, b"def f(x): return x")

    @property
    def now(self) -> datetime:
        """Another moment at each step: no two things happen at once."""
        self.second += 1
        return START + timedelta(seconds=self.second)

    def hand_in(self, user: int, lane: Lane) -> None:
        """A row in both."""
        created, name = self.now, f"row-{self.second}"
        self.session.execute(
            insert(Submission),
            [
                {
                    "id": name, "assignment_id": self.world.first, "user_id": user,
                    "source_digest": self.digest, "predictions": {}, "seed": 1,
                    "exercise_digest": "d", "state": "queued", "attempt": self.second,
                    "created_at": created, "queued_at": created, "lane": lane,
                }
            ],
        )  # fmt: skip
        self.turns.put([Waiting(name, user, created, lane)])

    def claim(self) -> None:
        """Both take the same, or nothing."""
        found = claims.claim(
            self.session, "me", 100.0, share=self.share, lanes=self.lanes.order(), now=self.now
        )
        taken = self.turns.take()
        assert (found and found.id) == (taken and taken.id)
        if found is not None and taken is not None:
            assert found.lane == taken.lane
            self.running[found.id] = taken, found.lane, self.lanes.taken(found.lane)

    def finish(self) -> None:
        """The oldest that runs ends in both, in no time."""
        if self.running:
            name = next(iter(self.running))
            taken, lane, _ = self.running.pop(name)
            self.session.execute(update(Submission).where(Submission.id == name).values(state="graded"))
            self.lanes.ended(lane)
            self.turns.ended(taken)
            # The order in memory counts time, which is no part of this.
            self.turns._lanes._debt.update(dict.fromkeys(FLOOR, 0.0))

    def compare_places(self) -> None:
        """What is told of those that wait."""
        for name in list(self.turns._known):
            place = waiting.place_of(self.session, name)
            before = self.turns.before(name)
            assert place is not None and before is not None
            # The table does not know how long a floor has been waiting: it may say a few more.
            assert before <= place.before - len(self.running) <= before + len(FLOOR)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hand in"), st.integers(0, 2), st.sampled_from(Lane)),
        st.just(("claim",)),
        st.just(("finish",)),
    ),
    max_size=60,
)


@pytest.mark.parametrize("share", [1, 2])
def test_the_table_and_the_memory_take_the_same_in_any_history(world: World, share: int) -> None:
    """By students, lanes, floors and shares, on each kind of database."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def run(steps: Sequence[tuple[object, ...]]) -> None:
        with world.store.write() as session:
            both, users = Both(world, session, share), (world.ada, world.bob, world.cyd)
            for name, *what in steps:
                if name == "hand in":
                    user, lane = what
                    assert isinstance(user, int) and isinstance(lane, Lane)
                    both.hand_in(users[user], lane)
                elif name == "claim":
                    both.claim()
                else:
                    both.finish()
            both.compare_places()
            for _ in range(len(steps)):
                both.claim()
                both.finish()

    run()


def test_a_rush_in_the_table_does_not_starve_a_regrade(world: World) -> None:
    """Sixty that somebody waits for, one regrade: it is among the first twenty taken."""
    with world.store.write() as session:
        both = Both(world, session, 1)
        both.hand_in(world.ada, Lane.REGRADE)
        for n in range(60):
            both.hand_in((world.ada, world.bob, world.cyd)[n % 3], Lane.INTERACTIVE)
        taken = []
        for _ in range(20):
            both.claim()
            taken += [lane for _, lane, _ in both.running.values()]
            both.finish()
    assert taken == [Lane.INTERACTIVE] * 19 + [Lane.REGRADE]
