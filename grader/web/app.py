"""The application factory: everything the web needs is handed in, nothing is looked up.

::

    create_app(settings, store, exercises, dispatcher)
        security   headers, cookies, forged posts, limits
        languages  English, 中文
        clock      local time
        accounts   signing in and out, tokens
        passwords  a new one for who forgot the old: links, and mail
        joining    courses by their code
        student    exercises, attempts
        formulas   what is typed, in print
        instructor gradebooks
        participants  who takes a course; links for who forgot a password
        doors      a demo's own ways in
        api        JSON, bearer tokens only
        health     what operators watch
"""

from __future__ import annotations

from collections.abc import Mapping
from traceback import format_exception

import structlog
from flask import Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests

from grader.dispatch.base import Dispatcher
from grader.errors import GraderError, StoreFailed
from grader.settings import Settings
from grader.store.database import Store
from grader.web import (
    accounts,
    appearance,
    bundles,
    clock,
    doors,
    figures,
    health,
    intake,
    languages,
    passwords,
    pictures,
    predictions,
    progress,
    prompts,
    security,
    sheet,
    transactions,
    verdicts,
)
from grader.web.api import api, http_problem, problem
from grader.web.drafts import drafts
from grader.web.formulas import formulas, printed
from grader.web.instructor import instructor
from grader.web.joining import joining
from grader.web.languages import _
from grader.web.mail import Mailer
from grader.web.openapi import openapi
from grader.web.participants import participants
from grader.web.services import EXTENSION, Exercises, Reader, Services, Typesetter, by_script
from grader.web.student import keep_typed, student

log = structlog.get_logger(__name__)

STORE_RETRY_SECONDS = 5
"""When to ask again while the database cannot be used."""
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
    demo_logins: Mapping[str, str] | None = None,
) -> Flask:
    """The web, as a WSGI application.

    :param settings: cookies, limits, and the folder for what has to be kept.
    :param store: opened and migrated; the caller closes it.
    :param exercises: the library.
    :param dispatcher: started; the caller closes it.
    :param typeset: prints typed formulas; without it they are shown only as they are typed.
    :param unreadable: says why a typed answer cannot be read; without it that is left to the verdict.
    :param demo_logins: role → login of a demo's accounts, as whom anybody may sign in with one click.
    :raises SettingsError: when there is no key to sign cookies with.
    """
    app = Flask("grader.web", static_folder="static", template_folder="templates")
    limiter = security.install(app, settings)
    mail, hours = settings.mail, settings.password_link_hours
    app.extensions[EXTENSION] = Services(
        settings,
        store,
        exercises,
        dispatcher,
        limiter,
        typeset=typeset,
        unreadable=unreadable,
        mailer=None if mail is None else Mailer(app, store, limiter, mail, hours),
        doors=demo_logins or {},
    )
    health.install(app, dispatcher)
    transactions.install(app)
    accounts.install(app)
    passwords.install(app)
    doors.install(app, demo_logins or {})
    languages.install(app, settings.data)
    appearance.install(app)
    clock.install(app)
    sheet.install(app)
    app.extensions["csrf"].exempt(api)
    rooms = (student, formulas, joining, drafts, bundles.bundles, pictures.pictures, instructor)
    for blueprint in (*rooms, participants, api, openapi):
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
        said = _("You were signed out and in again since this page was opened. Please submit once more.")
        if request.endpoint in {"student.submit", "drafts.save"} and current_user.is_authenticated:
            try:
                return keep_typed(said, 400)
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
            "That is too large. A Python file here may have at most 256 KiB. "
            "Go back: what you typed is still there."
        ),
        429: _("Too many requests. Wait a minute, then try again."),
        500: _("Something failed on our side. It is not your fault, and nothing you submitted is lost."),
    }
    code = error.code or 500
    page, _status = _error_page(code, said.get(code, _("This request cannot be answered.")))
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyRequests) else {}
    return page, code, headers


def _our_fault(error: Exception) -> ResponseReturnValue:
    """Anything unforeseen: logged with its traceback, shown without."""
    if isinstance(error, StoreFailed):
        return _store_failed(error)
    # The traceback as text: a logger's own rendering may print local variables, and they hold passwords.
    log.error("request failed", endpoint=request.endpoint, traceback="".join(format_exception(error)))
    try:
        return _http_error(InternalServerError("The server failed. The failure has been logged."))
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
    typed = accounts.typed_in_form()
    again = "source" in typed or request.method == "GET"
    target = accounts.address_to_submit() if again else url_for("student.home")
    page = render_template("unavailable.html", sentence=sentence, typed=typed, target=target)
    return page, 503, headers


def _error_page(code: int, sentence: str) -> tuple[str, int]:
    return render_template("error.html", code=code, sentence=sentence), code
