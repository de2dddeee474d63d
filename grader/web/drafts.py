"""Saving a draft: what is in the form, kept on every pause and found again on any device."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import RequestEntityTooLarge

from grader.model.source import Refusal, read_source
from grader.store import drafts as store
from grader.store.tables import utcnow
from grader.web import intake
from grader.web.clock import moment
from grader.web.courses import place
from grader.web.languages import _, say
from grader.web.security import spend_draft
from grader.web.transactions import reading, writing

drafts = Blueprint("drafts", __name__)

LONGEST = 512 * 2**10
"""Bytes of a draft: somewhat more than may be handed in, so that nothing is lost on the way to less."""


@drafts.post("/courses/<course>/<exercise>/draft")
@login_required  # type: ignore[untyped-decorator]
def save(course: str, exercise: str) -> ResponseReturnValue:
    """Keep the form's content. 409 when another window has saved something newer, unless ``force``."""
    with reading() as transaction:
        where = place(transaction, course, exercise)
    draft = intake.from_form(request.form, None, where.exercise)
    if len(draft.source) + sum(map(len, draft.predictions.values())) > LONGEST:
        raise RequestEntityTooLarge
    spend_draft(current_user.id)
    now = utcnow()
    with writing() as transaction:
        row = store.save(
            transaction,
            current_user.id,
            where.assignment.id,
            draft.source,
            draft.predictions,
            seen=intake.moment_seen(request.form),
            force="force" in request.form or not _asked_by_script(),
            now=now,
        )
    if not _asked_by_script():
        return redirect(url_for("student.exercise", course=course, exercise=exercise), 303)
    if row is None:
        return jsonify(), 409
    return jsonify(seen=now.isoformat(), said=_("Draft saved %(when)s", when=moment(now)))


@drafts.post("/courses/<course>/<exercise>/read")
@login_required  # type: ignore[untyped-decorator]
def read(course: str, exercise: str) -> ResponseReturnValue:
    """A chosen file as text for the editor, and what was done to read it; without text, why it cannot be.

    The script asks this for what is not plainly UTF-8: another encoding, a notebook.
    """
    with reading() as transaction:
        where = place(transaction, course, exercise)
    spend_draft(current_user.id)
    file = request.files.get("file")
    found = read_source(file.stream.read() if file is not None else b"", where.exercise.limits.source)
    if isinstance(found, Refusal):
        return jsonify(said=say(found.message))
    return jsonify(text=found.text, said=" ".join(map(say, found.notes)))


def _asked_by_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"
