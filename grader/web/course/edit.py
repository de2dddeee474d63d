"""Rules of one assignment, edited: every field, told back in words, and who moves before it is saved."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from sqlalchemy.orm import Session

from grader.model.policy import Policy
from grader.store import extension_names, rule_changes
from grader.store.policies import policy_of
from grader.store.tables import Assignment, Course, Extension, utcnow
from grader.web.access import exercise_called
from grader.web.course.assignments import blueprint, not_over, to_change
from grader.web.course.confirming import Change, Unconfirmed, ask, settled
from grader.web.course.forms import Typed, differences, misfits, read_form, sentence, texts_of, zone_of
from grader.web.exercise.rules import told
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, say


@dataclass(frozen=True)
class Extended:
    """An extension in the list.

    :ivar name: of the student or the section. :ivar rules: what differs, in a few words each.
    """

    row: Extension
    name: str
    rules: list[str]
    by: str


@blueprint.get("/courses/<course>/assignments/<exercise>/rules")
@login_required  # type: ignore[untyped-decorator]
def edit(course: str, exercise: str) -> ResponseReturnValue:
    """The rules of an assignment, and for whom other ones hold."""
    with reading() as transaction:
        found, row = to_change(transaction, course, exercise)
        about = _about(transaction, found, row)
    policy = policy_of(row)
    return _page(found, row, about, Typed(texts_of(policy, zone_of(found))), policy)


@blueprint.post("/courses/<course>/assignments/<exercise>/rules")
@login_required  # type: ignore[untyped-decorator]
def save(course: str, exercise: str) -> ResponseReturnValue:
    """Save the rules; ``check`` only reads them back."""
    with reading() as transaction:
        found, row = to_change(transaction, course, exercise)
        about = _about(transaction, found, row)
        typed = read_form(request.form, zone_of(found), policy_of(row))
        policy = Policy(**typed.read)
        problems = misfits(typed, policy)
        if not problems:
            problems = _clashes(transaction, row, policy)
    if problems or "check" in request.form:
        page = _page(found, row, about, Typed(typed.values, problems), None if problems else policy)
        return page, 422 if problems else 200
    try:
        with writing() as transaction:
            # Read again: what was read before is what a page shows when this is undone.
            now, placed = to_change(transaction, course, exercise)
            not_over(now)
            changed = rule_changes.differing(policy_of(placed), policy)
            if changed:
                moves = rule_changes.set_policy(transaction, placed, policy)
                settled(transaction, Change(now, placed, "assignment.rules", {"changes": changed}), moves)
    except Unconfirmed as asked:
        back = url_for("assignments.edit", course=course, exercise=exercise)
        return ask(found, row, asked, back), 422 if asked.problem else 200
    return redirect(url_for("assignments.listing", course=course, _anchor=f"assignment-{row.id}"), 303)


def _clashes(transaction: Session, row: Assignment, policy: Policy) -> dict[str, str]:
    """Extensions that would not fit to these rules."""
    for each, problem in rule_changes.unsound(transaction, row, policy):
        name = extension_names.whose(transaction, [each])[each.id]
        why = sentence(problem.text)
        return {"": _("The extension for %(name)s would not fit to these rules. %(why)s", name=name, why=why)}
    return {}


def _about(transaction: Session, course: Course, row: Assignment) -> dict[str, object]:
    """What the page shows beside the form."""
    extended = rule_changes.extensions(transaction, [row.id])
    names = extension_names.whose(transaction, extended)
    authors = extension_names.names(transaction, {each.by for each in extended if each.by is not None})
    zone = zone_of(course)
    lines = [
        Extended(each, names[each.id], differences(each.changes, zone), authors.get(each.by or 0, ""))
        for each in extended
    ]
    return {"extended": lines, "sections": extension_names.sections(transaction, course.id)}


def _page(
    course: Course, row: Assignment, about: dict[str, object], typed: Typed, policy: Policy | None
) -> str:
    exercise = exercise_called(row.exercise)
    return render_template(
        "course/edit.html",
        course=course,
        role="instructor",
        row=row,
        exercise=exercise,
        name=say(exercise.title) if exercise is not None else row.exercise,
        most=exercise.max_score if exercise is not None else None,
        zone=zone_of(course).key,
        typed=typed,
        # Told as students are told: in the reader's zone, which is named beside each time.
        told=told(policy, utcnow()) if policy is not None else [],
        checked="check" in request.form,
        **about,
    )
