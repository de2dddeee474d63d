"""Who takes a course, for who teaches it: logins, and a link for who forgot a password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from grader.store import audit, people, recovery
from grader.store.recovery import Helped
from grader.store.tables import Course, User, utcnow
from grader.web.courses import taught_course
from grader.web.languages import _
from grader.web.security import spend_link_made
from grader.web.services import services
from grader.web.transactions import reading, writing

participants = Blueprint("participants", __name__)


@participants.get("/courses/<course>/students")
@login_required  # type: ignore[untyped-decorator]
def listing(course: str) -> ResponseReturnValue:
    """Every student of the course."""
    with reading() as transaction:
        found = taught_course(transaction, course)
        students = recovery.students(transaction, found.id)
    return _page(found, students)


@participants.get("/courses/<course>/password-links/<int(max=2147483647):user_id>")
@login_required  # type: ignore[untyped-decorator]
def to_listing(course: str, user_id: int) -> ResponseReturnValue:  # noqa: ARG001 – it is in the address
    """Where the page with a link stands, a reload or a change of language leads back to the list."""
    return redirect(url_for("participants.listing", course=course))


@participants.post("/courses/<course>/password-links/<int(max=2147483647):user_id>")
@login_required  # type: ignore[untyped-decorator]
def make_link(course: str, user_id: int) -> ResponseReturnValue:
    """A link to a new password for a student. It is shown in this answer and never again."""
    lifetime = timedelta(hours=services().settings.password_link_hours)
    with reading() as transaction:
        found = taught_course(transaction, course)
        students = recovery.students(transaction, found.id)
    spend_link_made(current_user.id)
    token = None
    with writing() as transaction:
        user = people.get_user(transaction, user_id)
        if user is None or people.enrolment(transaction, user_id, found.id) is None:
            raise NotFound
        if recovery.may_be_helped(transaction, user, found.id):
            token = recovery.make_link(transaction, user.id, lifetime=lifetime, course_id=found.id)
            audit.record(
                transaction, current_user.user.login, "account.link", user.login, {"course": found.slug}
            )
    if token is None:
        problem = _("Not for this account: who runs this server can give it a new password.")
        return _page(found, students, problem=problem), 403
    link = url_for("passwords.choose", token=token, _external=True)
    page = _page(found, students, user=user, link=link, until=utcnow() + lifetime)
    return page, {"Cache-Control": "no-store"}


def _page(
    course: Course,
    students: Sequence[Helped],
    *,
    problem: str = "",
    user: User | None = None,
    **shown: object,
) -> str:
    return render_template(
        "participants.html", course=course, students=students, problem=problem, user=user, **shown
    )
