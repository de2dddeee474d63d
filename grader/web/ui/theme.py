"""Theme: light, dark, or as the reader's device has it: remembered in a cookie, as the language is."""

from __future__ import annotations

from typing import Literal

from flask import Flask, Response, request

from grader.web.ui.languages import COOKIE_SECONDS

Theme = Literal["auto", "light", "dark"]

COOKIE = "theme"
_NEXT: dict[Theme, Theme] = {"auto": "dark", "dark": "light", "light": "auto"}


def install(app: Flask) -> None:
    """Remember a choice made by ``?theme=``."""
    app.after_request(_remember)
    app.jinja_env.globals.update(theme=theme, next_theme=next_theme)


def theme() -> Theme:
    """What this reader chose."""
    for wish in (request.args.get(COOKIE), request.cookies.get(COOKIE)):
        if wish in _NEXT:
            return wish
    return "auto"


def next_theme() -> Theme:
    """What the switch leads to: auto, dark, light, and round again."""
    return _NEXT[theme()]


def _remember(response: Response) -> Response:
    wish = request.args.get(COOKIE)
    if wish in _NEXT and wish != request.cookies.get(COOKIE):
        response.set_cookie(
            COOKIE, wish, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return response
