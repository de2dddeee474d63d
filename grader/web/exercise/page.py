"""What the exercise page shows: its text, the form with a draft in it, and the verdict on an attempt."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.model.policy import Policy, is_open
from grader.model.source import readable
from grader.model.text import Language
from grader.store import attempts, drafts, first_predictions, gradebook, notices, submissions
from grader.store.tables import ReplacedDraft, utcnow
from grader.web.access import Attempt, Place, attempt
from grader.web.attempts.verdict import verdict_of
from grader.web.attempts.views import told_of_versions
from grader.web.context import services
from grader.web.exercise.onward import onward_of
from grader.web.exercise.rules import Outlook, limited, outlook, told
from grader.web.exercise.said import told_of
from grader.web.exercise.submit import Draft
from grader.web.transactions import reading
from grader.web.ui.languages import _, language


def show(where: Place) -> str:
    """The page as it is opened: with the draft, else the last attempt's code, else the starter.

    ``?from=ATTEMPT`` puts that attempt's code into the form;
    ``?attempt=ATTEMPT`` shows the verdict on one of the reader's own attempts at this exercise.
    """
    mine, wanted = (current_user.id, where.assignment.id), request.args.get("from")
    with reading(more=True) as transaction:
        chosen = attempts.handed_in(transaction, *mine, wanted[:36]) if wanted else None
        judged = _own_attempt(transaction, where, request.args.get("attempt"))
        kept = drafts.find(transaction, *mine)
        latest = attempts.handed_in(transaction, *mine) if kept is None and chosen is None else None
    if chosen is not None:
        _id, source, predictions = chosen
        known = drafts.version_of(kept)
        return page(where, Draft(source, predictions), judged=judged, known=known, chosen=True)
    if kept is not None:  # what was handed in is no draft any more
        draft, known = Draft(kept.source, kept.predictions), drafts.version_of(kept)
        return page(where, draft, judged=judged, restored=kept.saved_at, known=known)
    if latest is not None:
        _id, source, predictions = latest
        return page(where, Draft(source, predictions), judged=judged)
    return page(where, Draft(where.exercise.starter_in(language()).encode()), judged=judged)


def page(
    where: Place,
    draft: Draft,
    *,
    problem: str = "",
    file_problem: str = "",
    judged: Attempt | None = None,
    restored: datetime | None = None,
    known: str | None = None,
    chosen: bool = False,
) -> str:
    """The page with this draft in its form.

    :param problem: why the form was refused; ``file_problem``: why the file in it was.
    :param judged: the attempt whose verdict is shown, with its source.
    :param restored: when the draft was saved.
    :param known: the version of the draft that this one is; None: those that the posted form knew.
    :param chosen: it is an earlier attempt's code; when it is saved, the draft that it replaces is kept.
    """
    if where.upcoming:
        return render_template("exercise/upcoming.html", place=where)
    said: dict[str, Any] = {"row": None}
    now = utcnow()
    with reading() as transaction:
        cell = gradebook.cell(transaction, current_user.id, where.assignment.id)
        replaced = drafts.replaced(transaction, current_user.id, where.assignment.id)
        latest = attempts.latest_id(transaction, current_user.id, where.assignment.id)
        unread = notices.unread(
            transaction, current_user.id, course=where.course.slug, exercise=where.exercise.slug
        )
        if judged is None and request.method == "POST":
            judged = _own_attempt(transaction, where, request.form.get("attempt"))
        if judged is not None:
            said = verdict_of(transaction, judged)
        next_one = outlook_of(transaction, where.rules, where.assignment.id)
        way = onward_of(transaction, where.course, where.role, where.exercise.slug)
        firsts = first_predictions.of_assignment(transaction, current_user.id, where.assignment.id)
    shut = where.archived or (where.rules is not None and not is_open(where.rules, now)) or next_one.left == 0
    code = readable(judged.row.source) if judged is not None else ""
    course, exercise = where.course.slug, where.exercise.slug
    return render_template(
        "exercise/exercise.html",
        place=where,
        exercise=where.exercise,
        cell=cell,
        policy=where.policy,
        rules=told(where.policy, now) if where.role == "student" else [],
        next_one=next_one,
        onward=way,
        map_url=url_for("home.show", _anchor=f"course-{where.course.slug}"),
        shut=shut,
        notices=unread,
        draft=draft,
        problem=problem,
        file_problem=file_problem,
        restored=restored,
        chosen=chosen,
        known=request.form.get("draft_seen", "") if known is None else known,
        replaced=others(replaced, draft.source, draft.predictions),
        changed=judged is not None and not _same_text(code, draft.text),
        judged=code,
        owner=owner_mark(),
        latest=latest or "",
        unsaved=request.method == "POST",
        request_key=secrets.token_hex(16),
        form_url=url_for("exercise.submit", course=course, exercise=exercise),
        draft_url=url_for("drafts.save", course=course, exercise=exercise),
        words=script_words(),
        told=told_of(where.exercise, firsts, said["row"], said.get("report")),
        **said,
    )


def outlook_of(transaction: Session, policy: Policy | None, assignment_id: int) -> Outlook:
    """What the reader may do next at an assignment. It is asked only where the rules depend on it.

    :param policy: None: no rules hold for the reader.
    """
    if policy is None or not limited(policy):
        return Outlook()
    return outlook(policy, submissions.handed(transaction, current_user.id, assignment_id), utcnow())


def others(
    replaced: Sequence[ReplacedDraft], source: bytes, predictions: dict[str, str]
) -> list[ReplacedDraft]:
    """The replaced drafts that hold something else than this."""
    return [each for each in replaced if (each.source, each.predictions) != (source, predictions)]


def owner_mark() -> str:
    """Names the reader to the page's script, which keeps unsaved text in the browser under it.

    The next one to sign in at the same machine has another one, so that nobody gets another's text.
    """
    key = services().settings.signing_key().encode()
    return hmac.new(key, f"drafts of {current_user.id}".encode(), hashlib.sha256).hexdigest()[:16]


def _own_attempt(transaction: Session, where: Place, wanted: str | None) -> Attempt | None:
    """An attempt of the reader's at this exercise, with its source; None for anybody else's."""
    try:
        found = attempt(transaction, wanted[:36], source=True) if wanted else None
    except NotFound:
        return None
    return found if found is not None and found.own and found.assignment.id == where.assignment.id else None


def _same_text(one: str, other: str) -> bool:
    """Whether two texts are the same in a text area, which knows one end of a line."""
    return one.replace("\r\n", "\n") == other.replace("\r\n", "\n")


def script_words() -> dict[str, str]:
    """The sentences that the page's script says, in the reader's language."""
    return _script_words(language())


@cache
def _script_words(language: Language) -> dict[str, str]:
    # The language is that of the request, whose catalogue is looked up once for all of them.
    return {
        "grading": _("Being graded …"),
        "pause": _("The next attempt is taken in %(time)s. What you write is kept."),
        "ready": _("You can submit again."),
        "used": _("All attempts are used."),
        "offline": _("The connection is lost. Your work is safe on this page; it is sent again by itself."),
        "failed": _("Something failed on our side. Nothing is lost: submit again in a moment."),
        "unsaved": _("Not saved yet: no connection. Keep this page open."),
        "not_taken": _("Not saved yet: the server could not do it. It is tried again by itself."),
        "too_long": _("Not saved: a draft may have 512 KiB. Keep this page open, and shorten it."),
        "out_of_date": _(
            "Not saved: you were signed out and in again since this page was opened. "
            "Reload it; your text comes along."
        ),
        "signed_out": _("You are no longer signed in, so drafts are not saved. Submitting keeps your text."),
        "elsewhere": _("A newer draft was saved since this page was opened, so this text is not saved."),
        "unsaved_again": _("What was not saved when this page was left is here again."),
        "keep_mine": _("Keep this one"),
        "take_other": _("Show the other"),
        "before": _("%(before)s before you"),
        "about": _("about %(seconds)s s"),
        "next": _("You are next"),
        "versions": told_of_versions(),
        "stalled": _("Nothing can be graded at the moment. Your code is stored and will be graded."),
        "not_read": _("“%(name)s” could not be read just now. Choose it again in a moment."),
        "refused": _("“%(name)s” was not taken. %(why)s"),
        "far_too_large": _("It has more than 2 MiB; a file here may not."),
        "empty": _("It is empty."),
        "ending": _("Its name ends neither in .py nor in .ipynb."),
        "folder": _("It is a folder. Choose the one file in it that is to be submitted."),
        "several": _("Several files were dropped, and none was taken. Choose one."),
        "keep_code": _("Keep the code in the editor"),
        "line": _("line %(line)s"),
        "comma": "、" if language == "zh" else ", ",
        "marked": _("Marked, because the verdict names it: %(lines)s."),
        "in_file": _("In your file PREDICTIONS has %(text)s for %(name)s. What is typed here counts."),
        "first_file": _("Nothing was submitted. First decide about the file."),
    }
