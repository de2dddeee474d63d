"""Submissions and what came of them: judgings, verdicts on checks, pictures; drafts, too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from grader.model.lane import Lane
from grader.store.tables.base import BIG_ID, Base, State, utcnow


class Source(Base):
    """A text that was handed in, once, however many submissions hold it."""

    __tablename__ = "sources"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the bytes as they came."""
    data: Mapped[bytes] = mapped_column(LargeBinary)
    tree: Mapped[str | None] = mapped_column(String(80))
    """A hash of its normalised syntax tree: programs that differ in names and layout alone share it."""


class Judging(Base):
    """One judging of a submission. It is never changed: a regrade adds another.

    The submission says which one is current. What was said is thinned after a while: see
    :mod:`grader.store.thinning`.
    """

    __tablename__ = "judgings"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrades.id", ondelete="SET NULL"))
    """The proposal it was made for; None: it was current at once."""
    exercise_digest: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    grader: Mapped[str | None] = mapped_column(String(32))
    """Version of the grader; None from before it was written down, as the next three."""
    torch: Mapped[str | None] = mapped_column(String(32))
    worker: Mapped[str | None] = mapped_column(String(128))
    """Host, process and start of who judged."""
    isolation: Mapped[str | None] = mapped_column(String(16))
    phases: Mapped[dict[str, float]]
    """Milliseconds by phase; ``all`` is all of it."""
    queued_at: Mapped[datetime | None]
    """When it came into the queue. This and the next ones follow one another in this order; None: from before
    it was written down."""
    claimed_at: Mapped[datetime | None]
    """A grader took it."""
    started_at: Mapped[datetime | None]
    """It was begun."""
    ran_at: Mapped[datetime | None]
    """The submission had been run."""
    judged_at: Mapped[datetime | None]
    """The verdict stood."""
    finished_at: Mapped[datetime]
    """It was written."""
    score: Mapped[float]
    max_score: Mapped[float]
    passed: Mapped[bool]
    alike: Mapped[str | None] = mapped_column(String(64), index=True)
    """A hash of the exercise, the codes and the syntax tree: answers that can be answered alike share it."""
    report: Mapped[str] = mapped_column(Text)
    """A :class:`grader.model.report.Report` as JSON, with both languages."""
    numpy: Mapped[str | None] = mapped_column(String(32))
    """Versions of what judged, as ``grader`` and ``torch``; None from before these were written down."""
    python: Mapped[str | None] = mapped_column(String(32))
    cpu: Mapped[str | None] = mapped_column(String(128))
    """The processor's model."""
    cached_from: Mapped[str | None] = mapped_column(String(128))
    """The worker that judged an equal submission, whose report this is; None: it was run."""


class Submission(Base):
    """What a student handed in and what came of it. This row is the queue's entry, too.

    ``judging_id`` points to the judging that is current. It and the scores beside it, which are copied from
    it in the same transaction, stay while the row is judged anew: a regrade in progress changes nothing.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'graded', 'failed')", name="state"),
        UniqueConstraint("user_id", "request_key"),
        UniqueConstraint("assignment_id", "user_id", "attempt"),
        # Everything a claim looks at before it has chosen a row, so that a long queue is not read.
        Index(None, "state", "lane", "user_id", "created_at", "not_before"),
        Index(None, "user_id", "lane", "started_at"),
        # Which reports of a student's are whole, so that finding the oldest does not read all that are not.
        Index(None, "assignment_id", "user_id", "thinned"),
        # What waits for its first verdict: few rows, which a page of a whole course asks for.
        Index(
            "ix_submissions_not_judged",
            "assignment_id",
            "user_id",
            "state",
            sqlite_where=text("judging_id IS NULL"),
            postgresql_where=text("judging_id IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """A random UUID: it can be shown in an address without telling how many there are."""
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    source_digest: Mapped[str] = mapped_column(ForeignKey("sources.digest"), index=True)
    source: Mapped[bytes] = column_property(
        select(Source.data).where(Source.digest == source_digest).scalar_subquery()
    )
    """The text itself, read along with the row. It is written by :mod:`grader.store.sources`."""
    predictions: Mapped[dict[str, str]]
    seed: Mapped[int] = mapped_column(BigInteger)
    variant: Mapped[int] = mapped_column(default=0)
    """About the numbers of which variant it is, for ever; 0 are the authored ones."""
    exercise_digest: Mapped[str] = mapped_column(String(64))
    """Of the exercise as received; as graded: see the judging."""
    state: Mapped[State] = mapped_column(String(16))
    attempt: Mapped[int]
    """1, 2, 3 … for this student and assignment, in the order received."""
    request_key: Mapped[str | None] = mapped_column(String(64))
    """Chosen by the form: the same POST sent twice finds the row of the first."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    """How often grading it failed on our side."""
    interruptions: Mapped[int] = mapped_column(default=0)
    """How often the process that was grading it died or fell silent."""
    lane: Mapped[Lane] = mapped_column(default=Lane.INTERACTIVE)
    """The lane that it waits in, or waited in last."""
    queued_at: Mapped[datetime] = mapped_column(default=utcnow)
    """Since when it waits for a verdict: when it was handed in, or queued again by somebody. What goes back
    to the queue because we could not grade it has waited all along."""
    not_before: Mapped[datetime | None]
    """Back-off: it is not claimed before this."""
    owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    judging_id: Mapped[int | None] = mapped_column(BIG_ID, ForeignKey("judgings.id", use_alter=True))
    """The current judging; None before the first verdict."""
    score: Mapped[float | None]
    """Points of the current judging, with checks that were overridden by hand as they were set."""
    max_score: Mapped[float | None]
    passed: Mapped[bool | None]
    """Full marks."""
    report: Mapped[str | None] = column_property(
        select(Judging.report).where(Judging.id == judging_id).scalar_subquery()
    )
    """Of the current judging."""
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrades.id", ondelete="SET NULL"), index=True)
    """The proposal for which it waits to be judged anew; the verdict is current when that is accepted."""
    thinned: Mapped[bool] = mapped_column(default=False)
    """Its reports hold the score and the verdicts alone; see :mod:`grader.store.thinning`."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why we could not grade it. For instructors: it may name files of ours."""

    @property
    def shown(self) -> State:
        """Its state for whoever reads it: what has a verdict has it, also while it is judged anew."""
        return "graded" if self.judging_id is not None else self.state


class CheckResult(Base):
    """The verdict on one check in one judging, kept apart from the report so that it can be counted."""

    __tablename__ = "check_results"

    judging_id: Mapped[int] = mapped_column(
        BIG_ID, ForeignKey("judgings.id", ondelete="CASCADE"), primary_key=True
    )
    check_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    verdict: Mapped[str] = mapped_column(String(16))
    points: Mapped[float]
    max_points: Mapped[float]
    code: Mapped[str | None] = mapped_column(String(128))
    """The diagnosis' code, if there was one."""


class Draft(Base):
    """What a student is writing and has not handed in: one per assignment, the last one saved."""

    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[bytes] = mapped_column(LargeBinary)
    predictions: Mapped[dict[str, str]]
    saved_at: Mapped[datetime]
    version: Mapped[str | None] = mapped_column(String(36))
    """A random name of this save; None for one from before there were versions."""


class ReplacedDraft(Base):
    """What a draft took the place of: before starting over, or another window's draft."""

    __tablename__ = "replaced_drafts"
    __table_args__ = (Index(None, "user_id", "assignment_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Random: SQLite gives a number that was deleted to the next row, and a second click means the first."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    source: Mapped[bytes] = mapped_column(LargeBinary)
    predictions: Mapped[dict[str, str]]
    replaced_at: Mapped[datetime]


class Picture(Base):
    """What was drawn of a submission after its verdict: :class:`grader.model.picture.Pictures` as JSON."""

    __tablename__ = "pictures"

    submission_id: Mapped[str] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True
    )
    data: Mapped[str] = mapped_column(Text)
