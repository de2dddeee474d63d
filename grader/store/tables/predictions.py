"""First predictions, which no later attempt erases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.tables.base import Base


class FirstPrediction(Base):
    """What a student answered before the first run that was graded: one for each typed answer."""

    __tablename__ = "first_predictions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the answer."""
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    attempt: Mapped[int]
    check_id: Mapped[str] = mapped_column(String(64))
    """The check that judges it."""
    text: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]
    """When the attempt was handed in."""
    right: Mapped[bool | None]
    """None: the submission's current judging has no such check."""
