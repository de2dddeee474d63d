"""Files between their preview and what is done with them, kept here so that no browser has to be believed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from grader.store.tables import Upload, utcnow

KEPT: Final = timedelta(days=1)
Kind = Literal["roster", "gradebook"]


def keep(session: Session, course_id: int, user_id: int, kind: Kind, name: str, data: bytes) -> str:
    """Keep a file in the place of an earlier one of this person, course and kind; its name in addresses.

    Files that nobody came back to are deleted by the way.
    """
    mine = (Upload.user_id == user_id) & (Upload.course_id == course_id) & (Upload.kind == kind)
    session.execute(
        delete(Upload)
        .where(or_(mine, Upload.made_at < utcnow() - KEPT))
        .execution_options(synchronize_session=False)
    )
    row = Upload(
        id=str(uuid.uuid4()), course_id=course_id, user_id=user_id, kind=kind, name=name[:200], data=data,
        made_at=utcnow(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, course_id: int, user_id: int, kind: Kind, upload_id: str) -> Upload | None:
    """A file that this person has sent for this course a day ago at most."""
    return session.scalar(
        select(Upload).where(
            Upload.id == upload_id,
            Upload.course_id == course_id,
            Upload.user_id == user_id,
            Upload.kind == kind,
            Upload.made_at >= utcnow() - KEPT,
        )
    )


def forget(session: Session, upload_id: str) -> None:
    """Delete a file that has served its purpose."""
    session.execute(delete(Upload).where(Upload.id == upload_id))
