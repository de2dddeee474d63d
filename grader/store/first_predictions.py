"""First predictions: what a student answered before the first run that was graded, kept whatever comes later.

A row is written with the first verdict on an answer and never overwritten by a later attempt: only an earlier
one that is graded after it takes its place. An attempt that we could not grade leaves none. A regrade that is
accepted may change whether it was right, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Integer, Select, Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.model.report import Report
from grader.store.tables import Assignment, CheckResult, FirstPrediction, Judging, Submission

_FIRST: Final = cast(Table, FirstPrediction.__table__)
_CHANGED: Final = ("submission_id", "attempt", "check_id", "text", "said_at", "right")


def _upsert(dialect: Any) -> Any:
    """It stays unless this attempt came before, or is the one it is of."""
    new = dialect.insert(_FIRST)
    return new.on_conflict_do_update(
        index_elements=["user_id", "assignment_id", "name"],
        set_={name: new.excluded[name] for name in _CHANGED},
        where=new.excluded.attempt <= _FIRST.c.attempt,
    )


_KEEP: Final = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}
_OF_ASSIGNMENT: Final = select(
    *(_FIRST.c[name] for name in ("name", "text", "submission_id", "right"))
).where(_FIRST.c.user_id == bindparam("user_id"), _FIRST.c.assignment_id == bindparam("assignment_id"))


@dataclass(frozen=True)
class First:
    """A first prediction.

    :ivar text: as it was typed; as it was read, where it stood in the file.
    :ivar submission_id: of the attempt that it belongs to.
    :ivar right: None: the judging that is current says nothing of it.
    """

    text: str
    submission_id: str
    right: bool | None


@dataclass(frozen=True)
class Calibration:
    """How many answers of a course were right before their first run, of how many."""

    right: int
    all: int


def judged(
    session: Session,
    user_id: int,
    assignment_id: int,
    submission_id: str,
    attempt: int,
    said_at: datetime,
    report: Report,
) -> None:
    """An attempt has its verdict: what it answers for the first time is kept.

    :param said_at: when it was handed in.
    """
    rows: dict[str, dict[str, object]] = {}
    for check in report.checks:
        if check.typed is not None and check.typed.name not in rows:
            rows[check.typed.name] = {
                "user_id": user_id,
                "assignment_id": assignment_id,
                "name": check.typed.name,
                "submission_id": submission_id,
                "attempt": attempt,
                "check_id": check.id,
                "text": check.typed.said,
                "said_at": said_at,
                "right": check.verdict == "passed",
            }
    if rows:
        session.connection().execute(_KEEP[session.get_bind().dialect.name], list(rows.values()))


def follow(session: Session, which: Select[Any]) -> None:
    """These judgings are current now: whether a first prediction was right is as they say.

    :param which: a query of their ids.
    """
    verdict = (
        select(CheckResult.verdict == "passed")
        .join(Submission, Submission.judging_id == CheckResult.judging_id)
        .where(
            Submission.id == FirstPrediction.submission_id, CheckResult.check_id == FirstPrediction.check_id
        )
        .scalar_subquery()
    )
    touched = select(Judging.submission_id).where(Judging.id.in_(which))
    session.execute(
        update(FirstPrediction)
        .where(FirstPrediction.submission_id.in_(touched))
        .values(right=verdict)
        .execution_options(synchronize_session=False)
    )


def of_assignment(session: Session, user_id: int, assignment_id: int) -> dict[str, First]:
    """A student's first predictions in an assignment, by the answer's name."""
    rows = session.execute(_OF_ASSIGNMENT, {"user_id": user_id, "assignment_id": assignment_id})
    return {name: First(*rest) for name, *rest in rows}


def calibration(session: Session, user_id: int, course_ids: Collection[int]) -> dict[int, Calibration]:
    """By course, of those in which any first prediction of this student's was judged."""
    rows = session.execute(
        select(
            Assignment.course_id,
            func.sum(FirstPrediction.right.cast(Integer)),
            func.count(),
        )
        .join(Assignment, Assignment.id == FirstPrediction.assignment_id)
        .where(
            FirstPrediction.user_id == user_id,
            FirstPrediction.right.is_not(None),
            Assignment.course_id.in_(course_ids),
        )
        .group_by(Assignment.course_id)
    )
    return {course_id: Calibration(int(right), count) for course_id, right, count in rows}
