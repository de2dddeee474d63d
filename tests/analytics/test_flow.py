"""Flow: from state to state at each check, and how long a misconception stays."""

from __future__ import annotations

from collections import Counter

from hypothesis import given

from grader.analytics.flow import NO_ANSWER, SOLVED, START, STOPPED, UNNAMED, recoveries, transitions
from grader.analytics.misconceptions import Misconception
from grader.analytics.numbers import Summary
from grader.analytics.rows import Attempt
from tests.analytics.classes import attempt, classes


def test_states_follow_each_other() -> None:
    rows = [
        attempt(1, 1, pred="sign"), attempt(1, 2, pred="scale"), attempt(1, 3, pred="skipped"),
        attempt(1, 4, pred="passed"), attempt(2, 1, pred="sign"), attempt(2, 2, pred="sign"),
        attempt(2, 3, pred="error"), attempt(3, 1, pred="failed"),
    ]  # fmt: skip
    assert {(t.source, t.target): (t.count, t.users) for t in transitions(rows)} == {
        (START, "sign"): (2, {1, 2}), ("sign", "scale"): (1, {1}), ("scale", SOLVED): (1, {1}),
        ("sign", "sign"): (1, {2}), ("sign", NO_ANSWER): (1, {2}), (NO_ANSWER, STOPPED): (1, {2}),
        (START, UNNAMED): (1, {3}), (UNNAMED, STOPPED): (1, {3}),
    }  # fmt: skip


@given(classes())
def test_who_comes_into_a_state_leaves_it(rows: list[Attempt]) -> None:
    """Of what is solved some stays so."""
    into: Counter[tuple[int, str, str]] = Counter()
    out: Counter[tuple[int, str, str]] = Counter()
    for t in transitions(rows):
        into[t.assignment_id, t.check_id, t.target] += t.count
        out[t.assignment_id, t.check_id, t.source] += t.count
        assert len(t.users) <= t.count
    for key in into.keys() | out.keys():
        if key[2] == SOLVED:
            assert into[key] >= out[key]
        elif key[2] not in (START, STOPPED):
            assert into[key] == out[key]
    judged = sum(c.verdict != "skipped" for a in rows for c in a.checks)
    assert sum(into.values()) - sum(n for key, n in into.items() if key[2] == STOPPED) == judged


def test_how_long_it_takes_until_it_is_gone() -> None:
    """What comes back was not gone; who still holds it is counted apart."""
    rows = [
        attempt(1, 1, minutes=0, pred="sign"), attempt(1, 2, minutes=10, pred="passed"),
        attempt(2, 1, minutes=0, pred="sign"), attempt(2, 2, minutes=5, pred="scale"),
        attempt(2, 3, minutes=9, pred="sign"), attempt(2, 4, minutes=30, pred="failed"),
        attempt(3, 1, minutes=0, pred="sign"),
    ]  # fmt: skip
    found = {r.misconception: r for r in recoveries(rows)}
    sign = found[Misconception(1, "pred", "sign")]
    assert sign.attempts == Summary(2, 2.0, 1.5, 2.5) and sign.minutes == Summary(2, 20.0, 15.0, 25.0)
    assert sign.still == 1
    scale = found[Misconception(1, "pred", "scale")]
    assert (scale.attempts, scale.still) == (Summary(1, 1.0, None, None), 0)


@given(classes())
def test_everybody_who_held_it_is_rid_of_it_or_still_holds_it(rows: list[Attempt]) -> None:
    for r in recoveries(rows):
        m = r.misconception
        held = {
            a.user_id
            for a in rows
            for c in a.checks
            if (a.assignment_id, c.check_id, c.code) == (m.assignment_id, m.check_id, m.code)
        }
        assert r.attempts.n + r.still == len(held) and r.minutes.n == r.attempts.n
        assert r.attempts.median is None or r.attempts.median >= 1
