"""What was handed in: each text is kept once, under its SHA-256, however often it was sent."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.store.tables import Source, Submission


def digest_of(source: bytes) -> str:
    """The name of a text."""
    return hashlib.sha256(source).hexdigest()


def keep(session: Session, source: bytes) -> str:
    """Store a text that is not stored yet, in one statement; its name."""
    digest = digest_of(source)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(Source).values(digest=digest, data=source).on_conflict_do_nothing(),
        execution_options={"synchronize_session": False},
    )
    return digest


def forget_unused(session: Session) -> None:
    """Delete every text that no submission refers to: call it where submissions are deleted."""
    used = select(Submission.id).where(Submission.source_digest == Source.digest)
    session.execute(delete(Source).where(~used.exists()).execution_options(synchronize_session=False))
