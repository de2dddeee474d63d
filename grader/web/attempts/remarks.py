"""Remarks of those who teach on an attempt: comments, and points set by hand.

Both are forms of the attempt's page. One that cannot be done is answered with that page, what was typed in
it, and one sentence; one that was done leads back to it.
"""

from __future__ import annotations

import math
from typing import Final

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden

from grader.store import audit, comments, overrides
from grader.store.comments import LONGEST, Alike
from grader.web import access
from grader.web.access import Attempt
from grader.web.attempts.desk import Typed
from grader.web.attempts.views import page
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, ngettext
from grader.web.ui.numbers import points

blueprint = Blueprint("remarks", __name__)

LONGEST_REASON: Final = 1000
MOST_POINTS: Final = 100_000.0
_LARGEST: Final = 2**31 - 1


def _taught(transaction: Session, submission_id: str) -> Attempt:
    """An attempt in a course that the reader teaches or assists in.

    :raises NotFound: for one that the reader may not see.
    :raises Forbidden: for one's own.
    """
    attempt = access.attempt(transaction, submission_id)
    if not attempt.teaches:
        raise Forbidden
    return attempt


def _back(submission_id: str, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("attempts.show", submission_id=submission_id, _anchor=anchor), 303)


def _record(transaction: Session, action: str, attempt: Attempt, **details: object) -> None:
    where = {
        "course": attempt.course.slug,
        "exercise": attempt.assignment.exercise,
        "attempt": attempt.row.attempt,
        "submission": attempt.row.id,
    }
    audit.record(transaction, current_user.user.login, action, attempt.student.login, where | details)


# Comments


@blueprint.post("/attempts/<submission_id>/comments")
@login_required  # type: ignore[untyped-decorator]
def comment(submission_id: str) -> ResponseReturnValue:
    """Write a comment, look at it first, put an offered one here, or withdraw one."""
    action = request.form.get("action", "send")
    if action in ("repeat", "withdraw"):
        return _on_comment(submission_id, action)
    typed = Typed(
        # As a form sends it; what no database takes as text is left out.
        text=request.form.get("text", "").replace("\r\n", "\n").replace("\0", "").strip(),
        to="alike" if request.form.get("to") == "alike" else "one",
        preview=action == "preview",
    )
    with reading(more=True) as transaction:
        attempt = _taught(transaction, submission_id)
        alike = comments.alike(transaction, attempt.row)
    problem = _comment_problem(typed, alike)
    if problem or typed.preview:
        return _again(submission_id, typed, comment_problem=problem)
    with writing() as transaction:
        # The number is the one that was shown; answers that came meanwhile are offered the comment.
        to = comments.alike(transaction, attempt.row) if typed.to == "alike" else None
        row = comments.write(transaction, attempt.row, typed.text, by=current_user.id, to=to)
        _record(transaction, "comment.write", attempt, comment=row.id, answers=to.answers if to else 1)
    return _back(submission_id, "comments")


def _comment_problem(typed: Typed, alike: Alike) -> str:
    """Why a comment cannot be sent; empty when it can."""
    if not typed.text:
        return _("The comment is empty: write what the student should read.")
    if len(typed.text) > LONGEST:
        return _(
            "The comment has %(now)s characters; %(most)s are the most.", now=len(typed.text), most=LONGEST
        )
    if typed.to == "alike" and not typed.preview:
        if alike.name is None:
            return _("Which answers are like this one is not known. Comment on this one alone.")
        if request.form.get("number") != str(alike.answers):
            return ngettext(
                "Meanwhile %(num)d answer is like this one. If the comment is for it, send it again.",
                "Meanwhile %(num)d answers are alike. If the comment is for all of them, send it again.",
                alike.answers,
            )
    return ""


def _on_comment(submission_id: str, action: str) -> ResponseReturnValue:
    """Repeat or withdraw the comment that the form names. What is done already is no error."""
    number = request.form.get("comment", 0, type=int)
    with reading(more=True) as transaction:
        attempt = _taught(transaction, submission_id)
    if 0 < number <= _LARGEST:
        with writing() as transaction:
            if action == "repeat":
                done = comments.repeat(transaction, attempt.row, number)
            else:
                done = comments.withdraw(transaction, attempt.row, number) is not None
            if done:
                _record(transaction, f"comment.{action}", attempt, comment=number)
    return _back(submission_id, "comments")


# Points


@blueprint.post("/attempts/<submission_id>/points")
@login_required  # type: ignore[untyped-decorator]
def set_points(submission_id: str) -> ResponseReturnValue:
    """Set the points of a check, or of the whole exercise, by hand; or withdraw what was set."""
    typed = Typed(
        check=request.form.get("check", ""),
        points=request.form.get("points", "").strip(),
        reason=request.form.get("reason", "").replace("\0", "").strip(),
    )
    withdraw = request.form.get("action") == "withdraw"
    with reading(more=True) as transaction:
        attempt = _taught(transaction, submission_id)
        checks = overrides.checks_of(transaction, submission_id)
        holds = overrides.holding(overrides.history(transaction, attempt.row))
    if attempt.role != "instructor":
        raise Forbidden
    check = typed.check or None
    if withdraw and check not in holds:
        return _back(submission_id, "points")
    problem, score = "", None
    if check is not None and check not in checks and not withdraw:
        problem = _("This attempt has no check of that name; choose one of the list.")
    elif not withdraw:
        score = _read_points(typed.points)
        most = MOST_POINTS if check is None else checks[check].most
        problem = _points_problem(typed, score, most)
    if problem:
        return _again(submission_id, typed, points_problem=problem)
    with writing() as transaction:
        if check is None:
            overrides.set_total(
                transaction,
                assignment_id=attempt.assignment.id,
                user_id=attempt.student.id,
                score=score,
                reason=typed.reason,
                by=current_user.id,
            )
        else:
            overrides.set_check(
                transaction, attempt.row, check, score=score, reason=typed.reason, by=current_user.id
            )
        action = "override.withdraw" if withdraw else "override.set"
        _record(transaction, action, attempt, check=check, points=score, reason=typed.reason)
    return _back(submission_id, "points")


def _read_points(typed: str) -> float | None:
    """A number as people type it, with a point or a comma; None for what is none."""
    try:
        found = float(typed.replace(",", "."))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _points_problem(typed: Typed, score: float | None, most: float) -> str:
    """Why points cannot be set; empty when they can."""
    if score is None or not 0 <= score <= most:
        return _("Points must be a number from 0 to %(most)s, such as 2.5.", most=points(most))
    if not typed.reason:
        return _("Give a reason: the student reads it beside the points.")
    if len(typed.reason) > LONGEST_REASON:
        return _("The reason has more than %(most)s characters.", most=LONGEST_REASON)
    return ""


def _again(
    submission_id: str, typed: Typed, *, comment_problem: str = "", points_problem: str = ""
) -> ResponseReturnValue:
    """The page with what was typed, and what is wrong with it."""
    refused = bool(comment_problem or points_problem)
    shown = Typed(
        typed.text, typed.to, typed.preview, typed.check, typed.points, typed.reason,
        comment_problem, points_problem,
    )  # fmt: skip
    return page(submission_id, shown), 422 if refused else 200
