"""``grade login``, ``submit``, ``status``: a real server, real tokens, and a network that fails."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import pty
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader.cli import api_client
from grader.cli.api_client import Remote, Unreachable
from grader.errors import UsageError
from grader.exercises import Library
from tests.served import ROOT, Server

ACCEPTED = ROOT / "solutions/control-flow/accepted/01_from_the_value.py"
REJECTED = ROOT / "solutions/control-flow/rejected/first_step.py"
UNREADABLE = ROOT / "solutions/detach/rejected/bad_indent.py"


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str


@dataclass
class Student:
    """Somebody at a terminal, with a configuration folder of their own."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, stdin: str | bytes = "") -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "grader", *map(str, arguments)],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True, cwd=ROOT, timeout=300, env=self.surroundings,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    @property
    def surroundings(self) -> dict[str, str]:
        return {
            **os.environ,  # noqa: TID251 - a test hands its own environment on
            "XDG_CONFIG_HOME": str(self.home), "PYTHONPATH": str(ROOT), "COLUMNS": "100",
            **self.environment,
        }  # fmt: skip

    @property
    def kept(self) -> Path:
        return self.home / "grader" / "servers.json"


@dataclass(frozen=True)
class Class:
    """A server and two tokens of one student."""

    server: Server
    token: str
    other_token: str


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    server = Server(tmp_path_factory.mktemp("served"))
    (token,) = server.furnish("control-flow", "detach")
    server.start()
    try:
        yield Class(server, token, server.grade("account", "token", "ada"))
    finally:
        server.stop()


@pytest.fixture
def student(tmp_path: Path) -> Student:
    return Student(tmp_path)


@pytest.fixture
def signed_in(course: Class, student: Student) -> Student:
    student.kept.parent.mkdir(mode=0o700)
    kept = {"default": course.server.url, "servers": {course.server.url: {"token": course.token}}}
    student.kept.write_text(json.dumps(kept), encoding="utf-8")
    return student


def without_time(text: str) -> str:
    """Its words: where lines are broken depends on how long the time is."""
    return "".join(re.sub(r"\b[\d.]+ (?:ms\b|s\b|毫秒|秒)", "", text).split())


@pytest.mark.slow
class TestARealServer:
    def test_a_token_is_kept_for_its_owner_alone(self, course: Class, student: Student) -> None:
        signed_in = student
        assert signed_in("login", course.server.url, stdin=course.token + "\n").code == 0
        assert signed_in.kept.stat().st_mode & 0o777 == 0o600
        assert signed_in.kept.parent.stat().st_mode & 0o777 == 0o700
        assert json.loads(signed_in.kept.read_text())["default"] == course.server.url
        # Another login replaces it, and the file is as closed as before.
        assert signed_in("login", course.server.url, "--token-file", "-", stdin=course.other_token).code == 0
        assert signed_in.kept.stat().st_mode & 0o777 == 0o600
        assert course.other_token in signed_in.kept.read_text() and list(signed_in.kept.parent.iterdir()) == [
            signed_in.kept
        ]
        ran = signed_in("logout")
        assert ran.code == 0 and "/account" in ran.out
        assert course.other_token not in signed_in.kept.read_text()
        assert signed_in("status").code == 2

    def test_at_a_terminal_a_token_is_typed_unseen(self, course: Class, student: Student) -> None:
        """No echo: what the terminal shows does not hold it."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", "login", course.server.url],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=student.surroundings,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
            while more := os.read(ours, 1000):
                asked = b"Token:" in shown
                shown += more
                if b"Token:" in shown and not asked:
                    os.write(ours, course.token.encode() + b"\n")
        assert process.wait(60) == 0, shown
        os.close(ours)
        assert course.token.encode() not in shown and b"Signed in" in shown

    def test_a_wrong_token_is_not_kept(self, course: Class, student: Student) -> None:
        ran = student("login", course.server.url, stdin="gr_wrong")
        assert ran.code == 2 and "does not accept this token" in ran.err and ran.err.count("\n") == 1
        assert not student.kept.exists()

    def test_full_marks_are_0_and_printed_as_grade_run_does(self, signed_in: Student) -> None:
        ran = signed_in("submit", "control-flow", ACCEPTED)
        here = signed_in("run", "control-flow", ACCEPTED)
        assert ran.code == 0, ran.err
        # With what it shows in practice, which stands in the exercise: a client need not have that.
        insight = Library(ROOT / "exercises", None).get("control-flow").insight.en
        assert without_time(ran.out) == without_time(here.out) and without_time(insight) in without_time(
            ran.out
        )

    @pytest.mark.parametrize(
        ("slug", "file", "language"), [("control-flow", REJECTED, "en"), ("detach", UNREADABLE, "zh")]
    )
    def test_less_is_1_with_reason_and_line(
        self, signed_in: Student, slug: str, file: Path, language: str
    ) -> None:
        ran = signed_in("submit", slug, file, "--lang", language)
        here = signed_in("run", slug, file, "--lang", language)
        assert ran.code == here.code == 1, ran.err
        assert without_time(ran.out) == without_time(here.out)

    def test_json_is_the_contracts_object(self, course: Class, signed_in: Student) -> None:
        """The token may come from the environment instead."""
        signed_in("logout")
        signed_in.environment = {"GRADER_TOKEN": course.other_token, "GRADER_SERVER": course.server.url}
        ran = signed_in("submit", "control-flow", "-", "--json", stdin=ACCEPTED.read_bytes())
        here = signed_in("run", "control-flow", ACCEPTED, "--json")
        assert ran.code == 0 and set(json.loads(ran.out)) == set(json.loads(here.out))

    def test_predictions_are_handed_in_as_they_were_typed(self, signed_in: Student) -> None:
        ran = signed_in("submit", "control-flow", ACCEPTED, "--predict", "ratio=False", "--json")
        verdicts = {check["id"]: check["verdict"] for check in json.loads(ran.out)["checks"]}
        assert ran.code == 1 and "failed" in verdicts.values()

    def test_an_encoding_that_is_not_utf_8(self, signed_in: Student, tmp_path: Path) -> None:
        file = tmp_path / "gbk.py"
        file.write_bytes("# 梯度\n".encode("gbk") + ACCEPTED.read_bytes())
        assert signed_in("submit", "control-flow", file).code == 0

    def test_handing_in_without_waiting_and_asking_later(self, signed_in: Student) -> None:
        ran = signed_in("submit", "control-flow", ACCEPTED, "--no-wait", "--json")
        assert ran.code == 0
        identity = json.loads(ran.out)["id"]
        deadline = time.monotonic() + 60
        while (ran := signed_in("status", identity)).code == 1 and "waits for its verdict" in ran.out:
            assert time.monotonic() < deadline
        assert ran.code == 0 and "10 / 10" in ran.out
        ran = signed_in("status")
        assert ran.code == 0 and re.search(r"✓ +control-flow +10 / 10", ran.out) and "detach" in ran.out
        standing = json.loads(signed_in("status", "--json").out)
        assert [each["exercise"] for each in standing] == ["control-flow", "detach"]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["submit", "controlflow", ACCEPTED], "no exercise 'controlflow'"),
            (["submit", "simple-example", ACCEPTED], "set in none of your courses"),
            (["submit", "control-flow", "no_such.py"], "there is no file 'no_such.py'"),
            (["submit", "control-flow", "tests"], "'tests' is a folder"),
            (["submit", "control-flow", "docs/home.png"], "picture"),
            (["submit", "control-flow", ACCEPTED, "--predict", "ratio"], "is not NAME=VALUE"),
            (["submit", "control-flow", ACCEPTED, "--predict", "rati=True"], "no prediction called “rati”"),
            (["status", "../exercises"], "'../exercises' is no id of a submission"),
            (["status", "0" * 32], "no submission with this id"),
            (["status", "--server", "https://elsewhere.example"], "you are not signed in to"),
        ],
        ids=lambda value: str(value)[:40],
    )  # fmt: skip
    def test_a_wrong_call_is_2_and_one_line(
        self, signed_in: Student, arguments: list[Any], words: str
    ) -> None:
        ran = signed_in(*arguments)
        assert (ran.code, ran.out) == (2, ""), ran
        assert ran.err.count("\n") == 1 and words in ran.err

    def test_an_answer_that_is_lost_is_one_attempt(self, course: Class, student: Student) -> None:
        """The server stores, the connection dies before it can say so, and the client sends again."""
        with losing_the_first_answer(course.server.port) as (port, lost):
            address = f"http://127.0.0.1:{port}"
            student.environment = {"GRADER_TOKEN": course.token}
            before = attempts(student, course.server.url)
            ran = student("submit", "control-flow", ACCEPTED, "--server", address)
        assert ran.code == 0, ran.err
        assert "trying again" in ran.err and lost == [1]
        assert attempts(student, course.server.url) == before + 1


def attempts(student: Student, address: str) -> int:
    standing = json.loads(student("status", "--json", "--server", address).out)
    return int(standing[0]["attempts"])


@contextlib.contextmanager
def losing_the_first_answer(port: int) -> Iterator[tuple[int, list[int]]]:
    """A relay to ``port`` that waits for the answer to the first POST, and then hangs up without it."""
    lost: list[int] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def relay(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            request = client.recv(2**20)
            while b"\r\n\r\n" not in request or (request.startswith(b"POST") and not request.endswith(b"}")):
                request += client.recv(2**20)
            assert b"\r\nConnection: close\r\n" in request, "the server would wait for another"
            server.sendall(request)
            answer = b""
            while more := server.recv(2**20):
                answer += more
            if request.startswith(b"POST") and not lost:
                lost.append(1)
                return
            client.sendall(answer)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=relay, args=(listening.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], lost
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


# Servers that behave badly. What a real one would have to be broken for.


@dataclass
class Scripted:
    """Answers each request by the next entry of ``answers``; the last one again and again."""

    answers: list[tuple[int, dict[str, str], bytes]]
    seen: list[http.server.BaseHTTPRequestHandler] = field(default_factory=list)
    address: str = ""


JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}
FINE = (200, JSON, b"[]")
Scripts = Callable[..., Scripted]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripts]:
    servers = []
    monkeypatch.setattr(api_client, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(api_client, "GIVE_UP_AFTER", 0.3)

    def make(*answers: tuple[int, dict[str, str], bytes]) -> Scripted:
        script = Scripted(list(answers))

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                script.seen.append(self)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                code, headers, body = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
                if not code:
                    return
                self.send_response(code)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        script.address = f"http://127.0.0.1:{server.server_port}"
        return script

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


class TestCalls:
    def test_a_busy_server_is_asked_again_when_it_says(self, scripted: Scripts) -> None:
        said: list[str] = []
        script = scripted(
            (429, {"Retry-After": "0.05", **PROBLEM}, b'{"detail": "Too many submissions."}'),
            (503, {"Retry-After": "Wed, 21 Oct 2037 07:28:00 GMT"}, b""), (0, {}, b""), FINE,
        )  # fmt: skip
        assert Remote(script.address, "t", said.append).get("/x").body == []
        assert said[0] == "Too many submissions.; trying again in 0.1 s" or "0.1 s" in said[0]
        assert len(said) == 3 and len(script.seen) == 4

    def test_each_try_of_a_submission_has_one_key(self, scripted: Scripts) -> None:
        script = scripted((502, {}, b""), (0, {}, b""), (202, JSON, b"{}"))
        Remote(script.address, "t").submit({"source": "x"}, "key-1")
        assert [each.headers["Idempotency-Key"] for each in script.seen] == ["key-1"] * 3

    def test_it_gives_up(self, scripted: Scripts) -> None:
        script = scripted((503, {}, b""))
        with pytest.raises(Unreachable, match="cannot answer just now"):
            Remote(script.address, "t").get("/x")
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            with pytest.raises(Unreachable, match="refused"):
                Remote(f"http://127.0.0.1:{nobody.getsockname()[1]}", "t").get("/x")

    @pytest.mark.parametrize("code", [301, 302, 307, 308])
    def test_a_token_goes_to_no_other_host(self, scripted: Scripts, code: int) -> None:
        thief = scripted(FINE)
        script = scripted((code, {"Location": f"{thief.address}/x"}, b""))
        for call in (
            lambda to: to.get("/x"),
            lambda to: to.submit({}, "k"),
        ):
            with pytest.raises(UsageError, match="sends elsewhere"):
                call(Remote(script.address, "t"))
        assert thief.seen == []

    @pytest.mark.parametrize(
        "answer",
        [(200, {"Content-Type": "text/html"}, b"<p>"), (200, JSON, b"{"), (404, {}, b"nothing")],
        ids=["a page", "half of it", "an error page"],
    )
    def test_what_is_no_grader_is_said(
        self, scripted: Scripts, answer: tuple[int, dict[str, str], bytes]
    ) -> None:
        with pytest.raises(UsageError, match="is no grader"):
            Remote(scripted(answer).address, "t").get("/x")

    def test_what_another_version_says(self, scripted: Scripts) -> None:
        with pytest.raises(UsageError, match="too old"):
            Remote(scripted((200, JSON, b'[{"course": 1}]')).address, "t").standing()

    def test_what_a_server_says_moves_no_cursor(self, scripted: Scripts) -> None:
        said = json.dumps({"detail": "\x1b[2Jgone\nline"}).encode()
        with pytest.raises(UsageError) as error:
            Remote(scripted((422, PROBLEM, said)).address, "t").get("/x")
        assert str(error.value) == "[2Jgone line"


class TestAddresses:
    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("http://grader.example.org", "anybody on the way can read your token"),
            ("ftp://grader.example.org", "is no address"),
            ("https://ada:secret@grader.example.org", "is no address"),
            ("https://", "is no address"),
            ("https://grader:port", "is no address"),
        ],
    )
    def test_a_wrong_one_is_2_and_one_line(self, student: Student, typed: str, words: str) -> None:
        ran = student("login", typed, stdin="token")
        assert ran.code == 2 and ran.err.count("\n") == 1 and words in ran.err

    def test_a_token_in_two_pieces(self, student: Student, tmp_path: Path) -> None:
        (tmp_path / "t").write_text("two words")
        for how in (
            ["--token-file", tmp_path / "t"],
            ["--token-file", tmp_path],
            ["--token-file", tmp_path / "no"],
            [],
        ):
            ran = student("login", "http://localhost:1", *how)
            assert ran.code == 2 and ran.err.count("\n") == 1

    def test_a_damaged_file_is_named(self, student: Student) -> None:
        student.kept.parent.mkdir()
        student.kept.write_text("{")
        ran = student("status")
        assert ran.code == 2 and "servers.json' is damaged" in ran.err


@pytest.mark.parametrize("command", ["login", "submit", "status", "logout"])
def test_no_command_of_a_student_imports_what_a_server_needs(command: str) -> None:
    program = (
        "import sys, grader.cli.submit, grader.model.source\n"
        f"from grader.cli.main import main\nsys.argv = ['grade', {command!r}, '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "heavy = {'torch', 'numpy', 'flask', 'sqlalchemy', 'grader.sandbox.pool'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
