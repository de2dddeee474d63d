"""Members of a course, managed by those who teach it: listed with sections, let out and in, given a role."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from grader.errors import UsageError
from grader.store import sections
from grader.store.tables import CourseRole, Enrolment, Section, User


class LastInstructor(UsageError):
    """The course would be left without anybody who teaches it."""


@dataclass(frozen=True)
class Member:
    """Somebody who is or was in a course."""

    user: User
    enrolment: Enrolment
    section_ids: frozenset[int]
    only_studies: bool
    """Everywhere: the account neither teaches nor assists in any course, nor does it run the server."""
    elsewhere: bool
    """Whether it is in another course, too."""

    @property
    def may_be_helped(self) -> bool:
        """Whether a teacher of the course may give this account a new password, see :mod:`.recovery`."""
        enrolment = self.enrolment
        return (
            enrolment.active
            and enrolment.role == "student"
            and enrolment.helped
            and self.only_studies
            and not self.user.disabled
        )

    @property
    def ours(self) -> bool:
        """Whether a list of the course may change name and address."""
        return self.enrolment.helped and self.only_studies and not self.elsewhere

    @property
    def address(self) -> str:
        """The e-mail address, where those who teach the course may know it: they did not get at the account
        by naming it."""
        return (self.user.email or "") if self.enrolment.helped else ""


def listing(session: Session, course_id: int) -> tuple[list[Member], Sequence[Section]]:
    """Everybody who is or was in a course, by name, and its sections. Three queries."""
    inside = sections.members_of(session, course_id)
    return _members(session, Enrolment.course_id == course_id, inside), sections.of_course(session, course_id)


def find(session: Session, course_id: int, user_id: int) -> Member | None:
    """One of them. Without the sections, in one query."""
    found = _members(session, and_(Enrolment.course_id == course_id, Enrolment.user_id == user_id), {})
    return found[0] if found else None


def _members(session: Session, which: object, inside: dict[int, set[int]]) -> list[Member]:
    other = aliased(Enrolment)
    another = and_(other.user_id == User.id, other.course_id != Enrolment.course_id)
    staff = exists().where(other.user_id == User.id, other.role != "student").correlate(User)
    elsewhere = exists().where(another).correlate(User, Enrolment)
    rows = session.execute(
        select(User, Enrolment, staff.label("staff"), elsewhere.label("elsewhere"))
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(which)  # type: ignore[arg-type]
        .order_by(User.name, User.login_key)
    )
    return [
        Member(
            user,
            enrolment,
            frozenset(inside.get(user.id, ())),
            user.role == "student" and not teaches,
            bool(also),
        )
        for user, enrolment, teaches, also in rows
    ]


def set_active(session: Session, course_id: int, user_ids: Collection[int], active: bool) -> list[User]:
    """Let members out of a course or in again; those for whom that changed something.

    :raises LastInstructor: nobody would teach the course.
    """
    rows = session.execute(
        select(User, Enrolment)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(
            Enrolment.course_id == course_id, Enrolment.user_id.in_(set(user_ids)), Enrolment.active != active
        )
        .order_by(User.login_key)
    ).all()
    for _, enrolment in rows:
        enrolment.active = active
    session.flush()
    if not active and any(enrolment.role == "instructor" for _, enrolment in rows):
        _still_taught(session, course_id)
    return [user for user, _ in rows]


def set_role(
    session: Session, course_id: int, user_ids: Collection[int], role: CourseRole
) -> list[tuple[User, CourseRole]]:
    """What people are in a course; those for whom that changed something, and what they were.

    Who taught keeps the own password: a course's teachers cannot make a colleague a student, and then choose
    the colleague's password.

    :raises LastInstructor: nobody would teach the course.
    """
    rows = session.execute(
        select(User, Enrolment)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == course_id, Enrolment.user_id.in_(set(user_ids)), Enrolment.role != role)
        .order_by(User.login_key)
    ).all()
    found = [(user, enrolment.role) for user, enrolment in rows]
    for _, enrolment in rows:
        if enrolment.role != "student":
            enrolment.helped = False
        enrolment.role = role
    session.flush()
    if any(was == "instructor" for _, was in found):
        _still_taught(session, course_id)
    return found


def _still_taught(session: Session, course_id: int) -> None:
    """:raises LastInstructor: no enabled account teaches it; nothing of the transaction may be kept."""
    left = session.scalar(
        select(func.count())
        .select_from(Enrolment)
        .join(User, User.id == Enrolment.user_id)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.role == "instructor",
            Enrolment.active,
            User.disabled.is_(False),
        )
    )
    if not left:
        raise LastInstructor("nobody would teach this course any more: give somebody else that role first.")
