"""Languages, English and Chinese: which one a reader gets, and the gettext catalogue behind it.

The choice, first match wins: ``?lang=`` (which also sets the cookie), the cookie, the signed-in
user's own language, the browser's ``Accept-Language``, English.

Sentences of the pages come from ``translations/zh``, which ``make setup`` compiles.
Reports carry both languages in themselves (:class:`grader.model.text.Text`), so a stored verdict can be
read in either.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flask import Flask, Response, g, request, url_for
from flask_babel import Babel, gettext  # type: ignore[import-untyped]
from flask_babel import ngettext as _ngettext
from flask_login import current_user

from grader.errors import SettingsError
from grader.model.text import LANGUAGES, Language, Text

COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600
"""How long a reader's choice is remembered: language, theme and time zone."""
NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}
CATALOGUES = Path(__file__).parents[1] / "translations"


def language() -> Language:
    """The reader's language, decided once a request."""
    if "language" not in g:
        g.language = _choose()
    return cast(Language, g.language)


def _choose() -> Language:
    asked = request.args.get(COOKIE)
    accepted = request.accept_languages.best_match(LANGUAGES)
    if request.blueprint == "api":
        # A program that sends Accept-Language means it; a browser only sends what it was installed with.
        user = g.get("api_user")
        wishes = [asked, accepted, user.language if user is not None else None]
    else:
        own = current_user.language if current_user.is_authenticated else None
        wishes = [asked, request.cookies.get(COOKIE), own, accepted]
    return next((wish for wish in wishes if wish in LANGUAGES), "en")


def _(sentence: str, **values: object) -> str:
    """A sentence of the pages in the reader's language, ``%(name)s`` filled in."""
    return cast(str, gettext(sentence, **values))


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """One of two sentences, by ``count``, which also fills ``%(num)d``; ``%(name)s`` filled in."""
    return cast(str, _ngettext(one, many, count, **values))


def say(text: Text) -> str:
    """The sentence in the reader's language."""
    return text.in_(language())


def in_language(code: str) -> str:
    """This page in another language. An answer to a form leads to the page that the form is on."""
    if request.endpoint is None or request.method not in {"GET", "HEAD"}:
        return f"?lang={code}"
    # Only parameters that pages know: url_for gives a meaning of its own to names like _scheme.
    kept = {
        name: request.args[name]
        for name in ("from", "attempt", "next", "section", "state")
        if name in request.args
    }
    return url_for(request.endpoint, **{**kept, **(request.view_args or {}), "lang": code})


def install(app: Flask) -> None:
    """Choose a language for every request and remember an explicit wish in a cookie.

    :raises SettingsError: the catalogue is not compiled, and Chinese pages would be English without a word.
    """
    for source in CATALOGUES.glob("*/LC_MESSAGES/messages.po"):
        if not source.with_suffix(".mo").exists():
            raise SettingsError(
                f"the translations are not compiled; run: make setup, or: pybabel compile -d {CATALOGUES}"
            )
    Babel(app, locale_selector=language)
    app.add_template_filter(say, "say")
    app.jinja_env.globals.update(current_language=language, language_names=NAMES, in_language=in_language)

    @app.after_request
    def remember(response: Response) -> Response:
        wish = request.args.get(COOKIE)
        if wish in LANGUAGES:
            response.set_cookie(
                COOKIE,
                wish,
                max_age=COOKIE_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=app.config["SESSION_COOKIE_SECURE"] or request.is_secure,
            )
        return response
