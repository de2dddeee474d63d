"""Need of help: in which order a gradebook names students when it is asked who should be looked after first.

Said on the page in one sentence, so that nobody has to guess: an exercise that is not solved weighs 2 after
its due date and 1 in the three days before it, and 1 more after five attempts without full marks. Who has
the greater sum comes first; of equals, who has fewer points.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

SOON: Final = timedelta(days=3)
"""So long before the due date an exercise that is not solved begins to weigh."""
STUCK: Final = 5
"""Attempts without full marks, from which on somebody is likely to be stuck."""


def urgency(opens: datetime | None, due: datetime | None, now: datetime) -> int:
    """What an exercise weighs for who has not solved it: 2 past the due date, 1 shortly before, else 0.

    What is not open yet weighs nothing.
    """
    if due is None or (opens is not None and now < opens):
        return 0
    if due < now:
        return 2
    return int(due - now <= SOON)


def weight(urgency: int, solved: bool, attempts: int) -> int:
    """What one exercise adds to a student's need."""
    return 0 if solved else urgency + (attempts >= STUCK)
