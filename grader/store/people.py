"""Accounts, passwords, enrolments, sign-in sessions and API tokens.

A password is hashed with argon2, which takes 64 MiB and some 0.1 s *by design*. That must
not happen while a transaction is open, so :func:`recognised` is handed an account that was read and
no session, and :func:`add_user` takes a hash and not a password.

A token is 32 random bytes. It has the entropy of a key, so that a plain SHA-256 of it is safe
to keep; it is shown once and cannot be had again.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Table, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model.text import Language
from grader.store.database import Store
from grader.store.tables import (
    ApiToken,
    Course,
    CourseRole,
    Enrolment,
    PasswordLink,
    Role,
    SignIn,
    User,
    utcnow,
)

HASHER = PasswordHasher()
MAX_PASSWORD = 1024
"""Characters. Longer ones are refused before they are hashed."""
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


class LoginTaken(UsageError):
    """Another account has this login already."""


class AccountDisabled(UsageError):
    """Login and password are right, and the account is disabled."""


# Accounts


def login_key(login: str) -> str:
    """``login`` as it is compared: without surrounding space, in one Unicode form, without case."""
    # Whoever signs in may send anything; what no database takes as text is no part of a login.
    text = login.encode("utf-8", "replace").decode().replace("\0", "")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().casefold())


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

    :raises LoginTaken: when there is an account with this login, in any case.
    :raises UsageError: when the login is empty or too long.
    """
    key = _checked_key(login)
    if find_user(session, login) is not None:
        raise _taken(login)
    user = User(
        login=login.strip(),
        login_key=key,
        name=name.strip()[:200] or login.strip()[:200],
        password_hash=password_hash,
        role=role,
        language=language,
        created_at=utcnow(),
        disabled=False,
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        # On PostgreSQL two transactions may look for it at the same time, and both find nothing.
        raise _taken(login) from error
    return user


def _checked_key(login: str) -> str:
    key = login_key(login)
    if not key or len(login.strip()) > 254 or len(key) > 254:
        raise UsageError("a login must have between 1 and 254 characters.")
    return key


def _taken(login: str) -> LoginTaken:
    return LoginTaken(f"the login '{login.strip()[:80]}' is taken: choose another one.")


def find_user(session: Session, login: str) -> User | None:
    """The account with this login, in any case."""
    return session.scalar(select(User).where(User.login_key == login_key(login)))


def get_user(session: Session, user_id: int) -> User | None:
    """The account with this id."""
    return session.get(User, user_id)


def users(session: Session) -> Sequence[User]:
    """Every account, by login."""
    return session.scalars(select(User).order_by(User.login_key)).all()


def set_disabled(session: Session, user_id: int, disabled: bool) -> None:
    """Disable or enable an account. Disabling ends its sessions and links at once; its tokens rest."""
    session.execute(update(User).where(User.id == user_id).values(disabled=disabled))
    if disabled:
        close_all_sign_ins(session, user_id)
        end_links(session, user_id)


def rename(session: Session, user_id: int, *, name: str | None = None, login: str | None = None) -> None:
    """Change what an account is called; None leaves it.

    :raises UsageError: for a login or name that no account can have.
    :raises LoginTaken: when another account has the login.
    """
    user = session.get(User, user_id)
    assert user is not None
    if name is not None:
        if not name.strip():
            raise UsageError("a name must have at least one character.")
        user.name = name.strip()[:200]
    if login is not None:
        key = _checked_key(login)
        other = find_user(session, login)
        if other is not None and other.id != user_id:
            raise _taken(login)
        user.login, user.login_key = login.strip(), key
    session.flush()


def set_timezone(session: Session, user_id: int, timezone: str | None) -> None:
    """In which zone this account is told the time; None: in the one its browser names."""
    session.execute(update(User).where(User.id == user_id).values(timezone=timezone))


def note_browser_timezone(session: Session, user_id: int, timezone: str) -> None:
    """Remember the zone that the browser named at a sign-in. What its owner chose goes before it."""
    session.execute(update(User).where(User.id == user_id).values(browser_timezone=timezone))


def set_language(session: Session, user_id: int, language: Language) -> None:
    """The language this account reads where no browser has been told otherwise."""
    session.execute(update(User).where(User.id == user_id).values(language=language))


# Passwords


def hash_password(password: str) -> str:
    """The argon2 hash to store. Slow by design: call it outside of a transaction.

    :raises UsageError: for a password that is empty or longer than :data:`MAX_PASSWORD`.
    """
    if not 1 <= len(password) <= MAX_PASSWORD:
        raise UsageError(f"a password must have between 1 and {MAX_PASSWORD} characters.")
    return HASHER.hash(_typed(password))


def set_password(session: Session, user_id: int, password_hash: str | None) -> None:
    """Replace the password; end every session of the account, and every link to a new password."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    close_all_sign_ins(session, user_id)
    end_links(session, user_id)


def end_links(session: Session, user_id: int, *, now: datetime | None = None) -> None:
    """No link to a new password that this account was given works any more."""
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id == user_id, PasswordLink.ended.is_(None))
        .values(ended=now or utcnow())
    )


def authenticate(store: Store, login: str, password: str) -> User | None:
    """The enabled account with this login and password, else None. Raises as :func:`recognised`."""
    with store.read() as session:
        user = find_user(session, login)
    if not recognised(user, password):
        return None
    assert user is not None
    stronger = strengthened(user, password)
    if stronger is not None:
        with store.write() as session:
            strengthen(session, user, stronger)
    return user


def recognised(user: User | None, password: str) -> bool:
    """Whether this is an enabled account's password. Slow by design: call it outside of a transaction.

    Takes the same time whether the account does not exist, has no password, is disabled, or the
    password is wrong.

    :raises AccountDisabled: only when the password is right: nobody else learns of it.
    """
    # A hash is verified in every case, and only then is it asked whose it was: otherwise the
    # time of an answer tells which logins exist.
    stored = user.password_hash if user is not None and user.password_hash is not None else _NOBODYS_HASH
    right = _verify(stored, password)
    if user is None or user.password_hash is None or not right:
        return False
    if user.disabled:
        raise AccountDisabled(f"the account '{user.login}' is disabled.")
    return True


def strengthened(user: User, password: str) -> str | None:
    """The hash to keep instead, when argon2's parameters have changed since the password was set."""
    outdated = user.password_hash is not None and HASHER.check_needs_rehash(user.password_hash)
    return hash_password(password) if outdated else None


def strengthen(session: Session, user: User, stronger: str) -> None:
    """Keep a stronger hash, if nobody has changed the password in the meantime."""
    session.execute(
        update(User)
        .where(User.id == user.id, User.password_hash == user.password_hash)
        .values(password_hash=stronger)
        .execution_options(synchronize_session=False)
    )


# Enrolments


def enrol(session: Session, user_id: int, course_id: int, role: CourseRole = "student") -> Enrolment:
    """Enrol, or change the role of who is enrolled."""
    row = session.get(Enrolment, (user_id, course_id))
    if row is None:
        row = Enrolment(user_id=user_id, course_id=course_id, role=role)
        session.add(row)
    row.role = role
    session.flush()
    return row


def join(session: Session, user_id: int, course_id: int) -> bool:
    """Enrol as a student whoever is not enrolled yet. False when that changed nothing.

    Who teaches the course goes on teaching it.
    """
    if enrolment(session, user_id, course_id) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(Enrolment(user_id=user_id, course_id=course_id, role="student"))
    except IntegrityError:
        # The button was pressed twice, and the other one was faster; anything else is an error.
        if enrolment(session, user_id, course_id) is None:
            raise
        return False
    return True


def unenrol(session: Session, user_id: int, course_id: int) -> None:
    """End an enrolment. Submissions stay."""
    session.execute(delete(Enrolment).where(Enrolment.user_id == user_id, Enrolment.course_id == course_id))


def enrolment(session: Session, user_id: int, course_id: int) -> Enrolment | None:
    """The enrolment, if there is one."""
    return session.get(Enrolment, (user_id, course_id))


def enrolments(session: Session, user_id: int) -> Sequence[tuple[Course, Enrolment]]:
    """The courses a user takes or teaches, by slug."""
    rows = session.execute(
        select(Course, Enrolment)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.user_id == user_id)
        .order_by(Course.slug)
    )
    return [(course, row) for course, row in rows]


def members(
    session: Session,
    course_id: int,
    role: CourseRole | None = None,
    *,
    first: int = 0,
    most: int | None = None,
) -> Sequence[User]:
    """Who takes (or teaches) a course, by name; ``most`` of them after the first ``first``."""
    query = select(User).join(Enrolment, Enrolment.user_id == User.id).where(Enrolment.course_id == course_id)
    if role is not None:
        query = query.where(Enrolment.role == role)
    return session.scalars(query.order_by(User.name, User.login_key).offset(first).limit(most)).all()


# Sign-in sessions


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
    found = session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.hash == hashed(token),
            SignIn.revoked.is_(None),
            SignIn.expires > (now or utcnow()),
            User.disabled.is_(False),
        )
    ).first()
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


def close_sign_in(session: Session, token: str, *, now: datetime | None = None) -> bool:
    """End one session (signing out). False when it was not open."""
    return _revoke(session, SignIn, SignIn.hash == hashed(token), now=now) > 0


def close_all_sign_ins(session: Session, user_id: int, *, now: datetime | None = None) -> int:
    """End every session of a user; how many were open."""
    return _revoke(session, SignIn, SignIn.user_id == user_id, now=now)


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
    row = session.execute(_TOKEN, {"hash": hashed(plaintext), "now": now or utcnow()}).first()
    if row is None:
        return None
    token, user = row[: len(_TOKENS.columns)], row[len(_TOKENS.columns) :]
    return (
        ApiToken(**dict(zip(_TOKENS.columns.keys(), token, strict=True))),
        User(**dict(zip(_USERS.columns.keys(), user, strict=True))),
    )


def note_token_use(session: Session, token_id: int, *, now: datetime | None = None) -> None:
    """Write down that a token was used, unless another request has just done so."""
    now = now or utcnow()
    stale = or_(ApiToken.last_used.is_(None), ApiToken.last_used <= now - USE_NOTED_EVERY)
    session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used=now))


def tokens(session: Session, user_id: int) -> Sequence[ApiToken]:
    """A user's tokens that are not revoked, newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked.is_(None))
        .order_by(ApiToken.id.desc())
    ).all()


def revoke_all_tokens(session: Session, user_id: int, *, now: datetime | None = None) -> int:
    """Revoke every token of a user; how many were in force."""
    return _revoke(session, ApiToken, ApiToken.user_id == user_id, now=now)


def revoke_token(session: Session, user_id: int, token_id: int, *, now: datetime | None = None) -> bool:
    """Revoke a token of this user. False when the user has no such token in force."""
    return _revoke(session, ApiToken, ApiToken.id == token_id, ApiToken.user_id == user_id, now=now) > 0


# What the above share


def new_token(prefix: str) -> str:
    """A secret of 256 random bits that can stand in an address."""
    return prefix + secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token."""
    # A token comes from outside: it may hold anything, lone surrogates included.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _revoke(
    session: Session,
    table: type[SignIn] | type[ApiToken],
    *which: ColumnElement[bool],
    now: datetime | None,
) -> int:
    open_ones = update(table).where(*which, table.revoked.is_(None)).values(revoked=now or utcnow())
    return len(session.execute(open_ones.returning(table.id)).all())


def _nobodys_hash() -> str:
    """What looks like an argon2 hash with today's parameters and fits no password: its bytes are random.

    Written and not computed: it costs nothing at the start, and the first wrong login nothing extra.
    """
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (HASHER.salt_len, HASHER.hash_len)
    )
    costs = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2{HASHER.type.name.lower()}$v=19${costs}${salt}${digest}"


_NOBODYS_HASH = _nobodys_hash()


def _typed(password: str) -> bytes:
    """The same bytes whichever keyboard composed the accents."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _verify(stored: str, password: str) -> bool:
    try:
        right = HASHER.verify(stored, _typed(password[:MAX_PASSWORD]))
    except (VerificationError, InvalidHashError):
        return False
    return right and len(password) <= MAX_PASSWORD
