"""Watchlist of a course: how those who teach it stand with a student. Entries are kept; the newest holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store.tables import User, WatchEntry, WatchState, utcnow

LONGEST_NOTE: Final = 2000
"""Characters."""


@dataclass(frozen=True)
class Entry:
    """What is written of a student, and the name of who wrote it (None: the account is gone)."""

    row: WatchEntry
    by: str | None


def newest(session: Session, course_id: int) -> dict[int, Entry]:
    """The entry that holds of each student, by student. One query."""
    last = (
        select(func.max(WatchEntry.id)).where(WatchEntry.course_id == course_id).group_by(WatchEntry.user_id)
    )
    rows = session.execute(
        select(WatchEntry, User.name).outerjoin(User, User.id == WatchEntry.by).where(WatchEntry.id.in_(last))
    )
    return {row.user_id: Entry(row, name) for row, name in rows}


def history(session: Session, course_id: int, user_id: int, *, most: int = 50) -> Sequence[Entry]:
    """All that was written of a student, newest first."""
    rows = session.execute(
        select(WatchEntry, User.name)
        .outerjoin(User, User.id == WatchEntry.by)
        .where(WatchEntry.course_id == course_id, WatchEntry.user_id == user_id)
        .order_by(WatchEntry.id.desc())
        .limit(most)
    )
    return [Entry(row, name) for row, name in rows]


def note(
    session: Session,
    course_id: int,
    user_id: int,
    state: WatchState,
    text: str,
    *,
    by: int,
    seen: int | None,
) -> WatchEntry | None:
    """Write an entry; None, and nothing is written, where a newer one is there than the writer had seen.

    Optimistic concurrency control: several assistants share one list.

    :param seen: the id of the entry that the writer was shown; None: there was none.
    :raises UsageError: the note is too long.
    """
    if len(text) > LONGEST_NOTE:
        raise UsageError(f"the note has {len(text):,} characters: shorten it to {LONGEST_NOTE:,}.")
    last = session.scalar(
        select(func.max(WatchEntry.id)).where(
            WatchEntry.course_id == course_id, WatchEntry.user_id == user_id
        )
    )
    if last != seen:
        return None
    row = WatchEntry(course_id=course_id, user_id=user_id, state=state, note=text, by=by, at=utcnow())
    session.add(row)
    session.flush()
    return row
