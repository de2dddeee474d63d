"""The tables. Nothing here is particular to SQLite: the same schema is used on PostgreSQL.

::

    users ──┬── enrolments ── courses ── assignments ──┐
            ├── sign_ins, api_tokens, password_links   │
            ├── overrides ─────────────────────────────┤
            └── submissions ───────────────────────────┘
                    ├── check_results, pictures
                    └── sources (each text once)           audit_events (refers to nobody by key)

There are no ORM relationships: a row must stay usable when its transaction is over, and a
lazy load hidden in a template is a query nobody counted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column
from sqlalchemy.types import TypeDecorator

from grader.model.text import Language

Role = Literal["student", "instructor", "admin"]
"""What an account may do everywhere. Only an admin's reach is not limited to enrolments."""
CourseRole = Literal["student", "instructor"]
State = Literal["queued", "running", "graded", "failed"]
"""``failed`` means that *we* could not grade it: never a zero, and it costs no attempt."""


def utcnow() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and always in UTC.

    SQLite keeps no time zone, so that the offset is removed after conversion to UTC on the
    way in and put back on the way out. A naive time is refused: it would be off by hours.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """:raises ValueError: for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 – the signature is SQLAlchemy's
        """The stored moment, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint: SQLite's batch migrations can only drop what has a name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), float: Double, dict[str, str]: JSON, dict[str, Any]: JSON}  # noqa: RUF012 – SQLAlchemy reads it once


class User(Base):
    """An account. ``login_key`` is the login folded for comparison: Ada and ada are one account."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role IN ('student', 'instructor', 'admin')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(254))
    login_key: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    """None for an account that cannot sign in with a password."""
    role: Mapped[Role] = mapped_column(String(16))
    language: Mapped[Language] = mapped_column(String(8))
    created_at: Mapped[datetime]
    disabled: Mapped[bool] = mapped_column(default=False)
    timezone: Mapped[str | None] = mapped_column(String(64))
    """A name of the tz database, chosen by its owner; None: none was chosen."""
    browser_timezone: Mapped[str | None] = mapped_column(String(64))
    """The zone that a browser named when this account signed in last."""
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    """Where a link to a new password may be sent, in small letters; several accounts may share one."""


class Course(Base):
    """A course, called by its slug in addresses."""

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title_en: Mapped[str] = mapped_column(String(200))
    title_zh: Mapped[str] = mapped_column(String(200))
    join_code: Mapped[str | None] = mapped_column(String(32), unique=True)
    """Part of the invitation link; None: nobody can join by link."""

    def title(self, language: Language) -> str:
        """The title in ``language``; the other one where it is empty."""
        return (self.title_zh or self.title_en) if language == "zh" else (self.title_en or self.title_zh)


class Enrolment(Base):
    """Who takes or teaches which course."""

    __tablename__ = "enrolments"
    __table_args__ = (CheckConstraint("role IN ('student', 'instructor')", name="role"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[CourseRole] = mapped_column(String(16))


class Assignment(Base):
    """An exercise set in a course. It is open from ``opens`` (inclusive) to ``due`` (inclusive)."""

    __tablename__ = "assignments"
    __table_args__ = (UniqueConstraint("course_id", "exercise"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    exercise: Mapped[str] = mapped_column(String(64))
    """The exercise's slug; exercises are folders, so this refers to no table."""
    position: Mapped[int]
    opens: Mapped[datetime | None]
    due: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Whether it may be submitted to at ``now``."""
        return (self.opens is None or self.opens <= now) and (self.due is None or now <= self.due)


class Source(Base):
    """A text that was handed in, once, however many submissions hold it."""

    __tablename__ = "sources"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the bytes as they came."""
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Submission(Base):
    """What a student handed in and what came of it. This row is the queue's entry, too.

    ``score`` and ``report`` are those of the last completed grading: while a row is graded
    anew they stay, so that a regrade in progress never empties the gradebook.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'graded', 'failed')", name="state"),
        UniqueConstraint("user_id", "request_key"),
        UniqueConstraint("assignment_id", "user_id", "attempt"),
        # Everything a claim looks at before it has chosen a row, so that a long queue is not read.
        Index(None, "state", "regrading", "user_id", "created_at", "not_before"),
        Index(None, "user_id", "started_at"),
        # Which reports of a student's are whole, so that finding the oldest does not read all that are not.
        Index(None, "assignment_id", "user_id", "thinned"),
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
    exercise_digest: Mapped[str] = mapped_column(String(64))
    """Of the exercise as received, then as graded."""
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
    regrading: Mapped[bool] = mapped_column(default=False)
    """Nobody waits for it, as it has a verdict and is graded anew, or is of a demo's class: it comes after
    everything that somebody waits for."""
    not_before: Mapped[datetime | None]
    """Back-off: it is not claimed before this."""
    owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    score: Mapped[float | None]
    max_score: Mapped[float | None]
    passed: Mapped[bool | None]
    report: Mapped[str | None] = mapped_column(Text)
    """A :class:`grader.model.report.Report` as JSON, with both languages."""
    thinned: Mapped[bool] = mapped_column(default=False)
    """The report holds the score and the verdicts alone; see :mod:`grader.store.thinning`."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why we could not grade it. For instructors: it may name files of ours."""


class CheckResult(Base):
    """The verdict on one check of one submission, kept apart from the report so that it can be counted."""

    __tablename__ = "check_results"

    submission_id: Mapped[str] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True
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


class Override(Base):
    """A score set by hand. The newest one of a student and assignment holds; None withdraws it."""

    __tablename__ = "overrides"
    __table_args__ = (Index(None, "assignment_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    score: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]


class ApiToken(Base):
    """A token for the JSON API. Only its SHA-256 is kept: the database's reader cannot use it."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]


class SignIn(Base):
    """One browser's session. It lives here and not in the cookie, so that it can be ended from here."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires: Mapped[datetime]
    revoked: Mapped[datetime | None]


class PasswordLink(Base):
    """A link by which an account gets a new password, once. Only the SHA-256 of its secret is kept."""

    __tablename__ = "password_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    """The course whose teacher made it; None: it was sent by mail."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]
    """When it was used, or replaced, or the password was changed by another way."""


class AuditEvent(Base):
    """Who changed what. Written as text, so that it outlives the rows it speaks of."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(254))
    """A login, or ``system``."""
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(254))
    details: Mapped[dict[str, Any]]
