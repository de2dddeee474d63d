"""Courses: who is in them, in which sections, and what is set in them under which rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, exists, false
from sqlalchemy.orm import Mapped, column_property, mapped_column

from grader.model.text import Language
from grader.store.tables.base import Base, CourseRole

Counts = Literal["best", "last"]
"""Which attempt of a student counts."""
Feedback = Literal["full", "verdict", "after-due"]
"""What a student is told of a verdict: everything; the score and the verdict on each check; or the same as
the second until the work is due, and then everything."""
WatchState = Literal["pending", "contacted", "resolved", "archived"]


class Course(Base):
    """A course, called by its slug in addresses."""

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title_en: Mapped[str] = mapped_column(String(200))
    title_zh: Mapped[str] = mapped_column(String(200))
    join_code: Mapped[str | None] = mapped_column(String(32), unique=True)
    """Part of the invitation link; None: nobody can join by link."""
    timezone: Mapped[str | None] = mapped_column(String(64))
    """The zone in which its dates are typed and shown to who teaches it; None: the server's."""
    archived_at: Mapped[datetime | None]
    """Since when it is over: it can be read, and nothing is handed in any more."""
    guests: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether anybody may try its exercises without an account; nothing of that is stored."""

    def title(self, language: Language) -> str:
        """The title in ``language``; the other one where it is empty."""
        return (self.title_zh or self.title_en) if language == "zh" else (self.title_en or self.title_zh)


class Enrolment(Base):
    """Who takes or teaches which course. Who leaves becomes inactive; nothing of theirs is deleted."""

    __tablename__ = "enrolments"
    __table_args__ = (CheckConstraint("role IN ('student', 'assistant', 'instructor')", name="role"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[CourseRole] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(default=True)
    """Whether this person is in the course now. Who is not does not see it and is not counted."""
    sis_id: Mapped[str | None] = mapped_column(String(128))
    """The number by which the institution's own system knows this person."""
    helped: Mapped[bool] = mapped_column(default=True)
    """Whether those who teach it may give this account a new password, and a list another name and address:
    not where a list enrolled an account that was there already, nor where somebody taught before."""


class Section(Base):
    """A part of a course: a group, a class, a time slot."""

    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("course_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))


class SectionMember(Base):
    """Who is in which section; somebody may be in several."""

    __tablename__ = "section_members"

    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Assignment(Base):
    """An exercise set in a course, and the rules by which it is handed in and counted.

    What these mean: :mod:`grader.model.policy`.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("course_id", "exercise"),
        CheckConstraint("counts IN ('best', 'last')", name="counts"),
        CheckConstraint("feedback IN ('full', 'verdict', 'after-due')", name="feedback"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    exercise: Mapped[str] = mapped_column(String(64))
    """The exercise's slug; exercises are folders, so this refers to no table."""
    position: Mapped[int]
    opens: Mapped[datetime | None]
    due: Mapped[datetime | None]
    closes: Mapped[datetime | None]
    """After this nothing is taken, whatever the late rule; None: see the policy."""
    points: Mapped[float | None]
    """What full marks count; None: the exercise's own maximum."""
    grace_minutes: Mapped[int] = mapped_column(default=0)
    late: Mapped[list[Any]] = mapped_column(default=list)
    """Deadline steps after ``due``: pairs of seconds and per cent."""
    attempts: Mapped[int | None]
    """How many attempts are taken; None: any number."""
    pause: Mapped[bool] = mapped_column(default=False)
    """Whether quick failures are followed by a pause (exponential back-off)."""
    counts: Mapped[Counts] = mapped_column(String(8), default="best")
    feedback: Mapped[Feedback] = mapped_column(String(16), default="full")
    variants: Mapped[bool] = mapped_column(default=False)
    """Whether each student gets a variant of their own."""
    versions: Mapped[str | None] = mapped_column(Text)
    """By which versions it may be judged, in families separated by ``;``; None until the first verdict. See
    :mod:`grader.store.judging_versions`."""
    refused: Mapped[str | None] = mapped_column(String(80))
    """Another family, of a process that left its submissions waiting, last noted at ``refused_at``."""
    refused_at: Mapped[datetime | None]
    extended: ClassVar[Any]
    """Whether other rules hold for anybody, as it was when the row was read; None: it was not asked."""


class Extension(Base):
    """Other rules of an assignment for one student or one section, inherited field by field."""

    __tablename__ = "extensions"
    __table_args__ = (
        UniqueConstraint("assignment_id", "user_id"),
        UniqueConstraint("assignment_id", "section_id"),
        CheckConstraint("(user_id IS NULL) <> (section_id IS NULL)", name="whose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), index=True)
    changes: Mapped[dict[str, Any]]
    """Fields of the assignment's policy that differ, as JSON; a field that is not named is inherited."""
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]


Assignment.extended = column_property(
    exists().where(Extension.assignment_id == Assignment.id).correlate_except(Extension)
)


class WatchEntry(Base):
    """Where those who teach a course stand with a student whom a signal named. The newest entry holds."""

    __tablename__ = "watch_entries"
    __table_args__ = (Index(None, "course_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[WatchState] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    at: Mapped[datetime]
