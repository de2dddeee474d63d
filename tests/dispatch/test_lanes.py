"""Lanes: who sits and waits comes first, and nobody starves."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.dispatch.lanes import Lanes
from grader.dispatch.turns import Turns
from grader.model.lane import FLOOR, Lane
from grader.store.queue import Waiting
from grader.store.tables import utcnow

START = utcnow() - timedelta(days=1)
BELOW = tuple(FLOOR)


def row(name: str, user: int, second: int, lane: Lane = Lane.INTERACTIVE) -> Waiting:
    """A queued row, received at ``second``."""
    return Waiting(name, user, START + timedelta(seconds=second), lane)


def drained(turns: Turns) -> list[Waiting]:
    """All that waits, in the order in which one grader takes it."""
    found = []
    while (taken := turns.take()) is not None:
        found.append(taken)
        turns.ended(taken)
    return found


class Clocked(Lanes):
    """Lanes whose work takes as long as a test says."""

    def serve(self, waiting: Counter[Lane], seconds: dict[Lane, float]) -> Lane:
        """Take from the first lane in which something waits, and end it."""
        lane = next(each for each in self.order() if waiting[each])
        waiting[lane] -= 1
        out_of_turn = self.taken(lane)
        self.ended(lane, seconds[lane], out_of_turn=out_of_turn)
        return lane


def test_who_sits_and_waits_comes_first() -> None:
    turns = Turns(share=1)
    turns.put([row("r", 1, 0, Lane.REGRADE), row("p", 2, 1, Lane.PASSBACK), row("i", 3, 2)])
    assert [each.id for each in drained(turns)] == ["i", "p", "r"]


def test_a_rush_leaves_each_lower_lane_its_floor_and_no_more() -> None:
    """Of its own claims and those of lanes above: a tenth, a fifth, a twentieth."""
    waiting = Counter(dict.fromkeys(Lane, 10_000))
    lanes = Clocked(most=1)
    served = Counter(lanes.serve(waiting, dict.fromkeys(Lane, 0.0)) for _ in range(400))
    for lane, floor in FLOOR.items():
        of = served[lane] + sum(served[above] for above in lane.above)
        assert of // floor - 3 <= served[lane] <= of // floor + 1, lane
    assert served[Lane.INTERACTIVE] > 400 // 2


def test_the_order_of_service_is_not_that_of_the_numbers() -> None:
    """The numbers are stored, and a lane came later; who waits for it waits for more than a regrade."""
    assert {lane: lane.value for lane in Lane} == {
        Lane.INTERACTIVE: 0, Lane.PASSBACK: 1, Lane.LONG: 3, Lane.REGRADE: 2,
    }  # fmt: skip
    assert Lane.LONG.above == (Lane.INTERACTIVE, Lane.PASSBACK) and Lane.LONG.below == (Lane.REGRADE,)
    assert Lane.INTERACTIVE.above == () == Lane.REGRADE.below
    assert set(FLOOR) == set(Lane.INTERACTIVE.below)


@pytest.mark.parametrize("below", [Lane.LONG, Lane.REGRADE])
def test_a_floor_is_a_share_of_time_too(below: Lane) -> None:
    """Loops of ten seconds take a twentieth of a rush of short work, or a fifth, not two thirds."""
    waiting = Counter({Lane.INTERACTIVE: 100_000, below: 100_000})
    seconds = {Lane.INTERACTIVE: 0.05, below: 10.0}
    lanes = Clocked(most=1)
    took: Counter[Lane] = Counter()
    for _ in range(40_000):
        lane = lanes.serve(waiting, seconds)
        took[lane] += 1
    spent = took[below] * 10.0, took[Lane.INTERACTIVE] * 0.05
    assert took[below] >= 40_000 * 0.05 / 10.0 / FLOOR[below] - 1, "it does not starve"
    assert spent[0] <= spent[1] / (FLOOR[below] - 1) + 2 * 10.0


def test_one_of_a_lane_at_a_time_runs_out_of_turn() -> None:
    """What it owes is not known before it ends: meanwhile the rush goes on."""
    lanes = Lanes(most=3)
    while lanes.order()[0] is not Lane.LONG:
        lanes.ended(Lane.INTERACTIVE, 0.05, out_of_turn=lanes.taken(Lane.INTERACTIVE))
    assert lanes.taken(Lane.LONG)
    for _ in range(100):
        assert lanes.order()[0] is not Lane.LONG
        lanes.ended(Lane.INTERACTIVE, 0.05, out_of_turn=lanes.taken(Lane.INTERACTIVE))
    assert Lane.LONG in lanes.order(), "in turn it may be taken"
    lanes.ended(Lane.LONG, 1.0, out_of_turn=True)
    for _ in range(80):
        assert lanes.order()[0] is not Lane.LONG, "four seconds of others are owed"
        lanes.ended(Lane.INTERACTIVE, 0.05, out_of_turn=lanes.taken(Lane.INTERACTIVE))
    lanes.ended(Lane.INTERACTIVE, 0.05, out_of_turn=lanes.taken(Lane.INTERACTIVE))
    assert lanes.order()[0] is Lane.LONG or lanes.order()[1] is Lane.LONG


@given(st.lists(st.tuples(st.sampled_from(Lane), st.floats(0, 20)), max_size=200), st.integers(1, 4))
def test_no_lane_starves_whatever_was_served(history: list[tuple[Lane, float]], most: int) -> None:
    """After any history, what waits in a lower lane is served while a rush goes on without end."""
    lanes = Clocked(most=most)
    for lane, seconds in history:
        lanes.serve(Counter({lane: 1}), dict.fromkeys(Lane, seconds))
    waiting = Counter(dict.fromkeys(Lane, 10**6))
    # What is owed is at most what one of 20 s costs: nineteen times as long of the others.
    served = Counter(lanes.serve(waiting, dict.fromkeys(Lane, 1.0)) for _ in range(2 * 19 * 20 + 40))
    assert all(served[lane] for lane in Lane)


@given(st.lists(st.sampled_from(("take", "end")), max_size=60), st.integers(1, 5))
def test_what_nobody_waits_for_never_holds_all_slots(steps: list[str], most: int) -> None:
    """However it is taken, ``most`` of it run at once, and what somebody waits for is taken always."""
    lanes, running = Lanes(most), list[tuple[Lane, bool]]()
    for step in steps:
        order = lanes.order()
        assert Lane.INTERACTIVE in order
        if step == "take":
            lane = order[-1]
            running.append((lane, lanes.taken(lane)))
        elif running:
            lane, out_of_turn = running.pop(0)
            lanes.ended(lane, 0.1, out_of_turn=out_of_turn)
        assert lanes.behind == sum(lane in BELOW for lane, _ in running) <= most


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(Lane)), min_size=1, max_size=60),
    st.integers(0, 25),
)
def test_what_a_page_says_is_before_one_is_never_too_little(
    given_rows: list[tuple[int, Lane]], served: int
) -> None:
    """With nothing more handed in, it comes no later than it was told, and no page tells nonsense."""
    turns = Turns(share=1)
    rows = [row(str(n), user, n, lane) for n, (user, lane) in enumerate(given_rows)]
    turns.put(rows)
    for _ in range(min(served, len(rows) - 1)):
        taken = turns.take()
        assert taken is not None
        turns.ended(taken)
    told = {each.id: turns.before(each.id) for each in rows if each.id in turns}
    order = [each.id for each in drained(turns)]
    for place, name in enumerate(order):
        before = told[name]
        assert before is not None and place <= before, (place, before)
        assert before <= len(order) + 3
