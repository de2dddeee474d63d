"""Headers, cookies, forged posts and rate limits: what every response and every form gets.

No page carries an inline script, an inline style or anything from elsewhere, and only one with an editor or
a form to sign in loads a script of ours, so the content policy forbids all else: text that a student wrote
stays text even where an escape were forgotten.
"""

from __future__ import annotations

import math
import time
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from limits import parse
from werkzeug.exceptions import NotFound, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from grader.settings import Settings
from grader.store import people
from grader.web import bundles
from grader.web.services import services

POLICY = (
    "default-src 'none'; {loads}; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITHOUT_SCRIPT = "style-src 'self'"
MOST_BYTES = 2 * 2**20
"""Of one request. A source of 256 KiB grows threefold when a form encodes it; beyond that is no source."""
DRAFTS_PER_ACCOUNT = "120 per minute"
SIGN_INS_PER_ADDRESS = "200 per minute"
"""A whole class may sit behind one address; guessing at many accounts from one address is still slow."""
ACCOUNTS_PER_ADDRESS = "60 per minute"
"""A class joins in one lesson; a password costs us 0.1 s to hash."""
MAILS_PER_ADDRESS = "20 per minute"
"""Asked for from one address of the network; how many go to one mailbox is bounded besides."""
LINKS_PER_TEACHER = "30 per minute"

STRANGERS_FOR_ONE_ACCOUNT = 5
"""An address from which nobody is signed in may ask so many times as often as one account: a class meets at
the sign-in page."""
LIMITED_BY_THEMSELVES = frozenset(
    {
        "accounts.change_password", "accounts.open_session", "api.create", "drafts.read", "drafts.save",
        "joining.join", "student.submit",
    }
)  # fmt: skip
"""Endpoints whose POSTs are counted apart: a class that reads must not keep anybody from handing in."""

FOR_EVERYBODY = frozenset({"static", "bundles.bundle", "sheet.send"})
"""Endpoints whose answers are the same whoever asks."""


class CookiesThatFollowTls(SecureCookieSessionInterface):
    """The session cookie is Secure when the settings say so, and whenever the request came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config["SESSION_COOKIE_SECURE"] or request.is_secure)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        # Flask-Login reads the session at every request. Were these answers said to depend on it, a
        # browser would fetch all of them again after each signing in.
        if request.endpoint not in FOR_EVERYBODY:
            super().save_session(app, session, response)


def install(app: Flask, settings: Settings) -> Limiter:
    """Set up everything of this module on ``app``.

    :returns: the limiter, for :class:`grader.web.services.Services`.
    """
    app.config.update(
        SECRET_KEY=settings.signing_key(),
        SESSION_COOKIE_NAME="grader",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=people.SIGN_IN_LIFETIME,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        # The textarea is one field, and a source over its own limit deserves its own sentence.
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        # Each box of a typed prediction is a part, and one answer may have 64.
        MAX_FORM_PARTS=1000,
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
        # A token that died after an hour would refuse what a student typed in a tab left open.
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.session_interface = CookiesThatFollowTls()
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    app.before_request(refuse_nul)
    app.before_request(spend_page)
    CSRFProtect(app)
    app.after_request(add_headers)
    return Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=False)


def refuse_nul() -> None:
    """No address of ours holds a NUL, and PostgreSQL would fail on being asked for one.

    :raises NotFound: for an address that does.
    """
    if "\0" in request.path:
        raise NotFound


def add_headers(response: Response) -> Response:
    """Put the safety headers on every response."""
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY.format(loads=bundles.loads() or WITHOUT_SCRIPT)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    # Not "no-referrer": over TLS the defence against forged posts compares the referrer. A page with a
    # secret in its address says otherwise.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint not in FOR_EVERYBODY:
        # Not "no-store": it would make the Back button lose what was typed.
        headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Cookie", "Accept-Language"))
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def spend_page() -> None:
    """Count one request of who is signed in, who is found out here, or else of the address it came from.

    Requests to the API are counted when their token is known, see :func:`spend_request`.

    :raises TooManyRequests: when there were too many.
    """
    if request.endpoint in FOR_EVERYBODY or request.blueprint in {"api", "health"}:
        return
    user_id = current_user.id if current_user.is_authenticated else None
    if request.method != "POST" or request.endpoint not in LIMITED_BY_THEMSELVES:
        spend_request(user_id)


def spend_request(user_id: int | None) -> None:
    """Count one request of an account, or of the address it came from where no account is known.

    :raises TooManyRequests: when there were too many.
    """
    limit = services().settings.read_limit
    if limit is None:
        return
    if user_id is not None:
        _spend(limit, "read", str(user_id))
    else:
        count, unit = limit.split(" ", 1)
        _spend(f"{int(count) * STRANGERS_FOR_ONE_ACCOUNT} {unit}", "strangers", get_remote_address())


def spend_sign_in(login: str) -> None:
    """Count one try to sign in.

    Counted per account *and* address, so that nobody can lock another person out from elsewhere.

    :raises TooManyRequests: when there were too many.
    """
    limit = services().settings.sign_in_limit
    if limit is not None:
        address = get_remote_address()
        _spend(SIGN_INS_PER_ADDRESS, "sign-in", address)
        _spend(limit, "sign-in", address, people.login_key(login)[:254])


def spend_submission(user_id: int) -> None:
    """Count one submission of this account.

    :raises TooManyRequests: when there were too many.
    """
    limit = services().settings.submit_limit
    if limit is not None:
        _spend(limit, "submit", str(user_id))


def spend_draft(user_id: int) -> None:
    """Count one save of a draft: a pause in typing, and no program.

    :raises TooManyRequests: when there were too many.
    """
    if services().settings.submit_limit is not None:
        _spend(DRAFTS_PER_ACCOUNT, "draft", str(user_id))


def spend_join() -> None:
    """Count one request that names a course's code, right or wrong.

    :raises TooManyRequests: when there were too many from this address.
    """
    _spend_here("join", SIGN_INS_PER_ADDRESS)


def spend_wrong_code() -> None:
    """Count one code that no course has. Apart from the right ones: guessing must not shut out a class.

    :raises TooManyRequests: when there were too many from this address.
    """
    _spend_here("wrong-code")


def spend_link() -> None:
    """Count one look at a link to a new password, right or wrong.

    :raises TooManyRequests: when there were too many from this address.
    """
    _spend_here("password-link", SIGN_INS_PER_ADDRESS)


def spend_wrong_link() -> None:
    """Count one link that leads nowhere. Apart from the right ones, as with codes.

    :raises TooManyRequests: when there were too many from this address.
    """
    _spend_here("wrong-link")


def spend_forgotten() -> None:
    """Count one mail that is asked for.

    :raises TooManyRequests: when there were too many from this address.
    """
    _spend_here("forgotten", MAILS_PER_ADDRESS)


def spend_link_made(user_id: int) -> None:
    """Count one link to a new password that a teacher makes.

    :raises TooManyRequests: when there were too many by this account.
    """
    if services().settings.sign_in_limit is not None:
        _spend(LINKS_PER_TEACHER, "link-made", str(user_id))


def spend_account() -> None:
    """Count one try to create an account.

    :raises TooManyRequests: when there were too many from this address.
    """
    _spend_here("account", ACCOUNTS_PER_ADDRESS)


def _spend_here(kind: str, limit: str | None = None) -> None:
    """One hit of a kind for the address of the request.

    :param limit: the setting for signing in, where it is None. Where that is off, nothing is counted.
    """
    own = services().settings.sign_in_limit
    if own is not None:
        _spend(limit or own, kind, get_remote_address())


def _spend(limit: str, *key: str) -> None:
    """One hit in the window of ``key``. The error carries how many seconds are left of it."""
    strategy, item = services().limiter.limiter, parse(limit)
    if not strategy.hit(item, *key):
        left = strategy.get_window_stats(item, *key).reset_time - time.time()
        raise TooManyRequests(retry_after=max(1, math.ceil(left)))


def local_path(target: str | None) -> str | None:
    """``target`` when it is a path on this server, else None.

    ``//host`` and ``/\\host`` leave the server in some browsers; control characters are
    removed by them before they look.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if "\\" in target or any(ord(character) < 33 or ord(character) == 127 for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
