"""Application factory: everything the web needs is handed in, nothing is looked up.

::

    create_app(settings, store, exercises, dispatcher)
        context       what was handed in, for every view
        security      headers, cookies, forged posts; rate_limits
        transactions  one to read and one to write a request
        access        what the reader of a page may see
        monitoring    what operators watch; load_metrics
        request_log   each request has an id, each line about a submission names it
        error_pages
        exercise      its page: read, predict, submit, drafts, the verdict
        attempts      the list, one attempt, what changed between two, pictures
        home          one's courses
        gradebook     a course's scores and participants
        accounts      signing in, one's account, passwords, joining, a demo's logins
        api           JSON, bearer tokens only; /openapi.json
        ui            languages, time zones, theme, numbers, Markdown, style sheet and scripts

A feature's folder holds its views and its templates, which are called by their path from here:
``exercise/exercise.html``. A new page is a view, a template and a line in :data:`FEATURES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask

from grader.dispatch.base import Dispatcher
from grader.model import variants
from grader.settings import Settings
from grader.store.database import Store
from grader.web import error_pages, monitoring, request_log, security, transactions
from grader.web.accounts import account, demo, joining, own_data, password_reset, sign_in
from grader.web.accounts.mail import Mailer
from grader.web.api import routes as api
from grader.web.attempts import comparison, pictures, remarks, verdict
from grader.web.attempts import views as attempts
from grader.web.classroom import agreement, kept, statistics, watchlist
from grader.web.classroom import views as classroom
from grader.web.context import EXTENSION, Exercises, Probe, Reader, Services, Typesetter
from grader.web.course import edit as assignments
from grader.web.course import extensions
from grader.web.course import settings as course_settings
from grader.web.exercise import answer_boxes, drafts, formulas, said, submit
from grader.web.exercise import views as exercise
from grader.web.gradebook import views as gradebook
from grader.web.home import notices
from grader.web.home import views as home
from grader.web.regrades import proposing as regrade_proposing
from grader.web.regrades import views as regrades
from grader.web.roster import audit_pages, filling, imports, participants, section_forms
from grader.web.ui import assets, languages, markdown, numbers, pseudonyms, theme, timezones

FEATURES = (
    home, exercise, formulas, drafts, attempts, pictures, gradebook, remarks, account, joining,
    participants, section_forms, imports, filling, audit_pages, own_data,
    regrades, regrade_proposing, notices,
    assignments, extensions, course_settings,
    classroom, statistics, agreement, watchlist,
)  # fmt: skip
"""Modules with a ``blueprint`` and nothing else to set up."""


class _App(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view of ours is a coroutine: it is not asked of each function, eighteen times a request."""
        return func


def create_app(
    settings: Settings,
    store: Store,
    exercises: Exercises,
    dispatcher: Dispatcher,
    *,
    typeset: Typesetter | None = None,
    unreadable: Reader | None = None,
    demo_logins: Mapping[str, str] | None = None,
    figures: monitoring.Figures | None = None,
    probes: Mapping[str, Probe] | None = None,
) -> Flask:
    """The web, as a WSGI application.

    :param settings: cookies, limits, and the folder for what has to be kept.
    :param store: opened and migrated; the caller closes it.
    :param exercises: those that courses may set, usually a :class:`grader.exercises.Library`.
    :param dispatcher: started; the caller closes it.
    :param typeset: prints typed formulas; without it they are shown only as they are typed.
    :param unreadable: says why a typed answer cannot be read; without it that is left to the verdict.
    :param figures: what a process counts that also judges.
    :param demo_logins: role → login of a demo's accounts, as whom anybody may sign in with one click.
    :param probes: what ``/readyz`` asks besides the database and the dispatcher, by name.
    :raises SettingsError: when there is no key to sign cookies with.
    """
    app = _App("grader.web", static_folder="static", template_folder=".")
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
        demo_logins=demo_logins or {},
        probes=probes or {},
    )
    request_log.install(app, settings)
    monitoring.install(app, dispatcher, store, figures)
    transactions.install(app)
    sign_in.install(app)
    password_reset.install(app)
    demo.install(app, demo_logins or {})
    languages.install(app)
    theme.install(app)
    timezones.install(app)
    pseudonyms.install(app)
    assets.install(app)
    kept.install(app)
    api.install(app)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    error_pages.install(app)
    _equip_templates(app)
    return app


def _equip_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(prompt=markdown.render, shown=numbers.shown, points=numbers.points)
    app.jinja_env.filters.update(as_typed=variants.typed)
    app.jinja_env.globals.update(
        beside=numbers.beside,
        boxes=answer_boxes.boxes,
        outline=answer_boxes.outline,
        answers_below=said.answers_below,
        given_lines=said.given_lines,
        flaw_said=submit.flaw_said,
        printed=formulas.printed,
        verdict_word=verdict.word,
        verdict_mark=verdict.mark,
        score_word=verdict.score,
        counts_words=verdict.counts_words,
        view_functions=app.view_functions,
        points_gained=comparison.gain,
        checks_named=comparison.named,
    )
