"""What a request of the JSON API hands in: its body, ``?wait=`` and ``Idempotency-Key``, read and refused."""

from __future__ import annotations

import math
import re

import msgspec
from flask import request
from werkzeug.exceptions import (
    BadRequest,
    RequestEntityTooLarge,
    UnprocessableEntity,
    UnsupportedMediaType,
)

LONGEST_WAIT = 10.0
LONGEST_KEY = 64
_JSON_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\btrue\b|\bfalse\b|\bnull\b')
_PYTHON_WORD = {"true": "True", "false": "False", "null": "None"}


class SubmissionRequest(msgspec.Struct):
    """A Python file and the predictions typed beside it."""

    exercise: str
    source: str
    predictions: dict[str, msgspec.Raw] = {}
    """JSON, or the text a student would type. They stay as they were sent: ``0.50`` claims more digits than
    ``0.5``."""


def wait_seconds() -> float:
    """Seconds to wait for the verdict, by ``?wait=``. :raises UnprocessableEntity: it is no such number."""
    text = request.args.get("wait", "0")
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_WAIT:
        raise UnprocessableEntity(f"wait must be a number of seconds from 0 to {LONGEST_WAIT:g}.")
    return seconds


def body() -> SubmissionRequest:
    """The decoded body.

    :raises HTTPException: 415, 413, 400 or 422, saying what is wrong and where.
    """
    if request.mimetype not in {"application/json", ""}:
        raise UnsupportedMediaType("Send the body as application/json.")
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise RequestEntityTooLarge("The body is too large; a source may have 256 KiB.") from error
    try:
        return msgspec.json.decode(data, type=SubmissionRequest)
    except msgspec.ValidationError as error:
        raise UnprocessableEntity(f"{error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply.") from error


def source_bytes(source: str) -> bytes:
    """UTF-8. :raises UnprocessableEntity: it has half of a surrogate pair."""
    try:
        return source.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnprocessableEntity(
            f"source: the character at offset {error.start} is half of a pair."
        ) from error


def typed(raw: msgspec.Raw) -> str:
    """A prediction as it would be typed in the form: a JSON string's text, else the JSON text itself
    with Python's words for ``true``, ``false`` and ``null``."""
    text = bytes(raw).decode("utf-8").strip()
    if text.startswith('"'):
        return msgspec.json.decode(text, type=str)
    return _JSON_WORD.sub(lambda match: _PYTHON_WORD.get(match.group(), match.group()), text)


def request_key() -> str | None:
    """The header ``Idempotency-Key``. :raises UnprocessableEntity: it is too long, or not printable ASCII."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise UnprocessableEntity(f"Idempotency-Key must have 1 to {LONGEST_KEY} printable ASCII characters.")
    return key
