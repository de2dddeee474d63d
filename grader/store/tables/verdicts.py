"""Verdicts that equal submissions share, and those that are judged a second time to compare."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.tables.base import BIG_ID, Base

ShadowState = Literal["waiting", "running", "same", "different", "dropped"]
"""``dropped``: it could not be judged again, or by the same exercise."""


class CachedVerdict(Base):
    """Which judging says what an equal submission would be told. The report itself is the judging's."""

    __tablename__ = "verdicts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 (hex) over all that a verdict depends on: see :mod:`grader.dispatch.cache`."""
    judging_id: Mapped[int] = mapped_column(BIG_ID, ForeignKey("judgings.id", ondelete="CASCADE"), index=True)
    last_used: Mapped[datetime] = mapped_column(index=True)
    """When it was made or last asked for: the oldest make room."""


class Shadow(Base):
    """A judging that is made a second time, elsewhere, to be compared. It never changes a verdict."""

    __tablename__ = "shadows"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'same', 'different', 'dropped')", name="state"),
        Index(None, "state", "wanted_at"),
    )

    judging_id: Mapped[int] = mapped_column(
        BIG_ID, ForeignKey("judgings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[ShadowState] = mapped_column(String(16))
    wanted_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(128))
    """Who judged it the second time, or is about to."""
    cpu: Mapped[str | None] = mapped_column(String(128))
    differs: Mapped[list[Any]] = mapped_column(default=list)
    """What the two do not agree on: see :func:`grader.model.outcome.differing`."""
