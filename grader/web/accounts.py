"""Signing in and out, one's own account, and the tokens of the JSON API.

The cookie holds a random token whose row in the database can be ended from here, so that
"sign out everywhere" is true at once. A wrong password and an unknown account give the same sentence
after the same time; that an account is disabled is told to who knows its password. Joining a course, which
can make an account, is in :mod:`grader.web.joining`; a forgotten password in :mod:`grader.web.passwords`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from werkzeug.exceptions import NotFound, TooManyRequests

from grader.errors import UsageError
from grader.model.text import LANGUAGES, Language
from grader.store import audit, people, recovery
from grader.store.people import AccountDisabled
from grader.store.tables import ApiToken, Role, User, utcnow
from grader.web import clock, languages
from grader.web.languages import _
from grader.web.security import local_path, spend_sign_in
from grader.web.services import services
from grader.web.transactions import later, reading, writing

accounts = Blueprint("accounts", __name__)

TOKEN_LIFETIME = timedelta(days=365)
MOST_TOKENS = 20
SHORTEST_PASSWORD = 10
"""Characters of a password that somebody chooses here."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """Who is signed in, by which session."""

    def __init__(self, user: User, token: str) -> None:
        self.user = user
        self.id: int = user.id
        self.name: str = user.name
        self.role: Role = user.role
        self.language: Language = user.language
        self._token = token

    def get_id(self) -> str:
        """The session's token, not the account's number: only a token can be revoked."""
        return self._token


def install(app: Flask) -> None:
    """Let Flask-Login find who is signed in."""
    manager = LoginManager(app)
    # A phone changes its address on the way home; that is no reason to sign anybody out.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.unauthorized_handler(ask_to_sign_in)
    app.register_blueprint(accounts)
    app.after_request(_remember_language)


def _load(token: str) -> SignedIn | None:
    with reading(more=True) as transaction:
        found = people.find_sign_in(transaction, token)
    if found is None:
        return None
    sign_in, user = found
    if people.use_is_stale(sign_in):
        later(partial(people.note_seen, sign_in_id=sign_in.id))
    return SignedIn(user, token)


def _remember_language(response: Response) -> Response:
    """A language chosen while signed in is the account's: another device knows it, too."""
    wish = request.args.get(languages.COOKIE)
    page = request.method == "GET" and request.blueprint is not None and request.blueprint != "api"
    if page and wish in LANGUAGES and response.status_code < 400 and current_user.is_authenticated:
        chosen: Language = "zh" if wish == "zh" else "en"
        if chosen != current_user.language:
            later(partial(people.set_language, user_id=current_user.id, language=chosen))
    return response


def ask_to_sign_in() -> ResponseReturnValue:
    """Where somebody who is not signed in is sent. What a form held is never thrown away."""
    if request.method == "POST" and "source" in request.form:
        return kept_page(address_to_submit()), 401
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=None if target == "/" else target))


def kept_page(target: str, problem: str = "") -> str:
    """A page that holds on to a form's content: to be sent again, after signing in if need be."""
    return render_template(
        "kept.html",
        target=target,
        typed=typed_in_form(),
        problem=problem,
        login=request.form.get("login", ""),
    )


def address_to_submit() -> str:
    """Where "Submit" leads on a page that keeps a form: not to the address that only saves a draft."""
    if request.endpoint == "drafts.save":
        return url_for("student.submit", **(request.view_args or {}))
    return request.path


def typed_in_form() -> dict[str, str]:
    """What somebody wrote in the form of an exercise: the code under ``source``, and predictions."""
    return {
        name: value
        for name, value in request.form.items()
        if name == "source" or name.startswith("predict-")
    }  # fmt: skip


@accounts.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form."""
    target = local_path(request.args.get("next")) or url_for("student.home")
    if current_user.is_authenticated:
        return redirect(target)
    return _form(target)


@accounts.post("/sign-in")
def open_session() -> ResponseReturnValue:
    """Check the password and open a session."""
    target = local_path(request.form.get("next")) or url_for("student.home")
    # PostgreSQL takes no NUL in a text, not even to say that no account is called so.
    login, password = request.form.get("login", "").replace("\0", "\ufffd"), request.form.get("password", "")
    try:
        spend_sign_in(login)
    except TooManyRequests as error:
        problem = _("Too many tries. Wait a minute, then try again.")
        return _form(target, problem, login), 429, {"Retry-After": str(error.retry_after)}
    with reading() as transaction:
        user = people.find_user(transaction, login)
    try:
        with services().hashing:
            right = people.recognised(user, password)
            stronger = people.strengthened(user, password) if user is not None and right else None
    except AccountDisabled:
        problem = _(
            "This account is disabled: nobody can sign in to it, and its work is kept. "
            "Ask your teacher, or whoever runs this server."
        )
        return _form(target, problem, login), 403
    if user is None or not right:
        return _form(target, _("This name and password do not match."), login), 401
    with writing() as transaction:
        if stronger is not None:
            people.strengthen(transaction, user, stronger)
        token = people.open_sign_in(transaction, user.id)
        clock.remember(transaction, user)
    begin_session(user, token)
    if "source" in request.form:
        return kept_page(target)
    return redirect(target, 303)


def begin_session(user: User, token: str) -> None:
    """Let this browser go on as ``user``, by a token of :func:`grader.store.people.open_sign_in`."""
    # A session that was prepared by somebody else ends here.
    session.clear()
    session.permanent = True
    login_user(SignedIn(user, token))


def _form(target: str, problem: str = "", login: str = "") -> str:
    if "source" in request.form:
        return kept_page(target, problem)
    return render_template(
        "sign_in.html",
        target=target,
        problem=problem,
        login=login,
        mails=services().mailer is not None,
        doors=services().doors,
    )


@accounts.post("/sign-out")
@login_required  # type: ignore[untyped-decorator]
def sign_out() -> ResponseReturnValue:
    """End this session."""
    with writing() as transaction:
        people.close_sign_in(transaction, current_user.get_id())
    return _leave()


@accounts.post("/sign-out-everywhere")
@login_required  # type: ignore[untyped-decorator]
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this account, on every device."""
    with writing() as transaction:
        people.close_all_sign_ins(transaction, current_user.id)
    return _leave()


def _leave() -> ResponseReturnValue:
    logout_user()
    session.clear()
    # On a shared computer the Back button must not show the last reader's pages.
    return redirect(url_for("accounts.sign_in"), 303), {"Clear-Site-Data": '"cache"'}


@accounts.get("/account")
@login_required  # type: ignore[untyped-decorator]
def account() -> ResponseReturnValue:
    """One's own account: password, time zone, sessions and tokens."""
    return _account_page()


@accounts.get("/account/password", endpoint="of_password")
@accounts.get("/account/email", endpoint="of_email")
@accounts.get("/account/timezone", endpoint="of_timezone")
@accounts.get("/account/tokens", endpoint="of_tokens")
def to_account() -> ResponseReturnValue:
    """Where the account's forms post to, a reload or a change of language leads back to the account."""
    return redirect(url_for("accounts.account"))


@accounts.post("/account/password")
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
        tokens = people.tokens(transaction, current_user.id)
    problem, status = _confirmed(current)
    if problem:
        return _account_page(password_problem=problem, tokens=tokens), *status
    with services().hashing:
        hashed = people.hash_password(new)
    user: User = current_user.user
    with writing() as transaction:
        people.set_password(transaction, user.id, hashed)
        token = people.open_sign_in(transaction, user.id)
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
        right = people.recognised(current_user.user, password)
    return "" if right else _("The current password is not right. Nothing was changed."), (403, {})


@accounts.post("/account/email")
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
        tokens = people.tokens(transaction, current_user.id)
    problem, status = _confirmed(request.form.get("current", ""))
    if problem:
        return _account_page(email_problem=problem, email=typed, tokens=tokens), *status
    user: User = current_user.user
    with writing() as transaction:
        recovery.set_email(transaction, user.id, email)
        audit.record(transaction, user.login, "account.email", user.login)
    flash(_("Saved."))
    return redirect(url_for("accounts.account"), 303)


def not_an_address() -> str:
    """What is said of a text that is no e-mail address."""
    return _("This is no e-mail address. Write one like ada@example.org, or leave the box empty.")


def password_problem(password: str) -> str:
    """Why this password cannot be chosen; empty when it can."""
    if len(password) < SHORTEST_PASSWORD:
        return _("A password needs at least %(least)s characters.", least=SHORTEST_PASSWORD)
    if len(password) > people.MAX_PASSWORD:
        return _("A password may have at most %(most)s characters.", most=people.MAX_PASSWORD)
    return ""


@accounts.post("/account/timezone")
@login_required  # type: ignore[untyped-decorator]
def set_timezone() -> ResponseReturnValue:
    """In which zone times are shown; empty: in the browser's."""
    typed = request.form.get("timezone", "").strip()
    name = clock.known(typed)
    if typed and name is None:
        problem = _("There is no such time zone. Choose one of the list, or a name like Europe/Zurich.")
        return _account_page(zone_problem=problem, zone=typed[: clock.LONGEST]), 400
    with writing() as transaction:
        people.set_timezone(transaction, current_user.id, name)
    flash(_("Saved."))
    return redirect(url_for("accounts.account"), 303)


@accounts.post("/account/tokens")
@login_required  # type: ignore[untyped-decorator]
def new_token() -> ResponseReturnValue:
    """Issue a token. It is shown in this answer and never again."""
    name = request.form.get("name", "").replace("\0", "").strip()[:100] or "grade"
    plaintext = None
    with writing() as transaction:
        tokens = list(people.tokens(transaction, current_user.id))
        if len(tokens) < MOST_TOKENS:
            plaintext, row = people.issue_token(transaction, current_user.id, name, lifetime=TOKEN_LIFETIME)
            tokens.insert(0, row)
    if plaintext is None:
        problem = _("You have too many tokens. Revoke one first.")
        return _account_page(problem=problem, tokens=tokens), 409
    return _account_page(plaintext, tokens=tokens), {"Cache-Control": "no-store"}


@accounts.post("/account/tokens/<int(max=2147483647):token_id>/revoke")
@login_required  # type: ignore[untyped-decorator]
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Revoke one of one's own tokens."""
    with writing() as transaction:
        if not people.revoke_token(transaction, current_user.id, token_id):
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
    tokens: Sequence[ApiToken] | None = None,
) -> str:
    """The page; its tokens are read here unless the view has read them."""
    if tokens is None:
        with reading() as transaction:
            tokens = people.tokens(transaction, current_user.id)
    return render_template(
        "account.html",
        tokens=tokens,
        plaintext=plaintext,
        problem=problem,
        password_problem=password_problem,
        zone_problem=zone_problem,
        zone=(current_user.user.timezone or "") if zone is None else zone,
        zones=clock.COMMON,
        mails=services().mailer is not None,
        email_problem=email_problem,
        email=(current_user.user.email or "") if email is None else email,
        now=utcnow(),
        shortest=SHORTEST_PASSWORD,
    )
