"""Names that extensions are listed with: whose they are, and who gave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.store.tables import Extension, Section, User


def sections(session: Session, course_id: int) -> Sequence[Section]:
    """The sections of a course, by name."""
    return session.scalars(select(Section).where(Section.course_id == course_id).order_by(Section.name)).all()


def names(session: Session, user_ids: Iterable[int]) -> dict[int, str]:
    """The names of these accounts."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(list(user_ids))))
    return {row.id: row.name for row in rows}


def whose(session: Session, extensions: Sequence[Extension], *, logins: bool = False) -> dict[int, str]:
    """For whom each extension is, by its id: a student's name (or login) or a section's name."""
    wanted = {each.user_id for each in extensions if each.user_id is not None}
    found = session.execute(select(User.id, User.name, User.login).where(User.id.in_(list(wanted))))
    people = {row.id: row.login if logins else row.name for row in found}
    numbers = {each.section_id for each in extensions if each.section_id is not None}
    rows = session.execute(select(Section.id, Section.name).where(Section.id.in_(list(numbers))))
    called = {row.id: row.name for row in rows}
    return {
        each.id: people[each.user_id] if each.user_id is not None else called[each.section_id or 0]
        for each in extensions
    }
