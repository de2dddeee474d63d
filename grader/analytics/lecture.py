"""Lecture card: the few most widespread misconceptions of the moment, each with an example, for one page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from grader.analytics.misconceptions import Prevalence, monday_of, prevalences
from grader.analytics.rows import Attempt

MOST: Final = 5
"""So many can be spoken about in a lecture."""
RECENT_WEEKS: Final = 2
"""The card's week and the one before: what was left behind earlier, unsolved, is no topic of this lecture."""
FEWEST_HOLDERS: Final = 2
"""What one student alone holds is for a talk with that student, not for a lecture."""


@dataclass(frozen=True)
class Topic:
    """A misconception to speak about.

    :ivar new: of those who hold it now, how many were first told of it in the card's week.
    :ivar example: a submission that shows it: with as few other faults as possible, of these the newest.
    """

    prevalence: Prevalence
    new: int
    example: str


@dataclass(frozen=True)
class LectureCard:
    """The card of a week.

    :ivar monday: the day on which the week begins.
    """

    monday: date
    topics: tuple[Topic, ...]


def lecture_card(
    attempts: Iterable[Attempt],
    sections: Mapping[int, Collection[str]],
    zone: tzinfo,
    now: datetime,
    *,
    most: int = MOST,
) -> LectureCard:
    """What the class holds at ``now`` and was told of since :func:`recently`, the most widespread first.

    :param sections: the names of each student's sections, by the student.
    """
    monday, since = monday_of(now, zone), recently(now, zone)
    rows = [attempt for attempt in attempts if attempt.at <= now]
    by_id = {attempt.submission_id: attempt for attempt in rows}
    topics = []
    for each in prevalences(rows, sections, zone):
        recent = [holder for holder in each.now if holder.last >= since]
        if len(each.now) < FEWEST_HOLDERS or not recent:
            continue
        shown = [by_id[holder.submissions[-1]] for holder in recent]
        new = sum(monday_of(holder.since, zone) == monday for holder in each.now)
        topics.append(Topic(each, new, min(shown, key=_faults_then_age).submission_id))
        if len(topics) == most:
            break
    return LectureCard(monday, tuple(topics))


def recently(now: datetime, zone: tzinfo) -> datetime:
    """The moment from which on somebody has to have been told of a topic."""
    first = monday_of(now, zone) - timedelta(weeks=RECENT_WEEKS - 1)
    return datetime.combine(first, time(), zone)


def _faults_then_age(attempt: Attempt) -> tuple[int, float]:
    faults = sum(check.verdict != "passed" for check in attempt.checks)
    return faults, -attempt.at.timestamp()
