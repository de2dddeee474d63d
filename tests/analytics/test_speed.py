"""A hundred thousand attempts: every figure of a class within seconds."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from grader.analytics.assignment_statistics import assignment_statistics
from grader.analytics.contrasts import contrasts
from grader.analytics.flow import recoveries, transitions
from grader.analytics.lecture import lecture_card
from grader.analytics.misconceptions import prevalences
from grader.analytics.rows import Attempt
from grader.analytics.unexplained import unexplained
from grader.analytics.watchlist import Placed, watchlist
from tests.analytics.classes import MONDAY, attempt

ZONE = ZoneInfo("Europe/Berlin")


def rows() -> list[Attempt]:
    """1,000 students, 20 assignments, five attempts at each."""
    dice = random.Random(3)
    said = ["passed"] * 4 + ["failed", "error", "sign", "scale", "transpose", "author:rows"]
    return [
        attempt(
            user, n, minutes=assignment * 10_080 + 40 * n + dice.random(), assignment=assignment,
            value=dice.choice(said), pred=dice.choice(said), vjp=dice.choice(said),
        )
        for user in range(1_000)
        for assignment in range(20)
        for n in range(1, 6)
    ]  # fmt: skip


def test_a_hundred_thousand_attempts_are_counted_in_seconds() -> None:
    """About one second each on the machine this was written on; the bound leaves room for slower ones."""
    attempts = rows()
    now = MONDAY + timedelta(days=150)
    placed = [Placed(n, None, MONDAY) for n in range(20)]
    begun = {(a.user_id, a.assignment_id) for a in attempts}
    sections = {user: [f"S{user % 9}"] for user in range(1_000)}
    each = {
        "prevalences": lambda: prevalences(attempts, sections, ZONE),
        "transitions": lambda: transitions(attempts),
        "recoveries": lambda: recoveries(attempts),
        "contrasts": lambda: contrasts(attempts, {}),
        "unexplained": lambda: unexplained(attempts, {}),
        "statistics": lambda: assignment_statistics(3, attempts),
        "watchlist": lambda: watchlist(attempts, begun, {}, range(1_000), placed, now),
        "card": lambda: lecture_card(attempts, sections, ZONE, now),
    }
    took = {}
    for name, compute in each.items():
        started = time.thread_time()
        compute()
        took[name] = round(time.thread_time() - started, 2)
    assert max(took.values()) < 60, took
