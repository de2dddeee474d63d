"""Invented classes: attempts in a line each, and whole classes for properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from grader.analytics.rows import Attempt, CheckOutcome
from grader.model.report import Verdict

MONDAY = datetime(2026, 2, 9, 8, 0, tzinfo=UTC)
KINDS = {"value": "value", "pred": "prediction"}


def check(check_id: str, said: str, points: float = 1.0) -> CheckOutcome:
    """``"passed"``, another verdict, or a code: then it failed."""
    verdicts: tuple[Verdict, ...] = ("passed", "failed", "error", "skipped", "missing")
    for verdict in verdicts:
        if said == verdict:
            got = points if verdict == "passed" else 0.0
            return CheckOutcome(check_id, KINDS.get(check_id, "prediction"), verdict, None, got, points)
    return CheckOutcome(check_id, KINDS.get(check_id, "prediction"), "failed", said, 0.0, points)


def attempt(user: int, number: int, *, minutes: float = 0.0, assignment: int = 1, **said: str) -> Attempt:
    """What each check said; ``minutes`` after Monday, 8:00 UTC."""
    checks = tuple(check(check_id, one) for check_id, one in said.items())
    score, maximum = sum(c.points for c in checks), sum(c.max_points for c in checks)
    at = MONDAY + timedelta(minutes=minutes)
    submission = f"s{user}.{assignment}.{number}"
    return Attempt(user, assignment, number, at, score, maximum, score >= maximum, checks, submission)


SAID = st.sampled_from(["passed", "failed", "error", "skipped", "sign", "scale", "author:rows"])


@st.composite
def classes(draw: st.DrawFn) -> list[Attempt]:
    """A few students, each with some attempts at two assignments, in no order."""
    rows = []
    for user in range(draw(st.integers(1, 6))):
        for assignment in (1, 2):
            minutes = 0.0
            for number in range(1, draw(st.integers(0, 4)) + 1):
                minutes += draw(st.floats(0.1, 20_000))
                said = {"value": draw(SAID), "pred": draw(SAID)}
                rows.append(attempt(user, number, minutes=minutes, assignment=assignment, **said))
    return draw(st.permutations(rows))
