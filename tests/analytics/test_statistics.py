"""Statistics of an assignment, and the figures they are made of."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.analytics.assignment_statistics import assignment_statistics
from grader.analytics.discrimination import FEWEST, discrimination
from grader.analytics.numbers import Summary, correlation, summary
from grader.analytics.rows import Attempt
from tests.analytics.classes import attempt, classes


def test_the_figures_of_a_small_class() -> None:
    rows = [
        attempt(1, 1, minutes=0, value="passed", pred="sign"),
        attempt(1, 3, minutes=30, value="passed", pred="passed"),
        attempt(1, 4, minutes=40, value="failed", pred="passed"),
        attempt(2, 1, minutes=0, value="passed", pred="passed"),
        attempt(3, 1, minutes=0, value="failed", pred="sign"),
        attempt(9, 1, minutes=0, assignment=2, pred="sign"),
    ]
    found = assignment_statistics(1, rows)
    assert (found.tried, found.attempts, found.passed) == (3, 5, 2)
    assert found.scores == Summary(3, 1.0, 0.5, 1.0)
    assert [(b.lower, b.users) for b in found.bins if b.users] == [(0.0, (3,)), (1.0, (1, 2))]
    assert found.to_full_marks == Summary(2, 1.5, 1.25, 1.75)
    assert [(c.attempts, c.users) for c in found.counts] == [(1, (2,)), (2, (1,))]
    assert found.minutes_to_pass == Summary(1, 30.0, None, None)
    assert [(a.number, a.made, a.passed, a.by_then) for a in found.by_attempt] == [
        (1, 3, 1, 1), (2, 1, 1, 2), (3, 1, 0, 2),
    ]  # fmt: skip
    assert [(c.check_id, c.tried, c.first, c.ever, c.latest) for c in found.checks] == [
        ("value", 3, 2, 2, 1), ("pred", 3, 1, 2, 2),
    ]  # fmt: skip
    assert found.checks[0].discrimination.value is None and found.checks[0].discrimination.n == 3


def test_the_share_that_counts_may_be_another() -> None:
    """Late, or set by hand, even beyond the maximum; of who tried."""
    rows = [attempt(1, 1, pred="passed"), attempt(2, 1, pred="sign")]
    found = assignment_statistics(1, rows, shares={1: 0.3, 2: 1.2, 3: 0.5})
    assert [(b.lower, b.users) for b in found.bins if b.users] == [(0.3, (1,)), (1.0, (2,))]


def test_of_nobody_there_is_nothing() -> None:
    found = assignment_statistics(1, [])
    assert found.tried == 0 and found.scores == Summary(0, None, None, None) and found.by_attempt == ()
    assert found.checks == () and sum(len(b.users) for b in found.bins) == 0


@given(classes())
def test_the_figures_agree_with_each_other(rows: list[Attempt]) -> None:
    found = assignment_statistics(1, rows)
    assert sum(len(b.users) for b in found.bins) == found.tried == found.scores.n
    assert sum(len(c.users) for c in found.counts) == found.passed == found.to_full_marks.n
    assert sum(a.made for a in found.by_attempt) == found.attempts
    made = [a.made for a in found.by_attempt]
    assert made == sorted(made, reverse=True)
    if found.by_attempt:
        assert found.by_attempt[-1].by_then == found.passed
    for check in found.checks:
        assert max(check.first, check.latest) <= check.ever <= check.tried <= found.tried


def test_a_check_discriminates_if_those_pass_it_who_do_well_in_the_rest() -> None:
    """With too few students nothing is said; nor where all have the same."""
    first = {
        n: attempt(n, 1, value="passed" if n % 2 else "failed", pred="passed" if n % 2 else "sign")
        for n in range(FEWEST)
    }
    assert discrimination("value", first, {}).value == pytest.approx(1.0)
    assert discrimination("value", first, {n: 2.0 * (n % 2 == 0) for n in first}).value == pytest.approx(-1.0)
    assert discrimination("value", dict(list(first.items())[1:]), {}).value is None
    same = {n: attempt(n, 1, value="passed", pred="passed" if n % 2 else "sign") for n in range(20)}
    assert discrimination("value", same, {}).value is None
    assert discrimination("absent", same, {}).n == 0


def test_the_check_is_not_in_the_total_that_it_is_held_against() -> None:
    """With it, two checks that have nothing to do with each other would correlate by about 0.7."""
    first = {
        n: attempt(n, 1, value="passed" if n & 1 else "failed", pred="passed" if n & 2 else "sign")
        for n in range(40)
    }
    assert discrimination("value", first, {}).value == pytest.approx(0.0)


NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=30)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_correlation_is_that_of_the_standard_library(xs: list[float], random: object) -> None:
    ys = xs[::-1]
    assume(max(xs) - min(xs) > 1e-3)
    found = correlation(xs, ys)
    assert found is not None and -1 <= found <= 1
    assert found == pytest.approx(statistics.correlation(xs, ys), abs=1e-6)
    assert correlation(xs, xs) == pytest.approx(1)
    assert correlation(xs, [-3 * x + 1 for x in xs]) == pytest.approx(-1)


def test_correlation_of_what_does_not_vary_is_none() -> None:
    assert correlation([1.0, 1.0], [1.0, 2.0]) is None and correlation([], []) is None
    assert correlation([0.0, float("nan")], [1.0, 2.0]) is None
    assert correlation([0.0, 1e-300], [0.0, 1e-300]) is None and correlation([0, 1e308], [0, 1e308]) is None


@given(NUMBERS)
def test_the_median_is_between_its_quartiles(values: list[float]) -> None:
    found = summary(values)
    assert found.n == len(values) and found.median == pytest.approx(statistics.median(values))
    assert found.lower is not None and found.upper is not None and found.median is not None
    assert min(values) <= found.lower <= found.median <= found.upper <= max(values)
