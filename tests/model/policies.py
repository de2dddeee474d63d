"""Policies, moments and attempts for property tests, on a small scale, so that boundaries are met often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from grader.model.late import LateStep
from grader.model.policy import Attempt, Counts, Feedback, Policy

DUE = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
"""Half an hour before the clocks of Europe go forward."""
HOUR = 3_600


def _moments() -> st.SearchStrategy[datetime]:
    steps = st.integers(-6 * 24, 6 * 24).map(lambda hours: DUE + timedelta(hours=hours))
    near = st.integers(-120, 120).map(lambda minutes: DUE + timedelta(minutes=minutes))
    return steps | near | st.just(DUE) | st.just(DUE + timedelta(microseconds=1))


moments = _moments()


@st.composite
def late_rules(draw: st.DrawFn) -> tuple[LateStep, ...]:
    """Legal late rules, the one of no steps and the one that is practice at once included."""
    shape = draw(st.sampled_from(["none", "practice", "steps", "steps", "steps"]))
    if shape == "none":
        return ()
    if shape == "practice":
        return (LateStep(0, 0.0),)
    some = st.integers(1, 5 * 24).map(lambda hours: hours * HOUR) | st.integers(1, 366 * 86_400)
    times = sorted(draw(st.sets(some, min_size=1, max_size=4)))
    worth = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
    percents = sorted(draw(st.lists(worth, min_size=len(times), max_size=len(times))), reverse=True)
    return tuple(LateStep(*step) for step in zip(times, percents, strict=True))


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "points": st.none() | st.integers(0, 400).map(lambda quarters: quarters / 4),
    "opens": st.none() | moments,
    "due": st.none() | moments,
    "closes": st.none() | moments,
    "grace_minutes": st.sampled_from([0, 1, 15, 60, 1440]),
    "late": late_rules(),
    "attempts": st.none() | st.integers(1, 9),
    "pause": st.booleans(),
    "counts": st.sampled_from(get_args(Counts)),
    "feedback": st.sampled_from(get_args(Feedback)),
}
"""What each field may hold; not every mixture is a policy that makes sense."""

policies = st.builds(Policy, **FIELDS)
changes = st.fixed_dictionaries({}, optional=FIELDS)


@st.composite
def attempts(draw: st.DrawFn) -> list[Attempt]:
    """Attempts of one student, numbered and in the order of time; some without a verdict, some of nothing."""
    times = sorted(draw(st.lists(moments, max_size=6)))
    return [_attempt(draw, number, at) for number, at in enumerate(times, 1)]


def _attempt(draw: st.DrawFn, number: int, at: datetime) -> Attempt:
    maximum = draw(st.sampled_from([10.0, 10.0, 10.0, 7.0, 0.0]))
    score = draw(st.none() | st.integers(0, 20).map(lambda twentieths: maximum * twentieths / 20))
    return Attempt(f"s{number}", number, at, score, None if score is None else maximum)
