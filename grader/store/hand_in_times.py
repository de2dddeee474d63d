"""When a course hands in, and what that costs: what a forecast is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from grader.store.tables import Assignment, Enrolment, Judging, Submission

MOST: Final = 20_000
"""Hand-ins that are read, the newest."""
MOST_JUDGINGS: Final = 500
FEWEST: Final = 5
"""Judgings of an exercise from which on its own cost is known."""


def students(session: Session, course_id: int) -> int:
    """How many students a course has."""
    wanted = Enrolment.course_id == course_id, Enrolment.role == "student", Enrolment.active
    return session.scalar(select(func.count()).select_from(Enrolment).where(*wanted)) or 0


def before_due(session: Session, dues: Mapping[int, datetime]) -> list[timedelta]:
    """How long before its due date each hand-in of a student came; negative for what came later.

    :param dues: assignment → due date.
    """
    enrolled = and_(
        Enrolment.course_id == Assignment.course_id,
        Enrolment.user_id == Submission.user_id,
        Enrolment.role == "student",
    )
    rows = session.execute(
        select(Submission.assignment_id, Submission.created_at)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Enrolment, enrolled)
        .where(Submission.assignment_id.in_(list(dues)))
        .order_by(Submission.created_at.desc())
        .limit(MOST)
    )
    return [dues[assignment_id] - created for assignment_id, created in rows]


def grading_seconds(session: Session, assignment_ids: Collection[int]) -> tuple[dict[int, float], float]:
    """How long a grader was lately busy with a submission to each assignment, and to any; 0: not known.

    An assignment with fewer than :data:`FEWEST` judgings has no cost of its own.
    """
    rows = session.execute(
        select(Submission.assignment_id, Judging.claimed_at, Judging.finished_at)
        .join(Submission, Submission.id == Judging.submission_id)
        .where(Submission.assignment_id.in_(list(assignment_ids)), Judging.claimed_at.is_not(None))
        .order_by(Judging.id.desc())
        .limit(MOST_JUDGINGS)
    )
    took: defaultdict[int, list[float]] = defaultdict(list)
    for assignment_id, claimed, finished in rows:
        if claimed is not None:
            took[assignment_id].append(max(0.0, (finished - claimed).total_seconds()))
    every = [seconds for each in took.values() for seconds in each]
    own = {key: sum(each) / len(each) for key, each in took.items() if len(each) >= FEWEST}
    return own, sum(every) / len(every) if every else 0.0
