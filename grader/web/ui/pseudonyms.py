"""Pseudonyms: what students are called on a page that everybody in the room can see.

A pseudonym is an HMAC of the course and the account under the server's signing key: always the same in one
course, another one in the next, and nobody without the key can tell whose it is. Whether names are hidden is
kept in a cookie, so that it holds on every page that one opens from a gradebook, and not for a moment more
on one of them.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from flask import Flask, Response, g, request
from markupsafe import Markup

from grader.store.courses import CODE_ALPHABET
from grader.store.tables import User
from grader.web.context import services
from grader.web.ui.languages import _

COOKIE: Final = "names"
_WISHES: Final = ("hidden", "shown")
_LENGTH: Final = 6
"""Characters: in a course of a thousand, two are alike in one course of 1,800."""


def hidden() -> bool:
    """Whether this reader has asked for pseudonyms."""
    if "names_hidden" not in g:
        wish = request.args.get(COOKIE)
        g.names_hidden = (wish if wish in _WISHES else request.cookies.get(COOKIE)) == "hidden"
    return bool(g.names_hidden)


def pseudonym(course_id: int, user_id: int) -> str:
    """What this student is called in this course: ``K7Q-F2M``."""
    key = services().settings.signing_key().encode()
    digest = hmac.digest(key, f"pseudonym:{course_id}:{user_id}".encode(), hashlib.sha256)
    number, code = int.from_bytes(digest[:8]), ""
    for _place in range(_LENGTH):
        number, rest = divmod(number, len(CODE_ALPHABET))
        code += CODE_ALPHABET[rest]
    return f"{code[:3]}-{code[3:]}"


def called(course_id: int, user: User) -> str:
    """The student's name, or pseudonym where names are hidden."""
    return _("Student %(code)s", code=pseudonym(course_id, user.id)) if hidden() else user.name


def called_exactly(course_id: int, user: User) -> Markup:
    """The same with the login beside a name, for a heading."""
    if hidden():
        return Markup("<bdi>{}</bdi>").format(called(course_id, user))
    return Markup('<bdi>{}</bdi> <span class="quiet"><bdi>{}</bdi></span>').format(user.name, user.login)


def install(app: Flask) -> None:
    """Remember an explicit wish until the browser is closed; give templates the names."""
    app.jinja_env.globals.update(names_hidden=hidden, called=called, called_exactly=called_exactly)

    @app.after_request
    def remember(response: Response) -> Response:
        wish = request.args.get(COOKIE)
        if wish in _WISHES:
            secure = app.config["SESSION_COOKIE_SECURE"] or request.is_secure
            response.set_cookie(COOKIE, wish, httponly=True, samesite="Lax", secure=secure)
        return response
