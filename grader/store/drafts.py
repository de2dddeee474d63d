"""Drafts: what a student is writing, one per assignment, until it is handed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from grader.store.tables import Draft, utcnow


def save(
    session: Session,
    user_id: int,
    assignment_id: int,
    source: bytes,
    predictions: dict[str, str],
    *,
    seen: datetime | None,
    force: bool = False,
    now: datetime | None = None,
) -> Draft | None:
    """Keep this draft in the place of the one before; None, and nothing is written, when another is newer.

    :param seen: when the draft that the writer began from was saved; None when there was none.
    :param force: replace whatever is there.
    """
    row = session.get(Draft, (user_id, assignment_id), with_for_update=True)
    older = row is not None and not force and row.saved_at != seen
    # The same content again is no conflict, wherever it comes from.
    if row is not None and older and (row.source, row.predictions) != (source, predictions):
        return None
    if row is None:
        row = Draft(user_id=user_id, assignment_id=assignment_id)
        session.add(row)
    row.source, row.predictions, row.saved_at = source, predictions, now or utcnow()
    session.flush()
    return row


def find(session: Session, user_id: int, assignment_id: int) -> Draft | None:
    """The draft, if there is one."""
    return session.get(Draft, (user_id, assignment_id))


def drop(session: Session, user_id: int, assignment_id: int) -> None:
    """It was handed in, or is not wanted any more."""
    session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.assignment_id == assignment_id))
