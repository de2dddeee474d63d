"""Joining a course by its code, which is the one way to an account without an operator.

A link carries the code, ``/join/CODE``. Whoever is signed in presses one button; whoever is not
signs in and comes back, or makes an account that is a student's and in that course. A code that is
wrong, withdrawn or replaced gets one and the same answer.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from grader.errors import UsageError
from grader.store import audit, courses, enrolments, passwords, recovery, tokens, users
from grader.store.tables import Course, CourseRole
from grader.store.users import LoginTaken
from grader.web.access import role_in, taught_course
from grader.web.accounts.password_reset import SHORTEST_PASSWORD, not_an_address, password_problem
from grader.web.accounts.sign_in import begin_session
from grader.web.context import services
from grader.web.rate_limits import spend_account, spend_join, spend_wrong_code
from grader.web.transactions import reading, writing
from grader.web.ui import timezones
from grader.web.ui.languages import _, language

blueprint = Blueprint("joining", __name__)

LONGEST_LOGIN = 254
LONGEST_NAME = 200


@blueprint.get("/join")
def ask() -> ResponseReturnValue:
    """A form for a code that was read off a blackboard; what is typed leads to the link's page."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return _ask_page()
    code = courses.written_code(typed)
    if code is None:
        spend_join()
        return _no_such_code(typed)
    return redirect(url_for("joining.invitation", code=code))


@blueprint.get("/join/<code>")
def invitation(code: str) -> ResponseReturnValue:
    """Which course it is, and how to get in."""
    spend_join()
    with reading() as transaction:
        course = courses.find_invitation(transaction, code)
        signed_in = course is not None and current_user.is_authenticated
        role = role_in(transaction, course) if course is not None and signed_in else None
    if course is None:
        return _no_such_code(code)
    return _page(course, role=role)


@blueprint.post("/join/<code>")
def join(code: str) -> ResponseReturnValue:
    """Join as who is signed in, or as the new account of the form."""
    spend_join()
    login = request.form.get("login", "").strip()
    with reading() as transaction:
        course = courses.find_invitation(transaction, code)
        taken = course is not None and login != "" and users.find_user(transaction, login) is not None
    if course is None:
        return _no_such_code(code)
    # A form for a new account from a tab where somebody has signed in since, or the button of one
    # where somebody has signed out: the page then says what is to be done.
    if current_user.is_authenticated == ("login" in request.form):
        return redirect(url_for("joining.invitation", code=course.join_code), 303)
    if current_user.is_authenticated:
        return _enrol(code)
    return _create_account(course, login, taken)


def _enrol(code: str) -> ResponseReturnValue:
    with writing() as transaction:
        # Looked up again: the invitation may have been withdrawn a moment ago.
        course = courses.find_invitation(transaction, code)
        if course is not None and role_in(transaction, course) is None:
            enrolments.join(transaction, current_user.id, course.id)
            audit.record(transaction, current_user.user.login, "course.join", course.slug)
    return _no_such_code(code) if course is None else _to_course(course)


def _create_account(course: Course, login: str, taken: bool) -> ResponseReturnValue:
    name = _visible(request.form.get("name", ""))
    password, typed = request.form.get("password", ""), request.form.get("email", "")[:1000]
    try:
        spend_account()
    except TooManyRequests as error:
        problem = _("Too many tries. Wait a minute, then try again.")
        return _page(course, problem, login, name, typed), 429, {"Retry-After": str(error.retry_after)}
    problem = _problem(login, name, password)
    try:
        email = recovery.checked_email(typed)
    except UsageError:
        problem = problem or not_an_address()
    if problem:
        return _page(course, problem, login, name, typed), 400
    if taken:
        return _taken(course, login, name, typed)
    with services().hashing:
        hashed = passwords.hash_password(password)
    try:
        with writing() as transaction:
            # Looked up again: hashing took its time.
            found = courses.find_invitation(transaction, course.join_code or "")
            if found is not None:
                user = users.add_user(transaction, login, name, password_hash=hashed, language=language())
                recovery.set_email(transaction, user.id, email)
                enrolments.join(transaction, user.id, found.id)
                audit.record(transaction, user.login, "account.create", user.login, {"course": found.slug})
                token = tokens.open_sign_in(transaction, user.id)
                timezones.remember(transaction, user)
    except LoginTaken:
        return _taken(course, login, name, typed)
    if found is None:
        return _no_such_code(course.join_code or "")
    begin_session(user, token)
    return _to_course(found)


def _problem(login: str, name: str, password: str) -> str:
    """What is wrong with a form for a new account; empty when nothing is."""
    # A name with invisible characters in it could look like another one's.
    fits = 1 <= len(login) <= LONGEST_LOGIN and len(users.login_key(login)) <= LONGEST_LOGIN
    if not fits or not login.isprintable():
        return _("Choose a name to sign in with, of at most %(most)s visible characters.", most=LONGEST_LOGIN)
    if not name:
        return _("Write your name, as your teacher knows it.")
    return password_problem(password)


def _visible(name: str) -> str:
    """A name without what cannot be seen, but for the joiners that some scripts are written with."""
    kept = "".join(one if one.isprintable() or one in "\u200c\u200d" else " " for one in name[:1000])
    return " ".join(kept.split())[:LONGEST_NAME]


def _taken(course: Course, login: str, name: str, email: str) -> ResponseReturnValue:
    problem = _("This name to sign in with is taken. Choose another one.")
    return _page(course, problem, login, name, email), 409


def _page(
    course: Course,
    problem: str = "",
    login: str = "",
    name: str = "",
    email: str = "",
    *,
    role: CourseRole | None = None,
) -> str:
    return render_template(
        "accounts/join.html",
        course=course,
        role=role,
        problem=problem,
        login=login[:LONGEST_LOGIN],
        name=name,
        email=email[: recovery.LONGEST_EMAIL],
        mails=services().mailer is not None,
        shortest=SHORTEST_PASSWORD,
    )


def _ask_page(problem: str = "", typed: str = "") -> str:
    return render_template("accounts/join_code.html", problem=problem, typed=typed[:40])


def _no_such_code(typed: str) -> ResponseReturnValue:
    spend_wrong_code()
    problem = _("No course has this code. Check it, or ask your teacher for a new one.")
    return _ask_page(problem, typed), 404


def _to_course(course: Course) -> ResponseReturnValue:
    return redirect(url_for("home.show", _anchor=f"course-{course.slug}"), 303)


@blueprint.post("/courses/<course>/invitation")
@login_required  # type: ignore[untyped-decorator]
def change_invitation(course: str) -> ResponseReturnValue:
    """Make, replace or withdraw the link of a course one teaches."""
    action = request.form.get("action", "")
    with writing() as transaction:
        found = taught_course(transaction, course)
        if action == "withdraw":
            courses.withdraw_invitation(transaction, found.id)
        elif action in {"make", "replace"}:
            courses.invite(transaction, found.id, anew=action == "replace")
        if action in {"make", "replace", "withdraw"}:
            event = "course.withdraw" if action == "withdraw" else "course.invite"
            audit.record(transaction, current_user.user.login, event, found.slug)
    return redirect(url_for("participants.listing", course=course, _anchor="invitation"), 303)
