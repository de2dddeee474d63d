"""How many graders a load needs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.analytics.capacity import (
    BUSY,
    DRAIN_SECONDS,
    Load,
    graders_needed,
    verdicts_a_second,
    workers_needed,
)

LOADS = st.builds(Load, st.floats(0, 500), st.floats(0.001, 20), st.integers(0, 10_000))


@pytest.mark.parametrize(
    ("load", "needed"),
    [
        (Load(0, None, 500), 1),  # nothing was graded yet: nobody knows
        (Load(0, 0.05, 0), 1),
        (Load(41, 0.05, 0), 3),  # 2.05 busy on average, 2.93 with room for bursts
        (Load(7, 1, 0), 10),  # exactly ten, and not eleven by a rounding error
        (Load(0, 0.05, 1000), 5),  # fifty seconds of work within ten
    ],
)
def test_littles_law_with_room_for_bursts(load: Load, needed: int) -> None:
    assert graders_needed(load) == needed


@given(LOADS)
def test_so_many_keep_up_and_one_less_would_not(load: Load) -> None:
    """They grade what arrives within their part of the time, and what waits within ten seconds besides."""
    assert load.seconds is not None
    graders = graders_needed(load)
    worth = load.arrivals * load.seconds / BUSY + load.waiting * load.seconds / DRAIN_SECONDS
    assert graders >= worth - 1e-5
    assert graders == 1 or graders - 1 < worth


@given(LOADS, st.integers(1, 16))
def test_more_of_anything_never_needs_fewer(load: Load, each: int) -> None:
    assert load.seconds is not None
    more = Load(load.arrivals + 1, load.seconds * 1.5, load.waiting + 5)
    assert graders_needed(more) >= graders_needed(load)
    assert workers_needed(load, each) == math.ceil(graders_needed(load) / each)


@given(st.integers(1, 64), st.floats(0.001, 20))
def test_what_graders_give_is_what_needs_them(graders: int, seconds: float) -> None:
    """The two formulas are one."""
    rate = verdicts_a_second(graders, seconds)
    assert graders_needed(Load(rate, seconds, 0)) == graders
