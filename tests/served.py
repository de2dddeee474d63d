"""A real server for tests: ``grade serve`` as an operator starts it, and a browser without a screen."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from grader.settings import Settings
from grader.store import courses, enrolments, passwords, tokens, users
from grader.store.database import Store

ROOT = Path(__file__).resolve().parent.parent
GRADE = [sys.executable, "-m", "grader"]
COURSE = "course"
COURSE_OF_THE_DEMO = "autograd"
PASSWORD = "long enough"
"""Of every student of :meth:`Server.furnish`."""
EXERCISES = tuple(sorted(path.parent.name for path in ROOT.glob("exercises/*/exercise.toml")))


class Server:
    """``grade serve`` on a database of its own. May be killed and started again.

    :param settings: environment variables beside the usual.
    :ivar program: what ``serve`` is called with; a test may put its own in front.
    """

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.program = [*GRADE]
        self._settings = settings
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def grade(self, *arguments: str, stdin: str = "") -> str:
        """Run a ``grade`` command on this server's database."""
        done = subprocess.run(
            [*GRADE, *arguments],
            cwd=ROOT,
            env=self.environment(),
            input=stdin,
            text=True,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def furnish(self, *exercises: str, students: tuple[str, ...] = ("ada",)) -> list[str]:
        """A course of these exercises and these students, who have one password: a token of each.

        As the commands do it, each of which takes a second to start.
        """
        issued = []
        with closing(Store.open(Settings(data=self.data).database_url)) as store, store.write() as session:
            course = courses.add_course(session, COURSE, "A course")
            for exercise in exercises:
                courses.assign(session, course.id, exercise)
            hashed = passwords.hash_password(PASSWORD)
            for student in students:
                user = users.add_user(session, student, student, password_hash=hashed)
                enrolments.enrol(session, user.id, course.id)
                issued.append(tokens.issue_token(session, user.id, "test")[0])
        return issued

    def start(self, *options: str) -> None:
        """Start, with ``options`` of ``grade serve``, and return once it is ready."""
        self.launch(*options)
        self.until_ready()

    def launch(self, *options: str) -> None:
        """Start, and return at once."""
        log = (self.data / "log").open("ab")
        self._process = subprocess.Popen(
            [*self.program, "serve", "--port", str(self.port), *options],
            cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()

    def until_ready(self) -> None:
        """Wait until a submission would be taken and judged."""
        assert self._process is not None
        deadline = time.monotonic() + 240
        while True:
            assert self._process.poll() is None, (self.data / "log").read_text()
            assert time.monotonic() < deadline, "the server does not get ready"
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)

    @property
    def pid(self) -> int:
        """Of gunicorn's master."""
        assert self._process is not None
        return self._process.pid

    def ended(self) -> int | None:
        """Its exit code; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def kill(self) -> None:
        """SIGKILL to the master alone, as an out-of-memory killer would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, as an operator does."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    def environment(self) -> dict[str, str]:
        """Of this server's processes."""
        return {
            **os.environ,  # noqa: TID251 - a test hands its own environment on
            "GRADER_DATA": str(self.data),
            # The key draws the hidden cases: with a new one at each run, a test would not be the same test.
            "GRADER_SECRET_KEY": "the key of a server that is under test",
            "GRADER_SIGN_IN_LIMIT": "off",
            "GRADER_SUBMIT_LIMIT": "off",
            "GRADER_READ_LIMIT": "off",
            "PYTHONPATH": str(ROOT),
            **self._settings,
        }


class Visitor:
    """Somebody at a page: cookies, forms, no scripts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        """A page's text, whatever its status."""
        return self._open(urllib.request.Request(self.url + path))

    def post(self, path: str, **fields: str) -> str:
        """Fill in the form that stands at ``path`` and send it."""
        return self.post_to(path, path, **fields)

    def post_to(self, path: str, place: str, **fields: str) -> str:
        """Fill in a form that stands at ``place`` and send it to ``path``."""
        page = self.get(place)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        body = urllib.parse.urlencode({**hidden, **fields}).encode()
        return self._open(urllib.request.Request(self.url + path, body, method="POST"))

    def sign_in(self, login: str, password: str) -> None:
        """Sign in, and make sure of it."""
        self.post("/sign-in", login=login, password=password)
        assert "/sign-out" in self.get("/"), "signing in failed"

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()


@contextmanager
def demo_course() -> Iterator[tuple[Server, Visitor]]:
    """A server with the demo course, all graded and drawn, and one of its students, who is signed in."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            server.start("--demo")
            at_rest(server)
            visitor = Visitor(server.url)
            accounts = json.loads((server.data / "demo-accounts.json").read_text(encoding="utf-8"))
            _role, login, password = next(account for account in accounts if account[0] == "student")
            visitor.sign_in(login, password)
            yield server, visitor
        finally:
            server.stop()


def wrong_attempt(server: Server, student: Visitor, exercise: str) -> str:
    """Hand in a wrong answer to ``detach``: the address of the attempt, whose verdict has the most to say.

    :param exercise: the address of its page.
    """
    wrong = (ROOT / "solutions" / "detach" / "rejected" / "no_detach.py").read_text(encoding="utf-8")
    student.post(exercise, source=wrong)
    at_rest(server)
    return re.findall(r'href="(/attempts/[\w-]+)"', student.get(f"{exercise}/attempts"))[0]


def at_rest(server: Server) -> None:
    """Wait until nothing is queued, and nothing has been written (pictures come last) for two seconds."""
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{server.url}/metrics", timeout=60) as answer:
            figures = dict(re.findall(r"^grader_(queued|running) (\S+)$", answer.read().decode(), re.M))
        written = max(path.stat().st_mtime for path in server.data.glob("*.db*"))
        if not any(map(float, figures.values())) and time.time() - written > 2:
            return
        time.sleep(0.25)
    raise AssertionError("the demo course is not graded after a quarter of an hour")


def call(url: str, token: str, body: Any = None) -> Any:
    """One call of the JSON API; the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


class Verdicts(HTMLParser):
    """Reads the verdict off a page: the score, and check → ``"verdict code"`` of what did not pass."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.score: float | None = None
        self.failing: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "data-score" in found:
            self.score = float(found["data-score"] or "nan")
        if "data-check" in found and found["data-verdict"] != "passed":
            code = found.get("data-code")
            verdict = found["data-verdict"] or ""
            self.failing[found["data-check"] or ""] = f"{verdict} {code}" if code else verdict
