"""The way on from an exercise: its neighbours in the course, and where to go after full marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_login import current_user
from sqlalchemy.orm import Session

from grader.model.exercise import Exercise
from grader.model.policy import is_open
from grader.store.policies import rules_of
from grader.store.progress import progress
from grader.store.tables import Course, CourseRole, utcnow
from grader.web.access import exercise_called


@dataclass(frozen=True)
class Stop:
    """An exercise on the way through a course, as one reader has it.

    :ivar open: whether the reader may hand in to it now. :ivar full: whether the reader has full marks.
    """

    exercise: Exercise
    open: bool
    full: bool


@dataclass(frozen=True)
class Onward:
    """What leads on from an exercise.

    :ivar before: the one before it in the course's order. :ivar after: the one behind it.
    :ivar proposed: where to go on after full marks; None: it is the last one.
    """

    before: Exercise | None = None
    after: Exercise | None = None
    proposed: Exercise | None = None


def onward(stops: Sequence[Stop], slug: str) -> Onward:
    """What leads on from the exercise ``slug``; nothing where that is none of the stops.

    Proposed is the next one that is open and not solved yet, of those behind it and then of those before
    it; where there is none, the one behind it.
    """
    at = next((n for n, stop in enumerate(stops) if stop.exercise.slug == slug), None)
    if at is None:
        return Onward()
    before = stops[at - 1].exercise if at else None
    after = stops[at + 1].exercise if at + 1 < len(stops) else None
    others = [*stops[at + 1 :], *stops[:at]]
    unsolved = next((stop.exercise for stop in others if stop.open and not stop.full), None)
    return Onward(before, after, unsolved or after)


def onward_of(transaction: Session, course: Course, role: CourseRole, slug: str) -> Onward:
    """What leads the reader on from an exercise of a course. One query, two where extensions are given."""
    placed = progress(transaction, current_user.id, course.id)
    rules = rules_of(transaction, [row for row, _full in placed], current_user.id)
    now = utcnow()
    anyway = role != "student"
    stops = [
        Stop(exercise, course.archived_at is None and (anyway or is_open(rules[row.id], now)), full)
        for row, full in placed
        if (exercise := exercise_called(row.exercise)) is not None
    ]
    return onward(stops, slug)
