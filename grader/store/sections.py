"""Sections of a course: made, renamed, deleted, and who is in which.

Rules of an assignment may differ for a section, so that whoever enters or leaves one may be worth another
score: what stands is then derived anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store import standings
from grader.store.tables import Enrolment, Extension, Section, SectionMember

LONGEST_NAME = 200


class SectionTaken(UsageError):
    """The course has a section of this name already."""


def of_course(session: Session, course_id: int) -> Sequence[Section]:
    """The sections of a course, by name."""
    wanted = select(Section).where(Section.course_id == course_id)
    return session.scalars(wanted.order_by(Section.name, Section.id)).all()


def members_of(session: Session, course_id: int) -> dict[int, set[int]]:
    """Of each student in a section the sections, by student."""
    rows = session.execute(
        select(SectionMember.user_id, SectionMember.section_id)
        .join(Section, Section.id == SectionMember.section_id)
        .where(Section.course_id == course_id)
    )
    found: dict[int, set[int]] = {}
    for user_id, section_id in rows:
        found.setdefault(user_id, set()).add(section_id)
    return found


def find(session: Session, course_id: int, section_id: int) -> Section | None:
    """The section of this course with this number."""
    row = session.get(Section, section_id)
    return row if row is not None and row.course_id == course_id else None


def named(text: str) -> str:
    """A name as it is kept.

    :raises UsageError: it is empty or too long.
    """
    name = " ".join(text.replace("\0", "").split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UsageError(f"a section's name has between 1 and {LONGEST_NAME} characters.")
    return name


def make(session: Session, course_id: int, name: str) -> Section:
    """A new section.

    :raises UsageError: the name cannot be.
    :raises SectionTaken: there is one of this name.
    """
    row = Section(course_id=course_id, name=named(name))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise SectionTaken(f"there is a section '{row.name[:80]}' already.") from error
    return row


def rename(session: Session, section: Section, name: str) -> None:
    """Call it otherwise. Raises as :func:`make`."""
    new = named(name)
    wanted = select(Section.id).where(
        Section.course_id == section.course_id, Section.name == new, Section.id != section.id
    )
    if session.scalar(wanted) is not None:
        raise SectionTaken(f"there is a section '{new[:80]}' already.")
    section.name = new
    session.flush()


def remove(session: Session, section: Section) -> int:
    """Delete it, and the rules that hold for it alone; how many were in it. Nobody leaves the course."""
    members = set(
        session.scalars(select(SectionMember.user_id).where(SectionMember.section_id == section.id))
    )
    touched = _with_rules(session, [section.id])
    session.execute(delete(Section).where(Section.id == section.id))
    _refresh(session, touched, members)
    return len(members)


def enter(session: Session, section: Section, user_ids: Iterable[int]) -> int:
    """Put members of the course into a section; how many of them were not in it."""
    wanted = set(user_ids)
    enrolled = set(
        session.scalars(
            select(Enrolment.user_id).where(
                Enrolment.course_id == section.course_id, Enrolment.user_id.in_(wanted)
            )
        )
    )
    inside = set(session.scalars(select(SectionMember.user_id).where(SectionMember.section_id == section.id)))
    change(session, {(section.id, user_id) for user_id in enrolled - inside}, set())
    return len(enrolled - inside)


def leave(session: Session, section: Section, user_ids: Iterable[int]) -> int:
    """Take people out of a section; how many were in it."""
    inside = set(
        session.scalars(
            select(SectionMember.user_id).where(
                SectionMember.section_id == section.id, SectionMember.user_id.in_(set(user_ids))
            )
        )
    )
    change(session, set(), {(section.id, user_id) for user_id in inside})
    return len(inside)


def change(session: Session, entering: set[tuple[int, int]], leaving: set[tuple[int, int]]) -> None:
    """Pairs of section and person that begin to be, and that end."""
    by_section: dict[int, list[int]] = {}
    for section_id, user_id in leaving:
        by_section.setdefault(section_id, []).append(user_id)
    for section_id, users in by_section.items():
        session.execute(
            delete(SectionMember)
            .where(SectionMember.section_id == section_id, SectionMember.user_id.in_(users))
            .execution_options(synchronize_session=False)
        )
    if entering:
        rows = [{"section_id": section_id, "user_id": user_id} for section_id, user_id in sorted(entering)]
        session.execute(insert(SectionMember), rows)
    session.flush()
    pairs = entering | leaving
    touched = _with_rules(session, {section_id for section_id, _ in pairs})
    _refresh(session, touched, {user_id for _, user_id in pairs})


def _with_rules(session: Session, section_ids: Iterable[int]) -> list[int]:
    """The assignments whose rules differ for one of these sections."""
    wanted = select(Extension.assignment_id).where(Extension.section_id.in_(list(section_ids))).distinct()
    return list(session.scalars(wanted))


def _refresh(session: Session, assignment_ids: Iterable[int], user_ids: set[int]) -> None:
    if user_ids:
        for assignment_id in assignment_ids:
            standings.refresh(session, assignment_id, user_ids)
