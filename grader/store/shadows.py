"""Shadow judging: some judgings are made a second time, by another worker, and the two are compared.

What is sampled waits here until nothing else does. It never changes a verdict: a difference is shown to who
teaches the course, counted and logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from grader.model.submission import Submission as HandedIn
from grader.store.tables import Assignment, Judging, Shadow, ShadowState, Submission, utcnow

ALONE_SECONDS: Final = 60.0
"""What no other worker has taken by then, who judged it first may judge again."""
LOST_SECONDS: Final = 180.0
"""What was taken so long ago is given to another: who took it is dead."""
KEPT: Final = timedelta(days=30)
"""So long results without a difference are kept, and what nobody could judge again waits."""


@dataclass(frozen=True)
class Taken:
    """A judging to make again, and the first one's report."""

    judging_id: int
    submission_id: str
    exercise: str
    exercise_digest: str
    submission: HandedIn
    report: str
    worker: str | None
    """Who judged it first."""
    cpu: str | None


def want(session: Session, judging_id: int) -> None:
    """Have this judging made again."""
    row = {"judging_id": judging_id, "state": "waiting", "wanted_at": utcnow(), "differs": []}
    session.execute(insert(Shadow), [row])


def take(
    session: Session,
    worker: str,
    *,
    cpu: str,
    alike: tuple[str | None, str | None, str | None],
    alone: bool,
    now: datetime | None = None,
) -> Taken | None:
    """Take the one that waits longest, of those that another worker judged; None when there is none.

    :param alike: versions of grader, torch and numpy. What was judged by others may differ: it tells nothing.
    :param alone: there is no other worker, so that one's own are taken, too.
    """
    now = now or utcnow()
    first = aliased(Judging)
    due = or_(
        Shadow.state == "waiting",
        and_(Shadow.state == "running", Shadow.taken_at < now - timedelta(seconds=LOST_SECONDS)),
    )
    grader, torch, numpy = alike
    wanted = (
        select(Shadow.judging_id)
        .join(first, first.id == Shadow.judging_id)
        .where(due, first.grader == grader, first.torch == torch, first.numpy == numpy)
        .order_by(Shadow.wanted_at)
        .limit(1)
        .with_for_update(of=Shadow, skip_locked=True)
    )
    if not alone:
        late = Shadow.wanted_at < now - timedelta(seconds=ALONE_SECONDS)
        wanted = wanted.where(or_(first.worker != worker, late))
    judging_id = session.scalar(
        update(Shadow)
        .where(Shadow.judging_id == wanted.scalar_subquery())
        .values(state="running", worker=worker, cpu=cpu, taken_at=now)
        .returning(Shadow.judging_id)
        .execution_options(synchronize_session=False)
    )
    if judging_id is None:
        return None
    found = session.execute(
        select(
            Judging.id,
            Submission.id,
            Assignment.exercise,
            Judging.exercise_digest,
            Submission.source,
            Submission.predictions,
            Judging.seed,
            Submission.variant,
            Judging.report,
            Judging.worker,
            Judging.cpu,
        )
        .join(Submission, Submission.id == Judging.submission_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Judging.id == judging_id)
    ).one()
    number, submission_id, slug, digest, *handed_in, report, by, on = found
    return Taken(number, submission_id, slug, digest, HandedIn(*handed_in), report, by, on)


def settle(
    session: Session, judging_id: int, worker: str, state: ShadowState, differs: Sequence[str] = ()
) -> bool:
    """Write down how the two compare. False, and nothing is written, when it was given to another."""
    held = session.scalar(
        update(Shadow)
        .where(Shadow.judging_id == judging_id, Shadow.state == "running", Shadow.worker == worker)
        .values(state=state, differs=list(differs), taken_at=utcnow())
        .returning(Shadow.judging_id)
        .execution_options(synchronize_session=False)
    )
    return held is not None


def of_submission(session: Session, submission_id: str) -> dict[int, Shadow]:
    """By judging, what was compared of a submission."""
    wanted = (
        select(Shadow)
        .join(Judging, Judging.id == Shadow.judging_id)
        .where(Judging.submission_id == submission_id)
    )
    return {row.judging_id: row for row in session.scalars(wanted)}


def counts(session: Session) -> dict[str, int]:
    """How many are in each state."""
    return {
        row[0]: row[1] for row in session.execute(select(Shadow.state, func.count()).group_by(Shadow.state))
    }


def forget(session: Session, now: datetime | None = None) -> None:
    """Delete what is old and tells nothing. A difference stays."""
    old = Shadow.wanted_at < (now or utcnow()) - KEPT
    session.execute(
        delete(Shadow).where(Shadow.state != "different", old).execution_options(synchronize_session=False)
    )
