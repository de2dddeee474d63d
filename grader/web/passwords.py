"""A new password for who forgot the old one: asking for a mail, and the link that works once.

A link is opened by many who are not meant (previews in chats, scanners of mail), so that opening it changes
nothing: only the form with the new password uses it up. Links that are used, too old, replaced or invented
get one and the same answer, which names nobody.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf  # type: ignore[import-untyped]
from werkzeug.exceptions import TooManyRequests
from wtforms import ValidationError  # type: ignore[import-untyped]

from grader.store import audit, people, recovery
from grader.store.tables import User
from grader.web import mail
from grader.web.accounts import SHORTEST_PASSWORD, begin_session, password_problem
from grader.web.languages import _, language
from grader.web.security import spend_forgotten, spend_link, spend_wrong_link
from grader.web.services import services
from grader.web.transactions import reading, writing

passwords = Blueprint("passwords", __name__)

LONGEST_TYPED = 254


def install(app: Flask) -> None:
    """Add the pages to the application."""
    app.register_blueprint(passwords)
    # The defence against forged posts looks at the referrer, which a page with a secret in its address
    # does not send. The form's token is looked at by the view itself.
    app.extensions["csrf"].exempt(use_link)


@passwords.get("/password")
def forgotten() -> ResponseReturnValue:
    """Ask for a mail; where none can be sent, read whom to ask."""
    return _ask_page()


@passwords.post("/password")
def send_link() -> ResponseReturnValue:
    """Have a mail sent, if there is an account for it. The answer does not tell."""
    mailer = services().mailer
    if mailer is None:
        return _ask_page(), 404
    typed = request.form.get("login", "").replace("\0", "\ufffd").strip()
    if not typed or len(typed) > LONGEST_TYPED:
        return _ask_page(_("Write the name you sign in with, or your e-mail address."), typed), 400
    try:
        spend_forgotten()
    except TooManyRequests as error:
        problem = _("Too many tries. Wait a minute, then try again.")
        return _ask_page(problem, typed), 429, {"Retry-After": str(error.retry_after)}
    if not mailer.ask(mail.Asked(typed, language())):
        return _ask_page(_("Too many mails are waiting to be sent. Try again in a few minutes."), typed), 503
    return redirect(url_for("passwords.sent"), 303)


@passwords.get("/password-sent")
def sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("password_sent.html")


@passwords.get(f"{mail.PATH}<token>")
def choose(token: str) -> ResponseReturnValue:
    """The form for the new password. Looking at it uses nothing up."""
    user = _owner(token)
    return _gone() if user is None else _choose_page(token, user)


@passwords.post(f"{mail.PATH}<token>")
def use_link(token: str) -> ResponseReturnValue:
    """Set the password, end every session and token of the account, and open a session here."""
    user = _owner(token)
    if user is None:
        return _gone()
    new = request.form.get("new", "")
    problem = password_problem(new)
    if not _from_our_form():
        problem = _("This form was out of date. Type the new password once more.")
    elif not problem and new != request.form.get("again", ""):
        problem = _("The new password and its repetition differ. Type it twice again.")
    if problem:
        return _choose_page(token, user, problem), 400
    with services().hashing:
        hashed = people.hash_password(new)
    with writing() as transaction:
        user = recovery.use_link(transaction, token, hashed)
        if user is not None:
            audit.record(transaction, user.login, "account.password", user.login, {"by": "link"})
            session = people.open_sign_in(transaction, user.id)
    if user is None:
        return _gone()
    begin_session(user, session)
    flash(
        _("Your password is changed. You are signed out on all other devices, and your tokens are revoked.")
    )
    return redirect(url_for("accounts.account"), 303)


def _from_our_form() -> bool:
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return True
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


@passwords.after_request
def keep_secret(response: Response) -> Response:
    """A page with a secret in its address tells no other page where the reader came from, and is not kept."""
    if request.view_args and "token" in request.view_args:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response


def _owner(token: str) -> User | None:
    spend_link()
    with reading() as transaction:
        found = recovery.find_link(transaction, token)
    return None if found is None else found[1]


def _ask_page(problem: str = "", typed: str = "") -> str:
    return render_template(
        "password_ask.html",
        problem=problem,
        typed=typed[:LONGEST_TYPED],
        mails=services().mailer is not None,
    )


def _choose_page(token: str, user: User, problem: str = "") -> str:
    return render_template(
        "password_choose.html", token=token, user=user, problem=problem, shortest=SHORTEST_PASSWORD
    )


def _gone() -> ResponseReturnValue:
    spend_wrong_link()
    return render_template("password_gone.html"), 404
