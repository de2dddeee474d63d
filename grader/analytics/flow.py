"""Flow: which misconception follows which from attempt to attempt, and how long one takes to go.

Each check of an assignment is followed by itself. At every attempt a student is in one state there: a
diagnosis' code, or one of the states below. A transition is from one attempt to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from grader.analytics.misconceptions import Misconception, told_in
from grader.analytics.numbers import Summary, summary
from grader.analytics.rows import NOT_JUDGED, Attempt, CheckOutcome, series

START: Final = "(start)"
SOLVED: Final = "(solved)"
UNNAMED: Final = "(unnamed)"
"""An answer came, was wrong, and no diagnosis fits it."""
NO_ANSWER: Final = "(no-answer)"
"""No answer came: an error, a time-out, a function that is missing."""
STOPPED: Final = "(stopped)"
"""No further attempt, and the check is not passed. While the assignment is open this need not be the end."""


@dataclass(frozen=True)
class Transition:
    """So many attempts went from one state to another at a check, and whose they were.

    The states are codes, or those above, in parentheses, which no code has.
    """

    assignment_id: int
    check_id: str
    source: str
    target: str
    count: int
    users: frozenset[int]


@dataclass(frozen=True)
class Recovery:
    """How long it took until a misconception was gone.

    Counted from the first attempt that showed it to the one after the last that did, so that one which comes
    back was not gone. Taken over those of whom it is gone: the ``still`` others, who may never be
    rid of it, would make it longer (they are right-censored).
    """

    misconception: Misconception
    attempts: Summary
    minutes: Summary
    """On the clock on the wall, nights included."""
    still: int
    """Students whose latest attempt shows it."""


def state_of(check: CheckOutcome) -> str | None:
    """The state of a check after an attempt; None where the verdict says nothing."""
    if check.verdict in NOT_JUDGED:
        return None
    if check.verdict == "passed":
        return SOLVED
    if check.code is not None:
        return check.code
    return UNNAMED if check.verdict == "failed" else NO_ANSWER


def transitions(attempts: Iterable[Attempt]) -> list[Transition]:
    """Every transition at every check, by check, the most frequent first."""
    counts: Counter[tuple[int, str, str, str]] = Counter()
    users: dict[tuple[int, str, str, str], set[int]] = {}
    for (user_id, assignment_id), mine in series(attempts).items():
        before: dict[str, str] = {}
        steps: list[tuple[str, str, str]] = []
        for attempt in mine:
            for check in attempt.checks:
                state = state_of(check)
                if state is not None:
                    steps.append((check.check_id, before.get(check.check_id, START), state))
                    before[check.check_id] = state
        steps += [(check_id, state, STOPPED) for check_id, state in before.items() if state != SOLVED]
        for step in steps:
            key = assignment_id, *step
            counts[key] += 1
            users.setdefault(key, set()).add(user_id)
    found = [Transition(*key, count, frozenset(users[key])) for key, count in counts.items()]
    return sorted(found, key=lambda t: (t.assignment_id, t.check_id, -t.count, t.source, t.target))


def recoveries(attempts: Iterable[Attempt]) -> list[Recovery]:
    """For every misconception how long it took until it was gone, in the order of assignments and checks."""
    took: dict[Misconception, list[tuple[int, float]]] = {}
    still: Counter[Misconception] = Counter()
    for mine in series(attempts).values():
        first: dict[Misconception, int] = {}
        last: dict[Misconception, int] = {}
        for i, attempt in enumerate(mine):
            for told in told_in(attempt):
                first.setdefault(told, i)
                last[told] = i
        for told, begun in first.items():
            gone = last[told] + 1
            lasted = took.setdefault(told, [])
            if gone == len(mine):
                still[told] += 1
            else:
                lasted.append((gone - begun, _minutes(mine[begun].at, mine[gone].at)))
    return [
        Recovery(told, summary([n for n, _ in lasted]), summary([m for _, m in lasted]), still[told])
        for told, lasted in sorted(took.items())
    ]


def _minutes(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 60)
