"""Door: which exercises a guest may try, who is one, and what this browser's session remembers.

A guest is who is not signed in, and who is signed in but not in the course. A guest sees the exercises of a
course that is open to guests which are open now, and of people, scores and settings nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import abort, make_response, session
from flask_login import current_user
from werkzeug.exceptions import NotFound

from grader.model.exercise import Exercise
from grader.model.policy import Policy, withholds
from grader.model.report import Report
from grader.store import guests
from grader.store.policies import policy_of
from grader.store.tables import Assignment, Course, utcnow
from grader.web import access
from grader.web.access import Place, exercise_called
from grader.web.accounts.sign_in import ask_to_sign_in
from grader.web.exercise.onward import Onward, Stop, onward
from grader.web.transactions import reading

KEY: Final = "tried"
MOST_REMEMBERED: Final = 64
"""Exercises of which the session, a signed cookie, holds how they were tried: some 2 KiB."""


@dataclass(frozen=True)
class Tries:
    """What was tried of one exercise in this session: how often, and the best score of how much."""

    count: int = 0
    best: float = 0.0
    most: float = 0.0

    @property
    def full(self) -> bool:
        """Whether one of them had full marks."""
        return self.count > 0 and self.best >= self.most


@dataclass(frozen=True)
class GuestPlace:
    """An exercise as a guest sees it.

    :ivar open: all that a guest may try of the course, in order, with their rules.
    """

    course: Course
    assignment: Assignment
    exercise: Exercise
    open: tuple[tuple[Assignment, Exercise], ...]

    @property
    def policy(self) -> Policy:
        """The rules of the assignment."""
        return policy_of(self.assignment)

    @property
    def withholding(self) -> bool:
        """Whether a guest is told the score and the verdict on each check alone, as a student is."""
        return withholds(self.policy, utcnow())

    @property
    def tries(self) -> Tries:
        """Of this exercise in this session."""
        return tries_of(self.course, self.exercise.slug)

    @property
    def onward(self) -> Onward:
        """What leads on from here, among what is open to guests."""
        stops = [
            Stop(exercise, open=True, full=tries_of(self.course, exercise.slug).full)
            for _assignment, exercise in self.open
        ]
        return onward(stops, self.exercise.slug)


def course_open(slug: str) -> tuple[Course, tuple[tuple[Assignment, Exercise], ...]] | None:
    """A course that is open to guests, and what they may try of it; None where there is none. Two queries."""
    with reading(more=True) as transaction:
        course = guests.course(transaction, slug)
        if course is None:
            return None
        placed = guests.assignments(transaction, course.id, utcnow())
    found = ((row, exercise_called(row.exercise)) for row in placed)
    return course, tuple((row, exercise) for row, exercise in found if exercise is not None)


def guest_place(course: str, exercise: str) -> GuestPlace | None:
    """An exercise that a guest may try; None where there is none."""
    opened = course_open(course)
    if opened is None:
        return None
    found, placed = opened
    return next((GuestPlace(found, row, each, placed) for row, each in placed if each.slug == exercise), None)


def place_or_guest(course: str, exercise: str) -> Place | GuestPlace:
    """An exercise for a member of its course, or else for a guest.

    :raises NotFound: there is none for this reader. Who is not signed in is asked to, instead.
    """
    if current_user.is_authenticated:
        try:
            with reading(more=True) as transaction:
                return access.place(transaction, course, exercise)
        except NotFound:
            if (found := guest_place(course, exercise)) is None:
                raise
            return found
    found = guest_place(course, exercise)
    return found if found is not None else turned_away()


def turned_away() -> GuestPlace:
    """Ask to sign in, and keep what a form held.

    :raises HTTPException: always, with that answer.
    """
    abort(make_response(ask_to_sign_in()))


def tries_of(course: Course, slug: str) -> Tries:
    """What this session remembers of an exercise."""
    found = session.get(KEY, {}).get(f"{course.id} {slug}")
    return Tries(*found) if found else Tries()


def remember(where: GuestPlace, report: Report) -> None:
    """Note a verdict in this browser's session, which ends with it."""
    was, name = where.tries, f"{where.course.id} {where.exercise.slug}"
    now = [was.count + 1, max(was.best, report.score), report.max_score]
    # Put last, so that what was tried longest ago is forgotten first.
    kept = {key: value for key, value in session.get(KEY, {}).items() if key != name}
    session[KEY] = dict([*kept.items(), (name, now)][-MOST_REMEMBERED:])
