"""Late rules: as typed, as printed, and what an answer is worth by them."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.late import PRACTICE, LateStep, check_steps, late_words, worth
from grader.model.late_parser import parse_late
from grader.model.policy_sentences import PolicyError
from tests.model.policies import late_rules

DAY = 86_400
USUAL = (LateStep(DAY, 90.0), LateStep(3 * DAY, 50.0))


@given(late_rules())
def test_what_is_printed_reads_back(steps: tuple[LateStep, ...]) -> None:
    words = late_words(steps)
    assert parse_late(words.en) == parse_late(words.zh) == steps
    assert parse_late(re.sub(r"[:;%+]", " ", words.en)) == steps
    assert parse_late(words.zh.replace(" ", "")) == steps


def test_the_canonical_words() -> None:
    words = late_words(USUAL)
    assert words.en == "until +1 day: 90 %; until +3 days: 50 %; after: practice, 0 %"
    assert words.zh == "1 天内：90 %；3 天内：50 %；之后：练习，0 %"
    assert late_words(PRACTICE).en == "after: practice, 0 %" and late_words(()).en == ""


@pytest.mark.parametrize(
    "typed",
    [
        "until +1 day: 90 %; until +3 days: 50 %",
        "until +1 day: 90 %; until +3 days: 50 %; after: practice, 0 %",
        "1d 90, 3d 50", "1 day:90,3 days:50", "+24 h = 90%\n+72 h = 50%",
        "UP TO 1 DAY LATE -> 90 PERCENT, 3 DAYS -> 50",
        "within 24 hours: 90 %, then within 3 days 50 %, then practice",
        "23 h 60 min: 90; 2 days, 24 hours: 50; after: 0",
        "1天内：90％；3天内：50％", "截止后１天内９０％，３天内５０％，之后只算练习",
        "逾期一天以内得百分之90，三天以内得百分之50。之后：0 %",
        "24小时 90、72小时 50", "1,0 days: 90,0 %; 3.0 days: 50.00 %",
    ],
)  # fmt: skip
def test_as_people_type(typed: str) -> None:
    assert parse_late(typed) == USUAL


@pytest.mark.parametrize(
    ("typed", "steps"),
    [
        ("", ()), (" ; \n", ()),
        ("after: practice", PRACTICE), ("之后：练习", PRACTICE), ("after: 0 %", PRACTICE),
        ("3 days: practice", (LateStep(3 * DAY, 0.0),)),
        ("1.5 days: 12,5 %", (LateStep(129_600, 12.5),)),
        ("1 week: 33.33", (LateStep(7 * DAY, 33.33),)),
        ("1小时30分钟内：95", (LateStep(5_400, 95.0),)),
        ("30 m: 100", (LateStep(1_800, 100.0),)),
    ],
)  # fmt: skip
def test_other_rules(typed: str, steps: tuple[LateStep, ...]) -> None:
    assert parse_late(typed) == steps


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("1 day: -10 %", "not what is taken off"), ("1 day: 10 % off", "not what is taken off"),
        ("逾期1天扣10%", "not what is taken off"), ("minus 10 % until 1 day", "not what is taken off"),
        ("after 1 day: 90 %", "not from when"),
        ("1天后：90%", "not from when"), ("超过3天：50%", "not from when"),
        ("-1 day: 90 %", "not '-1 day'"),
        ("after: 20 %", "counts 0 %"), ("1 day: practice, 5 %", "counts 0 %"),
        ("after: practice; until 1 day: 90", "the end of a late rule"),
        ("1 day", "'until +1 day' does not say"), ("1 day: 3 days: 50", "'until +1 day' does not say"),
        ("until 90 %", "'90' is no time"), ("1-3 days: 50", "'1' is no time"),
        ("3 days: 50; 1 day: 90", "in the order of time"), ("1 day: 90; 24 h: 80", "each once"),
        ("1 day: 50; 3 days: 90", "worth more than the step before"),
        ("1 day: 110", "from 0 % to 100 %"), ("1 day: 1.234 %", "two decimals"),
        ("0 days: 50", "at least a second"), ("2 years: 50", "'years' is not understood"),
        ("400 days: 50", "within a year"), (f"{'9' * 400} days: 50", "within a year"),
        ("1 month: 90", "'month' is not understood"), ("<script>: 90", "'<' is not understood"),
        ("1 day \x1b[2J", "'\\x1b' is not understood"), ("day: 90", "'day' is not understood"),
        ("1 day: 90;" * 101, "longer than 1,000"),
        ("; ".join(f"{n} h: 5" for n in range(1, 22)), "more than 20 steps"),
    ],
)  # fmt: skip
def test_what_is_no_late_rule(typed: str, says: str) -> None:
    """One sentence in each language; nothing is guessed."""
    with pytest.raises(PolicyError) as caught:
        parse_late(typed)
    assert says in str(caught.value) and str(caught.value) == caught.value.text.en
    assert caught.value.field == "late" and re.search("[\u4e00-\u9fff]", caught.value.text.zh)
    assert str(caught.value).isprintable()


PIECES = st.sampled_from([
    "1", "3", "90", "50", "0", ",5", "day", "days", "h", "天", "小时", "一", "%", "until", "+", "-", ":", ";",
    ",", "，", "\n", "after", "practice", "之后", "扣", "and", "百分之", "then", "x", "",
])  # fmt: skip


@given(st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES, max_size=14).map("".join) | st.text())
def test_anything_is_a_rule_or_a_sentence(typed: str) -> None:
    try:
        steps = parse_late(typed)
    except PolicyError:
        return
    check_steps(steps)
    assert parse_late(late_words(steps).en) == steps


@given(late_rules(), st.integers(0, 400 * DAY), st.integers(0, 400 * DAY))
def test_worth_never_rises(steps: tuple[LateStep, ...], one: int, other: int) -> None:
    early, later = sorted([timedelta(seconds=one), timedelta(seconds=other)])
    assert 1.0 >= worth(steps, early) >= worth(steps, later) >= 0.0


@given(late_rules())
def test_a_step_ends_with_its_last_moment(steps: tuple[LateStep, ...]) -> None:
    assert worth(steps, timedelta(0)) == 1.0
    for step, following in pairwise([*steps, LateStep(0, 0.0)]):
        end = timedelta(seconds=step.within_seconds)
        if end:
            assert worth(steps, end) == step.percent / 100
        assert worth(steps, end + timedelta(microseconds=1)) == following.percent / 100
