"""Sections of a course: made, renamed and deleted on the roster's page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from grader.errors import UsageError
from grader.store import audit, sections
from grader.store.sections import SectionTaken
from grader.web.access import taught_course
from grader.web.transactions import writing
from grader.web.ui.languages import _, ngettext

blueprint = Blueprint("course_sections", __name__)


@blueprint.get("/courses/<course>/sections")
@blueprint.get("/courses/<course>/sections/<int(max=2147483647):section_id>")
@login_required  # type: ignore[untyped-decorator]
def to_list(course: str, section_id: int = 0) -> ResponseReturnValue:  # noqa: ARG001 – it is in the address
    """Where the forms post to, a reload or a change of language leads back to the roster."""
    return redirect(url_for("participants.listing", course=course, _anchor="sections"))


@blueprint.post("/courses/<course>/sections")
@login_required  # type: ignore[untyped-decorator]
def make(course: str) -> ResponseReturnValue:
    """A new section."""
    return _changed(course, None, "make")


@blueprint.post("/courses/<course>/sections/<int(max=2147483647):section_id>")
@login_required  # type: ignore[untyped-decorator]
def change(course: str, section_id: int) -> ResponseReturnValue:
    """Another name for a section, or its end."""
    return _changed(course, section_id, request.form.get("action", "rename"))


def _changed(course: str, section_id: int | None, action: str) -> ResponseReturnValue:
    name = request.form.get("name", "")
    with writing() as transaction:
        found = taught_course(transaction, course)
        actor, where = current_user.user.login, {"course": found.slug}
        section = None if section_id is None else sections.find(transaction, found.id, section_id)
        if section is None and section_id is not None:
            raise NotFound
        try:
            if section is None:
                made = sections.make(transaction, found.id, name)
                audit.record(transaction, actor, "section.make", made.name, where)
                said = _("There is a new section.")
            elif action == "delete":
                was = section.name
                count = sections.remove(transaction, section)
                audit.record(transaction, actor, "section.delete", was, where | {"people": count})
                said = ngettext(
                    "The section is deleted. %(num)d person was in it, and stays in the course.",
                    "The section is deleted. %(num)d people were in it, and stay in the course.",
                    count,
                )
            else:
                was = section.name
                sections.rename(transaction, section, name)
                audit.record(transaction, actor, "section.rename", was, where | {"name": section.name})
                said = _("The section has its new name.")
        except SectionTaken:
            said = _("There is a section of this name already. Choose another name.")
        except UsageError:
            said = _("A section's name has between 1 and %(most)s characters.", most=sections.LONGEST_NAME)
    flash(said)
    return _back(course)


def _back(course: str) -> ResponseReturnValue:
    return redirect(url_for("participants.listing", course=course, _anchor="sections"), 303)
