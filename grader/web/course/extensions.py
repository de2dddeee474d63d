"""Extensions: other rules of an assignment for one student or one section, inherited field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.model.course_dates import read as read_date
from grader.model.course_dates import shifted
from grader.model.overrides import changes_of, for_student, inherit, to_store
from grader.model.policy import Policy, problems
from grader.store import attempts, enrolments, rule_changes, standings, users
from grader.store.policies import layers_of, policy_of
from grader.store.rule_changes import Whose
from grader.store.tables import Assignment, Course, Section
from grader.web.access import exercise_called
from grader.web.course.assignments import not_over, to_change
from grader.web.course.confirming import Change, Unconfirmed, ask, settled
from grader.web.course.forms import Typed, misfits, own_changes, read_form, sentence, texts_of, zone_of
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, say
from grader.web.ui.numbers import points

blueprint = Blueprint("extensions", __name__)

QUICK: Final = (1, 3, 7)
"""Days that one click adds to the due date."""
_LARGEST: Final = 2147483647


@dataclass(frozen=True)
class Target:
    """Whom an extension is for, and what holds without it.

    :ivar own: what differs now. :ivar inherited: the rules without that.
    """

    course: Course
    row: Assignment
    whose: Whose
    name: str
    login: str
    inherited: Policy
    own: Mapping[str, Any]
    reason: str
    address: str

    @property
    def policy(self) -> Policy:
        """The rules as they are now."""
        return inherit(self.inherited, self.own)


@dataclass(frozen=True)
class Quick:
    """A due date that is put off by one click.

    :ivar due: in words, in the course's zone. :ivar effect: what the student's score becomes by it.
    """

    days: int
    due: str
    effect: str


def _of_student(transaction: Session, course: str, exercise: str, user_id: int) -> Target:
    """:raises NotFound: nobody with this number takes the course, or ever handed in to it."""
    found, row = to_change(transaction, course, exercise)
    user = users.get_user(transaction, user_id)
    if user is None:
        raise NotFound
    enrolled = enrolments.enrolment(transaction, user.id, found.id) is not None
    if not enrolled and not attempts.any_of(transaction, user.id, row.id):
        raise NotFound
    whose = Whose(user_id=user.id)
    in_sections, own = layers_of(transaction, row, user.id)
    kept = rule_changes.extension(transaction, row.id, whose)
    return Target(
        found, row, whose, user.name, user.login, for_student(policy_of(row), in_sections),
        changes_of(own or {}), kept.reason if kept is not None else "",
        url_for("extensions.edit", course=course, exercise=exercise, user_id=user.id),
    )  # fmt: skip


def _of_section(transaction: Session, course: str, exercise: str, section_id: int) -> Target:
    """:raises NotFound: it is no section of this course."""
    found, row = to_change(transaction, course, exercise)
    section = transaction.get(Section, section_id)
    if section is None or section.course_id != found.id:
        raise NotFound
    whose = Whose(section_id=section.id)
    kept = rule_changes.extension(transaction, row.id, whose)
    own = changes_of(kept.changes if kept is not None else {})
    return Target(
        found, row, whose, section.name, "", policy_of(row), own, kept.reason if kept is not None else "",
        url_for("extensions.edit_section", course=course, exercise=exercise, section_id=section.id),
    )  # fmt: skip


@blueprint.get(f"/courses/<course>/assignments/<exercise>/extensions/<int(max={_LARGEST}):user_id>")
@login_required  # type: ignore[untyped-decorator]
def edit(course: str, exercise: str, user_id: int) -> ResponseReturnValue:
    """Other rules for one student: one click puts the due date off; every other field is below."""
    with reading() as transaction:
        target = _of_student(transaction, course, exercise, user_id)
        quick = _quick(transaction, target)
    return _page(target, quick)


@blueprint.get(f"/courses/<course>/assignments/<exercise>/sections/<int(max={_LARGEST}):section_id>")
@login_required  # type: ignore[untyped-decorator]
def edit_section(course: str, exercise: str, section_id: int) -> ResponseReturnValue:
    """Other rules for one section."""
    with reading() as transaction:
        target = _of_section(transaction, course, exercise, section_id)
    return _page(target, [])


@blueprint.get("/courses/<course>/assignments/<exercise>/extensions")
@login_required  # type: ignore[untyped-decorator]
def choose(course: str, exercise: str) -> ResponseReturnValue:
    """To the page of the student whose login is typed."""
    login = request.args.get("login", "").strip()
    with reading() as transaction:
        found, _row = to_change(transaction, course, exercise)
        user = users.find_user(transaction, login[:254]) if login else None
        if user is not None and enrolments.enrolment(transaction, user.id, found.id) is None:
            user = None
    if user is None:
        back = url_for("assignments.edit", course=course, exercise=exercise, unknown=login[:60] or None)
        return redirect(f"{back}#extensions")
    return redirect(url_for("extensions.edit", course=course, exercise=exercise, user_id=user.id))


@blueprint.post(f"/courses/<course>/assignments/<exercise>/extensions/<int(max={_LARGEST}):user_id>")
@login_required  # type: ignore[untyped-decorator]
def save(course: str, exercise: str, user_id: int) -> ResponseReturnValue:
    """Save what differs for a student; ``quick`` puts the due date off by so many days."""
    with reading() as transaction:
        target = _of_student(transaction, course, exercise, user_id)
        quick = _quick(transaction, target)
    return _save(target, quick)


@blueprint.post(f"/courses/<course>/assignments/<exercise>/sections/<int(max={_LARGEST}):section_id>")
@login_required  # type: ignore[untyped-decorator]
def save_section(course: str, exercise: str, section_id: int) -> ResponseReturnValue:
    """Save what differs for a section."""
    with reading() as transaction:
        target = _of_section(transaction, course, exercise, section_id)
    return _save(target, [])


def _save(target: Target, quick: list[Quick]) -> ResponseReturnValue:
    days = request.form.get("quick", "")
    one_click = days.isdecimal() and int(days) in QUICK and target.policy.due is not None
    typed = Typed(texts_of(target.policy, zone_of(target.course)))
    if "withdraw" in request.form:
        changes: dict[str, Any] = {}
    elif one_click:
        changes = put_off(target, int(days))
    else:
        typed = read_form(request.form, zone_of(target.course), target.policy)
        changes = own_changes(typed, request.form, target.inherited, target.own)
        wrong = misfits(typed, inherit(target.inherited, changes)) if not typed.problems else typed.problems
        if wrong:
            return _page(target, quick, Typed(typed.values, wrong)), 422
    trouble = problems(inherit(target.inherited, changes))
    if trouble:
        return _page(target, quick, Typed(typed.values, {"": sentence(trouble[0].text)})), 422
    try:
        with writing() as transaction:
            not_over(target.course)
            reason = request.form.get("reason", "")[:2000]
            moves = rule_changes.extend(
                transaction, target.row, target.whose, changes, reason=reason, by=current_user.id
            )
            details = {"for": target.login or target.name, "changes": to_store(changes)}
            change = Change(target.course, target.row, "assignment.extension", details)
            settled(transaction, change, moves, said=one_click)
    except Unconfirmed as asked:
        page = ask(target.course, target.row, asked, target.address)
        return page, 422 if asked.problem else 200
    return redirect(target.address, 303)


def put_off(target: Target, days: int) -> dict[str, Any]:
    """The student's own changes with the due date so many days later, and a closing of its own as much."""
    zone, policy = zone_of(target.course), target.policy
    changes = dict(target.own) | {"due": shifted(policy.due, days, zone)}
    if policy.closes is not None:
        changes["closes"] = shifted(policy.closes, days, zone)
    return changes


def _quick(transaction: Session, target: Target) -> list[Quick]:
    """What each click does, and what becomes of the score by it."""
    policy, user_id = target.policy, target.whose.user_id
    if policy.due is None or user_id is None:
        return []
    rows = standings.attempts_of(transaction, target.row.id, [user_id]).get(user_id, [])
    now = standings.derive(policy, rows)["score"]
    found = []
    for days in QUICK:
        later = inherit(target.inherited, put_off(target, days))
        score = standings.derive(later, rows)["score"]
        moves = score is not None and now is not None and abs(score - now) > 1e-9
        effect = _("score %(before)s → %(after)s", before=points(now), after=points(score)) if moves else ""
        assert later.due is not None
        found.append(Quick(days, read_date(later.due, zone_of(target.course)), effect))
    return found


def _page(target: Target, quick: list[Quick], typed: Typed | None = None) -> str:
    exercise = exercise_called(target.row.exercise)
    zone = zone_of(target.course)
    return render_template(
        "course/extension.html",
        course=target.course,
        role="instructor",
        target=target,
        row=target.row,
        name=say(exercise.title) if exercise is not None else target.row.exercise,
        most=exercise.max_score if exercise is not None else None,
        quick=quick,
        typed=typed or Typed(texts_of(target.policy, zone)),
        usual=texts_of(target.inherited, zone),
        ticked=set(target.own) if typed is None else _ticked(),
        reason=request.form.get("reason", target.reason),
        zone=zone.key,
    )


def _ticked() -> set[str]:
    return {name.removeprefix("own-") for name in request.form if name.startswith("own-")}
