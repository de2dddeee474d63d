"""Queued again: what we failed to grade, what could not be graded at all, and what the grader died under.

What these states are: :mod:`grader.store.queue`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Update, and_, case, null, true, update
from sqlalchemy.orm import Session

from grader.model.lane import Lane
from grader.store.tables import State, Submission, utcnow

MAX_TRIES = 3
"""After so many failures of ours a submission is set aside as ``failed``."""
MAX_INTERRUPTIONS = 3
"""A submission beneath which the grader died so often is set aside, too: it is what kills it."""
ALONE_AFTER: Final = MAX_INTERRUPTIONS - 1
"""Beneath which it died so often is graded with nothing beside it: it alone is to blame if the grader dies
again, and what only ran beside such a submission (a poison message) gets its verdict."""
FARTHEST_SECONDS: Final = 600.0
"""Nothing is put off for so long: a later time was written before the clock was set back, and is over."""
_MAX_PROBLEM = 2000

log = structlog.get_logger(__name__)


def give_back(
    session: Session,
    submission_id: str,
    owner: str | None,
    problem: str,
    retry: bool,
    *,
    delay_seconds: float = 0.0,
    now: datetime | None = None,
) -> State | None:
    """We failed to grade it: queue it again, not before ``delay_seconds`` have passed.

    After :data:`MAX_TRIES` failures, or at once when ``retry`` is false, it becomes ``failed``; or ``graded``
    as before, when it was to be judged anew.
    Returns the new state; None, and nothing is written, when ``owner`` no longer holds the row.
    """
    now = now or utcnow()
    failed = (Submission.tries + 1 >= MAX_TRIES) if retry else true()
    return session.scalar(
        _if_held(submission_id, owner)
        .values(
            state=_after(failed),
            finished_at=case((failed, now), else_=null()),
            regrade_id=case((failed, null()), else_=Submission.regrade_id),
            not_before=now + timedelta(seconds=delay_seconds),
            tries=Submission.tries + 1,
            owner=None,
            lease_until=None,
            problem=_text(problem),
        )
        .returning(Submission.state)
    )


def put_off(
    session: Session,
    submission_id: str,
    owner: str | None,
    problem: str,
    *,
    delay_seconds: float,
) -> bool:
    """We could not grade anything at this moment: queue it again, as if it had not been tried.

    False, and nothing is written, when ``owner`` no longer holds the row. See :func:`resume`.
    """
    held = session.scalar(
        _if_held(submission_id, owner)
        .values(
            state="queued",
            not_before=utcnow() + timedelta(seconds=delay_seconds),
            owner=None,
            lease_until=None,
            problem=_text(problem),
        )
        .returning(Submission.id)
    )
    return held is not None


def preempt(session: Session, submission_id: str, owner: str | None) -> bool:
    """It has run for long while others wait: queue it in the lane for that, as if it had not been tried.

    False, and nothing is written, when ``owner`` no longer holds the row.
    """
    held = session.scalar(
        _if_held(submission_id, owner)
        .values(state="queued", lane=Lane.LONG, not_before=None, owner=None, lease_until=None)
        .returning(Submission.id)
    )
    return held is not None


def resume(session: Session) -> int:
    """What was put off is due now: grading works again. How many."""
    changed = session.scalars(
        update(Submission)
        .where(Submission.state == "queued", Submission.not_before.is_not(None), Submission.tries == 0)
        .values(not_before=None)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(changed)


def requeue_running(session: Session) -> int:
    """Queue everything that is ``running`` again; how many. Only for who knows that no other grader lives."""
    return _interrupted(session, utcnow(), Submission.state == "running")


def requeue_expired(session: Session, now: datetime | None = None) -> int:
    """Queue again what is running on a lease that has run out; how many."""
    now = now or utcnow()
    return _interrupted(session, now, Submission.state == "running", Submission.lease_until < now)


def requeue_owned(session: Session, *which: ColumnElement[bool]) -> int:
    """Queue again what is running and of which ``which`` holds: its grader is known to be gone. How many."""
    return _interrupted(session, utcnow(), Submission.state == "running", *which)


def interrupted(session: Session, submission_ids: Collection[str]) -> int:
    """These were being graded, by the memory of a process, when it died or fell silent; how many are queued.

    The table calls them queued. What has been interrupted too often becomes ``failed``.
    """
    which = Submission.state == "queued", Submission.id.in_(list(submission_ids))
    return _interrupted(session, utcnow(), *which) if submission_ids else 0


def _text(problem: str) -> str:
    """It may quote anything; what a database does not take as text must not stop us."""
    return problem[:_MAX_PROBLEM].encode("utf-8", "backslashreplace").decode().replace("\0", "")


def _if_held(submission_id: str, owner: str | None) -> Update:
    """An update of the row, if ``owner`` holds it; for None, if it is not done. The condition is tested by
    the database in the same statement: there is no moment between looking and writing."""
    held = (
        (Submission.state == "queued",)
        if owner is None
        else (Submission.state == "running", Submission.owner == owner)
    )
    return (
        update(Submission)
        .where(Submission.id == submission_id, *held)
        .execution_options(synchronize_session=False)
    )


def _after(too_often: ColumnElement[bool]) -> ColumnElement[State]:
    """The state after a failure of ours. What has a verdict keeps it, when judging it anew fails for good."""
    judged = Submission.judging_id.is_not(None)
    return case((and_(too_often, judged), "graded"), (too_often, "failed"), else_="queued")


def _interrupted(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    too_often = Submission.interruptions + 1 >= MAX_INTERRUPTIONS
    changed = session.execute(
        update(Submission)
        .where(*which)
        .values(
            state=_after(too_often),
            finished_at=case((too_often, now), else_=null()),
            regrade_id=case((too_often, null()), else_=Submission.regrade_id),
            interruptions=Submission.interruptions + 1,
            owner=None,
            lease_until=None,
            problem="the grader stopped while it was grading this",
        )
        .returning(Submission.id, Submission.state)
        .execution_options(synchronize_session=False)
    ).all()
    for row in changed:
        if row.state != "queued":
            log.error(
                "set aside: the grader died each time it graded this submission",
                submission=row.id,
                times=MAX_INTERRUPTIONS,
                state=row.state,
            )
    return sum(row.state == "queued" for row in changed)
