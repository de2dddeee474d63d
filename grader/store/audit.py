"""Who changed what, kept for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.store.tables import AuditEvent, utcnow


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str,
    details: dict[str, Any] | None = None,
    *,
    now: datetime | None = None,
) -> AuditEvent:
    """Write down that ``actor`` (a login, or ``system``) did ``action`` to ``subject``.

    Call it in the transaction of the change, so that neither exists without the other.
    """
    event = AuditEvent(at=now or utcnow(), actor=actor, action=action, subject=subject, details=details or {})
    session.add(event)
    session.flush()
    return event


def recent(session: Session, limit: int = 100, *, subject: str | None = None) -> Sequence[AuditEvent]:
    """The latest events, newest first; of one subject when given."""
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEvent.subject == subject)
    return session.scalars(query).all()
