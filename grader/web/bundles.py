"""The pages' scripts, as ``make setup`` bundled them into ``static/built``; pages do without them, too.

A bundle's name holds its content's digest, so that a browser may keep it for ever.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from flask import Blueprint, Response, current_app, g, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import NotFound

bundles = Blueprint("bundles", __name__)

FOR_EVER = "public, max-age=31536000, immutable"


def _folder() -> Path:
    return Path(current_app.static_folder or "") / "built"


def script(entry: str) -> Markup:
    """The element that loads a bundle, and this response's nonce for it; nothing where it was not built."""
    try:
        name = json.loads((_folder() / "manifest.json").read_text(encoding="utf-8"))[entry]
    except (OSError, ValueError, KeyError):
        return Markup("")
    address = url_for("bundles.bundle", name=name)
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


@bundles.get("/static/built/<name>")
def bundle(name: str) -> ResponseReturnValue:
    """A bundle; as it was gzipped at set-up for every browser that takes that."""
    if not name.endswith(".js"):
        raise NotFound
    zipped = request.accept_encodings["gzip"] > 0 and (_folder() / f"{name}.gz").is_file()
    response: Response = send_from_directory(_folder(), f"{name}.gz" if zipped else name)
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOR_EVER
    response.vary.add("Accept-Encoding")
    return response
