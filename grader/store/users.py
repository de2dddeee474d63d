"""Accounts: who may sign in, under which login, with which language and time zone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model.text import Language
from grader.store import tokens
from grader.store.tables import (
    Enrolment,
    Role,
    User,
    utcnow,
)


class LoginTaken(UsageError):
    """Another account has this login already."""


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
    """A new account.

    :param password_hash: from :func:`grader.store.passwords.hash_password`; None: no password works.

    :raises LoginTaken: when there is an account with this login, in any case.
    :raises UsageError: when the login is empty or too long.
    """
    key = checked_key(login)
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


def checked_key(login: str) -> str:
    """:func:`login_key` of a login that an account may have.

    :raises UsageError: it is empty or too long.
    """
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


def by_ids(session: Session, user_ids: Iterable[int]) -> dict[int, User]:
    """These accounts, by id."""
    rows = session.scalars(select(User).where(User.id.in_(set(user_ids))))
    return {user.id: user for user in rows}


def member_called(session: Session, course_id: int, login: str) -> User | None:
    """The account with this login, in any case, if it is or was in a course."""
    wanted = select(User).join(Enrolment, Enrolment.user_id == User.id)
    return session.scalar(wanted.where(Enrolment.course_id == course_id, User.login_key == login_key(login)))


def everyone(session: Session) -> Sequence[User]:
    """Every account, by login."""
    return session.scalars(select(User).order_by(User.login_key)).all()


def set_disabled(session: Session, user_id: int, disabled: bool) -> None:
    """Disable or enable an account. Disabling ends its sessions and links at once; its tokens rest."""
    session.execute(update(User).where(User.id == user_id).values(disabled=disabled))
    if disabled:
        tokens.close_all_sign_ins(session, user_id)
        tokens.end_links(session, user_id)


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
        key = checked_key(login)
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
