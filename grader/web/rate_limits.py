"""Rate limits: how often an account or an address may ask, in fixed windows counted in memory."""

from __future__ import annotations

import math
import time

from flask import request
from flask_login import current_user
from limits import parse
from werkzeug.exceptions import TooManyRequests

from grader.store import users
from grader.web.context import services

DRAFTS_PER_ACCOUNT = "120 per minute"
SIGN_INS_PER_ADDRESS = "200 per minute"
"""A whole class may sit behind one address; guessing at many accounts from one address is still slow."""
ACCOUNTS_PER_ADDRESS = "60 per minute"
"""A class joins in one lesson; a password costs us 0.1 s to hash."""
MAILS_PER_ADDRESS = "20 per minute"
"""Asked for from one address of the network; how many go to one mailbox is bounded besides."""
TRIES_PER_ADDRESS = "20 per minute"
"""Of guests: each is judged."""
LINKS_PER_TEACHER = "30 per minute"
EXPORTS_PER_ACCOUNT = "6 per hour"

STRANGERS_FOR_ONE_ACCOUNT = 5
"""An address from which nobody is signed in may ask so many times as often as one account: a class meets at
the sign-in page."""
LIMITED_BY_THEMSELVES = frozenset(
    {
        "accounts.change_password", "sign_in.open_session", "api.submit", "drafts.read", "drafts.save",
        "joining.join", "exercise.submit",
    }
)  # fmt: skip
"""Endpoints whose POSTs are counted apart: a class that reads must not keep anybody from handing in."""

FOR_EVERYBODY = frozenset({"static", "assets.script", "assets.sheet"})
"""Endpoints whose answers are the same whoever asks."""


def spend_page() -> None:
    """Count one request of who is signed in, who is found out here, or else of the address it came from.

    Requests to the API are counted when their token is known, see :func:`spend_request`.

    :raises TooManyRequests: when there were too many.
    """
    if request.endpoint in FOR_EVERYBODY or request.blueprint in {"api", "monitoring"}:
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
        _spend(f"{int(count) * STRANGERS_FOR_ONE_ACCOUNT} {unit}", "strangers", _address())


def spend_sign_in(login: str) -> None:
    """Count one try to sign in.

    Counted per account *and* address, so that nobody can lock another person out from elsewhere.

    :raises TooManyRequests: when there were too many.
    """
    limit = services().settings.sign_in_limit
    if limit is not None:
        address = _address()
        _spend(SIGN_INS_PER_ADDRESS, "sign-in", address)
        _spend(limit, "sign-in", address, users.login_key(login)[:254])


def spend_submission(user_id: int) -> None:
    """Count one submission of this account.

    :raises TooManyRequests: when there were too many.
    """
    limit = services().settings.submit_limit
    if limit is not None:
        _spend(limit, "submit", str(user_id))


def spend_try() -> None:
    """Count one try of a guest.

    :raises TooManyRequests: when there were too many from this address.
    """
    if services().settings.submit_limit is not None:
        _spend(TRIES_PER_ADDRESS, "try", _address())


def spend_guest_form() -> None:
    """Count one form of a guest's that is only shown again, or one file that is read for it.

    :raises TooManyRequests: when there were too many from this address.
    """
    if services().settings.submit_limit is not None:
        _spend(DRAFTS_PER_ACCOUNT, "guest-form", _address())


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


def spend_export(user_id: int) -> None:
    """Count one export of all that is kept of somebody: it reads every attempt.

    :raises TooManyRequests: when there were too many by this account.
    """
    if services().settings.read_limit is not None:
        _spend(EXPORTS_PER_ACCOUNT, "export", str(user_id))


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
        _spend(limit or own, kind, _address())


def _address() -> str:
    return request.remote_addr or "unknown"


def _spend(limit: str, *key: str) -> None:
    """One hit in the window of ``key``. The error carries how many seconds are left of it."""
    strategy, item = services().limiter, parse(limit)
    if not strategy.hit(item, *key):
        left = strategy.get_window_stats(item, *key).reset_time - time.time()
        raise TooManyRequests(retry_after=max(1, math.ceil(left)))
