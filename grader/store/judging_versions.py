"""Versions by which an assignment may be judged: those of its first verdict, others once they are allowed.

A *family* is what must not be mixed: ``torch 2.13, numpy 2.4``. The first verdict of an assignment pins it to
the family of who judged; a process of another family leaves its submissions waiting, and notes that here, so
that a page can say so. Whoever teaches the course then allows the other family from now on. What is judged
anew for a proposal (a rerun) may be judged by any: that is how one sees what another version would change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from grader.store import workers
from grader.store.tables import Assignment, Course, Submission, utcnow

_BETWEEN: Final = ";"
FRESH: Final = timedelta(seconds=120)
"""A note that something waits is shown for so long, unless it is made again."""


@dataclass(frozen=True)
class Left:
    """Submissions that a process left waiting."""

    course: str
    exercise: str
    versions: tuple[str, ...]
    """The families that are allowed."""
    waiting: int


def family_of(torch: str | None, numpy: str | None) -> str:
    """The family of a process with these versions."""
    return f"torch {_release(torch)}, numpy {_release(numpy)}"


def _release(version: str | None) -> str:
    """``2.13`` of ``2.13.1+cpu``."""
    found = re.match(r"\d+(\.\d+)?", version or "")
    return found[0] if found else "unknown"


def families(versions: str | None) -> tuple[str, ...]:
    """Those that are allowed, in the order in which they came; none before the first verdict."""
    return tuple(versions.split(_BETWEEN)) if versions else ()


def refused_now(row: Assignment, now: datetime | None = None) -> str | None:
    """The family of a process that leaves this assignment's submissions waiting; None when none does."""
    if row.refused is None or row.refused_at is None or row.refused in families(row.versions):
        return None
    return row.refused if row.refused_at > (now or utcnow()) - FRESH else None


def waits(session: Session, row: Assignment) -> bool:
    """Whether nobody who grades now may judge this assignment: a process left its submissions waiting, and
    none that is alive is of a family that is allowed."""
    if refused_now(row) is None:
        return False
    if session.get_bind().dialect.name == "sqlite":
        return True  # one process grades, and it is that one
    alive = {family_of(each.torch, each.numpy) for each in workers.seen(session) if each.alive}
    return row.refused in alive and alive.isdisjoint(families(row.versions))


def forget_refused(session: Session) -> None:
    """Whoever left submissions waiting does so no more: the one process that grades begins anew."""
    session.execute(
        update(Assignment)
        .where(Assignment.refused.is_not(None))
        .values(refused=None, refused_at=None)
        .execution_options(synchronize_session=False)
    )


Pinned = Literal["now", "before", "refused"]


def pin(session: Session, assignment_id: int, family: str, *, mix: bool = False) -> Pinned:
    """Whether a verdict by this family may be written. The first one pins the assignment, ``now``.

    :param mix: versions are mixed as the operator says: another family is added to those that are allowed.
    """
    pinned = session.scalar(
        update(Assignment)
        .where(Assignment.id == assignment_id, Assignment.versions.is_(None))
        .values(versions=family)
        .returning(Assignment.id)
        .execution_options(synchronize_session=False)
    )
    if pinned is not None:
        return "now"
    allowed = families(session.scalar(select(Assignment.versions).where(Assignment.id == assignment_id)))
    if family in allowed:
        return "before"
    if mix:
        allow(session, [assignment_id], family)
        return "now"
    return "refused" if allowed else "now"  # of one that was withdrawn, there is no row to write to either


def allow(session: Session, assignment_ids: Iterable[int], family: str) -> list[str]:
    """Let this family judge these assignments, too, from now on; the exercises for which it is new.

    One that has no verdict yet stays open for whichever comes first.
    """
    wanted = select(Assignment).where(Assignment.id.in_(list(assignment_ids))).with_for_update(of=Assignment)
    new = []
    for row in session.scalars(wanted).all():
        allowed = families(row.versions)
        if allowed and family not in allowed:
            row.versions = _BETWEEN.join((*allowed, family))
            new.append(row.exercise)
    session.flush()
    return new


def blocked(session: Session, family: str) -> frozenset[int]:
    """The assignments that this family may not judge."""
    pinned = select(Assignment.id, Assignment.versions).where(Assignment.versions.is_not(None))
    return frozenset(id_ for id_, versions in session.execute(pinned) if family not in families(versions))


def places(session: Session, assignment_ids: Collection[int]) -> Sequence[Left]:
    """Where these assignments are, in courses that are not over; and what waits there."""
    left = waiting(session, assignment_ids)
    rows = session.execute(
        select(Assignment.id, Course.slug, Assignment.exercise, Assignment.versions)
        .join(Course, Course.id == Assignment.course_id)
        .where(Assignment.id.in_(list(assignment_ids)), Course.archived_at.is_(None))
        .order_by(Course.slug, Assignment.position)
    )
    return [Left(*row[1:3], families(row[3]), left.get(row[0], 0)) for row in rows]


def note_refused(
    session: Session, assignment_ids: Collection[int], family: str, now: datetime | None = None
) -> Sequence[Left]:
    """Note that a process of this family leaves what waits there waiting; what that is."""
    left = waiting(session, assignment_ids)
    session.execute(
        update(Assignment)
        .where(Assignment.id.in_(left))
        .values(refused=family, refused_at=now or utcnow())
        .execution_options(synchronize_session=False)
    )
    return places(session, left)


def waiting(session: Session, assignment_ids: Collection[int]) -> dict[int, int]:
    """How many first verdicts wait, of those of these assignments in which any does."""
    rows = session.execute(
        select(Submission.assignment_id, func.count())
        .where(
            Submission.assignment_id.in_(list(assignment_ids)),
            Submission.judging_id.is_(None),
            Submission.state == "queued",
        )
        .group_by(Submission.assignment_id)
    )
    return {row[0]: row[1] for row in rows}


def left_waiting(session: Session, now: datetime | None = None) -> int:
    """How many submissions wait for a process with other versions, by the newest notes."""
    since = (now or utcnow()) - FRESH
    noted = session.scalars(select(Assignment).where(Assignment.refused_at > since)).all()
    return sum(waiting(session, [row.id for row in noted if refused_now(row, now)]).values())
