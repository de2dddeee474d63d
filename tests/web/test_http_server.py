"""Slow and greedy clients: what they may take, and that nobody else waits for them."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest

from grader.settings import Settings
from grader.web.security import MOST_BYTES
from tests.served import ROOT, Server, call

NGINX = (ROOT / "nginx.conf").read_text(encoding="utf-8")
HOST = b"Host: x\r\n"
HALF_A_HEADER = b"GET / HTTP/1.1\r\n" + HOST
HALF_A_BODY = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n{"
PATIENT, HASTY = "60", "1"
BIG = 8 * 2**20

# The HTTP server alone, without a jail. {patience} {behind_proxy} {threads} {running}
PROGRAM = f"""
import sys, time, pathlib
from functools import partial
from gunicorn.app.base import BaseApplication
from grader.web import http_server
from grader.web.http_server import Limits

asked = 0
readable = http_server._Connection.readable

def counted(connection):
    global asked
    asked += 1
    return readable(connection)

http_server._Connection.readable = counted
http_server.RequestThreads = partial(http_server.RequestThreads, int(sys.argv[5]), 600.0)

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    path, length = environ["PATH_INFO"], int(environ.get("CONTENT_LENGTH") or 0)
    answer = b"%d" % len(body)
    if path == "/forwarded":
        answer = environ.get("HTTP_X_FORWARDED_FOR", "none").encode()
    if path == "/asked":
        answer = b"%d" % asked
    if path == "/big":
        answer = b"x" * {BIG}
    if path == "/aside":
        with environ["grader.aside"]():
            pathlib.Path("aside").touch()
            while not pathlib.Path("go").exists():
                time.sleep(0.01)
    if path == "/held":
        pathlib.Path("reached").touch()
        while not pathlib.Path("go").exists():
            time.sleep(0.01)
    start_response("413 Too long" if length > 1000 else "200 OK", [("Content-Length", str(len(answer)))])
    return [answer]

class Alone(BaseApplication):
    limits = Limits(float(sys.argv[2]), 1000, sys.argv[3] == "True", 256)
    def load_config(self):
        for name, value in {{
            "bind": "127.0.0.1:" + sys.argv[1], "threads": int(sys.argv[4]), "graceful_timeout": 40,
            "worker_class": "grader.web.http_server.HttpWorker", "control_socket_disable": True,
        }}.items():
            self.cfg.set(name, value)
    def load(self):
        return application

Alone().run()
"""


class Alone:
    """The program above, running."""

    def __init__(self, folder: Path, patience: str, behind_proxy: bool, threads: int, running: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *map(str, (self.port, patience, behind_proxy, threads, running))],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},  # noqa: TID251
        )  # fmt: skip
        for _ in range(600):
            with contextlib.suppress(OSError):
                assert self.get() == b"0"
                return
            time.sleep(0.05)
        raise AssertionError("the server does not start")

    def get(self, path: str = "/", **headers: str) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(60) == 0


@contextmanager
def alone(
    folder: Path, patience: str, behind_proxy: bool = False, threads: int = 2, running: int = 2
) -> Iterator[Alone]:
    server = Alone(folder, patience, behind_proxy, threads, running)
    try:
        yield server
    finally:
        server.stop()


class Connect:
    """Opens connections, and closes them when the test is over."""

    def __init__(self) -> None:
        self.opened: list[socket.socket] = []

    def __call__(self, port: int, first: bytes = b"", receive: int | None = None) -> socket.socket:
        """``first`` is sent on it. It takes in ``receive`` bytes, if given, before it is full."""
        connection = socket.socket()
        self.opened.append(connection)
        if receive is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", port))
        connection.sendall(first)
        return connection


@pytest.fixture
def connect() -> Iterator[Connect]:
    opener = Connect()
    yield opener
    for each in opener.opened:
        each.close()


def closed(connection: socket.socket) -> bool:
    """Whether the server has closed it. Reads nothing else."""
    if not select.select([connection], [], [], 0)[0]:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except ConnectionError:
        return True


def answer_of(connection: socket.socket) -> bytes:
    """One answer, which says how long it is."""
    answer = HTTPResponse(connection)
    answer.begin()
    return answer.read()


def dribble_until_closed(connections: list[socket.socket], byte: bytes) -> None:
    """A byte on each, again and again, until the server has had enough of all of them."""
    deadline, left = time.monotonic() + 60, connections
    while left := [each for each in left if not closed(each)]:
        assert time.monotonic() < deadline, f"{len(left)} connections are still open"
        for each in left if byte else ():
            with contextlib.suppress(OSError):
                each.send(byte)
        time.sleep(0.1)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """Closes nothing while a test lasts, unless it must."""
    with alone(tmp_path_factory.mktemp("patient"), PATIENT) as server:
        yield server


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """Waits for one second."""
    with alone(tmp_path_factory.mktemp("hasty"), HASTY) as server:
        yield server


SLOW = {
    "that say nothing": b"",
    "in the middle of a header": HALF_A_HEADER,
    "in the middle of a body": HALF_A_BODY,
    "in the middle of a chunk": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n9\r\nab",
    "that do not read": b"GET /big HTTP/1.1\r\n" + HOST + b"\r\n",
}


@pytest.mark.parametrize("first", SLOW.values(), ids=SLOW)
def test_slow_clients_take_no_thread(patient: Alone, first: bytes, connect: Connect) -> None:
    """Ten times as many as there are request threads, and the next one is answered."""
    slow = [connect(patient.port, first, receive=2048) for _ in range(20)]
    assert patient.get() == b"0"
    assert not any(closed(each) for each in slow), "they were to be open meanwhile"


def test_requests_in_one_piece_are_answered_in_order(patient: Alone, connect: Connect) -> None:
    """Pipelining: while the first is worked on, nobody polls for the others, which are there already."""
    one, body = b"GET /forwarded HTTP/1.1\r\n" + HOST + b"\r\n", HALF_A_BODY.replace(b"1000", b"3") + b"xx"
    connection = connect(patient.port, one + body + one.replace(HOST, HOST + b"Connection: close\r\n"))
    said = b"".join(iter(lambda: connection.recv(2**16), b""))  # closed at last, as it was asked to
    assert re.findall(rb"\r\n\r\n(\w+?)(?=HTTP|$)", said) == [b"none", b"3", b"none"]


def test_a_request_does_not_cost_more_because_others_are_connected(patient: Alone, connect: Connect) -> None:
    """Only who has something to say is asked for it: a class keeps its browsers' connections open."""
    idle = [connect(patient.port) for _ in range(200)]
    before = int(patient.get("/asked"))
    for _ in range(20):
        patient.get()
    asked = int(patient.get("/asked")) - before
    assert 20 < asked < 20 * 20, f"{asked} times, with {len(idle)} idle connections"
    for each in idle:
        each.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    assert {answer_of(each) for each in idle} == {b"0"}


def test_who_has_just_come_is_not_slow(patient: Alone, connect: Connect) -> None:
    """Time is counted from when a connection was opened. The server looks every second."""
    fresh = connect(patient.port)
    time.sleep(2.5)
    fresh.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    assert answer_of(fresh) == b"0"


@pytest.mark.parametrize(
    ("first", "byte"),
    [(b"", b""), (HALF_A_HEADER, b"x"), (HALF_A_BODY, b"x"), (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", b"")],
    ids=["nothing is said", "a header", "a body", "an answer was given"],
)
def test_slow_clients_are_closed(hasty: Alone, first: bytes, byte: bytes, connect: Connect) -> None:
    """However busily they dribble."""
    connections = [connect(hasty.port, first) for _ in range(3)]
    if first.endswith(b"\r\n\r\n"):
        for each in connections:
            answer_of(each)
    dribble_until_closed(connections, byte)


def test_who_does_not_read_is_closed(hasty: Alone, connect: Connect) -> None:
    """An answer has to be read, too."""
    connection = connect(hasty.port, SLOW["that do not read"], receive=2048)
    deadline = time.monotonic() + 60
    with pytest.raises(ConnectionError):  # what is sent to a closed connection
        while time.monotonic() < deadline:
            connection.recv(1)
            connection.send(b"x")
            time.sleep(0.1)


def test_a_slow_but_steady_body_is_read_to_its_end(hasty: Alone, connect: Connect) -> None:
    """Slow is not wrong: it comes in pieces, and faster than the slowest pace that is allowed."""
    connection = connect(hasty.port, HALF_A_BODY.replace(b"1000", b"601"))
    for _ in range(12):
        time.sleep(0.05)
        connection.sendall(b"x" * 50)
    assert answer_of(connection) == b"601"


def test_more_connections_than_it_keeps(patient: Alone, connect: Connect) -> None:
    """The one that has been at rest for longest makes room; the newest is answered."""
    many = [connect(patient.port, HALF_A_HEADER) for _ in range(256)]
    assert patient.get() == b"0"
    deadline = time.monotonic() + 60
    while not closed(many[0]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        many.append(connect(patient.port, HALF_A_HEADER))
    assert patient.get() == b"0"
    assert not closed(many[-1])


def test_too_long_a_body_is_refused_at_once_and_the_answer_arrives(patient: Alone, connect: Connect) -> None:
    """Before it has come; and a client that sends on before it reads still learns why."""
    connection = connect(patient.port, HALF_A_BODY.replace(b"1000", b"99999999"))
    assert b"413 Too long" in connection.recv(9999)
    connection = connect(patient.port, HALF_A_BODY.replace(b"1000", b"4000000"))
    with contextlib.suppress(ConnectionError):
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n" * 200_000)
    answer = b""
    while more := connection.recv(9999):
        answer += more
    assert answer.startswith(b"HTTP/1.1 413 Too long") and answer.count(b"HTTP/1.1") == 1


def test_too_long_a_header_is_refused(patient: Alone, connect: Connect) -> None:
    connection = connect(patient.port, HALF_A_HEADER + b"X: " + b"x" * 40_000)
    assert b"HTTP/1.0 431" in connection.recv(9999)


def test_a_proxys_headers_are_for_who_has_a_proxy(patient: Alone, tmp_path: Path) -> None:
    """Anybody may claim to come from elsewhere; only behind a proxy of ours it means something."""
    header = {"X-Forwarded-For": "192.0.2.7"}
    assert patient.get("/forwarded", **header) == b"none"
    with alone(tmp_path, PATIENT, behind_proxy=True) as server:
        assert server.get("/forwarded", **header) == b"192.0.2.7"


def test_stopping_answers_what_is_being_worked_on(tmp_path: Path, connect: Connect) -> None:
    """And does not wait for those that are at rest."""
    server = Alone(tmp_path, PATIENT, False, 2, 2)
    at_rest = connect(server.port)
    held = connect(server.port, b"GET /held HTTP/1.1\r\n" + HOST + b"\r\n")
    deadline = time.monotonic() + 60
    while not (tmp_path / "reached").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    server.process.send_signal(signal.SIGTERM)
    assert at_rest.recv(1) == b""  # it has begun to stop
    (tmp_path / "go").touch()
    assert answer_of(held) == b"0"
    assert server.process.wait(60) == 0


def test_the_proxy_fits_the_service() -> None:
    """nginx.conf repeats two numbers of ours: the proxy takes more, and lets go of a connection first."""
    said = dict(re.findall(r"^ *(client_max_body_size|keepalive_timeout) (\d+)[ms];", NGINX, re.MULTILINE))
    assert int(said["client_max_body_size"]) * 2**20 > MOST_BYTES
    assert int(said["keepalive_timeout"]) < Settings().client_timeout


@pytest.mark.slow
def test_the_service_answers_beside_200_slow_clients(tmp_path: Path, connect: Connect) -> None:
    """A page, a verdict; and all of the 200 are closed in the end."""
    server = Server(tmp_path, GRADER_CLIENT_TIMEOUT="2")
    (token,) = server.furnish("control-flow")
    source = (ROOT / "solutions/control-flow/accepted/01_from_the_value.py").read_text(encoding="utf-8")
    server.start()
    try:
        slow = [
            connect(server.port, first)
            for first in (
                b"",
                HALF_A_HEADER,
                HALF_A_BODY,
                HALF_A_BODY.replace(b" / ", b" /api/v1/submissions "),
            )
            for _ in range(50)
        ]
        with urllib.request.urlopen(f"{server.url}/sign-in", timeout=60) as answer:
            assert answer.status == 200 and answer.headers["Server"] is None
        row = call(
            f"{server.url}/api/v1/submissions?wait=10", token, {"exercise": "control-flow", "source": source}
        )
        assert row["report"]["passed"]
        dribble_until_closed(slow, b"x")
    finally:
        server.stop()


# What cannot be read, and whose turn it is.

GARBAGE = [b"GET / HTTP/1.1\r\nBad Header\r\n\r\n", b"\x00\x01\r\n\r\n", b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n"]


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"], ids=["first", "second"])
def test_what_is_no_request_is_told_so_and_its_connection_ends(
    patient: Alone, connect: Connect, garbage: bytes, before: bytes
) -> None:
    """Also where it comes right behind a request that is one."""
    connection, said = connect(patient.port, before + garbage), b""
    while more := connection.recv(2**16):
        said += more
    statuses = re.findall(rb"HTTP/1.[01] (\d+)", said)
    assert statuses == ([b"200", b"400"] if before else [b"400"])
    assert patient.get() == b"0"


def test_one_request_runs_and_who_waits_or_asks_whether_it_is_alive_is_not_counted(
    tmp_path: Path, connect: Connect
) -> None:
    """In the real server: by the environment of a request, and by its path."""
    with alone(tmp_path, PATIENT, threads=6, running=1) as server:
        waits = [connect(server.port, b"GET /aside HTTP/1.1\r\n" + HOST + b"\r\n") for _ in range(2)]
        while not (tmp_path / "aside").exists():
            time.sleep(0.01)
        assert server.get() == b"0"
        runs = connect(server.port, b"GET /held HTTP/1.1\r\n" + HOST + b"\r\n")
        while not (tmp_path / "reached").exists():
            time.sleep(0.01)
        next_ = connect(server.port, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        assert server.get("/healthz") == b"0"
        assert not select.select([next_], [], [], 0.2)[0], "its turn has not come"
        (tmp_path / "go").touch()
        assert [answer_of(each) for each in (*waits, runs, next_)] == [b"0"] * 4
