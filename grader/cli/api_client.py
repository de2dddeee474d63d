"""API client: a grading server's JSON API, as seen by who hands in; a call is tried again until answered.

A call that may have arrived is repeated without harm: reading changes nothing, and a submission carries an
``Idempotency-Key``, by which the server finds the row of the first time.
"""

from __future__ import annotations

import http.client
import random
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

import msgspec

from grader import __version__
from grader.errors import GraderError, UsageError

GIVE_UP_AFTER: Final = 120.0
"""Seconds without an answer that could be used."""
ONE_CALL: Final = 30.0
"""Seconds for one try."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
LARGEST_ANSWER: Final = 32 * 2**20
LATER = frozenset({429, 502, 503, 504})
"""Answers after which the same call may succeed."""


class Unreachable(GraderError):
    """No answer came, however often it was tried."""

    retry = True


@dataclass(frozen=True)
class Answer:
    """What a server said to a call that it accepted.

    :param retry_after: seconds after which asking again is worth it, if it says so.
    """

    status: int
    body: Any
    retry_after: float | None


class Standing(msgspec.Struct, frozen=True):
    """What one has in one exercise, of what ``GET /api/v1/standing`` says."""

    course: str
    exercise: str
    open: bool
    attempts: int
    score: float | None
    max_score: float | None
    passed: bool
    waiting: list[str]
    due: datetime | None = None
    attempts_left: int | None = None
    next_attempt: datetime | None = None
    """From when on the next one is taken, after a pause."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token is for the server that it was given for: nobody sends it on to another."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:  # noqa: ARG002
        return None


class Remote:
    """One server, and one token.

    :param say: told what is being waited for, in one sentence, when a call has to be repeated.
    """

    def __init__(self, address: str, token: str, say: Callable[[str], None] = lambda _sentence: None) -> None:
        self.address = address
        self._token = token
        self._say = say
        self._opener = urllib.request.build_opener(_NoRedirects())

    def get(self, path: str, **query: str) -> Answer:
        """Read."""
        return self._call(path, query, None, {})

    def standing(self) -> tuple[Any, list[Standing]]:
        """What one has in each exercise: as the server says it, and read."""
        answer = self.get("/api/v1/standing")
        try:
            return answer.body, msgspec.convert(answer.body, list[Standing])
        except msgspec.ValidationError as error:
            raise UsageError(f"what {self.address} says cannot be read here; is 'grade' too old?") from error

    def submit(self, body: dict[str, Any], key: str, **query: str) -> Answer:
        """Hand in, once, however often it has to be sent.

        :param key: of this submission alone.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._call("/api/v1/submissions", query, msgspec.json.encode(body), headers)

    def _call(
        self, path: str, query: Mapping[str, str], data: bytes | None, headers: dict[str, str]
    ) -> Answer:
        url = f"{self.address}{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(url, data, {  # noqa: S310 - http or https: credentials.checked_address
            **headers,
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            "User-Agent": f"grade/{__version__}",
        })  # fmt: skip
        began, pause = time.monotonic(), FIRST_PAUSE
        while True:
            wait: float | None = None
            asked = False
            try:
                with self._opener.open(request, timeout=ONE_CALL) as answer:
                    return self._read(answer)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in LATER:
                        self._refused(error)
                    wait, why = _seconds(error.headers), _busy(error)
                    asked = error.code == 429
            except ssl.SSLError as error:
                raise _unsafe(self.address, error) from error
            except (OSError, http.client.HTTPException) as error:
                reason = error.reason if isinstance(error, urllib.error.URLError) else error
                if isinstance(reason, ssl.SSLError):
                    raise _unsafe(self.address, reason) from error
                why = _network(reason)
            # Exponential back-off with jitter: nobody comes back at the same moment as everybody else.
            wait = pause * random.uniform(0.75, 1.25) if wait is None else wait  # noqa: S311 - no secret
            pause = min(pause * 2, LONGEST_PAUSE)
            if time.monotonic() + wait > began + GIVE_UP_AFTER:
                if asked:  # it is well, and has said until when it takes nothing
                    raise UsageError(why)
                raise Unreachable(f"{self.address}: {why}; tried for {time.monotonic() - began:.0f} s")
            self._say(f"{why}; trying again in {wait:.1f} s")
            time.sleep(wait)

    def _read(self, answer: Any) -> Answer:
        data = answer.read(LARGEST_ANSWER + 1)
        try:
            if len(data) <= LARGEST_ANSWER and answer.headers.get_content_type() == "application/json":
                return Answer(answer.status, msgspec.json.decode(data), _seconds(answer.headers))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
        raise UsageError(f"what answers at {self.address} is no grader; check the address")

    def _refused(self, error: urllib.error.HTTPError) -> NoReturn:
        if 300 <= error.code < 400:
            there = plain(error.headers.get("Location") or "")
            raise UsageError(
                f"{self.address} sends elsewhere ({there}), and your token is not sent there; "
                "if that is where your course is, use 'grade login' with it"
            )
        said = _detail(error)
        if error.code == 401:
            raise UsageError(
                f"{self.address} does not accept this token: it may be mistyped, revoked or too old; "
                f"make a new one at {self.address}/account, then 'grade login {self.address}'"
            )
        if said is None and error.code < 500:
            raise UsageError(
                f"what answers at {self.address} is no grader (it said {error.code}); check the address"
            )
        if error.code < 500:
            raise UsageError(said or "")
        raise GraderError(f"{self.address} failed ({error.code}): {said or 'it did not say why'}")


def plain(text: str) -> str:
    """What a server said, on one line and without anything that moves a terminal's cursor."""
    return "".join(c if c.isprintable() else " " for c in text)[:500].strip()


def _detail(error: urllib.error.HTTPError) -> str | None:
    """The sentence of a problem document (RFC 9457); None when the answer is no such thing."""
    try:
        if error.headers.get_content_type() != "application/problem+json":
            return None
        detail = msgspec.json.decode(error.read(LARGEST_ANSWER)).get("detail")
    except (
        OSError,
        http.client.HTTPException,
        msgspec.DecodeError,
        UnicodeDecodeError,
        AttributeError,
        RecursionError,
    ):
        return None
    return plain(detail) if isinstance(detail, str) else None


def _busy(error: urllib.error.HTTPError) -> str:
    if error.code == 429:
        return _detail(error) or "the server asks for patience"
    return f"the server cannot answer just now ({error.code})"


def _network(reason: object) -> str:
    said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"the server cannot be reached ({plain(said)})"


def _unsafe(address: str, error: ssl.SSLError) -> GraderError:
    said = getattr(error, "verify_message", "") or error.reason or str(error)
    return UsageError(f"the connection to {address} is not safe ({plain(said)}); nothing was sent")


def _seconds(headers: Any) -> float | None:
    """``Retry-After`` in seconds, decimals included; a date, or what is neither, is passed over."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(max(seconds, 0.0), 3600.0) if seconds == seconds else None
