"""Lists of people: files that were uploaded and wait for a decision, and imports that can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.tables.base import Base


class Upload(Base):
    """A file between its preview and what is done with it: for a day, and for who sent it alone."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """A random UUID."""
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """``roster`` or ``gradebook``."""
    name: Mapped[str] = mapped_column(String(200))
    """What the file was called."""
    data: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(index=True)


class RosterImport(Base):
    """A list that was imported, and what every row was before, so that it can be undone."""

    __tablename__ = "roster_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    changes: Mapped[list[Any]]
    """One entry for each person, see :mod:`grader.store.roster_changes`."""
