"""Workers: the processes that grade, and when each was seen last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.tables.base import Base


class Worker(Base):
    """A process that grades rows of this database. It writes ``seen_at`` every second (a heartbeat)."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(112), primary_key=True)
    """Host, process and start; the owner of a row that it claimed is this, a colon and a number."""
    host: Mapped[str] = mapped_column(String(64))
    slots: Mapped[int]
    """How many submissions it grades at once."""
    ready: Mapped[bool]
    """Its jail is warm, and it has not been told to stop."""
    grader: Mapped[str | None] = mapped_column(String(32))
    """Version of the grader; then of what a verdict may depend on."""
    torch: Mapped[str | None] = mapped_column(String(32))
    numpy: Mapped[str | None] = mapped_column(String(32))
    cpu: Mapped[str | None] = mapped_column(String(128))
    isolation: Mapped[str | None] = mapped_column(String(16))
    started_at: Mapped[datetime]
    """By the database's clock, as ``seen_at``."""
    seen_at: Mapped[datetime]
