"""Recovery of an account whose password is forgotten: links that work once, addresses they are mailed to.

A link's secret is 32 random bytes, of which only the SHA-256 is kept. It works until it is used, until it
expires, or until the password is changed by another way. A link that a teacher made gives a password to a
student of the course and to nobody who can do more than a student: that is looked at again when it is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store import enrolments, passwords, tokens, users
from grader.store.tables import Enrolment, PasswordLink, User, utcnow

PREFIX = "grp_"
LONGEST_EMAIL = 254
_EMAIL = re.compile(r"""[^\s@<>()\[\],;:"\\]{1,64}@[^\s@<>()\[\],;:"\\.]+(\.[^\s@<>()\[\],;:"\\.]+)+""")


# Addresses


def checked_email(text: str) -> str | None:
    """An address as it is kept, folded as a login is: hardly any mail server tells ``Ada@`` from ``ada@``,
    and people write both. None for an empty text.

    :raises UsageError: for what is no address that mail could be sent to.
    """
    email = users.login_key(text)
    if not email:
        return None
    if len(email) > LONGEST_EMAIL or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise UsageError(f"'{email[:80]}' is no e-mail address: write one like ada@example.org.")
    return email


def set_email(session: Session, user_id: int, email: str | None) -> None:
    """Replace the address, as :func:`checked_email` gave it. Links that were mailed end with the old one."""
    session.execute(update(User).where(User.id == user_id).values(email=email))
    tokens.end_links(session, user_id)


def mailbox(user: User) -> str | None:
    """Where this account gets mail: its address, else its login where that is one."""
    if user.email is not None:
        return user.email
    try:
        return checked_email(user.login)
    except UsageError:
        return None


def reachable(session: Session, typed: str) -> dict[str, list[User]]:
    """The enabled accounts that are called ``typed`` or get mail there, by the address they get mail at."""
    key = users.login_key(typed)
    found = session.scalars(
        select(User)
        .where((User.login_key == key) | (User.email == key), User.disabled.is_(False))
        .order_by(User.login_key)
        .limit(20)
    )
    by_address: dict[str, list[User]] = {}
    for user in found:
        address = mailbox(user)
        if address is not None:
            by_address.setdefault(address, []).append(user)
    return by_address


# Links


def may_be_helped(session: Session, user: User, course_id: int) -> bool:
    """Whether a teacher of this course may give this account a new password.

    Only who takes the course, is not disabled, and neither teaches anywhere nor runs the server; and not an
    account that a list enrolled though it was there already: whoever teaches some course could name anybody.
    """
    enrolled = enrolments.enrolment(session, user.id, course_id)
    if enrolled is None or enrolled.role != "student" or not enrolled.helped or not _only_a_student(user):
        return False
    teaches = select(Enrolment.user_id).where(Enrolment.user_id == user.id, Enrolment.role != "student")
    return session.scalar(teaches.limit(1)) is None


def get_helped(session: Session, user_id: int, course_id: int) -> User | None:
    """The account with this number, if a teacher of the course may give it a password."""
    user = users.get_user(session, user_id)
    return user if user is not None and may_be_helped(session, user, course_id) else None


def _only_a_student(user: User) -> bool:
    return user.role == "student" and not user.disabled


def make_link(
    session: Session,
    user_id: int,
    *,
    lifetime: timedelta,
    course_id: int | None = None,
) -> str:
    """A new link's secret, to be shown or mailed once. A teacher's new one ends all earlier ones."""
    now = utcnow()
    if course_id is not None:
        tokens.end_links(session, user_id)
    token = tokens.new_token(PREFIX)
    session.add(
        PasswordLink(
            user_id=user_id,
            course_id=course_id,
            hash=tokens.hashed(token),
            created_at=now,
            expires=now + lifetime,
        )
    )
    session.flush()
    return token


def make_links(
    session: Session, user_ids: Sequence[int], *, lifetime: timedelta, course_id: int
) -> dict[int, str]:
    """A new link for each of many, made by a teacher, in the place of all earlier ones; by account."""
    now = utcnow()
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id.in_(user_ids), PasswordLink.ended.is_(None))
        .values(ended=now)
        .execution_options(synchronize_session=False)
    )
    made = {user_id: tokens.new_token(PREFIX) for user_id in user_ids}
    rows = [
        {"user_id": user_id, "course_id": course_id, "hash": tokens.hashed(token), "created_at": now,
         "expires": now + lifetime}
        for user_id, token in made.items()
    ]  # fmt: skip
    if rows:
        session.execute(insert(PasswordLink), rows)
    return made


def find_link(session: Session, token: str) -> tuple[PasswordLink, User] | None:
    """The link that can still be used, and whose password it sets. Looking uses nothing up."""
    found = session.execute(
        select(PasswordLink, User)
        .join(User, User.id == PasswordLink.user_id)
        .where(
            PasswordLink.hash == tokens.hashed(token),
            PasswordLink.ended.is_(None),
            PasswordLink.expires > utcnow(),
            User.disabled.is_(False),
        )
    ).first()
    if found is None:
        return None
    link, user = found
    if link.course_id is not None and not may_be_helped(session, user, link.course_id):
        return None
    return link, user


def use_link(session: Session, token: str, password_hash: str) -> User | None:
    """Set the password; every session, token and other link of the account ends. None: nothing changed."""
    found = find_link(session, token)
    if found is None:
        return None
    link, user = found
    # Two may press the button at the same moment: the row tells who was first.
    taken = session.scalar(
        update(PasswordLink)
        .where(PasswordLink.id == link.id, PasswordLink.ended.is_(None))
        .values(ended=utcnow())
        .returning(PasswordLink.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return None
    passwords.set_password(session, user.id, password_hash)
    tokens.revoke_all_tokens(session, user.id)
    return user


def forget_links(session: Session, links: Sequence[str]) -> None:
    """Links that reached nobody, because the mail could not be sent."""
    session.execute(
        delete(PasswordLink).where(PasswordLink.hash.in_([tokens.hashed(each) for each in links]))
    )
