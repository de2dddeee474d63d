"""The page of one exercise: its text, the form with a draft in it, and the verdict on an attempt."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from flask import render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from grader.model.source import readable
from grader.store import drafts, gradebook, submissions
from grader.store.tables import ReplacedDraft, Submission, utcnow
from grader.web.courses import Place, attempt
from grader.web.intake import Draft
from grader.web.languages import _
from grader.web.services import services


def show(where: Place) -> str:
    """The page as it is opened: with the draft, else the last attempt's code, else the starter.

    ``?from=ATTEMPT`` puts that attempt's code into the form;
    ``?attempt=ATTEMPT`` shows the verdict on one of the reader's own attempts at this exercise.
    """
    mine = current_user.id, where.assignment.id
    with services().store.read() as transaction:
        chosen = _own_attempt(transaction, where, request.args.get("from"))
        judged = _own_attempt(transaction, where, request.args.get("attempt"))
        kept = drafts.find(transaction, *mine)
        latest = submissions.latest(transaction, *mine) if kept is None and chosen is None else None
    if chosen is not None:
        draft, known = Draft(chosen.source, chosen.predictions), drafts.version_of(kept)
        return page(where, draft, row=judged, known=known, chosen=True)
    if kept is not None:  # what was handed in is no draft any more
        draft, known = Draft(kept.source, kept.predictions), drafts.version_of(kept)
        return page(where, draft, row=judged, restored=kept.saved_at, known=known)
    if latest is not None:
        return page(where, Draft(latest.source, latest.predictions), row=judged)
    return page(where, Draft(where.exercise.starter.encode()), row=judged)


def page(
    where: Place,
    draft: Draft,
    *,
    problem: str = "",
    file_problem: str = "",
    row: Submission | None = None,
    restored: datetime | None = None,
    known: str | None = None,
    chosen: bool = False,
) -> str:
    """The page with this draft in its form.

    :param problem: why the form was refused; ``file_problem``: why the file in it was.
    :param row: the attempt whose verdict is shown.
    :param restored: when the draft was saved.
    :param known: the version of the draft that this one is; None: those that the posted form knew.
    :param chosen: it is an earlier attempt's code; when it is saved, the draft that it replaces is kept.
    """
    upcoming = where.assignment.opens is not None and utcnow() < where.assignment.opens
    if where.role == "student" and upcoming:
        return render_template("upcoming.html", place=where)
    said: dict[str, object] = {"row": None}
    with services().store.read() as transaction:
        cell = gradebook.cell(transaction, current_user.id, where.assignment.id)
        replaced = drafts.replaced(transaction, current_user.id, where.assignment.id)
        latest = submissions.latest_id(transaction, current_user.id, where.assignment.id)
        if row is None and request.method == "POST":
            row = _own_attempt(transaction, where, request.form.get("attempt"))
        if row is not None:
            said = outcome(transaction, row)
    course, exercise = where.course.slug, where.exercise.slug
    return render_template(
        "exercise.html",
        place=where,
        exercise=where.exercise,
        cell=cell,
        draft=draft,
        problem=problem,
        file_problem=file_problem,
        restored=restored,
        chosen=chosen,
        known=request.form.get("draft_seen", "") if known is None else known,
        replaced=others(replaced, draft.source, draft.predictions),
        changed=row is not None and not _same_text(readable(row.source), draft.text),
        judged=readable(row.source) if row is not None else "",
        owner=owner_mark(),
        latest=latest or "",
        unsaved=request.method == "POST",
        request_key=secrets.token_hex(16),
        form_url=url_for("student.submit", course=course, exercise=exercise),
        draft_url=url_for("drafts.save", course=course, exercise=exercise),
        words=script_words(),
        **said,
    )


def outcome(transaction: Session, row: Submission) -> dict[str, object]:
    """What ``_outcome.html`` shows of an attempt, beside that of the one before."""
    before = submissions.previous(transaction, row)
    return {
        "found": attempt(transaction, row.id),
        "row": row,
        "report": submissions.report_of(row),
        "previous_row": before,
        "previous_report": submissions.report_of(before) if before is not None else None,
    }


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


def _own_attempt(transaction: Session, where: Place, wanted: str | None) -> Submission | None:
    """An attempt of the reader's at this exercise; None for anybody else's."""
    row = submissions.get(transaction, wanted[:36]) if wanted else None
    ours = current_user.id, where.assignment.id
    return row if row is not None and (row.user_id, row.assignment_id) == ours else None


def _same_text(one: str, other: str) -> bool:
    """Whether two texts are the same in a text area, which knows one end of a line."""
    return one.replace("\r\n", "\n") == other.replace("\r\n", "\n")


def script_words() -> dict[str, str]:
    """The sentences that the page's script says, in the reader's language."""
    return {
        "grading": _("Being graded …"),
        "offline": _("The connection is gone. Your work is safe here; it is sent again by itself."),
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
        "not_read": _("“%(name)s” could not be read just now. Choose it again in a moment."),
        "refused": _("“%(name)s” was not taken. %(why)s"),
        "far_too_large": _("It has more than 2 MiB; a file here may not."),
        "empty": _("It is empty."),
        "ending": _("Its name ends neither in .py nor in .ipynb."),
        "folder": _("It is a folder. Choose the one file in it that is to be submitted."),
        "several": _("Several files were dropped, and none was taken. Choose one."),
        "keep_code": _("Keep the code in the editor"),
        "first_file": _("Nothing was submitted. First decide about the file."),
    }
