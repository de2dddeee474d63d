"""Class: what a course misunderstands now, by assignment, and the lecture card of the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Final

import msgspec
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.analytics.lecture import FEWEST_HOLDERS, MOST, LectureCard, lecture_card, recently
from grader.analytics.misconceptions import Misconception
from grader.model.exercise import Exercise
from grader.model.report import CheckResult, Report
from grader.store import class_rows, courses
from grader.store.class_rows import Told
from grader.store.tables import Assignment, Course, utcnow
from grader.web.access import exercise_called, staffed_course
from grader.web.classroom import reasons
from grader.web.classroom.class_data import (
    Sections,
    attempts_of,
    page_of,
    sections_of,
    students,
    work,
    zone_of,
)
from grader.web.classroom.figures import figures_of
from grader.web.classroom.kept import counts, kept
from grader.web.transactions import reading

blueprint = Blueprint("classroom", __name__)

MOST_TOLD: Final = 40
"""Misconceptions on the page of a class; those of one assignment are all on that one's."""
MOST_STEPS: Final = 12
"""Transitions of one check: the others are of one or two students."""
MOST_HOLDERS: Final = 200
"""Students of one misconception on a page."""
MOST_EXAMPLES: Final = 3
"""Counterexamples, from as many reports."""


@dataclass(frozen=True)
class Line:
    """An assignment on the page of a class."""

    assignment: Assignment
    exercise: Exercise | None
    tried: int
    told: int
    """How many misconceptions anybody was told of."""


@blueprint.get("/courses/<course>/class")
@login_required  # type: ignore[untyped-decorator]
def show(course: str) -> ResponseReturnValue:
    """What the class holds now, over all assignments, and where to look closer."""
    with reading() as transaction:
        found, role = staffed_course(transaction, course)
        sections = sections_of(transaction, found)
        placed = courses.assignments(transaction, found.id)
        told, as_of = _told(transaction, found, sections)
        tried = class_rows.tried(transaction, found.id, sections.chosen_id)
    lines = {
        each.id: Line(
            each,
            exercise_called(each.exercise),
            tried.get(each.id, 0),
            sum(one.assignment_id == each.id for one in told),
        )
        for each in placed
    }
    widest = [one for one in told if one.assignment_id in lines]
    return render_template(
        "classroom/class.html",
        course=found,
        role=role,
        sections=sections,
        as_of=as_of,
        lines=lines,
        widest=widest[:MOST_TOLD],
        left_out=max(0, len(widest) - MOST_TOLD),
        reasons=reasons,
    )


def _told(transaction: Session, course: Course, sections: Sections) -> tuple[list[Told], datetime | None]:
    """What was told, the most widespread now first.

    Kept by the assignment: a verdict changes what is told in one, and the others need not be counted anew.
    """
    since = recently(utcnow(), zone_of(course))

    def count(assignment_ids: list[int]) -> dict[int, list[Told]]:
        found: dict[int, list[Told]] = {each: [] for each in assignment_ids}
        for one in class_rows.told(transaction, course.id, assignment_ids, sections.chosen_id, since=since):
            found[one.assignment_id].append(one)
        return found

    names = {
        assignment_id: (("told", assignment_id, sections.chosen_id, since), stamp)
        for assignment_id, stamp in class_rows.stamps(transaction, course.id).items()
    }
    by_assignment, as_of = counts().get_each(names, count)
    told = [one for some in by_assignment.values() for one in some]
    return sorted(told, key=lambda one: (-one.now, -one.ever, one)), as_of


@blueprint.get("/courses/<course>/class/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def assignment(course: str, exercise: str) -> ResponseReturnValue:
    """One assignment: its misconceptions, their flow, wrong predictions of right code, failures unnamed."""
    with reading() as transaction:
        place = work(transaction, course, exercise)
        sections = sections_of(transaction, place.course)
        figures, as_of = figures_of(transaction, place, sections)
        people = students(transaction, place.course)
    return page_of(
        "classroom/assignment.html",
        place,
        sections=sections,
        people=people,
        figures=figures,
        as_of=as_of,
        most_steps=MOST_STEPS,
    )


@blueprint.get("/courses/<course>/class/<exercise>/held/<check>/<diagnosis>")
@login_required  # type: ignore[untyped-decorator]
def held(course: str, exercise: str, check: str, diagnosis: str) -> ResponseReturnValue:
    """Who holds one misconception: the students, their submissions, counterexamples, and week by week."""
    with reading() as transaction:
        place = work(transaction, course, exercise)
        sections = sections_of(transaction, place.course)
        figures, as_of = figures_of(transaction, place, sections)
        wanted = Misconception(place.assignment.id, check, diagnosis)
        prevalence = next((each for each in figures.prevalences if each.misconception == wanted), None)
        if prevalence is None:
            raise NotFound
        people = students(transaction, place.course)
        latest = [holder.submissions[-1] for holder in prevalence.holders[: 4 * MOST_EXAMPLES]]
        reports = class_rows.reports(transaction, latest)
    return page_of(
        "classroom/held.html",
        place,
        sections=sections,
        as_of=as_of,
        people=people,
        prevalence=prevalence,
        most=MOST_HOLDERS,
        examples=_examples(reports, latest, check),
    )


def _examples(reports: dict[str, str], latest: Sequence[str], check_id: str) -> list[tuple[str, CheckResult]]:
    """The submissions whose reports still have a counterexample at the check, the first few."""
    found: list[tuple[str, CheckResult]] = []
    for submission_id in latest:
        if submission_id in reports and len(found) < MOST_EXAMPLES:
            report = msgspec.json.decode(reports[submission_id], type=Report)
            found += [(submission_id, c) for c in report.checks if c.id == check_id and c.counterexample]
    return found


@blueprint.get("/courses/<course>/lecture-card")
@login_required  # type: ignore[untyped-decorator]
def card(course: str) -> ResponseReturnValue:
    """A page to print: what to speak about this week."""
    now = utcnow()
    with reading() as transaction:
        found, role = staffed_course(transaction, course)
        sections = sections_of(transaction, found)
        placed = {each.id: each for each in courses.assignments(transaction, found.id)}
        today = now.astimezone(zone_of(found)).date()
        name = ("card", found.id, sections.chosen_id, found.timezone, today)
        stamp = class_rows.stamp(transaction, found.id)
        told, _as_of = _told(transaction, found, sections)
        topics = [one for one in told if one.now >= FEWEST_HOLDERS and one.recent][:MOST]
        chosen = sorted({one.assignment_id for one in topics})
        made, as_of = kept().get(name, stamp, partial(_card, transaction, found, sections, chosen, now))
        week = datetime.combine(made.monday, time(), zone_of(found))
        active = class_rows.active(transaction, found.id, sections.chosen_id, since=week)
        examples = class_rows.reports(transaction, [topic.example for topic in made.topics])
    counterexamples = {
        topic.example: next(
            iter(_examples(examples, [topic.example], topic.prevalence.misconception.check_id)), None
        )
        for topic in made.topics
    }
    return render_template(
        "classroom/card.html",
        course=found,
        role=role,
        sections=sections,
        as_of=as_of,
        card=made,
        active=active,
        until=made.monday + timedelta(days=6),
        placed=placed,
        exercises={id_: exercise_called(each.exercise) for id_, each in placed.items()},
        counterexamples=counterexamples,
        reasons=reasons,
    )


def _card(
    transaction: Session, course: Course, sections: Sections, chosen: list[int], now: datetime
) -> LectureCard:
    """The card of some assignments, which are those of its topics: the others need not be read."""
    attempts = attempts_of(transaction, course, chosen, sections.chosen_id)
    return lecture_card(attempts, sections.names, zone_of(course), now)
