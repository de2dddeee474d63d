"""Misconceptions: who ever held one, who holds it now, by section and by week; and the card of the week."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given

from grader.analytics.lecture import lecture_card
from grader.analytics.misconceptions import Misconception, Share, prevalences
from grader.analytics.rows import Attempt, series
from tests.analytics.classes import MONDAY, attempt, classes

ZONE = ZoneInfo("Asia/Shanghai")
CLASS = [
    attempt(1, 1, value="passed", pred="sign"),
    attempt(1, 2, minutes=10, value="passed", pred="passed"),
    attempt(2, 2, minutes=60 * 24 * 8, value="scale", pred="sign"),
    attempt(2, 1, minutes=5, value="passed", pred="failed"),
    attempt(3, 1, minutes=60 * 24 * 15, value="passed", pred="passed"),
    attempt(1, 1, assignment=2, pred="sign"),
]


def test_each_is_counted_with_whom_it_is_about() -> None:
    found = {p.misconception: p for p in prevalences(CLASS, {1: ["A"], 2: ["A", "B"], 3: ["C"]}, ZONE)}
    sign = found[Misconception(1, "pred", "sign")]
    assert sign.share == Share(3, 2, 1)
    assert [(h.user_id, h.submissions, h.now) for h in sign.holders] == [
        (2, ("s2.1.2",), True), (1, ("s1.1.1",), False),
    ]  # fmt: skip
    assert sign.sections == {"A": Share(2, 2, 1), "B": Share(1, 1, 1), "C": Share(1, 0, 0)}
    assert [(w.label, w.tried, w.held) for w in sign.weeks] == [
        ("2026-W07", 2, 1), ("2026-W08", 1, 1), ("2026-W09", 1, 0),
    ]  # fmt: skip
    assert found[Misconception(2, "pred", "sign")].share == Share(1, 1, 1)


def test_weeks_begin_in_the_time_zone_of_the_course() -> None:
    """Sunday evening in Greenwich is Monday morning in Shanghai."""
    late = [attempt(1, 1, minutes=-60 * 12, pred="sign")]
    assert [w.monday for w in prevalences(late, {}, ZONE)[0].weeks] == [date(2026, 2, 9)]
    assert [w.monday for w in prevalences(late, {}, ZoneInfo("UTC"))[0].weeks] == [date(2026, 2, 2)]


def test_a_clock_that_was_wrong_makes_no_endless_list_of_weeks() -> None:
    far = [attempt(1, 1, minutes=-60 * 24 * 365 * 500, pred="sign"), attempt(1, 2, pred="sign")]
    assert len(prevalences(far, {}, ZONE)[0].weeks) == 209


@given(classes())
def test_who_holds_it_now_held_it_and_who_held_it_tried(rows: list[Attempt]) -> None:
    """Each figure is as if counted one by one."""
    sections = {user: ["odd" if user % 2 else "even"] for user in range(6)}
    found = prevalences(rows, sections, ZONE)
    told = {(a.assignment_id, c.check_id, c.code) for a in rows for c in a.checks if c.code}
    assert [
        (p.misconception.assignment_id, p.misconception.check_id, p.misconception.code) for p in found
    ] != [] or not told
    assert len(found) == len(told)
    for p in found:
        m = p.misconception
        shows = {
            (a.user_id, a.number)
            for a in rows
            for c in a.checks
            if (a.assignment_id, c.check_id, c.code) == (m.assignment_id, m.check_id, m.code)
        }
        latest = {user: mine[-1].number for (user, a), mine in series(rows).items() if a == m.assignment_id}
        assert p.share.tried == len(latest)
        assert {h.user_id for h in p.holders} == {user for user, _ in shows}
        assert {h.user_id for h in p.now} == {user for user, n in latest.items() if (user, n) in shows}
        assert sum(len(h.submissions) for h in p.holders) == len(shows)
        for field in ("tried", "ever", "now"):
            total = sum(getattr(s, field) for s in p.sections.values())
            assert total == getattr(p.share, field)
        assert all(w.held <= w.tried <= p.share.tried for w in p.weeks)
        assert all(
            b.monday - a.monday == timedelta(weeks=1) for a, b in zip(p.weeks, p.weeks[1:], strict=False)
        )


def test_the_card_has_what_several_hold_now() -> None:
    """With an example that has few other faults; not what one student holds, nor what was left long ago."""
    rows = [
        attempt(1, 1, minutes=1, value="scale", pred="sign"),
        attempt(2, 1, minutes=2, value="passed", pred="sign"),
        attempt(3, 1, minutes=-60 * 24 * 30, value="passed", pred="author:rows"),
        attempt(4, 1, minutes=-60 * 24 * 30, value="passed", pred="author:rows"),
        attempt(5, 1, minutes=-60 * 24 * 7, value="passed", pred="sign"),
        attempt(6, 1, minutes=60 * 24 * 40, value="passed", pred="sign"),
    ]
    card = lecture_card(rows, {}, ZONE, MONDAY + timedelta(days=2))
    assert card.monday == date(2026, 2, 9)
    assert [(t.prevalence.misconception.code, t.new, t.example) for t in card.topics] == [
        ("sign", 2, "s2.1.1")
    ]
    assert card.topics[0].prevalence.share == Share(5, 3, 3)
    assert len(lecture_card(rows, {}, ZONE, MONDAY + timedelta(days=2), most=1).topics) == 1
    assert lecture_card([], {}, ZONE, MONDAY).topics == ()
