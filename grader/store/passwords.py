"""Passwords: how long one may be, hashed with Argon2id (RFC 9106), recognised in constant time, replaced.

A hash takes 64 MiB and some 0.1 s *by design*. That must not happen while a transaction is open, so
:func:`recognised` is handed an account that was read and no session, and :func:`grader.store.users.add_user`
takes a hash and not a password.
"""

from __future__ import annotations

import base64
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store import tokens, users
from grader.store.database import Store
from grader.store.tables import User

HASHER = PasswordHasher()

MAX_PASSWORD = 1024
"""Characters. Longer ones are refused before they are hashed."""


class AccountDisabled(UsageError):
    """Login and password are right, and the account is disabled."""


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
    tokens.close_all_sign_ins(session, user_id)
    tokens.end_links(session, user_id)


def authenticate(store: Store, login: str, password: str) -> User | None:
    """The enabled account with this login and password, else None. Raises as :func:`recognised`."""
    with store.read() as session:
        user = users.find_user(session, login)
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
