"""Files that teachers send about a course: a list of people, a gradebook of another system.

They are kept for a day, for their sender alone, so that nobody sends one twice between looking and deciding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from grader.rosters.not_a_list import NotAList
from grader.store import uploads
from grader.store.tables import Course, Upload
from grader.web.access import taught_course
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _

Kind = Literal["roster", "gradebook"]


def keep(
    course: str,
    kind: Kind,
    field: str,
    readable: Callable[[bytes], object],
    form: Callable[..., str],
    look: str,
) -> ResponseReturnValue:
    """Keep the file in a field of the form, and go on to the page that looks at it.

    :param readable: raises :class:`NotAList` for what is refused at once, and not kept.
    :param form: the page with the form, given the course and what is wrong.
    :param look: the endpoint of the page that looks at it.
    """
    sent = request.files.get(field)
    data = b"" if sent is None else sent.read()
    name = "" if sent is None else (sent.filename or "").replace("\0", "")[-200:]
    with reading() as transaction:
        found = taught_course(transaction, course)
    if not name:
        return form(found, problem=_("Choose a file first.")), 400
    try:
        readable(data)
    except NotAList as error:
        return form(found, name=name, refused=error), 400
    with writing() as transaction:
        found = taught_course(transaction, course)
        kept = uploads.keep(transaction, found.id, current_user.id, kind, name, data)
    return redirect(url_for(look, course=course, upload_id=kept), 303)


def find(transaction: Session, course: Course, kind: Kind, upload_id: UUID) -> Upload | None:
    """The reader's own file, while it is kept."""
    return uploads.find(transaction, course.id, current_user.id, kind, str(upload_id))


def too_late() -> str:
    """What is said where a file is not kept any more."""
    return _("This file is no longer here: files are kept for a day. Send it again.")
