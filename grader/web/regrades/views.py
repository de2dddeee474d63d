"""Proposals of a course: their list, what one comes to, how far it is, and the decision."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, NotFound

from grader.model.exercise import Exercise
from grader.model.inert import as_cell
from grader.model.policy_sentences import PolicyError
from grader.model.regrade_sentences import RegradeError
from grader.store import audit, courses, regrade_causes, regrades, rescoring, users
from grader.store.regrade_effects import Effect, effect, since
from grader.store.tables import Assignment, Course, Regrade, User
from grader.web.access import exercise_called, taught_course
from grader.web.context import services
from grader.web.regrades import asked, lines
from grader.web.transactions import reading, writing
from grader.web.ui.languages import say

blueprint = Blueprint("regrades", __name__)


@blueprint.get("/courses/<course>/regrades")
@login_required  # type: ignore[untyped-decorator]
def listing(course: str) -> ResponseReturnValue:
    """Every proposal, and from which version of its exercise the results of an assignment are."""
    with reading() as transaction:
        found = taught_course(transaction, course)
        proposals = regrades.of_course(transaction, found.id)
        placed = courses.assignments(transaction, found.id)
        made = regrade_causes.versions(transaction, found.id)
        people = users.by_ids(transaction, [row.by for row, _ in proposals if row.by is not None])
    exercises = {each.exercise: exercise_called(each.exercise) for each in placed}
    return render_template(
        "regrades/listing.html",
        course=found,
        role="instructor",
        proposals=proposals,
        people=people,
        exercises=exercises,
        placed=[(each, *_versions(exercises[each.exercise], made.get(each.id, {}))) for each in placed],
    )


def _versions(exercise: Exercise | None, made: dict[str, int]) -> tuple[int, int]:
    """How many of the results that count are of another version of the exercise; and of how many."""
    older = sum(
        count
        for digest, count in made.items()
        if exercise is not None and not exercise.judges_some_variant_as(digest)
    )
    return older, sum(made.values())


@blueprint.get("/courses/<course>/regrades/<int(max=2147483647):number>")
@login_required  # type: ignore[untyped-decorator]
def show(course: str, number: int) -> ResponseReturnValue:
    """One proposal: who moves, from what to what, for which causes; and the buttons that decide it."""
    with reading() as transaction:
        found, row, assignment = _place(transaction, course, number)
        said = _said(transaction, found, row, assignment)
    return render_template("regrades/proposal.html", **said)


@blueprint.get("/courses/<course>/regrades/<int(max=2147483647):number>/progress")
@login_required  # type: ignore[untyped-decorator]
def progress(course: str, number: int) -> ResponseReturnValue:
    """How far a rerun is, for the page's script."""
    with reading() as transaction:
        _found, row, _assignment = _place(transaction, course, number)
        far = regrades.progress(transaction, row.id)
    said = jsonify(
        waiting=far.waiting, judged=far.judged, failed=far.failed, total=far.total, state=row.state
    )
    return said, 200, {"Cache-Control": "no-store", "Retry-After": "1"}


@blueprint.get("/courses/<course>/regrades/<int(max=2147483647):number>/moves.csv")
@login_required  # type: ignore[untyped-decorator]
def as_csv(course: str, number: int) -> ResponseReturnValue:
    """Everybody who moves, as CSV in which no cell is a formula (CSV injection)."""
    with reading() as transaction:
        _found, row, assignment = _place(transaction, course, number)
        comes_to = effect(transaction, row, assignment) if row.state == "open" else None
        people = users.by_ids(transaction, _concerned(row, comes_to))
    shown = (
        lines.of_record(row.before.get("moves", ()), people)
        if comes_to is None
        else lines.of_effect(comes_to, people, most=None)
    )
    name = re.sub(r"[^A-Za-z0-9_-]", "-", assignment.exercise)
    return Response(
        "\ufeff" + _csv(shown),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-regrade-{number}.csv"'},
    )


@blueprint.post("/courses/<course>/regrades/<int(max=2147483647):number>")
@login_required  # type: ignore[untyped-decorator]
def decide(course: str, number: int) -> ResponseReturnValue:
    """Accept, cancel or undo a proposal; have the rest of a sample judged, or what failed once more."""
    action = request.form.get("action", "")
    try:
        with writing() as transaction:
            _found, row, assignment = _place(transaction, course, number)
            _act(transaction, row, action)
            details = {"regrade": row.id, "exercise": assignment.exercise, "reason": row.reason}
            audit.record(transaction, current_user.user.login, f"regrade.{action}", course, details)
    except (RegradeError, PolicyError) as error:
        with reading() as transaction:
            found, row, assignment = _place(transaction, course, number)
            said = _said(transaction, found, row, assignment)
        return render_template("regrades/proposal.html", **said | {"problem": say(error.text)}), 409
    if action in ("go-on", "again"):
        services().dispatcher.submit()
    return redirect(url_for("regrades.show", course=course, number=number), 303)


def _act(transaction: Session, row: Regrade, action: str) -> None:
    match action:
        case "accept":
            regrades.accept(transaction, row, by=current_user.id, seen=request.form.get("seen", ""))
        case "undo":
            regrades.undo(transaction, row, by=current_user.id)
        case "cancel":
            regrades.cancel(transaction, row, by=current_user.id)
        case "go-on":
            regrades.go_on(transaction, row)
        case "again":
            regrades.again(transaction, row)
        case _:
            raise BadRequest


def _place(transaction: Session, slug: str, number: int) -> tuple[Course, Regrade, Assignment]:
    course = taught_course(transaction, slug)
    found = regrades.find(transaction, course.id, number)
    if found is None:
        raise NotFound
    return course, *found


def _concerned(row: Regrade, comes_to: Effect | None, most: int | None = None) -> list[int]:
    """Whose names are needed."""
    if comes_to is None:
        return [move[0] for move in row.before.get("moves", ())[:most]]
    return [move.user_id for move in [*comes_to.moves, *comes_to.held][:most]]


def _said(transaction: Session, course: Course, row: Regrade, assignment: Assignment) -> dict[str, Any]:
    """What the page of a proposal shows."""
    far = regrades.progress(transaction, row.id)
    comes_to = effect(transaction, row, assignment) if row.state == "open" else None
    causes = regrade_causes.causes(transaction, row.id) if row.kind == "rerun" else []
    shown = causes[: regrade_causes.MOST]
    examples = regrade_causes.examples(transaction, row.id, shown) if shown else {}
    compared = regrade_causes.compared(transaction, row.id) if far.judged else None
    failed = regrade_causes.not_judged(transaction, row.id) if far.failed and row.state == "open" else []
    came = since(transaction, row) if row.state == "open" else (0, 0)
    wanted = [*_concerned(row, comes_to, lines.MOST_LINES), *(each.student for each in examples.values())]
    wanted += [user for user in (row.by, row.decided_by, *(rescoring.users_of(row.changes) or ())) if user]
    people = users.by_ids(transaction, wanted)
    exercise = exercise_called(assignment.exercise)
    recorded = row.before.get("moves", [])
    return {
        "course": course,
        "role": "instructor",
        "row": row,
        "assignment": assignment,
        "exercise": exercise,
        "titles": {} if exercise is None else {check.id: check.title for check in exercise.checks},
        "far": far,
        "hindrance": regrades.hindrance(transaction, row) if row.state == "open" else None,
        "effect": comes_to,
        "causes": shown,
        "more_causes": len(causes) - len(shown),
        "examples": examples,
        "compared": compared,
        "failed": failed,
        "came": came,
        "rules_changed": row.state == "open"
        and row.kind == "rescore"
        and rescoring.changed_since(transaction, assignment, row),
        "rules": _rules(row, course),
        "people": people,
        "whom": _names(rescoring.users_of(row.changes) or (), people),
        "moved": len(recorded),
        "lines": lines.of_record(recorded[: lines.MOST_LINES], people)
        if comes_to is None
        else lines.of_effect(comes_to, people),
        "groups": [] if comes_to is None or row.kind == "rerun" else lines.grouped(comes_to),
        "problem": "",
    }


def _names(ids: Iterable[int], people: dict[int, User]) -> list[str]:
    return [people[each].name for each in ids if each in people]


def _rules(row: Regrade, course: Course) -> list[tuple[str, str, str]]:
    """The fields that a rescore changes: which, what each was, and what it becomes."""
    change = row.changes.get("policy", {})
    was = row.before.get("policy", {})
    zone = asked.zone_of(course)
    return [
        (field, asked.shown(field, was.get(field), zone), asked.shown(field, change[field], zone))
        for field in change
    ]


def _csv(shown: Iterable[lines.Line]) -> str:
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["login", "name", "score", "of", "score now", "of now", "set by hand", "why"])
    for line in shown:
        login, name = ("", "") if line.user is None else (line.user.login, line.user.name)
        sides = [
            part
            for side in (line.before, line.after)
            for part in (("", "") if side is None else (f"{side.score:.6g}", f"{side.most:.6g}"))
        ]
        held = "" if line.held is None else f"{line.held:.6g}"
        out.writerow([as_cell(login), as_cell(name), *sides, held, as_cell(line.why)])
    return text.getvalue()
