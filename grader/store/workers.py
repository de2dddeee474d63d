"""Workers: who grades, who has fallen silent (failure detection by heartbeat), and what of theirs goes back.

All times are of the database's clock, so that machines need not agree on the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from grader.store import requeue
from grader.store.tables import Submission, UtcDateTime, Worker, utcnow

SILENT_SECONDS: Final = 5.0
"""A worker that was not seen for so long has lost its rows."""
FORGOTTEN_SECONDS: Final = 600.0
"""A silent worker is told of for so long."""
_RECONCILING: Final = 7161985
"""The number of an advisory lock: two processes that queue the same rows again could block each other."""


@dataclass(frozen=True)
class Announced:
    """What a worker says of itself.

    :ivar name: new at every start; at most 112 characters.
    :ivar slots: how many submissions it grades at once.
    """

    name: str
    host: str
    slots: int
    grader: str | None = None
    torch: str | None = None
    numpy: str | None = None
    cpu: str | None = None
    isolation: str | None = None


@dataclass(frozen=True)
class Seen:
    """A worker as the table knows it.

    :ivar silent: seconds since it was seen.
    """

    name: str
    host: str
    slots: int
    ready: bool
    silent: float
    grader: str | None = None
    torch: str | None = None
    numpy: str | None = None
    cpu: str | None = None
    isolation: str | None = None

    @property
    def alive(self) -> bool:
        """Whether it grades now."""
        return self.ready and self.silent < SILENT_SECONDS


def now(session: Session) -> datetime:
    """The moment, by the database's clock."""
    if session.get_bind().dialect.name == "sqlite":
        return utcnow()  # a file is served from this machine
    return session.execute(select(func.clock_timestamp(type_=UtcDateTime()))).scalar_one()


def beat(session: Session, worker: Announced, *, ready: bool) -> None:
    """Write down that a worker is alive."""
    moment = now(session)
    found = session.execute(
        update(Worker)
        .where(Worker.name == worker.name)
        .values(seen_at=moment, ready=ready, slots=worker.slots, isolation=worker.isolation)
        .returning(Worker.name)
        .execution_options(synchronize_session=False)
    ).first()
    if found is None:
        values = {**vars(worker), "cpu": (worker.cpu or "")[:128] or None}
        session.execute(insert(Worker).values(**values, ready=ready, started_at=moment, seen_at=moment))


def leave(session: Session, name: str) -> None:
    """A worker ends, and owns nothing any more."""
    session.execute(delete(Worker).where(Worker.name == name))


def seen(session: Session) -> Sequence[Seen]:
    """All workers that are alive or have not been silent for long, by name."""
    moment = now(session)
    rows = session.scalars(select(Worker).order_by(Worker.name)).all()
    return [
        Seen(
            row.name, row.host, row.slots, row.ready, max(0.0, (moment - row.seen_at).total_seconds()),
            row.grader, row.torch, row.numpy, row.cpu, row.isolation,
        )
        for row in rows
    ]  # fmt: skip


def requeue_of_silent(session: Session, moment: datetime) -> int:
    """Queue again what silent workers were grading; how many. Who was silent for long is forgotten.

    A worker that was only cut off may come back: it finds its rows owned by nobody or by another, and
    writes nothing.

    :param moment: by the database's clock, as :func:`now` says it.
    """
    silent = Worker.seen_at < moment - timedelta(seconds=SILENT_SECONDS)
    if session.scalar(select(exists().where(silent))) is not True or not _alone(session):
        return 0
    found = requeue.requeue_owned(session, exists().where(silent, _owns()))
    long_ago = Worker.seen_at < moment - timedelta(seconds=FORGOTTEN_SECONDS)
    session.execute(delete(Worker).where(long_ago).execution_options(synchronize_session=False))
    return found


def _owns() -> ColumnElement[bool]:
    """Whether a worker holds a submission. No LIKE: a host's name may contain ``_``."""
    prefix = Worker.name + ":"
    return func.substr(Submission.owner, 1, func.length(prefix)) == prefix


def _alone(session: Session) -> bool:
    """Whether no other process does the same at this moment."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return session.scalar(text("SELECT pg_try_advisory_xact_lock(:n)").bindparams(n=_RECONCILING)) is True
