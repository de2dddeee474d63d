"""Security headers, cookies and the defence against forged posts (CSRF): what every response and form gets.

No page carries an inline script, an inline style or anything from elsewhere, and only one with an editor or
a form to sign in loads a script of ours, so the content security policy (CSP) forbids all else: text that a
student wrote stays text even where an escape were forgotten (cross-site scripting, XSS), and no other site
may show a page in a frame (clickjacking).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from grader.settings import Settings
from grader.store import tokens
from grader.web import rate_limits
from grader.web.rate_limits import FOR_EVERYBODY
from grader.web.ui import assets

POLICY = (
    "default-src 'none'; {loads}; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITHOUT_SCRIPT = "style-src 'self'"
MOST_BYTES = 2 * 2**20
"""Of one request. A source of 256 KiB grows threefold when a form encodes it; beyond that is no source."""


_ALWAYS: Final = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
"""Headers that no view sets."""


class CookiesThatFollowTls(SecureCookieSessionInterface):
    """The session cookie is Secure when the settings say so, and whenever the request came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config["SESSION_COOKIE_SECURE"] or request.is_secure)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        # Without a cookie there is nothing to verify: no key is derived for what programs ask.
        if not request.cookies.get(self.get_cookie_name(app)):
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        # Flask-Login reads the session at every request. Were these answers said to depend on it, a
        # browser would fetch all of them again after each signing in.
        if request.endpoint not in FOR_EVERYBODY:
            super().save_session(app, session, response)


def install(app: Flask, settings: Settings) -> RateLimiter:
    """Set up everything of this module on ``app``.

    :returns: the limiter, for :class:`grader.web.context.Services`.
    """
    app.config.update(
        SECRET_KEY=settings.signing_key(),
        SESSION_COOKIE_NAME="grader",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=tokens.SIGN_IN_LIFETIME,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        # The textarea is one field, and a source over its own limit deserves its own sentence.
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        # Each box of a typed prediction is a part, and one answer may have 64.
        MAX_FORM_PARTS=1000,
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
        # A token that died after an hour would refuse what a student typed in a tab left open.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = CookiesThatFollowTls()
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    app.before_request(refuse_nul)
    app.before_request(rate_limits.spend_page)
    CSRFProtect(app)
    app.after_request(add_headers)
    return FixedWindowRateLimiter(MemoryStorage())


def refuse_nul() -> None:
    """No address of ours holds a NUL, and PostgreSQL would fail on being asked for one.

    :raises NotFound: for an address that does.
    """
    if "\0" in request.path:
        raise NotFound


def add_headers(response: Response) -> Response:
    """Put the safety headers on every response."""
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY.format(loads=assets.loads() or WITHOUT_SCRIPT)
    headers.extend(_ALWAYS)
    # Not "no-referrer": over TLS the defence against forged posts compares the referrer. A page with a
    # secret in its address says otherwise.
    headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint not in FOR_EVERYBODY:
        # Not "no-store": it would make the Back button lose what was typed.
        headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Cookie", "Accept-Language"))
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def local_path(target: str | None) -> str | None:
    """``target`` when it is a path on this server, else None: no open redirect.

    ``//host`` and ``/\\host`` leave the server in some browsers; control characters are
    removed by them before they look.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if "\\" in target or any(ord(character) < 33 or ord(character) == 127 for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
