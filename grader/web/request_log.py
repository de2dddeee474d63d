"""Log of requests: each has an id, and each line about a submission names it, from the click to the verdict.

::

    received   submission=… request=…      it is stored           (here)
    claimed    submission=…                a grader has it        (dispatch)
    graded     submission=…                the verdict is written (dispatch)
    told       submission=… request=…      its student has it     (here)

Whatever else is logged while a request is answered has its id, too. No line holds what somebody typed:
neither code nor answers, passwords or tokens.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars
from structlog.typing import FilteringBoundLogger

from grader.settings import Settings
from grader.store.tables import Submission, utcnow

log: FilteringBoundLogger = structlog.get_logger(__name__)

HEADER: Final = "X-Request-ID"
_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


def install(app: Flask, settings: Settings) -> None:
    """Give every request an id, which its answer says. A trusted proxy may have given one already."""

    @app.before_request
    def begin() -> None:
        sent = request.headers.get(HEADER, "") if settings.trusted_proxies else ""
        g.request_id = sent if _ID.fullmatch(sent) else secrets.token_hex(8)
        clear_contextvars()  # of the request that this thread answered before
        bind_contextvars(request=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        if "request_id" in g:
            response.headers[HEADER] = g.request_id
        return response


def received(row: Submission, exercise: str) -> None:
    """A submission was stored, or found, where the same was sent before."""
    log.info("received", submission=row.id, exercise=exercise, attempt=row.attempt, bytes=len(row.source))


def told(row: Submission) -> None:
    """Who handed a submission in is being answered with what came of it."""
    since = (utcnow() - row.created_at).total_seconds()
    log.info("told", submission=row.id, state=row.shown, after_ms=round(since * 1000, 1))
