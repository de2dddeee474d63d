"""Authentication of the JSON API by bearer tokens (RFC 6750).

No cookie is looked at here, so that no page on the internet can make a browser use it; that
is why it needs no defence against forged posts.
"""

from __future__ import annotations

from functools import partial

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from grader.store import tokens
from grader.store.tables import User
from grader.web.rate_limits import spend_request
from grader.web.transactions import later, reading


def authenticate() -> None:
    """Find whose token it is.

    :raises Unauthorized: when it is missing, unknown, expired or revoked; all the same to the caller.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    token_and_owner = None
    if scheme.lower() == "bearer" and token.strip():
        with reading(more=True) as transaction:
            token_and_owner = tokens.find_token(transaction, token.strip())
    if request.method != "POST" or token_and_owner is None:
        spend_request(token_and_owner[1].id if token_and_owner is not None else None)
    if token_and_owner is None:
        raise Unauthorized(
            "Send a valid token: 'Authorization: Bearer TOKEN'. Your account page makes one.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "grader"}),
        )
    row, g.api_user = token_and_owner
    if tokens.use_is_stale(row):
        later(partial(tokens.note_token_use, token_id=row.id))


def user() -> User:
    """Whose token it is."""
    owner: User = g.api_user
    return owner
