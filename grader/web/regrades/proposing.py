"""Proposing a regrade: *what if* by other rules, before anything is saved; and the two forms that propose."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.model.overrides import to_store
from grader.model.policy_sentences import PolicyError
from grader.model.regrade_sentences import CHANGES_NOTHING, RegradeError, nobody_called
from grader.store import audit, courses, regrades, rescoring, submissions, users
from grader.store.policies import policy_of
from grader.store.regrade_effects import of_change
from grader.store.tables import Assignment, Course, Regrade
from grader.web.access import exercise_called, taught_course
from grader.web.context import by_script, services
from grader.web.regrades import asked, lines
from grader.web.transactions import reading, writing
from grader.web.ui.languages import say

blueprint = Blueprint("regrade_proposing", __name__)

FIRST_STUDENTS = 200
"""A sample that is counted at once while somebody moves a slider; the rest comes after it."""


@blueprint.get("/courses/<course>/regrades/new/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def form(course: str, exercise: str) -> ResponseReturnValue:
    """The forms; with other rules in the address, what these would come to.

    A script gets that alone; with ``?some=1`` of a sample of the students.
    """
    with reading() as transaction:
        found, assignment = _place(transaction, course, exercise)
        said = _what_if(transaction, found, assignment)
    if by_script():
        return render_template("regrades/_what_if.html", **said)
    return render_template("regrades/new.html", **said)


@blueprint.post("/courses/<course>/regrades/new/<exercise>")
@login_required  # type: ignore[untyped-decorator]
def propose(course: str, exercise: str) -> ResponseReturnValue:
    """Make a proposal, and lead to its page."""
    try:
        with writing() as transaction:
            found, assignment = _place(transaction, course, exercise)
            made = _proposed(transaction, found, assignment)
            details = {"regrade": made.id, "exercise": exercise, "kind": made.kind, "reason": made.reason}
            audit.record(transaction, current_user.user.login, "regrade.propose", course, details)
            number = made.id
    except (RegradeError, PolicyError) as error:
        with reading() as transaction:
            found, assignment = _place(transaction, course, exercise)
            said = _what_if(transaction, found, assignment)
        return render_template("regrades/new.html", **said | {"problem": say(error.text)}), 422
    services().dispatcher.submit()
    return redirect(url_for("regrades.show", course=course, number=number), 303)


def _place(transaction: Session, slug: str, exercise: str) -> tuple[Course, Assignment]:
    course = taught_course(transaction, slug)
    assignment = courses.find_assignment(transaction, course.id, exercise)
    if assignment is None:
        raise NotFound
    return course, assignment


def _what_if(transaction: Session, course: Course, assignment: Assignment) -> dict[str, Any]:
    """What the page with the forms shows."""
    zone, values = asked.zone_of(course), request.values
    problem, effect, some = "", None, request.args.get("some") == "1"
    student, login = asked.whom(transaction, values, course)
    try:
        change = asked.change_of(values, assignment, zone)
        if login and student is None:
            problem = say(nobody_called(login))
        elif change:
            changes = rescoring.proposed(
                transaction, assignment, change, None if student is None else [student.id]
            )
            most = FIRST_STUDENTS if some else None
            effect = of_change(transaction, assignment, changes, most=most)
    except (PolicyError, RegradeError) as error:
        problem = say(error.text)
    shown = [] if effect is None else [*effect.moves, *effect.held][: lines.MOST_LINES]
    people = users.by_ids(transaction, [move.user_id for move in shown])
    usual = asked.typed(policy_of(assignment), zone)
    exercise = exercise_called(assignment.exercise)
    return {
        "course": course,
        "role": "instructor",
        "assignment": assignment,
        "exercise": exercise,
        "own_points": None if exercise is None else exercise.max_score,
        "usual": usual,
        "typed": {name: values.get(name, usual[name]) for name in asked.NAMES},
        "student": login,
        "only": values.getlist("only")[:200],
        "reason": values.get("reason", ""),
        "rtol": values.get("rtol", ""),
        "zone": zone.key,
        "problem": problem,
        "effect": effect,
        "some": some,
        "lines": [] if effect is None else lines.of_effect(effect, people),
        "groups": [] if effect is None else lines.grouped(effect),
    }


def _proposed(transaction: Session, course: Course, assignment: Assignment) -> Regrade:
    values = request.form
    student, login = asked.whom(transaction, values, course)
    if login and student is None:
        raise RegradeError(nobody_called(login))
    about = {"reason": values.get("reason", ""), "by": current_user.id}
    if values.get("action") == "rescore":
        change = asked.change_of(values, assignment, asked.zone_of(course))
        if not change:
            raise RegradeError(CHANGES_NOTHING)
        return regrades.propose_rescore(
            transaction,
            assignment.id,
            to_store(change),
            user_ids=None if student is None else [student.id],
            **about,
        )
    ids: list[str] | None = values.getlist("only")[:200] or None
    if student is not None:
        theirs = submissions.graded_ids(transaction, assignment.id, user_id=student.id)
        ids = [each for each in theirs if ids is None or each in ids]
    return regrades.propose_rerun(
        transaction,
        assignment.id,
        ids,
        rtol=asked.rtol_of(values),
        sample=values.get("sample") == "1",
        **about,
    )
