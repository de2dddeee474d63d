"""Notices: what an account is told on its pages, until it says that it has read it."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from grader.store import notices
from grader.web.transactions import writing

blueprint = Blueprint("notices", __name__)


@blueprint.post("/notices/<int(max=2147483647):notice_id>/read")
@login_required  # type: ignore[untyped-decorator]
def read(notice_id: int) -> ResponseReturnValue:
    """It is not shown again. Leads home; at an exercise the form with the answer says it, so that what is
    typed there is kept (:mod:`grader.web.exercise.drafts`)."""
    with writing() as transaction:
        if not notices.read(transaction, current_user.id, notice_id):
            raise NotFound
    return redirect(url_for("home.show"), 303)
