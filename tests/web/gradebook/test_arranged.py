"""Orders and choices of a gradebook: laws that hold for any class."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from grader.model.need import SOON, STUCK, urgency, weight
from grader.store.matrix import NOTHING, Line, Mark, Student
from grader.web.gradebook.arranged import STATES, Arrangement
from grader.web.gradebook.table import classes, fill

SLUGS = ("a", "b", "c")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
scores = st.none() | st.integers(0, 8).map(lambda n: n / 2)
marks = st.builds(Mark, scores, st.just(4.0), st.integers(0, 9), *[st.booleans()] * 4) | st.just(NOTHING)
lines = st.lists(st.tuples(st.tuples(marks, marks, marks), st.integers(0, 6)), max_size=8).map(
    lambda found: [
        Line(Student(n, f"N{n}", f"n{n}"), row, sum(mark.score or 0.0 for mark in row), need)
        for n, (row, need) in enumerate(found)
    ]
)
sorts = st.sampled_from(["need", "name", "total", "exercise.b", "exercise.gone"])
arrangements = st.builds(
    Arrangement, sorts, st.booleans(), st.none() | st.integers(0, 9), st.none() | st.sampled_from(STATES)
)
moments = st.none() | st.integers(-100, 100).map(lambda hours: NOW + timedelta(hours=hours))


@given(arrangements)
def test_an_address_says_what_was_asked_for(wanted: Arrangement) -> None:
    """And following it asks for the same."""
    assert Arrangement.asked(wanted.address) == wanted


@given(st.dictionaries(st.sampled_from(["sort", "section", "state"]), st.text(max_size=12)))
def test_any_address_can_be_read(args: dict[str, str]) -> None:
    """What it says wrongly is as if it were not there."""
    found = Arrangement.asked(args)
    assert Arrangement.asked(found.address) == found


@given(lines, arrangements)
def test_an_order_loses_nobody_and_both_ways_agree(found: list[Line], wanted: Arrangement) -> None:
    """The same students either way; the same twice; and each belongs to the state that was asked for."""
    one = wanted.apply(found, SLUGS)
    other = wanted.by(wanted.sort).apply(found, SLUGS)
    key = lambda line: line.student.id  # noqa: E731
    assert sorted(map(key, one)) == sorted(map(key, other))
    assert wanted.apply(one, SLUGS) == one or wanted.sort == "name"
    if wanted.state is None:
        assert sorted(map(key, one)) == [key(line) for line in found]


@given(lines, st.booleans())
def test_columns_put_who_has_nothing_last(found: list[Line], reverse: bool) -> None:
    """Up or down."""
    column = [line.marks[1].score for line in Arrangement("exercise.b", reverse).apply(found, SLUGS)]
    known = [score for score in column if score is not None]
    assert column == sorted(known, reverse=reverse) + [None] * (len(column) - len(known))


@given(marks)
def test_a_square_is_full_or_empty_only_when_that_is_so(mark: Mark) -> None:
    """A tenth of a point is seen, and so is what is missing."""
    height = fill(mark)
    if mark.score is not None:
        assert (height == 0) == (mark.score <= 0) and (height == 10) == (mark.score >= 4.0)
    assert ("p" in classes(mark).split()) == mark.solved


@given(moments, moments, st.booleans(), st.integers(0, 20))
def test_need_of_help(opens: datetime | None, due: datetime | None, solved: bool, attempts: int) -> None:
    """Solving always helps, time never does, and nothing weighs before it opens."""
    urgent = urgency(opens, due, NOW)
    assert 0 <= urgent <= urgency(opens, due, NOW + SOON) <= 2 or (opens or NOW) > NOW
    assert weight(urgent, True, attempts) == 0 <= weight(urgent, solved, attempts)
    assert weight(urgent, False, STUCK) == weight(urgent, False, STUCK - 1) + 1
    if due is None or (opens is not None and opens > NOW):
        assert urgent == 0
