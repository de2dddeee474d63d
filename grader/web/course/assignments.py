"""Assignments of a course: which exercises are set, in which order, under which rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import Conflict

from grader.model.exercise import Exercise
from grader.store import audit, courses, judging_versions, rule_changes
from grader.store.policies import policy_of
from grader.store.tables import Assignment, Course
from grader.web.access import assigned, exercise_called, only_instructors, staffed_course, taught_course
from grader.web.context import by_script, services
from grader.web.course.forecast import forecast_of
from grader.web.course.forms import glance, zone_of
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, ngettext, say

blueprint = Blueprint("assignments", __name__)

LONGEST_SEARCH: Final = 100


@dataclass(frozen=True)
class Line:
    """An assignment in the list.

    :ivar exercise: None when its folder is gone. :ivar rules: what is not as usual, in a few words each.
    :ivar extensions: for how many students and sections other rules hold.
    :ivar refused: the versions of a process that leaves its submissions waiting; None: none does.
    """

    row: Assignment
    exercise: Exercise | None
    rules: list[str]
    extensions: int
    refused: str | None

    @property
    def versions(self) -> str:
        """Those by which it is judged."""
        return " · ".join(judging_versions.families(self.row.versions))


@blueprint.get("/courses/<course>/assignments")
@login_required  # type: ignore[untyped-decorator]
def listing(course: str) -> ResponseReturnValue:
    """The assignments in their order, with their rules at a glance."""
    with reading() as transaction:
        found, role = staffed_course(transaction, course)
        placed = courses.assignments(transaction, found.id)
        extended = [
            each.assignment_id for each in rule_changes.extensions(transaction, [r.id for r in placed])
        ]
        zone = zone_of(found)
        ahead = None if found.archived_at else forecast_of(transaction, found.id, placed, zone)
    lines = [
        Line(
            row,
            exercise_called(row.exercise),
            glance(policy_of(row), zone),
            extended.count(row.id),
            judging_versions.refused_now(row),
        )
        for row in placed
    ]
    return render_template(
        "course/assignments.html", course=found, role=role, lines=lines, zone=zone.key, forecast=ahead,
        may=role == "instructor" and found.archived_at is None, words=script_words(),
    )  # fmt: skip


def script_words() -> dict[str, str]:
    """The sentences that the script of the order says, in the reader's language."""
    return {
        "moved": _("%(name)s is now number %(place)s of %(all)s."),
        "end": _("%(name)s is at the end already."),
        "failed": _("The order could not be saved. It is as before; try again."),
    }


# The order


@blueprint.post("/courses/<course>/assignments/order")
@login_required  # type: ignore[untyped-decorator]
def order(course: str) -> ResponseReturnValue:
    """Give the assignments another order: by one step (``move``), by numbers, or (a script) all of it."""
    with writing() as transaction:
        found = taught_course(transaction, course)
        not_over(found)
        placed = [row.id for row in courses.assignments(transaction, found.id)]
        wanted, moved = _wanted(placed)
        if wanted != placed:
            if not courses.put_in_order(transaction, found.id, wanted):
                raise Conflict
            audit.record(transaction, current_user.user.login, "course.order", found.slug)
    if by_script():
        return "", 204
    return redirect(url_for("assignments.listing", course=course, _anchor=moved or None), 303)


def _wanted(placed: list[int]) -> tuple[list[int], str]:
    """The order that the form asks for, and the anchor of what was moved by it."""
    whole = request.form.get("order", "")
    if re.fullmatch(r"\d{1,18}(,\d{1,18})*", whole):
        return [int(each) for each in whole.split(",")], ""
    step = re.fullmatch(r"(\d{1,18}) (up|down)", request.form.get("move", ""))
    if step is not None and int(step[1]) in placed:
        wanted, one = placed.copy(), int(step[1])
        at = wanted.index(one)
        to = max(0, at - 1) if step[2] == "up" else min(len(wanted) - 1, at + 1)
        wanted.insert(to, wanted.pop(at))
        return wanted, f"assignment-{one}"
    return by_numbers(placed, {one: request.form.get(f"position-{one}", "") for one in placed}), ""


def by_numbers(placed: Sequence[int], typed: dict[int, str]) -> list[int]:
    """The order in which the typed numbers are. Of two that are the same, what was moved goes to its side."""

    def key(pair: tuple[int, int]) -> tuple[int, int, int]:
        before, one = pair
        text = typed.get(one, "").strip()
        now = int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else before
        return now, (now > before) - (now < before), before

    return [one for _number, one in sorted(enumerate(placed, 1), key=key)]


def not_over(course: Course) -> None:
    """:raises Conflict: the course is archived, so that nothing of it changes."""
    if course.archived_at is not None:
        raise Conflict


# Versions


@blueprint.post("/courses/<course>/assignments/versions")
@login_required  # type: ignore[untyped-decorator]
def allow_versions(course: str) -> ResponseReturnValue:
    """Have what waits for other versions judged by those that were refused, from now on: in one assignment,
    or in all of the course."""
    one = request.form.get("exercise", "")
    with writing() as transaction:
        found = taught_course(transaction, course)
        not_over(found)
        placed = courses.assignments(transaction, found.id)
        for family in dict.fromkeys(filter(None, map(judging_versions.refused_now, placed))):
            chosen = [row.id for row in placed if one in ("", row.exercise)]
            if one and all(row.exercise != one or row.refused != family for row in placed):
                continue
            new = judging_versions.allow(transaction, chosen, family)
            if new:
                details = {"versions": family, "exercises": new}
                audit.record(transaction, current_user.user.login, "course.versions", found.slug, details)
    return redirect(url_for("assignments.listing", course=course), 303)


# Picking exercises


@blueprint.get("/courses/<course>/assignments/add")
@login_required  # type: ignore[untyped-decorator]
def pick(course: str) -> ResponseReturnValue:
    """Exercises to choose from: a search, and the text of one of them. What is ticked stays ticked."""
    with reading() as transaction:
        found = taught_course(transaction, course)
        placed = courses.assignments(transaction, found.id)
    query = request.args.get("q", "")[:LONGEST_SEARCH]
    already = {row.exercise for row in placed}
    every = [each for each in services().exercises.all() if each.slug not in already]
    picked = set(request.args.getlist("exercise"))
    shown = [each for each in every if _fits(each, query)]
    return render_template(
        "course/pick.html",
        course=found,
        role="instructor",
        query=query,
        exercises=shown,
        picked=picked,
        # What was ticked before another search goes along unseen.
        kept=[each for each in every if each.slug in picked and each not in shown],
        preview=next((each for each in every if each.slug == request.args.get("show")), None),
        left=len(every),
    )


def _fits(exercise: Exercise, query: str) -> bool:
    """Whether every word of the search is in what an exercise is called, in either language."""
    text = " ".join(
        (
            exercise.slug, exercise.section, exercise.title.en, exercise.title.zh, exercise.summary.en,
            exercise.summary.zh, *(check.kind for check in exercise.checks),
        )
    ).casefold()  # fmt: skip
    return all(word in text for word in query.casefold().split())


@blueprint.post("/courses/<course>/assignments/add")
@login_required  # type: ignore[untyped-decorator]
def add(course: str) -> ResponseReturnValue:
    """Set the ticked exercises, last, in the library's order."""
    wanted = set(request.form.getlist("exercise"))
    chosen = [each.slug for each in services().exercises.all() if each.slug in wanted]
    with writing() as transaction:
        found = taught_course(transaction, course)
        not_over(found)
        already = {row.exercise for row in courses.assignments(transaction, found.id)}
        new = [slug for slug in chosen if slug not in already]
        for slug in new:
            courses.assign(transaction, found.id, slug)
        if new:
            details = {"exercises": new}
            audit.record(transaction, current_user.user.login, "course.assign", found.slug, details)
    if not chosen:
        return redirect(url_for("assignments.pick", course=course), 303)
    return redirect(url_for("assignments.listing", course=course), 303)


# Withdrawing


@blueprint.get("/courses/<course>/assignments/<exercise>/withdraw")
@login_required  # type: ignore[untyped-decorator]
def ask_withdraw(course: str, exercise: str) -> ResponseReturnValue:
    """What would be deleted with an assignment."""
    with reading() as transaction:
        found, row = to_change(transaction, course, exercise)
        counts = courses.what_withdrawing_deletes(transaction, row.id)
    return _withdrawal(found, row, counts)


def _withdrawal(course: Course, row: Assignment, counts: courses.Deleted, problem: str = "") -> str:
    exercise = exercise_called(row.exercise)
    return render_template(
        "course/withdraw.html", course=course, role="instructor", row=row, counts=counts, problem=problem,
        name=say(exercise.title) if exercise is not None else row.exercise,
    )  # fmt: skip


@blueprint.post("/courses/<course>/assignments/<exercise>/withdraw")
@login_required  # type: ignore[untyped-decorator]
def withdraw(course: str, exercise: str) -> ResponseReturnValue:
    """Withdraw an assignment, with as many submissions as were said to go with it."""
    with writing() as transaction:
        found, row = to_change(transaction, course, exercise)
        not_over(found)
        counts = courses.what_withdrawing_deletes(transaction, row.id)
        agreed = request.form.get("submissions") == str(counts.submissions)
        if agreed:
            courses.withdraw(transaction, row.id)
            details = {"exercise": row.exercise, "submissions": counts.submissions}
            audit.record(transaction, current_user.user.login, "course.unassign", found.slug, details)
    if not agreed:
        problem = ngettext(
            "By now there is %(num)d submission. Look again at what would be deleted.",
            "By now there are %(num)d submissions. Look again at what would be deleted.",
            counts.submissions,
        )
        return _withdrawal(found, row, counts, problem), 409
    return redirect(url_for("assignments.listing", course=course), 303)


def to_change(transaction: Session, course: str, exercise: str) -> tuple[Course, Assignment]:
    """An assignment whose rules the reader may change; its folder may be gone.

    :raises NotFound: there is none for this reader.
    :raises Forbidden: the reader does not teach the course.
    """
    found, role, row = assigned(transaction, course, exercise)
    only_instructors(role)
    return found, row
