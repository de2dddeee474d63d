"""Account page: one's own password, e-mail address, time zone, sessions, and the tokens of the JSON API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound, TooManyRequests

from grader.errors import UsageError
from grader.store import audit, passwords, recovery, tokens, users
from grader.store.tables import ApiToken, User, utcnow
from grader.web.accounts.password_reset import SHORTEST_PASSWORD, not_an_address, password_problem
from grader.web.accounts.sign_in import begin_session
from grader.web.context import services
from grader.web.rate_limits import spend_sign_in
from grader.web.transactions import reading, writing
from grader.web.ui import timezones
from grader.web.ui.languages import _

blueprint = Blueprint("accounts", __name__)

TOKEN_LIFETIME = timedelta(days=365)
MOST_TOKENS = 20


@blueprint.get("/account")
@login_required  # type: ignore[untyped-decorator]
def account() -> ResponseReturnValue:
    """One's own account: password, time zone, sessions and tokens."""
    return _account_page()


@blueprint.get("/account/password", endpoint="of_password")
@blueprint.get("/account/email", endpoint="of_email")
@blueprint.get("/account/timezone", endpoint="of_timezone")
@blueprint.get("/account/tokens", endpoint="of_tokens")
def to_account() -> ResponseReturnValue:
    """Where the account's forms post to, a reload or a change of language leads back to the account."""
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/password")
@login_required  # type: ignore[untyped-decorator]
def change_password() -> ResponseReturnValue:
    """Replace the password. Every other session ends; this one goes on with another token."""
    current, new = request.form.get("current", ""), request.form.get("new", "")
    problem = password_problem(new)
    if not problem and new != request.form.get("again", ""):
        problem = _("The new password and its repetition differ. Type it twice again.")
    if problem:
        return _account_page(password_problem=problem), 400
    with reading() as transaction:
        mine = tokens.of_user(transaction, current_user.id)
    problem, status = _confirmed(current)
    if problem:
        return _account_page(password_problem=problem, own=mine), *status
    with services().hashing:
        hashed = passwords.hash_password(new)
    user: User = current_user.user
    with writing() as transaction:
        passwords.set_password(transaction, user.id, hashed)
        token = tokens.open_sign_in(transaction, user.id)
        audit.record(transaction, user.login, "account.password", user.login)
    begin_session(user, token)
    flash(_("Your password is changed. You are signed out on all other devices."))
    return redirect(url_for("accounts.account"), 303)


def _confirmed(password: str) -> tuple[str, tuple[int, dict[str, str]]]:
    """Why this is not the password of who is signed in, with status and headers; empty when it is."""
    # Whoever sits down at a session left open must not guess faster than at the sign-in page.
    try:
        spend_sign_in(current_user.user.login)
    except TooManyRequests as error:
        problem = _("Too many tries. Wait a minute, then try again.")
        return problem, (429, {"Retry-After": str(error.retry_after)})
    with services().hashing:
        right = passwords.recognised(current_user.user, password)
    return "" if right else _("The current password is not right. Nothing was changed."), (403, {})


@blueprint.post("/account/email")
@login_required  # type: ignore[untyped-decorator]
def set_email() -> ResponseReturnValue:
    """Where a link to a new password may be sent; empty: nowhere.

    It asks for the password, as whoever owns the address can choose another one.
    """
    typed = request.form.get("email", "")[:1000]
    try:
        email = recovery.checked_email(typed)
    except UsageError:
        problem = not_an_address()
        return _account_page(email_problem=problem, email=typed[: recovery.LONGEST_EMAIL]), 400
    with reading() as transaction:
        mine = tokens.of_user(transaction, current_user.id)
    problem, status = _confirmed(request.form.get("current", ""))
    if problem:
        return _account_page(email_problem=problem, email=typed, own=mine), *status
    user: User = current_user.user
    with writing() as transaction:
        recovery.set_email(transaction, user.id, email)
        audit.record(transaction, user.login, "account.email", user.login)
    flash(_("Saved."))
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/account/timezone")
@login_required  # type: ignore[untyped-decorator]
def set_timezone() -> ResponseReturnValue:
    """In which zone times are shown; empty: in the browser's."""
    typed = request.form.get("timezone", "").strip()
    name = timezones.known(typed)
    if typed and name is None:
        problem = _("There is no such time zone. Choose one of the list, or a name like Europe/Zurich.")
        return _account_page(zone_problem=problem, zone=typed[: timezones.LONGEST]), 400
    with writing() as transaction:
        users.set_timezone(transaction, current_user.id, name)
    flash(_("Saved."))
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/account/tokens")
@login_required  # type: ignore[untyped-decorator]
def new_token() -> ResponseReturnValue:
    """Issue a token. It is shown in this answer and never again."""
    name = request.form.get("name", "").replace("\0", "").strip()[:100] or "grade"
    plaintext = None
    with writing() as transaction:
        mine = list(tokens.of_user(transaction, current_user.id))
        if len(mine) < MOST_TOKENS:
            plaintext, row = tokens.issue_token(transaction, current_user.id, name, lifetime=TOKEN_LIFETIME)
            mine.insert(0, row)
    if plaintext is None:
        problem = _("You have too many tokens. Revoke one first.")
        return _account_page(problem=problem, own=mine), 409
    return _account_page(plaintext, own=mine), {"Cache-Control": "no-store"}


@blueprint.post("/account/tokens/<int(max=2147483647):token_id>/revoke")
@login_required  # type: ignore[untyped-decorator]
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Revoke one of one's own tokens."""
    with writing() as transaction:
        if not tokens.revoke_token(transaction, current_user.id, token_id):
            raise NotFound
    return redirect(url_for("accounts.account"), 303)


def _account_page(
    plaintext: str = "",
    problem: str = "",
    password_problem: str = "",
    zone_problem: str = "",
    zone: str | None = None,
    email_problem: str = "",
    email: str | None = None,
    own: Sequence[ApiToken] | None = None,
) -> str:
    """The page; its tokens are read here unless the view has read them."""
    if own is None:
        with reading() as transaction:
            own = tokens.of_user(transaction, current_user.id)
    return render_template(
        "accounts/account.html",
        tokens=own,
        plaintext=plaintext,
        problem=problem,
        password_problem=password_problem,
        zone_problem=zone_problem,
        zone=(current_user.user.timezone or "") if zone is None else zone,
        zones=timezones.COMMON,
        mails=services().mailer is not None,
        email_problem=email_problem,
        email=(current_user.user.email or "") if email is None else email,
        now=utcnow(),
        shortest=SHORTEST_PASSWORD,
    )
