"""Whether an attempt is taken: dates, number of attempts, and the pause that never costs a deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.admission import Handed, attempts_left, deadlines, next_attempt, refusal
from grader.model.late import LateStep
from grader.model.pause import LONGEST, Tried, pause_until
from grader.model.policy import Policy, is_open

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

moments = st.integers(-7200, 7200).map(lambda seconds: NOW + seconds * SECOND)
policies = st.builds(
    Policy,
    opens=st.none() | moments,
    due=st.none() | moments,
    closes=st.none() | moments,
    grace_minutes=st.integers(0, 30),
    late=st.sampled_from([(), (LateStep(600, 90.0), LateStep(3600, 50.0))]),
    attempts=st.none() | st.integers(1, 5),
    pause=st.booleans(),
)
tries = st.lists(
    st.builds(
        Tried, st.integers(0, 900).map(lambda s: NOW - s * SECOND), st.sampled_from([True, False, None])
    ),
    max_size=12,
).map(lambda each: tuple(sorted(each, key=lambda one: one.at)))


@given(policies, tries, st.integers(0, 6))
def test_what_is_not_taken_has_exactly_one_reason(
    policy: Policy, tried: tuple[Tried, ...], used: int
) -> None:
    """And the reason holds; what is taken is open, has attempts left and waits for nothing."""
    found = refusal(policy, Handed(used, tried), NOW)
    if found is None:
        assert is_open(policy, NOW)
        assert policy.attempts is None or used < policy.attempts
        assert next_attempt(policy, tried, NOW) is None
    elif found.why in ("upcoming", "closed"):
        assert not is_open(policy, NOW)
    elif found.why == "attempts":
        assert policy.attempts is not None and used >= policy.attempts
    else:
        assert policy.pause and found.until is not None and found.until > NOW


@given(policies, tries)
def test_a_pause_ends_as_it_said_and_never_costs_a_deadline(policy: Policy, tried: tuple[Tried, ...]) -> None:
    """At the moment that was named nothing is in the way any more."""
    ready = next_attempt(policy, tried, NOW)
    if ready is None:
        return
    assert next_attempt(policy, tried, ready) is None
    plain = pause_until(policy, tried)
    assert plain is not None and NOW < ready <= plain
    for deadline in deadlines(policy):
        assert deadline < NOW or ready <= deadline - LONGEST


@given(policies, tries, st.integers(0, int(LONGEST.total_seconds())))
def test_nobody_waits_in_the_last_minutes(policy: Policy, tried: tuple[Tried, ...], before: int) -> None:
    """Within the longest pause before each deadline."""
    for deadline in deadlines(policy):
        assert next_attempt(policy, tried, deadline - before * SECOND) is None


def test_guesses_are_followed_by_a_pause_and_what_failed_on_our_side_is_no_guess() -> None:
    """Six wrong ones within seconds; what has no verdict is none of them."""
    wrong = tuple(Tried(NOW - n * SECOND, False) for n in range(6, 0, -1))
    assert next_attempt(Policy(pause=True), wrong, NOW) == NOW - SECOND + timedelta(seconds=15)
    assert next_attempt(Policy(), wrong, NOW) is None
    unjudged = tuple(Tried(each.at, None) for each in wrong)
    assert next_attempt(Policy(pause=True), unjudged, NOW) is None


@pytest.mark.parametrize(
    ("most", "used", "left"), [(None, 9, None), (3, 0, 3), (3, 2, 1), (3, 3, 0), (2, 5, 0)]
)
def test_attempts_left(most: int | None, used: int, left: int | None) -> None:
    """Never below none: the rule may have become stricter since."""
    assert attempts_left(Policy(attempts=most), used) == left


def test_each_moment_at_which_an_answer_loses_worth_is_a_deadline() -> None:
    """The due date, the end of its grace, each step, the closing."""
    policy = Policy(due=NOW, grace_minutes=10, late=(LateStep(3600, 50.0),), closes=NOW + 2 * HOUR)
    assert deadlines(policy) == [NOW, NOW + 10 * MINUTE, NOW + HOUR, NOW + 2 * HOUR]
    assert deadlines(Policy()) == []
