"""The forecast of a due date: how many a second, and how late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.analytics.capacity import BUSY
from grader.analytics.forecast import FEWEST, REACH, STEP, STEPS, Curve, Due, curve, enough, peaks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FEW = settings(max_examples=30, deadline=None)


def spread(counts: dict[int, int]) -> list[timedelta]:
    """So many hand-ins in each step before a due date; negative: after it."""
    return [(step + 0.5) * STEP for step, count in counts.items() for _ in range(count)]


OFFSETS = st.dictionaries(st.integers(-10, 2 * STEPS), st.integers(1, 60), min_size=1, max_size=8).map(spread)
DUES = st.lists(
    st.builds(
        Due,
        st.integers(0, 6 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        st.floats(0, 5000),
        st.floats(0.01, 5),
    ),
    max_size=4,
)


def rush(part: float = 0.5) -> Curve:
    """A curve with this part of all in the last ten minutes, and the rest evenly before."""
    return Curve(((1 - part) / (STEPS - 1),) * (STEPS - 1) + (part,), 1000)


def integral(dues: list[Due], shape: Curve, first: datetime, last: datetime) -> float:
    """How many come between two moments, by adding up the steps."""
    total = 0.0
    for due in dues:
        for n, part in enumerate(shape.parts):
            if not part:
                continue
            begin, end = due.at - (STEPS - n) * STEP, due.at - (STEPS - n - 1) * STEP
            shared = (min(end, last) - max(begin, first)) / STEP
            total += due.hand_ins * part * max(0.0, shared)
    return total


def test_ten_minutes_before_the_due_date_are_the_last_step() -> None:
    shape = curve([timedelta(minutes=5)] * 30 + [timedelta(hours=1)] * 20 + [timedelta(days=3)] * 50)
    assert shape is not None
    assert (shape.count, shape.parts[-1], shape.parts[-7]) == (100, 0.3, 0.2)
    assert sum(shape.parts) == pytest.approx(0.5), "what came days before is part of the whole"


def test_too_few_say_nothing_and_what_came_too_late_is_no_part_of_it() -> None:
    assert curve([timedelta(minutes=5)] * (FEWEST - 1)) is None
    assert curve([timedelta(minutes=5)] * (FEWEST - 1) + [-timedelta(minutes=5)] * 50) is None


def test_a_thousand_students_in_the_last_ten_minutes() -> None:
    """Half of 3,000 in ten minutes are 2.5 a second; of 0.5 s each that keeps 1.25 graders busy."""
    due = Due(NOW + timedelta(days=2), 3000, 0.5)
    (peak,) = peaks(NOW, [due], rush(), graders=1)
    assert (peak.at, peak.due) == (due.at - STEP, due.at)
    assert peak.rate == pytest.approx(2.5) and peak.seconds == pytest.approx(0.5)
    assert not enough(peak, 1) and enough(peak, 2)
    # A quarter of a grader too little for ten minutes: 150 s of work are left over for one.
    assert peak.late == pytest.approx(150, rel=0.01)
    (with_two,) = peaks(NOW, [due], rush(), graders=2)
    assert with_two.late == 0


def test_exercises_that_are_due_together_add_up_and_are_told_once() -> None:
    at = NOW + timedelta(days=1)
    one = peaks(NOW, [Due(at, 600, 0.1)], rush(), 2)
    both = peaks(NOW, [Due(at, 600, 0.1), Due(at, 600, 0.3)], rush(), 2)
    assert len(one) == len(both) == 1
    assert both[0].rate == pytest.approx(2 * one[0].rate) and both[0].seconds == pytest.approx(0.2)


@given(OFFSETS)
def test_a_curve_is_a_part_of_what_was_handed_in_in_time(before: list[timedelta]) -> None:
    shape, in_time = curve(before), [each for each in before if each >= timedelta(0)]
    if len(in_time) < FEWEST:
        assert shape is None
        return
    assert shape is not None and shape.count == len(in_time) and len(shape.parts) == STEPS
    assert sum(shape.parts) == pytest.approx(sum(each < REACH for each in in_time) / len(in_time))


@FEW
@given(DUES, OFFSETS, st.integers(1, 8))
def test_no_ten_minutes_bring_more_than_the_peak_says(
    dues: list[Due], before: list[timedelta], graders: int
) -> None:
    """The mean over any stretch before a due date, counted by hand, is at most the peak's rate there."""
    shape = curve(before)
    if shape is None:
        return
    found = peaks(NOW, dues, shape, graders)
    assert [peak.due for peak in found] == sorted({peak.due for peak in found})
    previous = NOW
    for at in sorted({due.at for due in dues if due.at > NOW}):
        peak = next((each for each in found if each.due == at), None)
        first = max(previous, at - REACH)
        for n in range(8):
            begin = first + n * (at - first) / 8
            came = integral([due for due in dues if due.at > NOW], shape, begin, at)
            mean = came / max(1.0, (at - begin).total_seconds())
            assert mean <= (0 if peak is None else peak.rate) * (1 + 1e-9) + 1e-9
        if peak is not None:
            assert first <= peak.at < at
        previous = at


@FEW
@given(DUES, OFFSETS, st.integers(1, 8))
def test_more_students_never_make_it_easier_and_more_graders_never_later(
    dues: list[Due], before: list[timedelta], graders: int
) -> None:
    shape = curve(before)
    if shape is None:
        return
    more = [Due(due.at, 2 * due.hand_ins, due.seconds) for due in dues]
    for peak, busier in zip(peaks(NOW, dues, shape, graders), peaks(NOW, more, shape, graders), strict=True):
        assert busier.rate == pytest.approx(2 * peak.rate)
        assert busier.late >= peak.late
    for peak, relieved in zip(
        peaks(NOW, dues, shape, graders), peaks(NOW, dues, shape, graders + 1), strict=True
    ):
        assert relieved.late <= peak.late and relieved.rate == peak.rate
        if enough(peak, graders):
            assert enough(relieved, graders + 1)
            assert peak.rate * peak.seconds <= BUSY * graders
