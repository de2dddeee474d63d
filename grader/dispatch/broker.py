"""Broker: Celery on Redis, what is sent through it, and what is said beside it.

=============== ========================== =========================================================
where           what                       who takes it
=============== ========================== =========================================================
queue ``wake``  a wake-up, without content a worker's thread, which drains the table of queued rows
queue ``guest`` the key of a guest's try   a worker's thread; the try itself is a key that expires
queue ``draw``  a submission's id          a worker's thread, when nothing else waits
channel         ids that have a verdict    every server, for who waits for it
=============== ========================== =========================================================

Nothing here is the truth, and all of it may be lost at any moment: a submission is a row of the database,
which workers look at by themselves. A wake-up only saves them from looking often.

Messages are JSON. They are acknowledged late, so that those of a killed worker are given to another, once
they have been invisible for a minute; a worker takes no more than it has threads for (prefetch 1).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
import redis
import structlog
from celery import Celery
from kombu.entity import Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from grader.errors import GraderError
from grader.model.lane import Lane

log = structlog.get_logger(__name__)

WAKE: Final = "wake"
GUEST: Final = "guest"
DRAW: Final = "draw"
QUEUES: Final = (WAKE, GUEST, DRAW)
"""In the order in which they are looked at: who waits for a verdict comes first."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
"""Seconds between two attempts to reach Redis (exponential back-off)."""
REPLY_SECONDS: Final = 30
"""An answer that nobody fetches is gone after so long."""
_SECONDS: Final = 2.0
"""An answer of Redis is waited for so long."""


class BrokerFailed(GraderError):
    """Redis cannot be reached, or does not answer. Nothing is lost by it."""

    retry = True


class Verdict(msgspec.Struct, frozen=True):
    """What a worker says to all servers when a submission has its verdict, or will have none.

    :ivar seconds: how long grading took; None: it failed, or failed again.
    :ivar lane: in which it was graded.
    """

    id: str
    user: int
    seconds: float | None = None
    lane: Lane = Lane.INTERACTIVE


class Try(msgspec.Struct, frozen=True):
    """What a guest hands in, while it waits."""

    exercise: str
    source: bytes
    predictions: dict[str, str]
    seed: int
    variant: int
    draw: bool


class Broker:
    """One Redis. Safe for threads; make it after any fork.

    :param url: ``redis://``, ``rediss://`` or ``redis+socket://``, checked by the settings.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # A retry inside the library would make each call as slow as several; who calls asks again.
        # Its own types are of both kinds of client at once, the one that awaits included.
        self._redis: Any = redis.Redis.from_url(
            client_url(url),
            socket_timeout=_SECONDS,
            socket_connect_timeout=_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self.where: Final = without_password(url)
        self._channel: Final = "grader.verdicts"
        self.app: Final = celery_app(url)

    def ping(self) -> None:
        """:raises BrokerFailed: it does not answer."""
        with _explained(self.where):
            self._redis.ping()

    def waiting(self, queue: str) -> int:
        """How many messages wait.

        :raises BrokerFailed: it does not answer.
        """
        with _explained(self.where):
            return int(self._redis.llen(queue))

    def send(self, queue: str, *arguments: str) -> None:
        """Send a message.

        :raises BrokerFailed: it does not answer.
        """
        with _explained(self.where):
            self.app.send_task(f"grader.{queue}", arguments, queue=queue, retry=False, ignore_result=True)

    # What is said beside it

    def publish(self, verdicts: list[Verdict]) -> None:
        """Tell all servers.

        :raises BrokerFailed: it does not answer.
        """
        with _explained(self.where):
            self._redis.publish(self._channel, msgspec.json.encode(verdicts))

    def listen(self, told: Callable[[list[Verdict]], None], ended: Callable[[], bool]) -> None:
        """Call ``told`` with what workers say, until ``ended``.

        :raises BrokerFailed: it does not answer any more.
        """
        with _explained(self.where), self._redis.pubsub(ignore_subscribe_messages=True) as heard:
            heard.subscribe(self._channel)
            while not ended():
                message = heard.get_message(timeout=0.5)
                if message is not None and isinstance(message["data"], bytes):
                    try:
                        told(msgspec.json.decode(message["data"], type=list[Verdict]))
                    except msgspec.DecodeError:
                        log.warning("what a worker said cannot be read")

    def put_try(self, key: str, one: Try, seconds: float) -> None:
        """Leave what a guest hands in for a worker, and say so.

        :raises BrokerFailed: it does not answer.
        """
        with _explained(self.where):
            self._redis.set(f"grader.try.{key}", msgspec.json.encode(one), px=max(1, int(seconds * 1000)))
        self.send(GUEST, key)

    def get_try(self, key: str) -> Try | None:
        """What a guest handed in; None when it waits no longer.

        :raises BrokerFailed: it does not answer.
        """
        with _explained(self.where):
            found = self._redis.get(f"grader.try.{key}")
        return None if found is None else msgspec.json.decode(found, type=Try)

    def forget_try(self, key: str) -> None:
        """Nobody waits for it any more.

        :raises BrokerFailed: it does not answer.
        """
        with _explained(self.where):
            self._redis.delete(f"grader.try.{key}", f"grader.reply.{key}")

    def reply(self, key: str, answer: bytes) -> None:
        """Answer a guest. An empty answer says that there will be none.

        :raises BrokerFailed: it does not answer.
        """
        name = f"grader.reply.{key}"
        with _explained(self.where), self._redis.pipeline() as pipe:
            pipe.rpush(name, answer)
            pipe.expire(name, REPLY_SECONDS)
            pipe.execute()

    def answer(self, key: str, seconds: float) -> bytes | None:
        """The next answer to a guest, waited for so long; None: none came.

        :raises BrokerFailed: it does not answer.
        """
        # For less than the socket waits for an answer; who calls asks again.
        with _explained(self.where):
            patience = max(0.01, min(seconds, _SECONDS / 2))
            found = self._redis.blpop([f"grader.reply.{key}"], timeout=patience)
        return None if found is None else found[1]

    def close(self) -> None:
        """Close every connection."""
        self._redis.close()
        self.app.close()


def celery_app(url: str) -> Celery:
    """Celery on the Redis of this URL, with settings under which nothing that is sent waits for long.

    With Celery's own, 2 of 60 messages of a killed worker were lost for over 45 s.
    """
    app = Celery("grader", broker=celery_url(url), set_as_current=False, fixups=[])
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_create_missing_queues=False,
        task_queues=[Queue(name, routing_key=name) for name in QUEUES],  # type: ignore[no-untyped-call]
        task_default_queue=WAKE,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 60,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "queue_order_strategy": "priority",
            # With kombu's own, who sends while Redis is away is held for six seconds, whatever "retry" says.
            "max_retries": 1,
            "interval_start": 0.0,
            "interval_step": 0.05,
            "socket_connect_timeout": _SECONDS,
            # A connection that has died without a word is noticed after some seconds, not after a minute.
            "socket_timeout": 5.0,
            "socket_keepalive": True,
            "health_check_interval": 5,
        },
    )
    return app


def celery_url(url: str) -> str:
    """The URL as Celery's transport is given it: of ``rediss://`` alone it would believe any certificate."""
    parts = urlsplit(url)
    if parts.scheme != "rediss" or "ssl_cert_reqs=" in parts.query:
        return url
    return f"{url}{'&' if parts.query else '?'}ssl_cert_reqs=required"


def client_url(url: str) -> str:
    """The URL as the client of Redis writes it: ``redis+socket:///path`` is Celery's way to name a socket."""
    parts = urlsplit(url)
    if parts.scheme != "redis+socket":
        return url
    number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
    return f"unix://{parts.netloc}{parts.path}?db={number}"


def without_password(url: str) -> str:
    """The URL for a log."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class ToStructlog(logging.Handler):
    """What Celery and its transport warn of, as a line of our log: without a password, and each sentence once
    while it goes on."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """See :class:`logging.Handler`."""
        said = record.getMessage().splitlines()[0][:300]
        kind = said[:40]
        if kind != self._last:
            self._last = kind
            log.warning("broker", problem=said)


@contextmanager
def _explained(where: str) -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as e:
        raise BrokerFailed(f"Redis at {where} cannot be used ({str(e)[:200]}): check that it runs.") from e
    except Exception as e:
        # The transport has a class of its own for the same.
        if type(e).__module__.startswith("kombu"):
            raise BrokerFailed(
                f"Redis at {where} cannot be used ({str(e)[:200]}): check that it runs."
            ) from e
        raise
