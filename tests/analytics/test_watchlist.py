"""Watchlist: what stands out is told with what it is beside; what is usual is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from grader.analytics import watchlist as room
from grader.analytics.rows import Attempt
from grader.analytics.watchlist import BEHIND, GAINLESS, Behind, NoGain, NotStarted, Placed, Signal
from tests.analytics.classes import MONDAY, attempt, classes

NOW = MONDAY + timedelta(days=1)
OPEN = [Placed(1, None, None)]


def watchlist(
    rows: Iterable[Attempt],
    students: Collection[int],
    placed: Sequence[Placed],
    now: datetime,
    extended: Mapping[tuple[int, int], datetime | None] | None = None,
) -> list[Signal]:
    """Of a class of which nothing but these attempts is known."""
    last = {row.user_id: row.at for row in sorted(rows, key=lambda row: row.at)}
    begun = {(row.user_id, row.assignment_id) for row in rows}
    return room.watchlist(rows, begun, last, students, placed, now, extended=extended)


def tries(user: int, said: list[str]) -> list[Attempt]:
    return [attempt(user, n, minutes=n, value=one, pred="sign") for n, one in enumerate(said, 1)]


def test_many_attempts_without_gain() -> None:
    """From the first with the best score on; a lower score is no gain either."""
    rows = tries(1, ["failed", "passed", *(["passed", "failed"] * 3)])
    (found,) = watchlist(rows, [1], OPEN, NOW)
    assert found == NoGain(
        1, 1, 6, 8, 1.0, 2.0, MONDAY + timedelta(minutes=2), MONDAY + timedelta(minutes=8), "s1.1.8"
    )


def test_no_attempts_that_gain_are_few_or_are_over() -> None:
    stuck = tries(1, ["failed"] * (GAINLESS + 1))
    assert len(watchlist(stuck, [1], OPEN, NOW)) == 1
    assert watchlist(stuck[:-1], [1], OPEN, NOW) == []
    assert watchlist(stuck, [1], OPEN, NOW + timedelta(days=15)) == []
    solved = [*stuck, attempt(1, 20, minutes=50, value="passed", pred="passed")]
    assert watchlist(solved, [1], OPEN, NOW) == []
    assert watchlist([*stuck, attempt(1, 20, minutes=50, value="passed", pred="sign")], [1], OPEN, NOW) == []
    assert watchlist(stuck, [2], OPEN, NOW) == [] and watchlist(stuck, [1], [], NOW) == []


def test_not_started_near_the_due_date() -> None:
    """Where half of the class has; by each student's own due date."""
    placed = [Placed(1, None, NOW + timedelta(hours=40))]
    rows = [attempt(user, 1, pred="sign") for user in (1, 2, 3)]
    students = [1, 2, 3, 4, 5, 6]
    later = {(6, 1): NOW + timedelta(days=9)}
    assert watchlist(rows, students, placed, NOW, extended=later) == [
        NotStarted(4, 1, NOW + timedelta(hours=40), 3, 6), NotStarted(5, 1, NOW + timedelta(hours=40), 3, 6),
    ]  # fmt: skip
    assert watchlist(rows[:2], students, placed, NOW) == []
    assert watchlist(rows, students, placed, NOW - timedelta(hours=9)) == []
    assert watchlist(rows, students, placed, NOW + timedelta(hours=41)) == []
    assert watchlist(rows, students, [Placed(1, NOW + timedelta(hours=1), placed[0].due)], NOW) == []
    assert watchlist(rows[:3], [1, 2, 3, 4], placed, NOW) == []


def test_falling_behind_the_class() -> None:
    """In the order of the course; beside the median."""
    placed = [Placed(n, None, MONDAY) for n in range(BEHIND)] + [Placed(9, None, None)]
    rows = [attempt(user, 1, assignment=n, pred="sign") for user in range(4) for n in range(BEHIND)]
    found = watchlist(rows, range(5), placed, NOW)
    assert found == [Behind(4, tuple(range(BEHIND)), BEHIND, 0, 5, None)]
    assert watchlist(rows, range(5), placed[1:], NOW) == []
    assert watchlist([], range(5), placed, NOW) == []
    extended = {(4, 0): NOW + timedelta(days=1)}
    assert not any(isinstance(s, Behind) for s in watchlist(rows, range(5), placed, NOW, extended=extended))


def test_what_waits_for_its_verdict_is_begun() -> None:
    """So is what was marked by hand."""
    placed = [Placed(1, None, NOW + timedelta(hours=4))]
    begun = {(user, 1) for user in range(5)}
    assert room.watchlist([], begun, {}, range(6), placed, NOW) == [
        NotStarted(5, 1, NOW + timedelta(hours=4), 5, 6)
    ]


@given(classes(), st.integers(0, 40), st.integers(0, 40))
def test_what_is_told_was_observed(rows: list[Attempt], due: int, days: int) -> None:
    """Nobody is told of who has full marks, has begun, or is no student."""
    now = MONDAY + timedelta(days=days)
    students = [0, 1, 2, 3, 4, 77]
    placed = [Placed(1, None, MONDAY + timedelta(days=due)), Placed(2, None, None)]
    seen = [a for a in rows if a.at <= now]
    for signal in watchlist(seen, students, placed, now):
        mine = [a for a in seen if a.user_id == signal.user_id]
        assert signal.user_id in students
        if isinstance(signal, NoGain):
            assert not any(a.passed for a in mine if a.assignment_id == signal.assignment_id)
        elif isinstance(signal, NotStarted):
            assert not any(a.assignment_id == signal.assignment_id for a in mine)
        else:
            assert not {a.assignment_id for a in mine} & set(signal.untried)
