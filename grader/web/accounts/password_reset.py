"""Password reset: a new password for who forgot the old one, asking for a mail, and the link that works once.

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

from grader.store import audit, passwords, recovery, tokens
from grader.store.tables import User
from grader.web.accounts import mail
from grader.web.accounts.sign_in import begin_session
from grader.web.context import Asked, services
from grader.web.rate_limits import spend_forgotten, spend_link, spend_wrong_link
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, language

blueprint = Blueprint("passwords", __name__)

LONGEST_TYPED = 254
SHORTEST_PASSWORD = 10
"""Characters of a password that somebody chooses here."""


def install(app: Flask) -> None:
    """Add the pages to the application."""
    app.register_blueprint(blueprint)
    # The defence against forged posts looks at the referrer, which a page with a secret in its address
    # does not send. The form's token is looked at by the view itself.
    app.extensions["csrf"].exempt(use_link)


@blueprint.get("/password")
def forgotten() -> ResponseReturnValue:
    """Ask for a mail; where none can be sent, read whom to ask."""
    return _ask_page()


@blueprint.post("/password")
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
    if not mailer.ask(Asked(typed, language())):
        return _ask_page(_("Too many mails are waiting to be sent. Try again in a few minutes."), typed), 503
    return redirect(url_for("passwords.sent"), 303)


@blueprint.get("/password-sent")
def sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("accounts/password_sent.html")


@blueprint.get(f"{mail.PATH}<token>")
def choose(token: str) -> ResponseReturnValue:
    """The form for the new password. Looking at it uses nothing up."""
    user = _owner(token)
    return _gone() if user is None else _choose_page(token, user)


@blueprint.post(f"{mail.PATH}<token>")
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
        hashed = passwords.hash_password(new)
    with writing() as transaction:
        user = recovery.use_link(transaction, token, hashed)
        if user is not None:
            audit.record(transaction, user.login, "account.password", user.login, {"by": "link"})
            session = tokens.open_sign_in(transaction, user.id)
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


@blueprint.after_request
def keep_secret(response: Response) -> Response:
    """A page with a secret in its address tells no other page where the reader came from, and is not kept."""
    if request.view_args and "token" in request.view_args:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response


def not_an_address() -> str:
    """What is said of a text that is no e-mail address."""
    return _("This is no e-mail address. Write one like ada@example.org, or leave the box empty.")


def password_problem(password: str) -> str:
    """Why this password cannot be chosen; empty when it can."""
    if len(password) < SHORTEST_PASSWORD:
        return _("A password needs at least %(least)s characters.", least=SHORTEST_PASSWORD)
    if len(password) > passwords.MAX_PASSWORD:
        return _("A password may have at most %(most)s characters.", most=passwords.MAX_PASSWORD)
    return ""


def _owner(token: str) -> User | None:
    spend_link()
    with reading() as transaction:
        found = recovery.find_link(transaction, token)
    return None if found is None else found[1]


def _ask_page(problem: str = "", typed: str = "") -> str:
    return render_template(
        "accounts/password_ask.html",
        problem=problem,
        typed=typed[:LONGEST_TYPED],
        mails=services().mailer is not None,
    )


def _choose_page(token: str, user: User, problem: str = "") -> str:
    return render_template(
        "accounts/password_choose.html", token=token, user=user, problem=problem, shortest=SHORTEST_PASSWORD
    )


def _gone() -> ResponseReturnValue:
    spend_wrong_link()
    return render_template("accounts/password_gone.html"), 404
