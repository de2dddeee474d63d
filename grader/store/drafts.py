"""Drafts: what a student is writing, one per assignment, until it is handed in."""

from __future__ import annotations

from datetime import datetime

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
    if row is not None and not force and _is_newer(row, source, predictions, seen):
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


def handed_in(
    session: Session,
    user_id: int,
    assignment_id: int,
    source: bytes,
    predictions: dict[str, str],
    *,
    seen: datetime | None,
) -> bool:
    """Drop the draft that was handed in; False, and it stays, when another window saved a newer one.

    :param seen: when the draft that the form knew was saved; None when it knew of none.
    """
    row = session.get(Draft, (user_id, assignment_id), with_for_update=True)
    if row is None:
        return True
    if _is_newer(row, source, predictions, seen):
        return False
    session.delete(row)
    session.flush()
    return True


def _is_newer(row: Draft, source: bytes, predictions: dict[str, str], seen: datetime | None) -> bool:
    """Whether ``row`` holds something that the writer has not seen. The same content is no news."""
    return row.saved_at != seen and (row.source, row.predictions) != (source, predictions)
