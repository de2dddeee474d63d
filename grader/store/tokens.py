"""Bearer tokens: sign-in sessions of browsers, and API tokens of programs.

A token is 32 random bytes. It has the entropy of a key, so that a plain SHA-256 of it is safe
to keep; it is shown once and cannot be had again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import ColumnElement, Table, bindparam, or_, select, update
from sqlalchemy.orm import Session

from grader.store.tables import (
    ApiToken,
    PasswordLink,
    SignIn,
    User,
    utcnow,
)

API_PREFIX = "grt_"
"""Lets a leaked token be recognised by secret scanners."""


SIGN_IN_PREFIX = "grs_"


SIGN_IN_LIFETIME = timedelta(days=14)


USE_NOTED_EVERY = timedelta(minutes=1)
"""Last use is written at most this often: a read must not become a write at every request."""


_TOKENS: Final = cast(Table, ApiToken.__table__)


_USERS: Final = cast(Table, User.__table__)


_TOKEN: Final = (
    select(*_TOKENS.columns, *_USERS.columns)
    .join(_USERS, _USERS.c.id == _TOKENS.c.user_id)
    .where(
        _TOKENS.c.hash == bindparam("hash"),
        _TOKENS.c.revoked.is_(None),
        or_(_TOKENS.c.expires.is_(None), _TOKENS.c.expires > bindparam("now")),
        _USERS.c.disabled.is_(False),
    )
)
"""Compiled once: every request of a program asks it."""
_NOTE_USE: Final = (
    update(_TOKENS)
    .where(
        _TOKENS.c.id == bindparam("token"),
        or_(_TOKENS.c.last_used.is_(None), _TOKENS.c.last_used <= bindparam("before")),
    )
    .values(last_used=bindparam("now"))
)
_SIGN_IN: Final = (
    select(SignIn, User)
    .join(User, User.id == SignIn.user_id)
    .where(
        SignIn.hash == bindparam("hash"),
        SignIn.revoked.is_(None),
        SignIn.expires > bindparam("now"),
        User.disabled.is_(False),
    )
)
"""Likewise: every page."""


def open_sign_in(
    session: Session, user_id: int, *, lifetime: timedelta = SIGN_IN_LIFETIME, now: datetime | None = None
) -> str:
    """Open a session and return its token, which goes into the cookie and is kept nowhere."""
    now = now or utcnow()
    token = new_token(SIGN_IN_PREFIX)
    session.add(
        SignIn(user_id=user_id, hash=hashed(token), created_at=now, last_seen=now, expires=now + lifetime)
    )
    session.flush()
    return token


def find_sign_in(session: Session, token: str, *, now: datetime | None = None) -> tuple[SignIn, User] | None:
    """The open session with this token and its enabled user. Reads only; see :func:`note_seen`."""
    found = session.execute(_SIGN_IN, {"hash": hashed(token), "now": now or utcnow()}).first()
    return None if found is None else (found[0], found[1])


def use_is_stale(row: SignIn | ApiToken, *, now: datetime | None = None) -> bool:
    """Whether its last use was noted long enough ago to be worth a write."""
    last = row.last_seen if isinstance(row, SignIn) else row.last_used
    return last is None or (now or utcnow()) - last >= USE_NOTED_EVERY


def note_seen(session: Session, sign_in_id: int, *, now: datetime | None = None) -> None:
    """Write down that a session was used, unless another request has just done so."""
    now = now or utcnow()
    stale = SignIn.last_seen <= now - USE_NOTED_EVERY
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, stale).values(last_seen=now))


def close_sign_in(session: Session, token: str) -> bool:
    """End one session (signing out). False when it was not open."""
    return _revoke(session, SignIn, SignIn.hash == hashed(token)) > 0


def close_all_sign_ins(session: Session, user_id: int) -> int:
    """End every session of a user; how many were open."""
    return _revoke(session, SignIn, SignIn.user_id == user_id)


def issue_token(
    session: Session,
    user_id: int,
    name: str,
    *,
    lifetime: timedelta | None = None,
    now: datetime | None = None,
) -> tuple[str, ApiToken]:
    """A new API token: its plaintext, to be shown once, and its row."""
    now = now or utcnow()
    plaintext = new_token(API_PREFIX)
    row = ApiToken(
        user_id=user_id,
        name=name.strip()[:100],
        hash=hashed(plaintext),
        created_at=now,
        expires=None if lifetime is None else now + lifetime,
    )
    session.add(row)
    session.flush()
    return plaintext, row


def find_token(
    session: Session, plaintext: str, *, now: datetime | None = None
) -> tuple[ApiToken, User] | None:
    """The valid token and its enabled user. Reads only; see :func:`note_token_use`."""
    row = session.connection().execute(_TOKEN, {"hash": hashed(plaintext), "now": now or utcnow()}).first()
    if row is None:
        return None
    columns = len(_TOKENS.columns)
    return ApiToken.of_row(row[:columns]), User.of_row(row[columns:])


def note_token_use(session: Session, token_id: int) -> None:
    """Write down that a token was used, unless another request has just done so."""
    now = utcnow()
    values = {"token": token_id, "now": now, "before": now - USE_NOTED_EVERY}
    session.connection().execute(_NOTE_USE, values)


def of_user(session: Session, user_id: int) -> Sequence[ApiToken]:
    """A user's tokens that are not revoked, newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked.is_(None))
        .order_by(ApiToken.id.desc())
    ).all()


def revoke_all_tokens(session: Session, user_id: int) -> int:
    """Revoke every token of a user; how many were in force."""
    return _revoke(session, ApiToken, ApiToken.user_id == user_id)


def revoke_token(session: Session, user_id: int, token_id: int) -> bool:
    """Revoke a token of this user. False when the user has no such token in force."""
    return _revoke(session, ApiToken, ApiToken.id == token_id, ApiToken.user_id == user_id) > 0


def end_links(session: Session, user_id: int) -> None:
    """No link to a new password that this account was given works any more."""
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id == user_id, PasswordLink.ended.is_(None))
        .values(ended=utcnow())
    )


def new_token(prefix: str) -> str:
    """A secret of 256 random bits that can stand in an address."""
    return prefix + secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token."""
    # A token comes from outside: it may hold anything, lone surrogates included.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _revoke(session: Session, table: type[SignIn] | type[ApiToken], *which: ColumnElement[bool]) -> int:
    open_ones = update(table).where(*which, table.revoked.is_(None)).values(revoked=utcnow())
    return len(session.execute(open_ones.returning(table.id)).all())
