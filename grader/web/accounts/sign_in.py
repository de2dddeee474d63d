"""Sign-in and sign-out: Flask-Login's user, the form, and what a form held while nobody was signed in.

The cookie holds a random token whose row in the database can be ended from here, so that
"sign out everywhere" is true at once. A wrong password and an unknown account give the same sentence
after the same time; that an account is disabled is told to who knows its password. The account's own page is
:mod:`~grader.web.accounts.account`; making an account is :mod:`~grader.web.accounts.joining`; a forgotten
password is :mod:`~grader.web.accounts.password_reset`.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from grader.model.text import LANGUAGES, Language
from grader.store import guests, passwords, tokens, users
from grader.store.passwords import AccountDisabled
from grader.store.tables import Role, User
from grader.web.context import services
from grader.web.rate_limits import spend_sign_in
from grader.web.security import local_path
from grader.web.transactions import later, reading, writing
from grader.web.ui import languages, timezones
from grader.web.ui.languages import _

blueprint = Blueprint("sign_in", __name__)


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
    app.register_blueprint(blueprint)
    app.after_request(_remember_language)


def _load(token: str) -> SignedIn | None:
    with reading(more=True) as transaction:
        found = tokens.find_sign_in(transaction, token)
    if found is None:
        return None
    sign_in, user = found
    if tokens.use_is_stale(sign_in):
        later(partial(tokens.note_seen, sign_in_id=sign_in.id))
    return SignedIn(user, token)


def _remember_language(response: Response) -> Response:
    """A language chosen while signed in is the account's: another device knows it, too."""
    wish = request.args.get(languages.COOKIE)
    page = request.method == "GET" and request.blueprint is not None and request.blueprint != "api"
    if page and wish in LANGUAGES and response.status_code < 400 and current_user.is_authenticated:
        chosen: Language = "zh" if wish == "zh" else "en"
        if chosen != current_user.language:
            later(partial(users.set_language, user_id=current_user.id, language=chosen))
    return response


def ask_to_sign_in() -> ResponseReturnValue:
    """Where somebody who is not signed in is sent. What a form held is never thrown away."""
    if request.method == "POST" and "source" in request.form:
        return kept_page(address_to_submit()), 401
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.form", next=None if target == "/" else target))


def kept_page(target: str, problem: str = "", *, guest: bool = False) -> str:
    """A page that holds on to a form's content: to be sent again, after signing in if need be.

    :param guest: whether it is a guest's who wishes to sign in.
    """
    return render_template(
        "accounts/kept.html",
        target=target,
        typed=typed_in_form(),
        problem=problem,
        guest=guest,
        login=request.form.get("login", ""),
    )


def address_to_submit() -> str:
    """Where "Submit" leads on a page that keeps a form: not to the address that only saves a draft."""
    if request.endpoint == "drafts.save":
        return url_for("exercise.submit", **(request.view_args or {}))
    return request.path


def typed_in_form() -> dict[str, str]:
    """What somebody wrote in the form of an exercise: the code under ``source``, and predictions."""
    return {
        name: value
        for name, value in request.form.items()
        if name == "source" or name.startswith("predict-")
    }  # fmt: skip


@blueprint.get("/sign-in")
def form() -> ResponseReturnValue:
    """The form."""
    target = local_path(request.args.get("next")) or url_for("home.show")
    if current_user.is_authenticated:
        return redirect(target)
    return _form(target)


@blueprint.post("/sign-in")
def open_session() -> ResponseReturnValue:
    """Check the password and open a session."""
    target = local_path(request.form.get("next")) or url_for("home.show")
    # PostgreSQL takes no NUL in a text, not even to say that no account is called so.
    login, password = request.form.get("login", "").replace("\0", "\ufffd"), request.form.get("password", "")
    try:
        spend_sign_in(login)
    except TooManyRequests as error:
        problem = _("Too many tries. Wait a minute, then try again.")
        return _form(target, problem, login), 429, {"Retry-After": str(error.retry_after)}
    with reading() as transaction:
        user = users.find_user(transaction, login)
    try:
        with services().hashing:
            right = passwords.recognised(user, password)
            stronger = passwords.strengthened(user, password) if user is not None and right else None
    except AccountDisabled:
        problem = _(
            "This account is disabled: nobody can sign in to it, and its work is kept. "
            "Ask your teacher, or whoever runs this server."
        )
        return _form(target, problem, login), 403
    except ServiceUnavailable as error:
        problem = many_passwords(error)
        return _form(target, problem, login), 503, {"Retry-After": str(error.retry_after)}
    if user is None or not right:
        return _form(target, _("This name and password do not match."), login), 401
    with writing() as transaction:
        if stronger is not None:
            passwords.strengthen(transaction, user, stronger)
        token = tokens.open_sign_in(transaction, user.id)
        timezones.remember(transaction, user)
    begin_session(user, token)
    if "source" in request.form:
        return kept_page(target)
    return redirect(target, 303)


def many_passwords(error: ServiceUnavailable) -> str:
    """What somebody is told whose password has no turn now, see :mod:`grader.web.hashing`."""
    return _(
        "Many people are signing in at this moment. Try again in %(seconds)s s.", seconds=error.retry_after
    )


def begin_session(user: User, token: str) -> None:
    """Let this browser go on as ``user``, by a token of :func:`grader.store.tokens.open_sign_in`."""
    # A session that was prepared by somebody else ends here (session fixation).
    session.clear()
    session.permanent = True
    login_user(SignedIn(user, token))


def _form(target: str, problem: str = "", login: str = "") -> str:
    if "source" in request.form:
        return kept_page(target, problem)
    with reading() as transaction:
        open_courses = guests.open_courses(transaction)
    return render_template(
        "accounts/sign_in.html",
        target=target,
        problem=problem,
        login=login,
        mails=services().mailer is not None,
        demo_logins=services().demo_logins,
        open_courses=open_courses,
    )


@blueprint.post("/sign-out")
@login_required  # type: ignore[untyped-decorator]
def sign_out() -> ResponseReturnValue:
    """End this session."""
    with writing() as transaction:
        tokens.close_sign_in(transaction, current_user.get_id())
    return _leave()


@blueprint.post("/sign-out-everywhere")
@login_required  # type: ignore[untyped-decorator]
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this account, on every device."""
    with writing() as transaction:
        tokens.close_all_sign_ins(transaction, current_user.id)
    return _leave()


def _leave() -> ResponseReturnValue:
    logout_user()
    session.clear()
    # On a shared computer the Back button must not show the last reader's pages.
    return redirect(url_for("sign_in.form"), 303), {"Clear-Site-Data": '"cache"'}
