"""Static files with digests: style sheets and the pages' scripts, gzipped, and kept by browsers for ever.

An address holds its content's digest, so that a change has another address. Style sheets are gzipped once
at the start; scripts are as ``make setup`` bundled them into ``static/built``, and pages do without them.
Pages themselves are not gzipped: they hold the token that guards forms, and the length of a compressed page
tells of what is in it (the BREACH attack).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, current_app, g, request, send_from_directory, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from grader.web.context import by_script

blueprint = Blueprint("assets", __name__)
EXTENSION = "grader.assets"
TOGETHER = "+"
"""Between the names of sheets that are sent as one."""
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StyleSheet:
    """What is sent, zipped or not, and the digest in its address."""

    plain: bytes
    zipped: bytes
    digest: str


def install(app: Flask) -> None:
    """Read the style sheets, and give templates ``stylesheet(name, …)`` (an address), ``script(entry)``."""
    app.extensions[EXTENSION] = {
        path.stem: _made(path.read_bytes()) for path in sorted(Path(app.static_folder or "").glob("*.css"))
    }
    app.jinja_env.globals.update(stylesheet=stylesheet, script=script_element, by_script=by_script)
    app.register_blueprint(blueprint)


def _sheets() -> dict[str, StyleSheet]:
    return cast("dict[str, StyleSheet]", current_app.extensions[EXTENSION])


def _made(plain: bytes) -> StyleSheet:
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return StyleSheet(plain, gzip.compress(plain, 9, mtime=0), digest)


def _together(names: Sequence[str]) -> StyleSheet:
    """Several sheets as one: a browser draws nothing before it has all, and fetches few at once."""
    return _made(b"\n".join(_sheets()[name].plain for name in names))


def stylesheet(*names: str) -> str:
    """The address of a style sheet, or of several as one."""
    name, sheets = TOGETHER.join(names) or "grader", _sheets()
    if name not in sheets:
        sheets[name] = _together(names)
    return url_for("assets.sheet", name=name, digest=sheets[name].digest)


@blueprint.get("/static/<name>-<digest>.css")
def sheet(name: str, digest: str) -> Response:
    """A style sheet. One that is asked for by an older address is this one, too, but not for ever."""
    sheets = _sheets()
    found = sheets.get(name)
    if found is None:  # of a page from before the start; addresses can be made up, so it is not kept
        parts = name.split(TOGETHER)
        if len(set(parts)) < len(parts) or not sheets.keys() >= set(parts):
            raise NotFound
        found = _together(parts)
    response = Response(found.zipped if _takes_gzip() else found.plain)
    return _labelled(response, "text/css", FOR_EVER if digest == found.digest else "no-cache", _takes_gzip())


def _folder() -> Path:
    return Path(current_app.static_folder or "") / "built"


def script_element(entry: str) -> Markup:
    """The element that loads a bundle, and this response's nonce for it; nothing where it was not built."""
    try:
        name = json.loads((_folder() / "manifest.json").read_text(encoding="utf-8"))[entry]
    except (OSError, ValueError, KeyError):
        return Markup("")
    address = url_for("assets.script", name=name)
    return Markup('<script type="module" src="{}" nonce="{}"></script>').format(address, _nonce())


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def loads() -> str:
    """What a page with a script may load besides: the script itself, the editor's style, our answers."""
    if "nonce" not in g:
        return ""
    return f"script-src 'nonce-{g.nonce}'; style-src 'self' 'nonce-{g.nonce}'; connect-src 'self'"


@blueprint.get("/static/built/<name>")
def script(name: str) -> Response:
    """A bundle; as it was gzipped at set-up for every browser that takes that."""
    if not name.endswith(".js"):
        raise NotFound
    zipped = _takes_gzip() and (_folder() / f"{name}.gz").is_file()
    response = send_from_directory(_folder(), f"{name}.gz" if zipped else name)
    return _labelled(response, "text/javascript", FOR_EVER, zipped)


def _takes_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def _labelled(response: Response, content: str, caching: str, zipped: bool) -> Response:
    response.headers["Content-Type"] = f"{content}; charset=utf-8"
    response.headers["Cache-Control"] = caching
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
