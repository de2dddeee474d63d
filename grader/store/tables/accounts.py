"""Accounts: who they are, how they sign in, what they are told; and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.model.text import Language
from grader.store.tables.base import Base, Role


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
    __table_args__ = (Index(None, "course", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(254))
    """A login, or ``system``."""
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(254))
    details: Mapped[dict[str, Any]]
    course: Mapped[str | None] = mapped_column(String(64))
    """The slug of the course it happened in: those who teach it may read it."""


class Notice(Base):
    """What an account is told on its pages until it says that it has read it: a score that moved, say."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "user_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    """What the page says of it: ``regrade``, ``comment`` …"""
    about: Mapped[dict[str, Any]]
    """What that sentence needs: a course's slug, an exercise, scores, a reason."""
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
