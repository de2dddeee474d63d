"""Whose turn it is by the table: the same as in memory, in any history, on each kind of database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from grader.dispatch.lanes import Lanes
from grader.dispatch.turns import Turns
from grader.model.lane import FLOOR, Lane
from grader.store import claims, requeue, sources, waiting
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
    listed: claims.NextInTurn | None = None
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
            self.session, "me", 100.0,
            share=self.share, lanes=self.lanes.order(), listed=self.listed, now=self.now,
        )  # fmt: skip
        taken = self.turns.take()
        assert (found and found.id) == (taken and taken.id)
        if found is not None and taken is not None:
            assert found.lane == taken.lane
            self.running[found.id] = taken, found.lane, self.lanes.taken(found.lane)

    def play(self, steps: Sequence[tuple[object, ...]], users: Sequence[int]) -> None:
        """A history."""
        for name, *what in steps:
            if name == "hand in":
                user, lane = what
                assert isinstance(user, int) and isinstance(lane, Lane)
                self.hand_in(users[user], lane)
            elif name == "claim":
                self.claim()
            elif name == "preempt":
                self.preempt()
            else:
                self.finish()

    def preempt(self) -> None:
        """The oldest that runs in the first lane is moved to the one for that, in both."""
        for name, (taken, lane, _) in self.running.items():
            if lane is Lane.INTERACTIVE:
                assert requeue.preempt(self.session, name, "me")
                del self.running[name]
                self._end(taken, lane)
                self.turns.put([replace(taken, lane=Lane.LONG)])
                return

    def finish(self) -> None:
        """The oldest that runs ends in both, in no time."""
        if self.running:
            name = next(iter(self.running))
            taken, lane, out_of_turn = self.running.pop(name)
            self.session.execute(update(Submission).where(Submission.id == name).values(state="graded"))
            self._end(taken, lane, out_of_turn=out_of_turn)

    def _end(self, taken: Waiting, lane: Lane, *, out_of_turn: bool = False) -> None:
        self.lanes.ended(lane, out_of_turn=out_of_turn)
        self.turns.ended(taken)
        # The order in memory counts time, which is no part of this.
        self.turns._lanes._debt.update(dict.fromkeys(FLOOR, 0.0))

    def compare_places(self) -> None:
        """What is told of those that wait."""
        for name in list(self.turns._known):
            place = waiting.place_of(self.session, name)
            before = self.turns.before(name)
            assert place is not None and before is not None
            # The table does not know how long a floor has been waiting, and does not look up when the others
            # were served: it may say a few more.
            others = len(self.turns._students) - 1
            assert before <= place.before - len(self.running) <= before + others + 2 * len(FLOOR)
            long = [lane for _, lane, _ in self.running.values() if lane is Lane.LONG]
            if self.turns._known[name].lane is Lane.LONG:
                alike = self.turns.alike(name)
                assert alike is not None and place.long is not None
                assert alike + len(long) <= place.long <= alike + len(long) + others
                assert self.turns.long_before(name) == alike + len(long)
            else:
                assert place.long is None


HANDED_IN = [lane for lane in Lane if lane is not Lane.LONG]
"""What is in the other one was in the first, and was preempted."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hand in"), st.integers(0, 2), st.sampled_from(HANDED_IN)),
        st.just(("claim",)),
        st.just(("finish",)),
        st.just(("preempt",)),
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
            both.play(steps, users)
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


def test_somebody_waits_in_the_table_as_in_memory(world: World) -> None:
    """In the first lane, for longer than a moment, and not for a submission of the same student's."""
    with world.store.write() as session:
        both = Both(world, session, 1)

        def waits(*, later: float = 60.0, blocked: Sequence[int] = ()) -> bool:
            return claims.somebody_waits(session, 1, blocked, now=both.now + timedelta(seconds=later))

        assert not waits()
        both.hand_in(world.ada, Lane.REGRADE)
        both.hand_in(world.ada, Lane.LONG)
        assert not waits(), "in a lane below"
        both.hand_in(world.ada, Lane.INTERACTIVE)
        assert waits() and both.turns.somebody_waits()
        assert not waits(blocked=[world.first]), "other versions judge it"
        both.claim()
        both.hand_in(world.ada, Lane.INTERACTIVE)
        assert not waits() and not both.turns.somebody_waits(), "her own is what it waits for"
        both.hand_in(world.bob, Lane.INTERACTIVE)
        assert waits()
        session.execute(update(Submission).values(queued_at=both.now + timedelta(seconds=60.95)))
        assert not waits(later=60.0), "it has only just come"
        assert waits(later=-60.0), "by a clock that is ahead"
        session.execute(update(Submission).values(interruptions=requeue.ALONE_AFTER))
        assert waits(later=120.0), "what must run alone waits for all that runs"


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Lane]:
    """Looks at a whole lane; what is found there is gone by until nothing is left of it."""
    found: list[Lane] = []
    whole = claims._in_turn

    def looking(
        alone: bool, blocked: bool, bounded: bool, shared: tuple[Lane, ...], most: int | None
    ) -> object:
        found.append(shared[0])
        return whole(alone, blocked, bounded, shared, most)

    monkeypatch.setattr(claims, "_in_turn", looking)
    monkeypatch.setattr(claims, "LISTED_SECONDS", 1e6)
    return found


@pytest.mark.parametrize("share", [1, 2])
def test_what_one_look_at_the_queue_found_is_taken_in_the_same_order(
    world: World, share: int, looks: list[Lane]
) -> None:
    """As if it were looked at for each claim, whoever hands in meanwhile, while what was taken still runs."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def run(steps: Sequence[tuple[object, ...]]) -> None:
        with world.store.write() as session:
            listed = claims.NextInTurn()
            both, users = Both(world, session, share, listed), (world.ada, world.bob, world.cyd)
            both.play([step for step in steps if step[0] in ("hand in", "claim")], users)

    run()
    assert looks


def test_the_whole_queue_is_looked_at_once_for_many_claims(world: World, looks: list[Lane]) -> None:
    """Not for each: that costs the more the longer it is. What was found is gone by for a moment alone."""
    with world.store.write() as session:
        both = Both(world, session, 2, claims.NextInTurn())
        for user in (world.ada, world.bob, world.cyd):
            both.hand_in(user, Lane.INTERACTIVE)
            both.hand_in(user, Lane.INTERACTIVE)
        for _ in range(3):
            both.claim()
        assert len(looks) == 1
        both.claim()
        assert len(looks) == 2, "all have something that runs: who comes now would be before them"
        both.claim()
        assert len(looks) == 3


def test_what_was_found_is_looked_at_again_when_it_is_taken(
    world: World, looks: list[Lane], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have taken it, it may wait for its time or its versions by now, or be too old."""
    with world.store.write() as session:
        both, listed = Both(world, session, 1), claims.NextInTurn()

        def taken(blocked: Sequence[int] = ()) -> str | None:
            found = claims.claim(
                session, f"c{both.second}", 9.0, share=1, blocked=blocked, listed=listed, now=both.now
            )
            return None if found is None else found.id

        users = (world.ada, world.bob, world.cyd)
        names = []
        for user in (*users, *users):
            both.hand_in(user, Lane.INTERACTIVE)
            names.append(f"row-{both.second}")
        session.execute(
            update(Submission).where(Submission.id == names[3]).values(assignment_id=world.second)
        )
        assert taken() == names[0] and len(looks) == 1
        session.execute(update(Submission).where(Submission.id == names[1]).values(state="graded"))
        assert taken() == names[2] and len(looks) == 1, "of the list, without what has its verdict"
        assert taken() == names[4] and len(looks) == 2
        assert taken() is None, "each has as many running as one may"
        session.execute(update(Submission).where(Submission.state == "running").values(state="graded"))
        assert taken([world.second]) == names[5], "the other one's versions are not here"
        session.execute(update(Submission).where(Submission.state == "running").values(state="graded"))
        for user in users:
            both.hand_in(user, Lane.INTERACTIVE)
        assert taken() == names[3]
        seen = len(looks)
        monkeypatch.setattr(claims, "LISTED_SECONDS", 0.25)
        assert taken() is not None and len(looks) == seen + 1, "a second later"
