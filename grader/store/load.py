"""Load of the last minutes, from its judgings: arrivals, verdicts, and how long each phase took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from grader.model.lane import Lane
from grader.store.tables import Judging, Submission, utcnow

WINDOW: Final = timedelta(minutes=5)
MOST: Final = 2000
"""Judgings that are read; where there were more of them, the window is as much shorter."""
SHORTEST: Final = 1.0
"""Seconds of a window: what came at once is no endless rate."""

PHASES: Final = {
    "waiting": ("queued_at", "claimed_at"),
    "starting": ("claimed_at", "started_at"),
    "running": ("started_at", "ran_at"),
    "judging": ("ran_at", "judged_at"),
    "writing": ("judged_at", "finished_at"),
    "verdict": ("queued_at", "finished_at"),
}
"""Phases of a submission with the moments between which they lie; ``verdict`` is all of it."""


@dataclass(frozen=True)
class Recent:
    """What was going on lately.

    :ivar arrivals: submissions a second that somebody waits for.
    :ivar verdicts: judgings a second, those that nobody waits for included.
    :ivar seconds: a grader was busy with each, on average; None: with none.
    :ivar phases: the seconds of each phase, of what somebody waited for, ascending.
    """

    arrivals: float
    verdicts: float
    seconds: float | None
    phases: dict[str, list[float]]


def recent(session: Session, now: datetime | None = None) -> Recent:
    """The last :data:`WINDOW`. What was judged by an older grader, which kept no times, does not count."""
    now = now or utcnow()
    since = now - WINDOW
    names = ("queued_at", "claimed_at", "started_at", "ran_at", "judged_at", "finished_at")
    newest = session.execute(
        select(Judging.regrade_id, *(getattr(Judging, name) for name in names))
        .order_by(Judging.id.desc())
        .limit(MOST)
    ).all()
    if len(newest) == MOST:
        since = max(since, newest[-1].finished_at)
    made = [row for row in newest if row.finished_at > since and row.claimed_at is not None]
    awaited = [row for row in made if row.regrade_id is None]
    seconds = max(SHORTEST, (now - since).total_seconds())
    in_line = session.scalar(
        select(func.count()).where(
            Submission.state.in_(("queued", "running")),
            Submission.lane != Lane.REGRADE,
            Submission.queued_at > since,
        )
    )
    came = sum(row.queued_at > since for row in awaited) + (in_line or 0)
    busy = [(row.finished_at - row.claimed_at).total_seconds() for row in made]
    return Recent(
        arrivals=came / seconds,
        verdicts=len(made) / seconds,
        seconds=max(0.0, sum(busy) / len(busy)) if busy else None,
        phases={name: _durations(awaited, *ends) for name, ends in PHASES.items()},
    )


def _durations(rows: Iterable[Row[tuple[object, ...]]], begin: str, end: str) -> list[float]:
    ends = [(getattr(row, begin), getattr(row, end)) for row in rows]
    # A clock that was set back between the two makes nothing negative.
    return sorted(max(0.0, (b - a).total_seconds()) for a, b in ends if a is not None and b is not None)


def set_aside(session: Session) -> int:
    """How many submissions we could not grade: they wait for somebody to mend what is broken."""
    return session.scalar(select(func.count()).where(Submission.state == "failed")) or 0
