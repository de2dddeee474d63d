"""Sources that were handed in: each text is kept once, under its SHA-256, however often it was sent."""

from __future__ import annotations

import hashlib
from typing import Final, cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.store.tables import Source, Submission

_TEXTS: Final = cast(Table, Source.__table__)
_ROWS: Final = cast(Table, Submission.__table__)
_KEEP: Final = {
    "sqlite": sqlite.insert(_TEXTS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_TEXTS).on_conflict_do_nothing(),
}
"""Compiled once."""
_KEEP_TREE: Final = (
    update(_TEXTS)
    .where(
        _TEXTS.c.digest
        == select(_ROWS.c.source_digest).where(_ROWS.c.id == bindparam("row_id")).scalar_subquery(),
        _TEXTS.c.tree.is_(None),
    )
    .values(tree=bindparam("key"))
)


def digest_of(source: bytes) -> str:
    """The name of a text."""
    return hashlib.sha256(source).hexdigest()


def keep(session: Session, source: bytes) -> str:
    """Store a text that is not stored yet, in one statement; its name."""
    digest = digest_of(source)
    session.connection().execute(_KEEP[session.get_bind().dialect.name], [{"digest": digest, "data": source}])
    return digest


def keep_tree(session: Session, submission_id: str, tree: str) -> None:
    """Write down how alike the source of a submission is, where that is not known yet."""
    session.connection().execute(_KEEP_TREE, {"row_id": submission_id, "key": tree})


def forget_unused(session: Session) -> None:
    """Delete every text that no submission refers to: call it where submissions are deleted."""
    used = select(Submission.id).where(Submission.source_digest == Source.digest)
    session.execute(delete(Source).where(~used.exists()).execution_options(synchronize_session=False))
