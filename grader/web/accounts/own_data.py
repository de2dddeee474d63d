"""One's own data: all that is kept of whoever asks, as a zip file."""

from __future__ import annotations

import re
import tempfile
from typing import Final

from flask import Blueprint, Response, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from grader.store import audit, person_export, users
from grader.web.rate_limits import spend_export
from grader.web.transactions import later, reading

blueprint = Blueprint("own_data", __name__)

IN_MEMORY: Final = 4 * 2**20
"""Bytes; a larger file is written to the disk, where it has no name."""


@blueprint.get("/account/data")
@login_required  # type: ignore[untyped-decorator]
def to_account() -> ResponseReturnValue:
    """Where the form posts to, a reload or a change of language leads back to the account."""
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/data")
@login_required  # type: ignore[untyped-decorator]
def download() -> ResponseReturnValue:
    """The file. Of verdicts it has what the pages tell at this moment."""
    spend_export(current_user.id)
    # Not closed here: it is sent behind this function, and ends with the answer.
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    with reading() as transaction:
        user = users.get_user(transaction, current_user.id)
        assert user is not None
        login = user.login
        person_export.write_zip(transaction, user, file, everything=False)
    later(lambda session: audit.record(session, login, "account.export", login))
    file.seek(0)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", login).strip("-.") or "account"
    answer: Response = send_file(
        file,
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"{name}.zip",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
