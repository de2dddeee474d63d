"""Accounts, passwords, enrolments, sign-in sessions and API tokens.

A password is hashed with argon2, which takes 64 MiB and some 0.1 s *by design*. That must
not happen while the one writer's transaction is open, so :func:`authenticate` is handed the
store and not a session, and :func:`add_user` takes a hash and not a password.

A token is 32 random bytes. It has the entropy of a key, so that a plain SHA-256 of it is safe
to keep; it is shown once and cannot be had again.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model.text import Language
from grader.store.database import Store
from grader.store.tables import ApiToken, Course, CourseRole, Enrolment, Role, SignIn, User, utcnow

HASHER = PasswordHasher()
MAX_PASSWORD = 1024
"""Characters. Longer ones are refused before they are hashed."""
API_PREFIX = "grt_"
"""Lets a leaked token be recognised by secret scanners."""
SIGN_IN_PREFIX = "grs_"
SIGN_IN_LIFETIME = timedelta(days=14)
USE_NOTED_EVERY = timedelta(minutes=1)
"""Last use is written at most this often: a read must not become a write at every request."""


# Accounts


def login_key(login: str) -> str:
    """``login`` as it is compared: without surrounding space, in one Unicode form, without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).strip().casefold())


def add_user(
    session: Session,
    login: str,
    name: str,
    *,
    password_hash: str | None = None,
    role: Role = "student",
    language: Language = "en",
) -> User:
    """A new account. ``password_hash`` is from :func:`hash_password`; None: no password works.

    :raises UsageError: when the login is empty, too long, or taken (in any case).
    """
    raise NotImplementedError


def find_user(session: Session, login: str) -> User | None:
    """The account with this login, in any case."""
    raise NotImplementedError


def get_user(session: Session, user_id: int) -> User | None:
    """The account with this id."""
    raise NotImplementedError


def users(session: Session) -> Sequence[User]:
    """Every account, by login."""
    raise NotImplementedError


def set_disabled(session: Session, user_id: int, disabled: bool) -> None:
    """Disable or enable an account. Disabling ends its sessions at once; its tokens stop working."""
    raise NotImplementedError


# Passwords


def hash_password(password: str) -> str:
    """The argon2 hash to store. Slow by design: call it outside of a transaction.

    :raises UsageError: for a password that is empty or longer than :data:`MAX_PASSWORD`.
    """
    raise NotImplementedError


def set_password(session: Session, user_id: int, password_hash: str | None) -> None:
    """Replace the password and end every session of the account."""
    raise NotImplementedError


def authenticate(store: Store, login: str, password: str) -> User | None:
    """The enabled account with this login and password, else None.

    Takes the same time whether the account does not exist, has no password, is disabled, or the
    password is wrong. Hashes the password anew when argon2's parameters have changed since.
    """
    raise NotImplementedError


# Enrolments


def enrol(session: Session, user_id: int, course_id: int, role: CourseRole = "student") -> Enrolment:
    """Enrol, or change the role of who is enrolled."""
    raise NotImplementedError


def unenrol(session: Session, user_id: int, course_id: int) -> None:
    """End an enrolment. Submissions stay."""
    raise NotImplementedError


def enrolment(session: Session, user_id: int, course_id: int) -> Enrolment | None:
    """The enrolment, if there is one."""
    raise NotImplementedError


def enrolments(session: Session, user_id: int) -> Sequence[tuple[Course, Enrolment]]:
    """The courses a user takes or teaches, by slug."""
    raise NotImplementedError


def members(session: Session, course_id: int, role: CourseRole | None = None) -> Sequence[User]:
    """Who takes (or teaches) a course, by name."""
    raise NotImplementedError


# Sign-in sessions


def open_sign_in(
    session: Session, user_id: int, *, lifetime: timedelta = SIGN_IN_LIFETIME, now: datetime | None = None
) -> str:
    """Open a session and return its token, which goes into the cookie and is kept nowhere."""
    raise NotImplementedError


def find_sign_in(session: Session, token: str, *, now: datetime | None = None) -> tuple[SignIn, User] | None:
    """The open session with this token and its enabled user. Reads only; see :func:`note_seen`."""
    raise NotImplementedError


def use_is_stale(row: SignIn | ApiToken, *, now: datetime | None = None) -> bool:
    """Whether its last use was noted long enough ago to be worth a write."""
    raise NotImplementedError


def note_seen(session: Session, sign_in_id: int, *, now: datetime | None = None) -> None:
    """Write down that a session was used."""
    raise NotImplementedError


def close_sign_in(session: Session, token: str, *, now: datetime | None = None) -> bool:
    """End one session (signing out). False when it was not open."""
    raise NotImplementedError


def close_all_sign_ins(session: Session, user_id: int, *, now: datetime | None = None) -> int:
    """End every session of a user; how many were open."""
    raise NotImplementedError


# API tokens


def issue_token(
    session: Session,
    user_id: int,
    name: str,
    *,
    lifetime: timedelta | None = None,
    now: datetime | None = None,
) -> tuple[str, ApiToken]:
    """A new API token: its plaintext, to be shown once, and its row."""
    raise NotImplementedError


def find_token(
    session: Session, plaintext: str, *, now: datetime | None = None
) -> tuple[ApiToken, User] | None:
    """The valid token and its enabled user. Reads only; see :func:`note_token_use`."""
    raise NotImplementedError


def note_token_use(session: Session, token_id: int, *, now: datetime | None = None) -> None:
    """Write down that a token was used."""
    raise NotImplementedError


def tokens(session: Session, user_id: int) -> Sequence[ApiToken]:
    """A user's tokens that are not revoked, newest first."""
    raise NotImplementedError


def revoke_token(session: Session, user_id: int, token_id: int, *, now: datetime | None = None) -> bool:
    """Revoke a token of this user. False when the user has no such token in force."""
    raise NotImplementedError
