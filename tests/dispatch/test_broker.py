"""What goes through Redis, and that nothing hangs or fails where there is none."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.dispatch import broker as module
from grader.dispatch import waiters
from grader.dispatch.broker import DRAW, GUEST, WAKE, Broker, BrokerFailed, Try, Verdict
from grader.model.submission import Submission
from tests.many_machines import postgresql
from tests.redis_server import RedisServer, redis_server


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """A Redis for these tests."""
    with redis_server() as server:
        yield server


@pytest.fixture
def broker(server: RedisServer) -> Iterator[Broker]:
    """As a process has one."""
    broker = Broker(server.url)
    yield broker
    broker.close()


def test_addresses() -> None:
    """A socket has two ways to be written; a log shows no password."""
    assert module.client_url("redis+socket:///a/b.sock?virtual_host=3") == "unix:///a/b.sock?db=3"
    assert module.client_url("rediss://:p@host:1/2") == "rediss://:p@host:1/2"
    assert module.celery_url("redis://host") == "redis://host"
    assert module.celery_url("rediss://host/1?a=b") == "rediss://host/1?a=b&ssl_cert_reqs=required"
    assert module.without_password("rediss://u:p@w@host:1/2?x=p") == "rediss://host:1/2"


def test_messages_wait_in_their_queues(broker: Broker) -> None:
    """Counted; none is lost or looked at here."""
    for name, *arguments in ((WAKE,), (WAKE,), (DRAW, "id", "exercise")):
        broker.send(name, *arguments)
    assert [broker.waiting(name) for name in (WAKE, GUEST, DRAW)] == [2, 0, 1]


def test_a_try_and_its_answers(broker: Broker) -> None:
    """Bytes that are no text survive; answers come in order; what nobody waits for is gone."""
    one = Try("exercise", b"\xff\x00", {"x": "1"}, 2**62, 3, True)
    broker.put_try("key", one, 60)
    assert broker.get_try("key") == one
    broker.reply("key", b"first")
    broker.reply("key", b"")
    assert broker.answer("key", 5) == b"first"
    assert broker.answer("key", 5) == b""
    assert broker.answer("key", 0.05) is None
    broker.forget_try("key")
    assert broker.get_try("key") is None


def test_verdicts_are_heard(broker: Broker, server: RedisServer) -> None:
    """By who listens, and what cannot be read does no harm."""
    heard: list[Verdict] = []
    ended = threading.Event()
    listener = threading.Thread(target=broker.listen, args=(heard.extend, ended.is_set))
    listener.start()
    told = [Verdict("a", 1, 0.5), Verdict("b", 2)]
    deadline = time.monotonic() + 30
    while not heard:
        assert time.monotonic() < deadline
        broker._redis.publish(broker._channel, b"{")
        broker.publish(told)
        time.sleep(0.01)
    ended.set()
    listener.join(30)
    assert heard[:2] == told


def test_a_redis_that_is_away_is_one_error(tmp_path: Path) -> None:
    """Whatever is asked of it; without the password."""
    away = Broker(f"redis+socket://:secret@{tmp_path}/none.sock")
    for call in (
        away.ping,
        lambda: away.waiting(WAKE),
        lambda: away.send(WAKE),
        lambda: away.publish([]),
        lambda: away.get_try("x"),
        lambda: away.listen(lambda _: None, lambda: False),
    ):
        with pytest.raises(BrokerFailed, match="cannot be used") as raised:
            call()
        assert "secret" not in str(raised.value)
    away.close()


def test_who_has_no_certificate_to_show_is_not_believed(tmp_path: Path) -> None:
    """With TLS both clients, ours and Celery's, ask for a certificate that they know."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key),
            "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    with redis_server(tls=(certificate, key)) as server:
        # Of two numbers: Celery's connections are of the process, and known by all but what they trust.
        unknown = Broker(f"rediss://localhost:{server.port}/1")
        known = Broker(f"rediss://localhost:{server.port}/2?ssl_ca_certs={certificate}")
        for call in (unknown.ping, lambda: unknown.send(WAKE)):
            with pytest.raises(BrokerFailed, match="certificate"):
                call()
        known.send(WAKE)
        assert known.waiting(WAKE) == 1
        unknown.close()
        known.close()


def test_a_server_without_redis_waits_and_answers_all_the_same(tmp_path: Path) -> None:
    """Submitting returns at once; a guest is told to come again; it is not ready."""
    from grader.dispatch.remote import RemoteDispatcher
    from grader.store.database import Store

    with postgresql() as url:
        store = Store.open(url)
        dispatcher = RemoteDispatcher(store, Broker(f"redis+socket://{tmp_path}/none.sock")).start()
        try:
            dispatcher.submit()
            dispatcher.draw("id", "exercise")
            tried = dispatcher.judge("exercise", Submission(b"", {}, 1), 5.0, draw=False)
            assert tried.report is None and tried.again >= 1
            status = dispatcher.status()
            assert (status.broker, status.ready, status.alive) == (False, False, 0)
            assert dispatcher.ahead("none") is None and not dispatcher.wait("none", 0.0)
        finally:
            dispatcher.close()
            store.close()


def test_whether_a_verdict_is_soon_is_asked_of_the_table_where_many_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With few before it, a look at the numbers of the last second says enough."""
    from grader.dispatch.base import Ahead
    from grader.dispatch.remote import RemoteDispatcher
    from grader.store.database import Store

    asked: list[str] = []

    def ahead(self: RemoteDispatcher, submission_id: str, session: object = None) -> Ahead:
        asked.append(submission_id)
        return Ahead(3, 0.4, running=False)

    monkeypatch.setattr(RemoteDispatcher, "ahead", ahead)
    with postgresql() as url:
        store = Store.open(url)
        dispatcher = RemoteDispatcher(store, Broker(f"redis+socket://{tmp_path}/none.sock"))
        try:
            dispatcher.submit()
            assert dispatcher.far_off("a", 4.0) is None and asked == []
            for _ in range(100):  # at 0.1 s each, as is thought while nothing has been graded
                dispatcher.submit()
            assert dispatcher.far_off("b", 4.0) is None and asked == ["b"]
            assert dispatcher.far_off("c", 0.3) is not None and asked == ["b", "c"]
            dispatcher.start()  # and looks at the table, where nothing waits
            deadline = time.monotonic() + 60
            while dispatcher.far_off("d", 0.2) is not None:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            dispatcher.close()
            store.close()


def test_what_was_told_a_moment_before_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have failed and be tried again, or be gone: neither has a verdict."""
    from grader.dispatch.remote import RemoteDispatcher
    from grader.store import submissions
    from grader.store.database import Store

    heard = threading.Event()
    monkeypatch.setattr(waiters, "REMEMBERED_SECONDS", 1e9)

    class Telling(Broker):
        def listen(self, told: Callable[[list[Verdict]], None], ended: Callable[[], bool]) -> None:
            told([Verdict("told", 1)])
            heard.set()
            while not ended():
                time.sleep(0.01)

    with postgresql() as url:
        store = Store.open(url)
        dispatcher = RemoteDispatcher(store, Telling(f"redis+socket://{tmp_path}/none.sock")).start()
        try:
            assert heard.wait(60) and not dispatcher.wait("told", 600.0)  # there is no such row
            for state, written in (("queued", False), ("running", False), ("graded", True), ("failed", True)):
                monkeypatch.setattr(submissions, "state_of", lambda *_, state=state: state)
                assert dispatcher.wait("told", 0.01) is written, state
        finally:
            dispatcher.close()
            store.close()
