"""The application factory: everything the web needs is handed in, nothing is looked up.

::

    create_app(settings, store, exercises, dispatcher)
        security   headers, cookies, forged posts, limits
        languages  English, 中文
        clock      local time
        accounts   signing in and out, tokens
        joining    courses by their code
        student    exercises, attempts
        formulas   what is typed, in print
        instructor gradebooks
        api        JSON, bearer tokens only
        health     what operators watch
"""

from __future__ import annotations

from traceback import format_exception

import structlog
from flask import Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests

from grader.dispatch.base import Dispatcher
from grader.errors import GraderError
from grader.settings import Settings
from grader.store.database import Store
from grader.web import (
    accounts,
    appearance,
    bundles,
    clock,
    figures,
    health,
    intake,
    languages,
    pictures,
    predictions,
    progress,
    prompts,
    security,
    sheet,
    verdicts,
)
from grader.web.api import api, http_problem
from grader.web.drafts import drafts
from grader.web.formulas import formulas, printed
from grader.web.instructor import instructor
from grader.web.joining import joining
from grader.web.languages import _
from grader.web.openapi import openapi
from grader.web.services import EXTENSION, Exercises, Reader, Services, Typesetter, by_script
from grader.web.student import keep_typed, student

log = structlog.get_logger(__name__)

MACHINES = ("/api/", "/openapi.json")
"""Addresses whose errors are read by programs."""


def create_app(
    settings: Settings,
    store: Store,
    exercises: Exercises,
    dispatcher: Dispatcher,
    *,
    typeset: Typesetter | None = None,
    unreadable: Reader | None = None,
) -> Flask:
    """The web, as a WSGI application.

    :param settings: cookies, limits, and the folder for what has to be kept.
    :param store: opened and migrated; the caller closes it.
    :param exercises: the library.
    :param dispatcher: started; the caller closes it.
    :param typeset: prints typed formulas; without it they are shown only as they are typed.
    :param unreadable: says why a typed answer cannot be read; without it that is left to the verdict.
    :raises SettingsError: when there is no key to sign cookies with.
    """
    app = Flask("grader.web", static_folder="static", template_folder="templates")
    limiter = security.install(app, settings)
    app.extensions[EXTENSION] = Services(
        settings, store, exercises, dispatcher, limiter, typeset=typeset, unreadable=unreadable
    )
    health.install(app, dispatcher)
    accounts.install(app)
    languages.install(app, settings.data)
    appearance.install(app)
    clock.install(app)
    sheet.install(app)
    app.extensions["csrf"].exempt(api)
    rooms = (student, formulas, joining, drafts, bundles.bundles, pictures.pictures, instructor, api, openapi)
    for blueprint in rooms:
        app.register_blueprint(blueprint)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_fault)
    _equip_templates(app)
    return app


def _equip_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        prompt=prompts.render, shown=figures.shown, points=figures.points
    )  # fmt: skip
    app.jinja_env.globals.update(
        beside=figures.beside,
        pictures_of=pictures.pictures_of,
        boxes=predictions.boxes,
        outline=predictions.outline,
        flaw_said=intake.flaw_said,
        printed=printed,
        verdict_word=verdicts.word,
        verdict_mark=verdicts.mark,
        score_word=verdicts.score,
        progress_since=progress.since,
        points_gained=progress.gain,
        checks_named=progress.named,
        current_language=languages.language,
        language_names=languages.NAMES,
        in_language=_in_language,
        script=bundles.script,
        by_script=by_script,
    )


def _in_language(code: str) -> str:
    """This page in another language. An answer to a form leads to the page that the form is on."""
    if request.endpoint is None or request.method not in {"GET", "HEAD"}:
        return f"?lang={code}"
    # Only parameters that pages know: url_for gives a meaning of its own to names like _scheme.
    kept = {name: request.args[name] for name in ("from", "attempt", "next") if name in request.args}
    return url_for(request.endpoint, **{**kept, **(request.view_args or {}), "lang": code})


def _forged(error: CSRFError) -> ResponseReturnValue:
    """A form whose token is missing or belongs to another session. What was typed in it is kept."""
    log.info("form refused", reason=error.description, endpoint=request.endpoint)
    if "source" in request.form:
        problem = _("You were signed out and in again since this page was opened. Please submit once more.")
        if request.endpoint in {"student.submit", "drafts.save"} and current_user.is_authenticated:
            try:
                return keep_typed(problem, 400)
            except HTTPException as other:
                return _http_error(other)
        target = request.form.get("next", "") if request.endpoint == "accounts.open_session" else request.path
        return accounts.kept_page(security.local_path(target) or "/"), 400
    return _error_page(400, _("This form is out of date. Go back, reload the page and try again."))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if request.path.startswith(MACHINES):
        return http_problem(error)
    if error.response is not None or (error.code or 500) < 400:
        return error  # A redirect, or an answer that is complete already.
    said = {
        403: _("You may not see this page."),
        404: _("There is no such page, or it is not for you."),
        405: _("This address does not take that kind of request."),
        413: _(
            "That is too large. A Python file here may have 256 KiB. Go back: what you typed is still there."
        ),
        429: _("That was too often. Wait a minute, then try again."),
        500: _("Something failed on our side. It is not your fault, and nothing you submitted is lost."),
    }
    code = error.code or 500
    page, _status = _error_page(code, said.get(code, _("This request cannot be answered.")))
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyRequests) else {}
    return page, code, headers


def _our_fault(error: Exception) -> ResponseReturnValue:
    """Anything unforeseen: logged with its traceback, shown without."""
    # The traceback as text: a logger's own rendering may print local variables, and they hold passwords.
    log.error("request failed", endpoint=request.endpoint, traceback="".join(format_exception(error)))
    try:
        return _http_error(InternalServerError("The server failed. The failure has been logged."))
    except (SQLAlchemyError, GraderError):
        # Without its database the server does not know the reader, whom an error page greets by name.
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        return "Something failed on our side. 我们这边出错了。\n", 500, plain


def _error_page(code: int, sentence: str) -> tuple[str, int]:
    return render_template("error.html", code=code, sentence=sentence), code
