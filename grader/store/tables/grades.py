"""Grades: what counts of each student's attempts, what was set by hand, and proposals to change it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.tables.base import BIG_ID, Base

RegradeKind = Literal["rescore", "rerun"]
"""From stored results, or by running what was handed in again."""
RegradeState = Literal["open", "accepted", "cancelled", "undone"]


class Standing(Base):
    """What a student has in an assignment: derived from the attempts and the policy, kept when one changes.

    It makes reading a gradebook independent of the number of attempts. No row: nothing graded, nothing set.
    """

    __tablename__ = "standings"

    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submissions.id", ondelete="SET NULL"))
    """The attempt that counts."""
    score: Mapped[float | None]
    """What it counts, in the assignment's points, after the late rule; an override is beside it."""
    max_score: Mapped[float | None]
    late: Mapped[bool] = mapped_column(default=False)
    """Whether the attempt that counts was handed in after the due date."""
    passed: Mapped[bool] = mapped_column(default=False)
    """Whether the attempt that counts has full marks as judged."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Graded ones: what we could not grade costs no attempt."""
    last_at: Mapped[datetime | None]
    """When the newest graded attempt was handed in."""
    passed_attempt: Mapped[int | None]
    """The number of the first attempt with full marks."""
    passed_at: Mapped[datetime | None]
    override: Mapped[float | None]
    """The score set by hand, which then counts."""


class Override(Base):
    """A score set by hand, of an assignment's total or of one check of one submission.

    The newest one of a student and assignment (or of a submission and check) holds; None withdraws it. It
    survives every regrade.
    """

    __tablename__ = "overrides"
    __table_args__ = (
        Index(None, "assignment_id", "user_id"),
        CheckConstraint("(submission_id IS NULL) = (check_id IS NULL)", name="what"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    submission_id: Mapped[str | None] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    """None: of the assignment's total."""
    check_id: Mapped[str | None] = mapped_column(String(64))
    score: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]


class Regrade(Base):
    """A proposal to change scores: made, looked at, accepted or cancelled, and undone if need be."""

    __tablename__ = "regrades"
    __table_args__ = (
        CheckConstraint("kind IN ('rescore', 'rerun')", name="kind"),
        CheckConstraint("state IN ('open', 'accepted', 'cancelled', 'undone')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    kind: Mapped[RegradeKind] = mapped_column(String(16))
    state: Mapped[RegradeState] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, Any]]
    """What is to be different: fields of the policy, a tolerance; empty: nothing but the time."""
    before: Mapped[dict[str, Any]]
    """What these were when it was accepted, so that it can be undone."""
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]


class RegradeItem(Base):
    """One submission of a rerun: which judging was current, and which one was made.

    It waits while the submission's ``regrade_id`` names the proposal; when that is over and there is no
    ``after_id``, it could not be judged.
    """

    __tablename__ = "regrade_items"

    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrades.id", ondelete="CASCADE"), primary_key=True)
    submission_id: Mapped[str] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    before_id: Mapped[int] = mapped_column(BIG_ID, ForeignKey("judgings.id", ondelete="CASCADE"))
    after_id: Mapped[int | None] = mapped_column(BIG_ID, ForeignKey("judgings.id", ondelete="CASCADE"))


class Comment(Base):
    """What somebody who teaches wrote under one answer, or under all answers that are alike."""

    __tablename__ = "comments"
    __table_args__ = (Index(None, "assignment_id", "alike"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    alike: Mapped[str | None] = mapped_column(String(64))
    """Of the answers it was written for: it is offered again when such an answer comes later."""
    text: Mapped[str] = mapped_column(Text)
    """Markdown."""
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class CommentedSubmission(Base):
    """Under which submissions a comment stands."""

    __tablename__ = "commented_submissions"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    submission_id: Mapped[str] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
