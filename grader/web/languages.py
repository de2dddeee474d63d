"""English and Chinese: which one a reader gets, and the compiled catalogue behind it.

The choice, first match wins: ``?lang=`` (which also sets the cookie), the cookie, the signed-in
user's own language, the browser's ``Accept-Language``, English.

Sentences of the pages come from the catalogue ``translations/zh``. Reports carry both
languages in themselves (:class:`grader.model.text.Text`), so a stored verdict can be read in either.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, request
from flask_babel import Babel, gettext  # type: ignore[import-untyped]
from flask_babel import ngettext as _ngettext
from flask_login import current_user

from grader.model.text import LANGUAGES, Language, Text

COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600
NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}
CATALOGUES = Path(__file__).parent / "translations"


def compile_catalogues(fallback: Path, sources: Path = CATALOGUES) -> Path:
    """Compile each ``.po`` whose ``.mo`` is missing or older, and say which folder to read.

    :param fallback: where the compiled files go when the package's own folder is read-only.
    :returns: ``sources`` or ``fallback``: a folder that holds every language's ``.mo``.
    """
    folder = sources
    for source in sorted(sources.glob("*/LC_MESSAGES/messages.po")):
        if _fresh(source, source.with_suffix(".mo")):
            continue
        try:
            _compile(source, source.with_suffix(".mo"))
        except OSError:
            folder = fallback
    if folder is fallback:
        for source in sorted(sources.glob("*/LC_MESSAGES/messages.po")):
            target = (fallback / source.relative_to(sources)).with_suffix(".mo")
            if not _fresh(source, target):
                target.parent.mkdir(parents=True, exist_ok=True)
                _compile(source, target)
    return folder


def _fresh(source: Path, target: Path) -> bool:
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


def _compile(source: Path, target: Path) -> None:
    """Write the catalogue under another name and rename it: servers may start together."""
    with source.open("rb") as file:
        catalogue = read_po(file)
    descriptor, draft = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            write_mo(out, catalogue)
        Path(draft).chmod(0o644)
        Path(draft).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise


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


def ngettext(one: str, many: str, count: int) -> str:
    """One of two sentences, by ``count``, which also fills ``%(num)d``."""
    return cast(str, _ngettext(one, many, count))


def say(text: Text) -> str:
    """The sentence in the reader's language."""
    return text.in_(language())


def install(app: Flask, data: Path) -> None:
    """Choose a language for every request and remember an explicit wish in a cookie."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(compile_catalogues(data / "translations"))
    Babel(app, locale_selector=language)
    app.add_template_filter(say, "say")

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
