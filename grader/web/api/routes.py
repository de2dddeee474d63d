"""Routes of the JSON API ◆ (``/api/v1``): bearer tokens in, plain JSON out, every error a problem document.

``/openapi.json`` describes them to programs.
"""

from __future__ import annotations

import msgspec
from flask import Blueprint, Flask, Response
from werkzeug.exceptions import HTTPException

from grader.web.api import exercises, standing, submissions
from grader.web.api.authentication import authenticate
from grader.web.api.document import describe
from grader.web.api.problems import http_problem

PREFIX = "/api/v1"
PARTS = (
    exercises,
    submissions,
    standing,
)
"""Modules with ``endpoints``."""

openapi = Blueprint("openapi", __name__)


def install(app: Flask) -> None:
    """Add the API and its document."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    api.before_request(authenticate)
    api.register_error_handler(HTTPException, http_problem)
    for part in PARTS:
        part.endpoints.register(api)
    app.extensions["csrf"].exempt(api)
    app.register_blueprint(api)
    app.register_blueprint(openapi)


@openapi.get("/openapi.json")
def document() -> Response:
    """The OpenAPI document. Public: it names no exercise and no person."""
    endpoints = (endpoint for part in PARTS for endpoint in part.endpoints)
    return Response(msgspec.json.encode(describe(endpoints, PREFIX)), content_type="application/json")
