"""Guest's page of an exercise: its form, and the verdict on what was just tried.

The verdict is rendered into the answer of the request that brought the code: nothing of it is kept, in no
database and in no process, so it does not matter which process answers next.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests

from grader.model import seeds
from grader.model.policy import Policy
from grader.model.report import Report
from grader.model.report_size import withheld
from grader.model.source import readable
from grader.model.submission import Submission
from grader.store.gradebook import EMPTY_CELL
from grader.store.tables import utcnow
from grader.web.accounts.sign_in import kept_page
from grader.web.attempts.pictures import Drawn, drawn
from grader.web.context import by_script, services
from grader.web.exercise.guest_door import GuestPlace, remember
from grader.web.exercise.page import script_words
from grader.web.exercise.rules import Outlook, details_rule
from grader.web.exercise.said import told_of
from grader.web.exercise.submit import Draft, Refused, check, check_file, from_form
from grader.web.rate_limits import spend_guest_form, spend_try
from grader.web.ui.languages import _, language

PATIENCE = 10.0
"""Seconds a POST waits for its verdict: it is told in the answer, or not at all."""
OWNER = "guest"
"""Whose drafts they are that a guest's browser keeps."""


@dataclass(frozen=True)
class Told:
    """A verdict that is shown once. What templates ask of a stored attempt, they find here."""

    report: Report
    predictions: dict[str, str]
    drawn: Drawn = field(default_factory=Drawn)
    shown: str = "graded"


def show(where: GuestPlace) -> str:
    """The exercise as it is opened: with the starter; what was typed here before, its script brings back."""
    return page(where, Draft(where.exercise.starter_in(language()).encode()))


def page(
    where: GuestPlace, draft: Draft, *, problem: str = "", file_problem: str = "", told: Told | None = None
) -> str:
    """The page with this draft in its form, and the verdict on it, if there is one."""
    course, exercise = where.course.slug, where.exercise.slug
    details = details_rule(where.policy, utcnow())
    return render_template(
        "exercise/exercise.html",
        guest=True,
        place=where,
        exercise=where.exercise,
        cell=EMPTY_CELL,
        # Neither dates nor what an answer counts mean anything to a guest.
        policy=Policy(),
        rules=[details] if details else [],
        next_one=Outlook(),
        onward=where.onward,
        tries=where.tries,
        map_url=url_for("home.course", course=course),
        shut=False,
        notices=[],
        draft=draft,
        problem=problem,
        file_problem=file_problem,
        restored=None,
        chosen=False,
        known="",
        replaced=[],
        owner=OWNER,
        latest="",
        unsaved=request.method == "POST",
        request_key="",
        form_url=url_for("exercise.submit", course=course, exercise=exercise),
        draft_url=url_for("drafts.save", course=course, exercise=exercise),
        words=_words(),
        row=None,
        told=told_of(where.exercise, {}, report=told.report if told else None),
        just_tried=told,
    )


def _words() -> dict[str, str]:
    return script_words() | {
        "kept_here": _("Kept in this browser"),
        "unsaved_again": _("What you wrote here before is here again."),
        "signed_out": _("This form is out of date. Reload the page; your text comes along."),
    }


def submit(where: GuestPlace) -> ResponseReturnValue:
    """Judge what the form holds, behind all that students wait for, and answer with the verdict."""
    draft = from_form(request.form, request.files.get("file"), where.exercise)
    try:
        check(draft, where.exercise)
        spend_try()
    except Refused as refusal:
        return _refused(where, draft, refusal)
    except TooManyRequests as error:
        wait = int(error.retry_after) if isinstance(error.retry_after, int) else 60
        said = _(
            "Many tries have come from your network. Try again in %(seconds)s s; your text is kept.",
            seconds=wait,
        )
        return _refused(where, draft, Refused(said, 429, wait=wait))
    key = services().settings.signing_key().encode()
    seed = seeds.one_of_pool(key, where.assignment.id)
    submission = Submission(draft.source, draft.predictions, seed)
    tried = services().judge(where.exercise.slug, submission, PATIENCE, draw=not where.withholding)
    if tried.report is None:
        if tried.again:
            said = _(
                "Many are trying at this moment, and students come first. Try again in %(seconds)s s; "
                "your text is kept.",
                seconds=tried.again,
            )
            return _refused(where, draft, Refused(said, 503, wait=tried.again))
        said = _("This could not be judged just now. That is our fault, not yours; your text is kept.")
        return _refused(where, draft, Refused(said, 503))
    remember(where, tried.report)
    report = withheld(tried.report) if where.withholding else tried.report
    figures = drawn(tried.pictures, where.exercise, report) if tried.pictures is not None else Drawn()
    told = Told(report, draft.predictions, figures)
    if by_script():
        return render_template(
            "exercise/_guest_outcome.html",
            told=told_of(where.exercise, {}, report=report),
            just_tried=told,
            place=where,
            exercise=where.exercise,
            tries=where.tries,
            onward=where.onward,
            map_url=url_for("home.course", course=where.course.slug),
        )
    return page(where, draft, told=told)


def _refused(where: GuestPlace, draft: Draft, refusal: Refused) -> ResponseReturnValue:
    headers = {} if refusal.wait is None else {"Retry-After": str(refusal.wait)}
    if by_script():
        said = {"problem": refusal.sentence, "flaws": draft.flaws, "wait": refusal.wait}
        # To a script an answer of 5xx is a failure; this one it shows.
        status = 429 if refusal.status == 503 else refusal.status
        return render_template("exercise/_refused.html", **said), status, headers
    if refusal.at_file:
        return page(where, draft.as_typed, file_problem=refusal.sentence), refusal.status, headers
    return page(where, draft, problem=refusal.sentence), refusal.status, headers


def form_again(where: GuestPlace) -> ResponseReturnValue:
    """What the form's other buttons do: the page again, in another language or from the start; signing in."""
    spend_guest_form()
    draft = from_form(request.form, request.files.get("file"), where.exercise)
    if "sign_in" in request.form and not current_user.is_authenticated:
        target = url_for("exercise.submit", course=where.course.slug, exercise=where.exercise.slug)
        return kept_page(target, guest=True)
    if "start_over" in request.form:
        return show(where)
    if draft.file:
        try:
            check_file(draft, where.exercise)
        except Refused as refusal:
            return page(where, draft.as_typed, file_problem=refusal.sentence), refusal.status
    return page(where, Draft(readable(draft.source).encode(), draft.predictions, flaws=draft.flaws))
