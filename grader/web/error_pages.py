"""Error pages: what is answered to a forged form, to an HTTP error, and when something of ours fails."""

from __future__ import annotations

from traceback import format_exception

import structlog
from flask import Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable, TooManyRequests

from grader.errors import GraderError, StoreFailed
from grader.web.accounts.sign_in import address_to_submit, kept_page, many_passwords, typed_in_form
from grader.web.api.problems import http_problem, problem
from grader.web.exercise.guest_door import guest_place
from grader.web.exercise.views import keep_typed
from grader.web.security import local_path
from grader.web.ui.languages import _

log = structlog.get_logger(__name__)

STORE_RETRY_SECONDS = 5
"""When to ask again while the database cannot be used."""
MACHINES = ("/api/", "/openapi.json")
"""Addresses whose errors are read by programs."""


def install(app: Flask) -> None:
    """Answer every error with one of these."""
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, our_fault)


def forged(error: CSRFError) -> ResponseReturnValue:
    """A form whose token is missing or belongs to another session. What was typed in it is kept."""
    log.info("form refused", reason=error.description, endpoint=request.endpoint)
    if "source" in request.form:
        said = _("You were signed out and in again since this page was opened. Please submit once more.")
        if request.endpoint in {"exercise.submit", "drafts.save"} and _has_a_form():
            try:
                return keep_typed(said, 400)
            except HTTPException as other:
                return http_error(other)
        target = request.form.get("next", "") if request.endpoint == "sign_in.open_session" else request.path
        return kept_page(local_path(target) or "/"), 400
    return _error_page(400, _("This form is out of date. Go back, reload the page and try again."))


def _has_a_form() -> bool:
    """Whether the reader has the form of the exercise that the address names."""
    return current_user.is_authenticated or guest_place(**(request.view_args or {})) is not None


def http_error(error: HTTPException) -> ResponseReturnValue:
    if request.path.startswith(MACHINES):
        return http_problem(error)
    if error.response is not None or (error.code or 500) < 400:
        return error  # A redirect, or an answer that is complete already.
    said = {
        403: _("You may not see this page."),
        404: _("There is no such page, or it is not for you."),
        405: _("This address does not take that kind of request."),
        409: _(
            "This does not fit to what is there now: the course is archived, or was changed meanwhile. "
            "Go back and reload the page."
        ),
        413: _(
            "That is too large. A Python file here may have at most 256 KiB. "
            "Go back: what you typed is still there."
        ),
        429: _("Too many requests. Wait a minute, then try again."),
        500: _("Something failed on our side. It is not your fault, and nothing you submitted is lost."),
    }
    if request.blueprint in {"roster_import", "grades_out"}:
        said[413] = _(
            "That is too large: a file may have at most 2 MiB here. "
            "On the server, “grade roster import” and “grade export” take larger ones."
        )
    if isinstance(error, ServiceUnavailable) and error.retry_after is not None:
        kept = _("Go back: what you typed is still there.")
        said[503] = f"{many_passwords(error)} {kept}"
    code = error.code or 500
    page, _status = _error_page(code, said.get(code, _("This request cannot be answered.")))
    wait = error.retry_after if isinstance(error, TooManyRequests | ServiceUnavailable) else None
    return page, code, {} if wait is None else {"Retry-After": str(wait)}


def our_fault(error: Exception) -> ResponseReturnValue:
    """Anything unforeseen: logged with its traceback, shown without."""
    if isinstance(error, StoreFailed):
        return _store_failed(error)
    # The traceback as text: a logger's own rendering may print local variables, and they hold passwords.
    log.error("request failed", endpoint=request.endpoint, traceback="".join(format_exception(error)))
    try:
        return http_error(InternalServerError("The server failed. The failure has been logged."))
    except (SQLAlchemyError, GraderError):
        # Without its database the server does not know the reader, whom an error page greets by name.
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        return "Something failed on our side. 我们这边出错了。\n", 500, plain


def _store_failed(error: StoreFailed) -> ResponseReturnValue:
    """The database cannot be used now. Who asked is told when to ask again; why is for the log."""
    log.error("database unusable", endpoint=request.endpoint, problem=str(error))
    # An error page greets its reader by name, and the names are in the database.
    g._login_user = AnonymousUserMixin()
    headers = {"Retry-After": str(STORE_RETRY_SECONDS)}
    sentence = _("Our database cannot be used at this moment. It is not your fault; try again shortly.")
    if request.path.startswith(MACHINES):
        nothing = _("Nothing was stored.")
        answer = problem(503, "Service Unavailable", f"{sentence} {nothing}")
        answer.headers.extend(headers)
        return answer
    typed = typed_in_form()
    again = "source" in typed or request.method == "GET"
    target = address_to_submit() if again else url_for("home.show")
    page = render_template("ui/unavailable.html", sentence=sentence, typed=typed, target=target)
    return page, 503, headers


def _error_page(code: int, sentence: str) -> tuple[str, int]:
    return render_template("ui/error.html", code=code, sentence=sentence), code
