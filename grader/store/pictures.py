"""Pictures of a submission: kept beside it, bounded, and never worth an error."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import delete
from sqlalchemy.orm import Session

from grader.model.picture import Pictures
from grader.store.tables import Picture

MOST_BYTES: Final = 256 * 1024
"""Of one submission's pictures as JSON. A usual one has eight thousand."""


def save(session: Session, submission_id: str, pictures: Pictures) -> bool:
    """Keep ``pictures`` in place of what was kept before. False when they are too large: then nothing is.

    That nothing can be drawn is worth keeping, too: nobody then waits for it.
    """
    data = msgspec.json.encode(pictures)
    forget(session, submission_id)
    if len(data) > MOST_BYTES:
        return False
    session.add(Picture(submission_id=submission_id, data=data.decode()))
    session.flush()
    return True


def find(session: Session, submission_id: str) -> Pictures | None:
    """What was kept, or None: for nothing, and for what cannot be read any more."""
    row = session.get(Picture, submission_id)
    if row is None:
        return None
    try:
        return msgspec.json.decode(row.data, type=Pictures)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def forget(session: Session, submission_id: str) -> None:
    """Drop what was kept: it shows an exercise that has changed."""
    session.execute(
        delete(Picture)
        .where(Picture.submission_id == submission_id)
        .execution_options(synchronize_session="fetch")
    )
