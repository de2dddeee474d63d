"""Claims where several processes serve one queue: one statement finds whose turn it is and takes it.

Where one process serves, it keeps the order in its memory (:mod:`grader.dispatch.turns`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    Select,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from grader.model.submission import Submission as HandedIn
from grader.store import locks
from grader.store.queue import Claimed, Work, rtol_of
from grader.store.tables import Assignment, Regrade, Submission, utcnow


def claim(
    session: Session,
    owner: str,
    lease_seconds: float,
    *,
    share: int | None = None,
    now: datetime | None = None,
) -> Claimed | None:
    """Take one queued submission, or None when there is none.

    Fair between students: first the student with the fewest running, then the one served
    longest ago; of that student the oldest. One student's hundred submissions delay another's
    one by at most one. What has a report and is graded anew waits for everything that has none:
    behind that nobody sits and waits.

    :param owner: unique to this claim, at most 128 characters.
    :param share: a student with so many running waits.
    """
    now = now or utcnow()
    locks.claiming(session)
    next_one = _next_in_turn(now, share)
    exercise = select(Assignment.exercise).where(Assignment.id == Submission.assignment_id)
    changes = select(Regrade.changes).where(Regrade.id == Submission.regrade_id)
    taken = session.execute(
        update(Submission)
        .where(Submission.id == next_one.scalar_subquery())
        .values(
            state="running",
            owner=owner,
            started_at=now,
            lease_until=now + timedelta(seconds=lease_seconds),
            not_before=None,
        )
        .returning(
            Submission.id,
            Submission.user_id,
            exercise.scalar_subquery(),
            Submission.assignment_id,
            Submission.source,
            Submission.predictions,
            Submission.seed,
            Submission.variant,
            Submission.tries,
            Submission.regrading,
            changes.scalar_subquery(),
        )
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        return None
    submission_id, user_id, slug, assignment_id, *handed_in, tries, regrading, asked = taken
    work = Work(slug, assignment_id, HandedIn(*handed_in), rtol_of(asked))
    return Claimed(submission_id, owner, user_id, work, tries, regrading)


def _next_in_turn(now: datetime, share: int | None) -> Select[str]:
    """The id of what is due and whose turn it is. What is looked up of a student is looked up once, and not
    once per submission of a long queue."""
    due = (
        Submission.state == "queued",
        or_(Submission.not_before.is_(None), Submission.not_before <= now),
    )
    theirs = aliased(Submission)
    students = (
        select(Submission.user_id, func.min(Submission.created_at).label("since"))
        .where(*due)
        .group_by(Submission.user_id)
        .subquery()
    )
    running = select(func.count()).where(theirs.user_id == students.c.user_id, theirs.state == "running")
    served = select(func.max(theirs.started_at)).where(theirs.user_id == students.c.user_id)
    turns = select(
        students.c.user_id,
        students.c.since,
        running.scalar_subquery().label("running"),
        served.scalar_subquery().label("served"),
    ).subquery()
    wanted = (
        select(Submission.id)
        .join(turns, turns.c.user_id == Submission.user_id)
        .where(*due)
        .order_by(
            Submission.regrading,
            turns.c.running,
            turns.c.served.asc().nulls_first(),
            turns.c.since,
            turns.c.user_id,
            Submission.created_at,
            Submission.attempt,
        )
        .limit(1)
        # A row that somebody else is changing at this moment, to cancel a proposal say, is passed over.
        .with_for_update(of=Submission, skip_locked=True)
    )
    return wanted if share is None else wanted.where(turns.c.running < share)
