"""Progress: a course's assignments in order, and in which of them one student has full marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from grader.store.tables import Assignment, Standing

_PROGRESS: Final = (
    select(Assignment, Standing.passed, Standing.override, Standing.max_score)
    .outerjoin(
        Standing, and_(Standing.assignment_id == Assignment.id, Standing.user_id == bindparam("user_id"))
    )
    .where(Assignment.course_id == bindparam("course_id"))
    .order_by(Assignment.position, Assignment.id)
)
"""Compiled once: every page of an exercise asks."""


def progress(session: Session, user_id: int, course_id: int) -> Sequence[tuple[Assignment, bool]]:
    """Every assignment of a course, in order, and whether one student has full marks in it. One query."""
    found = session.execute(_PROGRESS, {"user_id": user_id, "course_id": course_id})
    return [
        (row, bool(passed) or (override is not None and most is not None and override >= most))
        for row, passed, override, most in found
    ]
