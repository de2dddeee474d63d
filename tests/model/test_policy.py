"""When an assignment may be handed in to, how late an answer is, and which attempt counts."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.model.late import LateStep
from grader.model.policy import (
    Attempt,
    Policy,
    checked,
    closing,
    count,
    counted,
    factor,
    is_open,
    lateness,
    problems,
    validate,
)
from tests.model.policies import DUE, attempts, late_rules, moments, policies
from tests.premises import bites, premise

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
STEPS = (LateStep(86_400, 90.0), LateStep(3 * 86_400, 50.0))
replace = msgspec.structs.replace


def attempt(number: int, score: float | None, maximum: float | None = 10.0, at: datetime = DUE) -> Attempt:
    return Attempt(f"s{number}", number, at, score, maximum)


# When.


@given(st.none() | moments, st.none() | moments, moments)
def test_opens_and_due_alone_mean_what_they_meant(
    opens: datetime | None, due: datetime | None, now: datetime
) -> None:
    """Courses from before there was more: open from ``opens`` to ``due``, inclusive; all scores count."""
    policy = Policy(opens=opens, due=due)
    assert is_open(policy, now) == ((opens is None or opens <= now) and (due is None or now <= due))
    assert factor(policy, now) == 1.0


def test_closing() -> None:
    grace = Policy(due=DUE, grace_minutes=15)
    assert closing(grace) == DUE + timedelta(minutes=15)
    assert closing(replace(grace, late=STEPS)) is None, "practice goes on"
    assert closing(replace(grace, late=STEPS, closes=DUE + HOUR)) == DUE + HOUR
    assert closing(replace(grace, closes=DUE)) == DUE, "a closing that is set is not put off by the grace"
    assert closing(Policy(closes=DUE)) == DUE and closing(Policy(late=STEPS)) is None
    assert closing(Policy(due=DUE, closes=DUE - HOUR)) == DUE, "an extension is worth something"


@given(policies, moments)
def test_nobody_in_time_meets_a_closed_door(policy: Policy, now: datetime) -> None:
    open_at_all = policy.opens is None or policy.opens <= now
    if policy.due is not None and now <= policy.due:
        assert is_open(policy, now) == open_at_all
    end = closing(policy)
    if end is not None and open_at_all and now <= end:
        assert is_open(policy, now) and not is_open(policy, end + MICROSECOND)


@given(policies, moments, moments)
def test_lateness_and_factor_are_monotone(policy: Policy, one: datetime, other: datetime) -> None:
    early, later = sorted([one, other])
    assert timedelta(0) <= lateness(policy, early) <= lateness(policy, later)
    assert 1.0 >= factor(policy, early) >= factor(policy, later) >= 0.0


@given(policies, moments)
def test_grace_is_not_late_and_is_not_taken_off(policy: Policy, at: datetime) -> None:
    """Behind the grace period steps are counted from the due date."""
    late = lateness(policy, at)
    if policy.due is None or at <= policy.due + timedelta(minutes=policy.grace_minutes):
        assert late == timedelta(0) and factor(policy, at) == 1.0
    else:
        assert late == at - policy.due


@given(policies, moments, st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "America/New_York"]))
def test_zones_and_summer_time_change_nothing(policy: Policy, at: datetime, zone: str) -> None:
    """Moments that come in a zone whose clocks change are the same moments in UTC."""
    there = at.astimezone(ZoneInfo(zone))
    assert is_open(policy, there) == is_open(policy, at)
    assert factor(policy, there) == factor(policy, at)
    due = checked("due", there)
    assert due == at and due.tzinfo is UTC
    after = at + 5 * HOUR
    assert lateness(Policy(due=due), after.astimezone(ZoneInfo(zone))) == 5 * HOUR


# Which attempt counts.


@given(policies, attempts())
def test_a_count_is_a_number_between_nothing_and_everything(policy: Policy, tried: list[Attempt]) -> None:
    found = count(policy, tried)
    assert (found is None) == all(each.score is None for each in tried)
    if found is not None:
        assert math.isfinite(found.score) and 0.0 <= found.score <= found.maximum
        assert found.late == (lateness(policy, tried[found.number - 1].at) > timedelta(0))
        assert found in [counted(policy, each) for each in tried]


@bites(2)
@given(policies, attempts())
def test_best_is_never_below_last(policy: Policy, tried: list[Attempt]) -> None:
    best, last = (count(replace(policy, counts=which), tried) for which in ("best", "last"))
    if premise(best is not None and last is not None and best != last):
        assert best is not None and last is not None and best.score >= last.score


@given(policies, attempts(), st.data())
def test_an_attempt_more_never_lowers_the_best(policy: Policy, tried: list[Attempt], data: Any) -> None:
    policy = replace(policy, counts="best")
    fewer = [each for each in tried if data.draw(st.booleans())]
    before, after = count(policy, fewer), count(policy, tried)
    if before is not None:
        assert after is not None and after.score >= before.score


@given(policies, attempts(), st.randoms())
def test_the_order_of_rows_does_not_matter(policy: Policy, tried: list[Attempt], random: Any) -> None:
    shuffled = list(tried)
    random.shuffle(shuffled)
    assert count(policy, shuffled) == count(policy, tried)


@given(policies, attempts())
def test_what_counts_can_be_kept_attempt_by_attempt(policy: Policy, tried: list[Attempt]) -> None:
    """What counted before and the new attempt say as much as all of them."""
    kept: list[Attempt] = []
    for each in tried:
        found = count(policy, [*kept, each])
        kept = [] if found is None else [tried[found.number - 1]]
    assert count(policy, kept) == count(policy, tried)


@given(policies, attempts(), st.floats(0.01, 100), st.floats(0.01, 100))
def test_points_scale(policy: Policy, tried: list[Attempt], points: float, times: float) -> None:
    one = count(replace(policy, points=points), tried)
    other = count(replace(policy, points=points * times), tried)
    if one is not None:
        assert other is not None
        assert other.score == pytest.approx(one.score * times)
        assert other.maximum == pytest.approx(one.maximum * times)


@given(st.floats(0.01, 1e5), st.floats(1e-9, 1e5))
def test_full_marks_are_exactly_the_points(points: float, maximum: float) -> None:
    found = counted(Policy(points=points), attempt(1, maximum, maximum))
    assert found is not None and found.score == found.maximum == points


@given(attempts())
def test_without_points_scores_are_those_of_the_report(tried: list[Attempt]) -> None:
    for each in tried:
        found = counted(Policy(), each)
        assert found is None or (found.score, found.maximum) == (each.score, each.max_score)


def test_last_is_the_latest_with_a_verdict() -> None:
    tried = [attempt(1, 9.0), attempt(2, 4.0), attempt(3, None, None)]
    last, best = count(Policy(counts="last"), tried), count(Policy(), tried)
    assert last is not None and (last.number, last.score) == (2, 4.0)
    assert best is not None and (best.number, best.score) == (1, 9.0)
    assert count(Policy(), [attempt(1, None, None)]) is count(Policy(), []) is None


def test_the_earliest_of_equals_counts() -> None:
    policy = Policy(due=DUE, late=STEPS)
    tried = [attempt(1, 5.0, at=DUE), attempt(2, 10.0, at=DUE + 48 * HOUR), attempt(3, 5.0, at=DUE)]
    found = count(policy, tried)
    assert found is not None and (found.number, found.score, found.late) == (1, 5.0, False)


@pytest.mark.parametrize("counts", ["best", "last"])
def test_practice_harms_nobody(counts: Any) -> None:
    """After the last step one goes on practising, and keeps what was reached in time."""
    policy = Policy(due=DUE, late=STEPS, counts=counts)
    practice = attempt(3, 10.0, at=DUE + 100 * HOUR)
    found = count(policy, [attempt(1, 8.0), attempt(2, 9.0), practice])
    assert found is not None and (found.number, found.score) == (2, 9.0)
    alone = count(policy, [practice])
    assert alone is not None and (alone.score, alone.maximum, alone.late, alone.factor) == (
        0.0,
        10.0,
        True,
        0.0,
    )


@pytest.mark.parametrize("counts", ["best", "last"])
@pytest.mark.parametrize("points", [None, 5.0])
def test_what_measured_nothing_takes_nothing_away(counts: Any, points: float | None) -> None:
    policy = Policy(points=points, counts=counts)
    nothing = attempt(2, 0.0, 0.0)
    alone = count(policy, [nothing])
    assert alone is not None and (alone.score, alone.maximum) == (0.0, 0.0)
    beside = count(policy, [attempt(1, 0.0), nothing])
    assert beside is not None and (beside.number, beside.maximum) == (1, points or 10.0)


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf, -1.0, 11.0, 5e-324])
@pytest.mark.parametrize("maximum", [math.nan, math.inf, -1.0, 0.0, 10.0, 5e-324])
def test_odd_numbers_stay_within_bounds(score: float, maximum: float) -> None:
    late = Policy(points=100_000.0, due=DUE, late=STEPS)
    for at in (DUE, DUE + 100 * HOUR):
        found = counted(late, attempt(1, score, maximum, at))
        assert found is not None and 0.0 <= found.score <= found.maximum <= 100_000.0


# What can be used.


@pytest.mark.parametrize(
    ("policy", "field", "says"),
    [
        (Policy(opens=DUE, due=DUE), "due", "due before it opens"),
        (Policy(opens=DUE, closes=DUE), "closes", "close before it opens"),
        (Policy(due=DUE, closes=DUE - MICROSECOND), "closes", "close before it is due"),
        (Policy(feedback="after-due"), "feedback", "needs a due date"),
        (Policy(points=-1.0), "points", "a number from 0"),
        (Policy(points=math.nan), "points", "a number from 0"),
        (Policy(attempts=0), "attempts", "from 1 to 10,000"),
        (Policy(grace_minutes=-1), "grace_minutes", "from 0"),
        (Policy(due=DUE.replace(tzinfo=None)), "due", "time zone"),
        (Policy(due=DUE.replace(year=9999)), "due", "between 1970 and 8999"),
        (Policy(late=(LateStep(9, 50.0), LateStep(9, 40.0))), "late", "order of time"),
        (Policy(late=(LateStep(9, math.nan),)), "late", "from 0 % to 100 %"),
        (Policy(late=(LateStep(0, 50.0),)), "late", "at least a second"),
        (Policy(counts="first"), "counts", "'best' or 'last'"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(policy: Policy, field: str, says: str) -> None:
    (problem,) = problems(policy)
    assert problem.field == field and says in str(problem) and problem.text.zh
    with pytest.raises(UsageError, match=says):
        validate(policy)


def test_every_problem_is_told_once() -> None:
    found = problems(Policy(points=-1.0, attempts=0, opens=DUE, due=DUE - HOUR, feedback="after-due"))
    assert [problem.field for problem in found] == ["points", "attempts", "due"]


@given(late_rules(), st.sampled_from([0, 15]))
def test_a_usual_policy_is_sound(late: Any, grace: int) -> None:
    opens, closes = DUE - HOUR, DUE
    validate(Policy(10.0, opens, DUE, closes, grace, late, 3, True, "last", "after-due"))
    validate(Policy())
