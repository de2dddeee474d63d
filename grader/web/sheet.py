"""The style sheet: gzipped once at the start, and kept by browsers for ever under an address that holds
its digest. A changed sheet has another address. Pages are not gzipped here: they hold the token that
guards forms, and the length of a zipped page tells of what is in it.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, current_app, request, url_for

from grader.web.bundles import FOR_EVER

sheet = Blueprint("sheet", __name__)
EXTENSION = "grader.sheet"


@dataclass(frozen=True)
class Sheet:
    """What is sent, zipped or not, and the digest in its address."""

    plain: bytes
    zipped: bytes
    digest: str


def install(app: Flask) -> None:
    """Read the sheet, and let templates name its address with ``stylesheet()``."""
    plain = (Path(app.static_folder or "") / "grader.css").read_bytes()
    digest = hashlib.sha256(plain).hexdigest()[:12]
    app.extensions[EXTENSION] = Sheet(plain, gzip.compress(plain, 9, mtime=0), digest)
    app.jinja_env.globals["stylesheet"] = _address
    app.register_blueprint(sheet)


def _sheet() -> Sheet:
    return cast(Sheet, current_app.extensions[EXTENSION])


def _address() -> str:
    return url_for("sheet.send", name=_sheet().digest)


@sheet.get("/static/grader-<name>.css")
def send(name: str) -> Response:
    """The sheet. One that is asked for by an older address is this one, too, but not for ever."""
    found = _sheet()
    zipped = request.accept_encodings["gzip"] > 0
    response = Response(found.zipped if zipped else found.plain, content_type="text/css; charset=utf-8")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOR_EVER if name == found.digest else "no-cache"
    response.vary.add("Accept-Encoding")
    return response
