"""The pause after quick failures: none at first, doubling, bounded, forgotten; never since we are slow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.model.pause import FREE, LONGEST, THOUGHT, Tried, pause_after, pause_until
from grader.model.policy import Policy
from tests.model.policies import DUE

PAUSES = Policy(pause=True)
SECOND = timedelta(seconds=1)


def in_a_row(gaps: Sequence[float], passed: Sequence[bool | None]) -> list[Tried]:
    at, found = DUE, []
    for gap, each in zip(gaps, passed, strict=True):
        at += timedelta(seconds=gap)
        found.append(Tried(at, each))
    return found


@st.composite
def histories(draw: st.DrawFn) -> list[Tried]:
    passed = draw(st.lists(st.sampled_from([False, False, False, False, None, True]), max_size=30))
    gaps = st.floats(0, 90) | st.floats(0, 2) | st.floats(0, 900)
    return in_a_row(draw(st.lists(gaps, min_size=len(passed), max_size=len(passed))), passed)


@given(histories())
def test_it_is_bounded_and_begins_late(tried: list[Tried]) -> None:
    until = pause_until(PAUSES, tried)
    assert pause_until(Policy(), tried) is None
    failures = [each for each in tried if each.passed is False]
    if until is not None:
        assert len(failures) > FREE
        assert failures[-1].at < until <= failures[-1].at + LONGEST


@given(histories())
def test_what_has_no_verdict_is_no_failure(tried: list[Tried]) -> None:
    """However long we take, and whatever we fail to grade."""
    assert pause_until(PAUSES, [each for each in tried if each.passed is not None]) == pause_until(
        PAUSES, tried
    )


@given(histories(), st.integers(0, 30))
def test_a_short_memory_only_shortens_it(tried: list[Tried], known: int) -> None:
    whole, part = (
        pause_until(PAUSES, tried),
        pause_until(PAUSES, tried[len(tried) - min(known, len(tried)) :]),
    )
    assert part is None or (whole is not None and part <= whole)


@given(histories(), st.floats(0, 600))
def test_a_pass_and_a_good_while_forget_all(tried: list[Tried], gap: float) -> None:
    last = tried[-1].at if tried else DUE
    assert pause_until(PAUSES, [*tried, Tried(last + SECOND, True)]) is None
    later = last + LONGEST + 10 * THOUGHT + timedelta(seconds=gap)
    assert pause_until(PAUSES, [*tried, Tried(later, False)]) is None


@given(st.lists(st.floats(60, 4_000), max_size=40))
def test_who_thinks_for_a_minute_never_waits(gaps: list[float]) -> None:
    assert pause_until(PAUSES, in_a_row(gaps, [False] * len(gaps))) is None


def test_who_guesses_waits_twice_as_long_each_time() -> None:
    tried, waited = [], []
    at = DUE
    for _ in range(FREE + 8):
        tried.append(Tried(at, False))
        ready = pause_until(PAUSES, tried)
        waited.append(0 if ready is None else (ready - at) // SECOND)
        at = max(at, ready or at)
    assert waited == [0, 0, 0, 0, 15, 30, 60, 120, 240, 300, 300, 300]
    assert [pause_after(n) // SECOND for n in (0, FREE, FREE + 1, 10**6)] == [0, 0, 15, 300]


@given(histories(), st.data())
def test_waiting_longer_never_costs(tried: list[Tried], data: Any) -> None:
    """The same failure handed in later: the pause after it is not longer."""
    last = tried[-1].at if tried else DUE
    one, other = sorted(data.draw(st.tuples(st.floats(0, 900), st.floats(0, 900))))
    lengths = []
    for gap in (one, other):
        at = last + timedelta(seconds=gap)
        until = pause_until(PAUSES, [*tried, Tried(at, False)])
        lengths.append(timedelta(0) if until is None else until - at)
    assert lengths[0] >= lengths[1]
