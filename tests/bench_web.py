"""``make bench-web``: what a student's pages take, one line each, as ``make bench`` prints it.

A server as an operator starts it, with the demo course; one student's browser on one connection that is
kept open, over loopback. A page's time is from its request until its last byte is here, so the server's
own work and the way there. "Plain" is that of ``make bench``: a bare fork of a warm torch that does the
same work, measured in turn with the submissions.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import re
import secrets
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Final

from grader.exercises import Library
from grader.grading.plan import make_plan
from grader.model.job import Job
from tests.bench import COURSE, Plain, _accepted, _say
from tests.served import COURSE_OF_THE_DEMO, ROOT, Server, Visitor, demo_course, wrong_attempt

EXERCISE: Final = "detach"
MOST_MS: Final = 15.0
MOST_PAGE: Final = 60 * 1024
MOST_SCRIPT: Final = 220 * 1024
MOST_RATIO: Final = 3.0
PAUSE: Final = 0.5
"""Seconds between two submissions, in which the pictures of the one before are drawn."""


@dataclass(frozen=True)
class Answer:
    """What came back, and how long that took from the request's first byte to the answer's last."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def page(self) -> str:
        """The body as text, unzipped if need be."""
        zipped = self.headers["Content-Encoding"] == "gzip"
        return (gzip.decompress(self.body) if zipped else self.body).decode()


class Browser:
    """One connection that is kept open, with the cookies of who signed in."""

    def __init__(self, server: Server, visitor: Visitor) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        cookie = "; ".join(f"{each.name}={each.value}" for each in visitor.cookies)
        self._headers = {"Cookie": cookie, "Accept-Encoding": "gzip", "Accept": "text/html"}

    def get(self, path: str) -> Answer:
        """A page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """A form, as the page's script sends it."""
        border = secrets.token_hex(16)
        part = '--{}\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        body = (
            "".join(part.format(border, name, value) for name, value in fields.items()) + f"--{border}--\r\n"
        )
        kind = {"Content-Type": f"multipart/form-data; boundary={border}", "HX-Request": "true"}
        return self._ask("POST", path, body.encode(), kind)

    def _ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        # The server drops a connection that was quiet for five seconds; another one is not what is measured.
        self._connection.connect() if self._connection.sock is None else None
        started = time.perf_counter()
        self._connection.request(method, path, body or None, {**self._headers, **(headers or {})})
        answer = self._connection.getresponse()
        content = answer.read()
        return Answer(answer.status, answer.headers, content, time.perf_counter() - started)


class Figures:
    """Prints lines, and remembers whether one is short."""

    def __init__(self) -> None:
        self.good = True

    def say(self, name: str, value: float, unit: str, most: float, about: str = "") -> None:
        """A figure that must be at most ``most``."""
        self.good &= value <= most
        print(f"{name:<44} {value:8.2f} {unit}   (at most {most:g}{about})", flush=True)

    def hold(self, name: str, said: str, holds: bool) -> None:
        """Something that must be so."""
        self.good &= holds
        print(f"{name:<44} {said}   ({'holds' if holds else 'DOES NOT HOLD'})", flush=True)


def times(browser: Browser, pages: dict[str, str], rounds: int, figures: Figures) -> None:
    """Server time of each page, asked for in turn."""
    took: dict[str, list[float]] = {name: [] for name in pages}
    for n in range(rounds + 5):
        for name, path in pages.items():
            answer = browser.get(path)
            assert answer.status == 200, (name, answer.status)
            if n >= 5:
                took[name].append(1e3 * answer.seconds)
    for name in pages:
        late = statistics.quantiles(took[name], n=20)[-1]
        figures.say(f"web: {name}, request to answer", statistics.median(took[name]), "ms", MOST_MS,
                    f"; one in 20 over {late:.1f}")  # fmt: skip


def sizes(browser: Browser, pages: dict[str, str], figures: Figures) -> None:
    """Bytes of pages and scripts, and which page loads one."""
    for name, path in pages.items():
        answer = browser.get(path)
        size = len(answer.page.encode())
        about = f"; {len(answer.body) / 1024:.1f} on the way" if len(answer.body) < size else ""
        figures.say(f"web: {name}, HTML", size / 1024, "KiB", MOST_PAGE / 1024, about)
    scripts = {
        name: re.findall(r'<script[^>]* src="([^"]+)"', browser.get(path).page)
        for name, path in pages.items()
    }
    for name, found in scripts.items():
        if found:
            zipped = [browser.get(address) for address in found]
            assert all(answer.headers["Content-Encoding"] == "gzip" for answer in zipped), found
            size = sum(len(answer.body) for answer in zipped)
            figures.say(f"web: {name}, scripts gzipped", size / 1024, "KiB", MOST_SCRIPT / 1024)
    without = [name for name, found in scripts.items() if not found]
    bare = set(pages) - {"exercise", "verdict"}
    figures.hold("web: no script on", ", ".join(without), set(without) == bare)


class Submits:
    """Hands in one exercise, always with another source: the same sent again would be no attempt."""

    def __init__(self, browser: Browser, library: Library, slug: str) -> None:
        self._browser, self._path = browser, f"/courses/{COURSE_OF_THE_DEMO}/{slug}"
        self._source, self._sent = _accepted(slug).decode(), 0
        page = browser.get(self._path).page
        self._hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        exercise = library.get(slug)
        tasks = make_plan(exercise, 0).tasks
        self.job = Job(f"{self._source}\n# 0\n".encode(), tasks, exercise.limits, 0)
        """The same work for the bare fork."""

    def __call__(self) -> float:
        """Seconds until the verdict is here."""
        self._sent += 1
        source = f"{self._source}\n# {self._sent}\n"
        fields = {**self._hidden, "source": source, "request_key": secrets.token_hex(16)}
        answer = self._browser.post(self._path, fields)
        assert answer.status == 200, (self._path, answer.status, answer.page[:500])
        assert "data-score" in answer.page, "an answer without a verdict"
        return answer.seconds


def submitting(browser: Browser, library: Library, rounds: int, figures: Figures) -> None:
    """From a submit to the verdict in hand, against the bare fork that does the same work."""
    plain = Plain()
    rested: tuple[list[float], list[float]] = [], []
    busy: tuple[list[float], list[float]] = [], []
    try:
        for slug in COURSE:
            submit = Submits(browser, library, slug)
            submit(), plain(submit.job)
            for n in range(2 * rounds):
                pause, (ours, other) = (PAUSE, rested) if n % 2 == 0 else (0.0, busy)
                for turn in (0, 1) if n % 4 < 2 else (1, 0):
                    time.sleep(pause)
                    ours.append(submit()) if turn == 0 else other.append(plain(submit.job))
    finally:
        plain.close()
    _say("web: submit to verdict / plain", *rested, MOST_RATIO)
    _say("web: the same, while others are drawn / plain", *busy, None)
    ratio = statistics.median(a / b for a, b in zip(*rested, strict=True))
    figures.good &= ratio <= MOST_RATIO


def main() -> None:
    """Print every line; exit code 1 when a figure is short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    library, figures = Library(ROOT / "exercises", ROOT / "solutions"), Figures()
    with demo_course() as (server, student):
        browser = Browser(server, student)
        exercise = f"/courses/{COURSE_OF_THE_DEMO}/{EXERCISE}"
        pages = {"home": "/", "exercise": exercise, "verdict": wrong_attempt(server, student, exercise)}
        times(browser, pages, 3 * rounds, figures)
        sizes(browser, {**pages, "history": f"{exercise}/attempts", "account": "/account"}, figures)
        submitting(browser, library, max(4, rounds // 4), figures)
    sys.exit(0 if figures.good else 1)


if __name__ == "__main__":
    main()
