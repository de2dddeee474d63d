"""Course map: the exercises of a course as one reader has them, in chapters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Literal

from grader.model.exercise import Exercise
from grader.model.policy import Policy, closing
from grader.store.first_predictions import Calibration
from grader.store.gradebook import Cell
from grader.store.tables import Assignment, Course, CourseRole, utcnow
from grader.web.home.rows import Drawn, Standing, drawn
from grader.web.ui.languages import _, ngettext, say
from grader.web.ui.timezones import moment

LONG = 12
"""Exercises from which on a course is divided by the sections they come from."""
SOON = timedelta(days=7)
"""Before a deadline, from when on the time that is left is said in words."""

State = Literal["solved", "open", "closed", "used", "upcoming", "gone"]


@dataclass(frozen=True)
class Line:
    """One exercise on the home page. :ivar course: its slug. :ivar now: when it is looked at."""

    course: str
    assignment: Assignment
    exercise: Exercise | None
    cell: Cell
    state: State
    policy: Policy
    """The rules for the reader."""
    now: datetime
    left: str = ""
    """How many attempts are left, in words, where they are limited."""
    worth: str = ""
    """What a late answer counts now, in words."""

    @property
    def max_score(self) -> float:
        """What the score is of."""
        if self.cell.max_score is not None:
            return self.cell.max_score
        if self.policy.points is not None:
            return self.policy.points
        return self.exercise.max_score if self.exercise is not None else 0.0

    @cached_property
    def drawn(self) -> Drawn:
        """Its row in the list, and its tile on the map."""
        exercise, policy = self.exercise, self.policy
        since = closing(policy) if self.state == "closed" else None
        return drawn(
            Standing(
                course=self.course,
                slug=self.assignment.exercise,
                section=exercise.section if exercise else "",
                title=say(exercise.title) if exercise else "",
                summary=say(exercise.summary) if exercise else "",
                state=self.state,
                score=self.cell.score,
                most=self.max_score,
                points=int(exercise.max_score) if exercise else 0,
                attempts=self.cell.attempts,
                pending=self.cell.pending,
                left=self.left,
                worth=self.worth,
                soon=left(policy.due, self.now) if policy.due else "",
                due=moment(policy.due) if policy.due else "",
                opens=moment(policy.opens) if self.state == "upcoming" and policy.opens else "",
                closed_since=moment(since) if since is not None and since < self.now else "",
            )
        )


@dataclass(frozen=True)
class Group:
    """Exercises that belong to one chapter; a short course is one group without a number.

    :ivar name: the chapter's; empty where it has none.
    """

    number: str
    name: str
    lines: tuple[Line, ...]

    @property
    def solved(self) -> int:
        """How many of them are solved."""
        return sum(line.state == "solved" for line in self.lines)


@dataclass(frozen=True)
class Section:
    """One course on the home page."""

    course: Course
    role: CourseRole
    groups: tuple[Group, ...]
    calibration: Calibration | None = None
    """Of the reader's first predictions; None: none of them was judged."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every exercise, in order."""
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def solved(self) -> int:
        """How many exercises are solved."""
        return sum(group.solved for group in self.groups)

    @property
    def begun(self) -> bool:
        """Whether anything was ever handed in, or marked by hand."""
        return any(
            line.cell.attempts or line.cell.pending or line.cell.score is not None for line in self.lines
        )

    @property
    def following(self) -> Line | None:
        """What comes next: the first exercise that is open and not solved."""
        return next((line for line in self.lines if line.state == "open"), None)

    @property
    def opening(self) -> Line | None:
        """The exercise that opens soonest."""
        later = [line for line in self.lines if line.state == "upcoming" and line.policy.opens]
        return min(later, key=lambda line: line.policy.opens or utcnow(), default=None)

    @property
    def kinds(self) -> frozenset[str]:
        """The shapes that are on its map; ``part`` where one is filled in part."""
        drawn = [line.drawn for line in self.lines]
        return frozenset(each.kind for each in drawn) | (
            {"part"} if any(each.partly for each in drawn) else set()
        )

    @property
    def unlimited(self) -> bool:
        """Whether everywhere any number of attempts is taken, and the best one counts."""
        return all(
            line.policy.attempts is None and line.policy.counts == "best" and not line.policy.pause
            for line in self.lines
        )


def groups(lines: Sequence[Line]) -> tuple[Group, ...]:
    """The lines in their order, divided where the chapter changes."""
    if len(lines) < LONG:
        return (Group("", "", tuple(lines)),) if lines else ()
    chapters: list[tuple[str, str]] = []
    for line in lines:
        if line.exercise is None:  # Its folder is gone: it stays where it stands.
            chapters.append(chapters[-1] if chapters else ("", ""))
        elif line.exercise.chapter is not None:
            chapters.append((line.exercise.chapter.number, say(line.exercise.chapter.name)))
        else:
            found = re.match(r"\d+(\.\d+)?", line.exercise.section)
            chapters.append((found[0] if found else "", ""))
    pairs = groupby(zip(chapters, lines, strict=True), key=lambda pair: pair[0])
    return tuple(
        Group(number, name, tuple(line for _chapter, line in pair)) for (number, name), pair in pairs
    )


def left(due: datetime, now: datetime) -> str:
    """How long there is until a deadline, in words; empty when it is past or far away."""
    seconds = (due - now).total_seconds()
    if not 0 <= seconds <= SOON.total_seconds():
        return ""
    hours = int(seconds // 3600)
    if hours < 1:
        return _("due within the hour")
    if hours < 48:
        return ngettext("due in %(num)d hour", "due in %(num)d hours", hours)
    return ngettext("due in %(num)d day", "due in %(num)d days", hours // 24)
