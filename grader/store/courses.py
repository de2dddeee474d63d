"""Courses and the exercises set in them, in order."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model.course_dates import shifted
from grader.store import sources
from grader.store.tables import Assignment, Course, Draft, Extension, Submission, utcnow

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without 0 and O, 1, I and L: a code is read off a blackboard and dictated."""
_COPIED = (
    "exercise", "position", "points", "grace_minutes", "late", "attempts", "pause", "counts", "feedback",
    "variants",
)  # fmt: skip
"""What a duplicate of an assignment has in common with it, dates aside."""
CODE_LENGTH = 10
"""Characters: 31 to the tenth is more than anybody can try."""


def add_course(session: Session, slug: str, title_en: str, title_zh: str = "") -> Course:
    """A new course.

    :raises UsageError: when the slug is taken.
    """
    if find_course(session, slug) is not None:
        raise UsageError(f"there is a course '{slug[:80]}' already: choose another slug.")
    course = Course(slug=slug, title_en=title_en, title_zh=title_zh)
    session.add(course)
    session.flush()
    return course


def find_course(session: Session, slug: str) -> Course | None:
    """The course with this slug."""
    return session.scalar(select(Course).where(Course.slug == slug))


def courses(session: Session) -> Sequence[Course]:
    """Every course, by slug."""
    return session.scalars(select(Course).order_by(Course.slug)).all()


def entitle(
    session: Session, course_id: int, *, title_en: str | None = None, title_zh: str | None = None
) -> None:
    """Change a course's titles; None leaves one as it is."""
    given = {"title_en": title_en, "title_zh": title_zh}
    values = {name: title for name, title in given.items() if title is not None}
    if values:
        session.execute(update(Course).where(Course.id == course_id).values(**values))


def set_timezone(session: Session, course_id: int, name: str | None) -> None:
    """The zone in which a course's dates are typed; None: the server's. No moment changes by that."""
    session.execute(update(Course).where(Course.id == course_id).values(timezone=name))


def open_to_guests(session: Session, course_id: int, *, guests: bool) -> None:
    """Let anybody try a course's exercises without an account, or nobody any more."""
    session.execute(update(Course).where(Course.id == course_id).values(guests=guests))


def archive(session: Session, course_id: int, *, over: bool = True) -> None:
    """A course is over, or (not ``over``) goes on. Nothing of it is deleted."""
    session.execute(
        update(Course).where(Course.id == course_id).values(archived_at=utcnow() if over else None)
    )


def first_day(placed: Sequence[Assignment], zone: ZoneInfo) -> date | None:
    """The day of the first date of these assignments; None where none has one."""
    dates = [
        value.astimezone(zone).date()
        for row in placed
        for value in (row.opens, row.due, row.closes)
        if value is not None
    ]
    return min(dates, default=None)


def duplicate(
    session: Session, course: Course, slug: str, *, title_en: str, title_zh: str, days: int, zone: ZoneInfo
) -> Course:
    """A new course with the same assignments and rules, and nothing of people.

    :param days: by which every date is later, at the same time of day in ``zone``.
    :raises UsageError: when the slug is taken.
    """
    made = add_course(session, slug, title_en, title_zh)
    made.timezone = course.timezone
    for row in assignments(session, course.id):
        values = {name: getattr(row, name) for name in _COPIED}
        dates = {name: shifted(getattr(row, name), days, zone) for name in ("opens", "due", "closes")}
        session.add(Assignment(course_id=made.id, **values, **dates))
    session.flush()
    return made


# Invitations


def invite(session: Session, course_id: int, *, anew: bool = False) -> str:
    """The code by which anybody can join: the one there is, else a new one; with ``anew`` a new one always.

    :raises UsageError: when there is no such course.
    """
    course = session.get(Course, course_id)
    if course is None:
        raise UsageError("there is no such course any more.")
    if course.join_code is None or anew:
        course.join_code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        session.flush()
    return course.join_code


def withdraw_invitation(session: Session, course_id: int) -> None:
    """Nobody can join by a code any more. Who has joined stays."""
    session.execute(update(Course).where(Course.id == course_id).values(join_code=None))


def written_code(typed: str) -> str | None:
    """The code that somebody typed, in either case, with spaces or hyphens; None when it cannot be one."""
    # Whole pages can be pasted; upper case makes some single characters three.
    code = typed[:80].upper().replace(" ", "").replace("-", "")
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else None


def find_invitation(session: Session, typed: str) -> Course | None:
    """The course that invites by this code; one that is over invites nobody."""
    code = written_code(typed)
    wanted = select(Course).where(Course.join_code == code, Course.archived_at.is_(None))
    return None if code is None else session.scalar(wanted)


# Assignments


def assign(
    session: Session,
    course_id: int,
    exercise: str,
    *,
    position: int | None = None,
    opens: datetime | None = None,
    due: datetime | None = None,
) -> Assignment:
    """Set an exercise in a course, last unless ``position`` says otherwise.

    An exercise that is set already is changed: its times, and its place when one is given.
    """
    row = find_assignment(session, course_id, exercise)
    if row is None:
        if position is None:
            last = session.scalar(
                select(func.max(Assignment.position)).where(Assignment.course_id == course_id)
            )
            position = 0 if last is None else last + 1
        row = Assignment(course_id=course_id, exercise=exercise, position=position)
        session.add(row)
    if position is not None:
        row.position = position
    row.opens, row.due = opens, due
    session.flush()
    return row


def submissions_to(session: Session, assignment_id: int) -> int:
    """How many submissions there are to an assignment."""
    wanted = select(func.count()).where(Submission.assignment_id == assignment_id)
    return session.scalar(wanted) or 0


@dataclass(frozen=True)
class Deleted:
    """What goes with an assignment that is withdrawn, in numbers."""

    submissions: int
    students: int
    drafts: int
    extensions: int


def what_withdrawing_deletes(session: Session, assignment_id: int) -> Deleted:
    """What :func:`withdraw` would delete of people's work and rules."""
    handed_in, students = session.execute(
        select(func.count(), func.count(Submission.user_id.distinct())).where(
            Submission.assignment_id == assignment_id
        )
    ).one()
    drafts = select(func.count()).select_from(Draft).where(Draft.assignment_id == assignment_id)
    extended = select(func.count()).select_from(Extension).where(Extension.assignment_id == assignment_id)
    return Deleted(handed_in, students, session.scalar(drafts) or 0, session.scalar(extended) or 0)


def withdraw(session: Session, assignment_id: int) -> None:
    """An exercise is no longer set in its course. What was handed in to it is deleted."""
    session.execute(delete(Assignment).where(Assignment.id == assignment_id))
    sources.forget_unused(session)


def assignments(session: Session, course_id: int) -> Sequence[Assignment]:
    """The assignments of a course, in order."""
    return session.scalars(
        select(Assignment)
        .where(Assignment.course_id == course_id)
        .order_by(Assignment.position, Assignment.id)
    ).all()


def put_in_order(session: Session, course_id: int, assignment_ids: Sequence[int]) -> bool:
    """Give the assignments of a course this order. False, and nothing changes, where these are not they."""
    placed = assignments(session, course_id)
    if sorted(assignment_ids) != sorted(row.id for row in placed):
        return False
    place = {assignment_id: n for n, assignment_id in enumerate(assignment_ids)}
    for row in placed:
        row.position = place[row.id]
    session.flush()
    return True


def find_assignment(session: Session, course_id: int, exercise: str) -> Assignment | None:
    """Where this exercise is set in this course."""
    return session.scalar(
        select(Assignment).where(Assignment.course_id == course_id, Assignment.exercise == exercise)
    )
