"""Look-up of courses and accounts by name, for ``grade course`` and ``grade account``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from grader.cli.options import settings_now
from grader.errors import UsageError
from grader.store import courses, users
from grader.store.database import Store
from grader.store.tables import Assignment, Course, User


@contextmanager
def open_store() -> Iterator[Store]:
    """The store that the settings name; closed at the end."""
    known = settings_now()
    known.prepare()
    store = Store.open(known.database_url)
    try:
        yield store
    finally:
        store.close()


def account_called(session: Session, login: str) -> User:
    """:raises UsageError: there is no such account; the nearest is named."""
    found = users.find_user(session, login)
    if found is None:
        near = difflib.get_close_matches(login, [user.login for user in users.everyone(session)], n=1)
        hint = f"did you mean '{near[0]}'?" if near else "'grade account list' shows all."
        raise UsageError(f"there is no account '{login}': {hint}")
    return found


def assignment_of(session: Session, slug: str, exercise: str) -> Assignment:
    """:raises UsageError: the exercise is not set in the course."""
    found = courses.find_assignment(session, course_called(session, slug).id, exercise)
    if found is None:
        raise UsageError(
            f"'{exercise}' is not set in the course '{slug}'; 'grade course show {slug}' lists what is"
        )
    return found


def course_called(session: Session, slug: str) -> Course:
    """:raises UsageError: there is no such course; those that there are are named."""
    found = courses.find_course(session, slug)
    if found is None:
        known = (
            ", ".join(c.slug for c in courses.courses(session)) or "none yet: 'grade course add' makes one"
        )
        raise UsageError(f"there is no course '{slug}' (there is: {known})")
    return found
