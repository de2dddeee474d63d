"""Drafts: what is in the form, kept on every pause and found again on any device.

The same address takes the form's other buttons that keep what is typed: saving without submitting, another
language or other colours, starting over and bringing back. Without a script each answers with a redirect to
the page, which shows the draft.
"""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from grader.model.source import Refusal, read_source
from grader.store import drafts as store
from grader.store import notices
from grader.store.tables import Draft as Row
from grader.web.access import Place
from grader.web.exercise import page as exercise_page
from grader.web.exercise.guest_door import GuestPlace, place_or_guest
from grader.web.exercise.guest_pages import form_again
from grader.web.exercise.submit import Draft, Refused, check_file, from_form, version_chosen, versions_known
from grader.web.rate_limits import spend_draft, spend_guest_form
from grader.web.transactions import writing
from grader.web.ui import languages, theme
from grader.web.ui.languages import _, say
from grader.web.ui.timezones import moment

blueprint = Blueprint("drafts", __name__)

LONGEST = 512 * 2**10
"""Bytes of a draft: somewhat more than may be handed in, so that nothing is lost on the way to less."""


@blueprint.post("/courses/<course>/<exercise>/draft")
def save(course: str, exercise: str) -> ResponseReturnValue:
    """Keep the form's content, and do what its button says.

    409 to a script when something newer is saved that it does not know, unless ``force``. A guest's form
    comes back as the page; nothing of it is kept.
    """
    where = place_or_guest(course, exercise)
    if isinstance(where, GuestPlace):
        return form_again(where)
    script = _asked_by_script()
    draft = from_form(request.form, None if script else request.files.get("file"), where.exercise)
    if len(draft.as_typed.source) + sum(map(len, draft.predictions.values())) > LONGEST:
        raise RequestEntityTooLarge
    spend_draft(current_user.id)
    if draft.file:
        try:
            check_file(draft, where.exercise)
        except Refused as refusal:
            said = exercise_page.page(where, draft.as_typed, file_problem=refusal.sentence)
            return said, refusal.status
    with writing() as transaction:
        row = _keep(transaction, where, draft)
        if request.form.get("notice_read", "").isdecimal():
            notices.read(transaction, current_user.id, int(request.form["notice_read"][:9]))
        replaced = store.replaced(transaction, current_user.id, where.assignment.id)
    if not script:
        return redirect(_page_again(course, exercise), 303)
    if "show_other" in request.form:
        return jsonify(replaced=render_template("exercise/_replaced.html", replaced=replaced))
    if row is None:
        return jsonify(), 409
    offered = exercise_page.others(replaced, row.source, row.predictions)
    return jsonify(
        version=store.version_of(row),
        said=_("Draft saved %(when)s", when=moment(row.saved_at)),
        replaced=render_template("exercise/_replaced.html", replaced=offered),
    )


def _keep(transaction: Session, where: Place, draft: Draft) -> Row | None:
    """Do what the pressed button says. The draft afterwards; None when there is a newer one."""
    mine = current_user.id, where.assignment.id
    content = draft.source, draft.predictions
    starter = where.exercise.starter_in(languages.language()).encode()
    known, version = versions_known(request.form), version_chosen(request.form)
    if draft.file and draft.typed is not None:
        store.set_aside(transaction, *mine, draft.as_typed.source, draft.predictions, starter=starter)
    if "start_over" in request.form:
        return store.start_over(
            transaction, *mine, *content, known=known, starter=starter, version=version
        )  # fmt: skip
    if "bring_back" in request.form:
        return store.bring_back(
            transaction, *mine, request.form["bring_back"][:36], *content, starter=starter
        )  # fmt: skip
    if "show_other" in request.form:
        store.set_aside(transaction, *mine, *content, starter=starter)
        return store.find(transaction, *mine)
    # Without a script nobody could be asked; what is overwritten is kept.
    force = "force" in request.form or not _asked_by_script()
    return store.save(
        transaction,
        *mine,
        *content,
        known=known,
        version=version,
        force=force,
        keep="chosen" in request.form,
        starter=starter,
    )


def _page_again(course: str, exercise: str) -> str:
    """The exercise's page with the verdict that it showed, in the language and colours asked for."""
    return url_for(
        "exercise.show",
        course=course,
        exercise=exercise,
        attempt=request.form.get("attempt") or None,
        theme=request.args.get(theme.COOKIE),
        lang=request.args.get(languages.COOKIE),
    )


@blueprint.post("/courses/<course>/<exercise>/read")
def read(course: str, exercise: str) -> ResponseReturnValue:
    """A chosen file as text for the editor, and what was done to read it; without text, why it cannot be.

    The script asks this for what is not plainly UTF-8: another encoding, a notebook.
    """
    where = place_or_guest(course, exercise)
    if isinstance(where, GuestPlace):
        spend_guest_form()
    else:
        spend_draft(current_user.id)
    file = request.files.get("file")
    found = read_source(file.stream.read() if file is not None else b"", where.exercise.limits.source)
    if isinstance(found, Refusal):
        return jsonify(said=say(found.message))
    return jsonify(text=found.text, said=" ".join(map(say, found.notes)))


def _asked_by_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"
