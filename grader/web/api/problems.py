"""Problem details (RFC 9457): how the JSON API says that something went wrong."""

from __future__ import annotations

import msgspec
from flask import Response
from werkzeug.exceptions import HTTPException

CONTENT_TYPE = "application/problem+json"
MEANINGS = {
    400: "The body is not JSON.",
    401: "The token is missing or not valid.",
    403: "The exercise is set in none of your courses.",
    404: "There is no such thing for you.",
    409: "The exercise takes no submissions now, or no more of this user's.",
    413: "The source is too large.",
    415: "The body is not application/json.",
    422: "A field, a parameter or the source cannot be used.",
    429: "Too many submissions, or a pause after several that were not right.",
}
"""Of each status, in the OpenAPI document."""


class Problem(msgspec.Struct):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, title: str, detail: str) -> Response:
    """An error as an answer."""
    body = Problem("about:blank", title, status, detail)
    return Response(msgspec.json.encode(body), status, content_type=CONTENT_TYPE)


def http_problem(error: HTTPException) -> Response:
    """A Werkzeug error as a problem, with its own headers kept."""
    response = problem(error.code or 500, error.name, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response
