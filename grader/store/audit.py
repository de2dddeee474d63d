"""Audit log: who changed what, kept for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from grader.store.tables import AuditEvent, utcnow


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str,
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write down that ``actor`` (a login, or ``system``) did ``action`` to ``subject``.

    Call it in the transaction of the change, so that neither exists without the other.

    :param details: ``course`` in them is the slug of the course it happened in; the subject of ``course.…``
        and ``regrade.…`` begins with that slug.
    """
    event = AuditEvent(**_values(actor, action, subject, details or {}))
    session.add(event)
    session.flush()
    return event


def record_all(session: Session, actor: str, action: str, subjects: Mapping[str, dict[str, Any]]) -> None:
    """The same of many subjects, each with its details, in one statement."""
    if subjects:
        rows = [_values(actor, action, subject, details) for subject, details in subjects.items()]
        session.execute(insert(AuditEvent), rows)


def _values(actor: str, action: str, subject: str, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": utcnow(),
        "actor": actor,
        "action": action,
        "subject": subject[:254],
        "details": details,
        "course": details.get("course") or _course_of(action, subject),
    }


def _course_of(action: str, subject: str) -> str | None:
    """The slug where the subject is a course, or a course and an exercise: ``autograd/detach``."""
    of_courses = ("course.", "assignment.", "extension.", "regrade.")
    return subject.partition("/")[0][:64] if action.startswith(of_courses) else None


def recent(session: Session, limit: int = 100, *, subject: str | None = None) -> Sequence[AuditEvent]:
    """The latest events, newest first; of one subject when given."""
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEvent.subject == subject)
    return session.scalars(query).all()


@dataclass(frozen=True)
class Wanted:
    """Which events somebody looks for."""

    course: str | None = None
    """None: of any course, and of none."""
    person: str = ""
    """A login: who did it, or to whom it was done."""
    kinds: Sequence[str] = ()
    """Beginnings of actions, as ``account.``; none: any."""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Older than the event with this number."""


def search(session: Session, wanted: Wanted, most: int) -> Sequence[AuditEvent]:
    """The newest events that fit, newest first."""
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(most)
    if wanted.course is not None:
        query = query.where(AuditEvent.course == wanted.course)
    if wanted.person:
        query = query.where(or_(AuditEvent.actor == wanted.person, AuditEvent.subject == wanted.person))
    if wanted.kinds:
        query = query.where(
            or_(*(AuditEvent.action.startswith(one, autoescape=True) for one in wanted.kinds))
        )
    if wanted.since is not None:
        query = query.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEvent.at < wanted.until)
    if wanted.before is not None:
        query = query.where(AuditEvent.id < wanted.before)
    return session.scalars(query).all()


def about(session: Session, login: str) -> Sequence[AuditEvent]:
    """All that somebody did, or that was done to this account, oldest first."""
    return session.scalars(
        select(AuditEvent)
        .where(or_(AuditEvent.actor == login, AuditEvent.subject == login))
        .order_by(AuditEvent.id)
    ).all()
