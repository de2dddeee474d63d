"""The HTTP server: waitress's buffers in a gunicorn worker, and a time limit for slow clients (Slowloris).

gunicorn's master keeps one worker alive. In it, one thread polls all connections (waitress): a request is
handed to a request thread when its last byte is there, and an answer is sent by the poll again. So a client
that is slow to send or to read occupies a connection, never a thread. What a connection may take:

=========  ==========================================================================================
idle       ``patience`` seconds, at the beginning and between two requests
header     ``patience`` seconds from its first byte
body       ``patience`` seconds, then no less than ``SLOWEST`` bytes a second on average
answer     the same, while it is being read
=========  ==========================================================================================

A connection beyond the limits in number takes the place of the one that has been at rest for longest.
"""

from __future__ import annotations

import logging
import math
import resource
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gunicorn.workers.base import Worker
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.utilities import RequestEntityTooLarge

from grader.web.http_poll import Poll
from grader.web.http_threads import RequestThreads

log = logging.getLogger(__name__)

SLOWEST: Final = 4096
"""Bytes a second. A file of 256 KiB in a form takes at most 768 KiB: three minutes at this pace."""
LARGEST_HEADER: Final = 32 * 2**10
MOST_CONNECTIONS: Final = 2048
MOST_OF_ONE_ADDRESS: Final = 1024
"""A large class may sit behind one address, each browser with two connections; all may ask at once."""
_IN_MEMORY: Final = 64 * 2**10
"""So much of a body is kept in memory; what is longer waits in a temporary file."""
_A_MOMENT: Final = 0.5
"""Seconds."""
_LAST_REQUESTS: Final = 2.0
"""Seconds that a stopping server waits for requests of which a part is there."""


@dataclass(frozen=True)
class Limits:
    """What a connection may take."""

    patience: float
    largest_body: int
    behind_proxy: bool
    """Headers of a proxy are handed on, and the one address that all come from is not limited."""
    of_one_address: int = MOST_OF_ONE_ADDRESS


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """Hands a request with too long a body to the application at once, without the body.

    The application's 413 is in the reader's language, and JSON for a program.
    """

    error: Any
    too_long = False
    command = path = ""
    """As long as there is no first line that can be read."""
    arrived: float
    """When a thread could begin with it, by the monotonic clock."""

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error, self.too_long = None, True
            self.headers["CONTENT_LENGTH"] = str(max(self.content_length, self.body_bytes_received))
            self.headers["CONNECTION"] = "close"
        return consumed


class _Task(WSGITask):  # type: ignore[misc]
    """A request on its thread."""

    def get_environment(self) -> dict[str, Any]:
        environment: dict[str, Any] = super().get_environment()
        environment |= self.channel.server.task_dispatcher.environment(self.request)
        return environment


class _Connection(HTTPChannel):  # type: ignore[misc]
    """A connection that knows for how long it has been doing what it does."""

    parser_class = _Parser
    task_class = _Task
    _doing: tuple[str, Any, int] | None = None
    _since = 0.0
    _moved = 0
    """Bytes in either direction since then."""
    _requests = 0
    _drains_at_close = False
    _draining = False

    @property
    def at_rest(self) -> bool:
        """No request of it is being worked on."""
        return not self.requests

    @property
    def arriving(self) -> bool:
        """A part of a request is there."""
        return self.request is not None

    @property
    def busy(self) -> bool:
        return bool(self.requests or self.total_outbufs_len)

    def overdue(self, now: float, patience: float) -> bool:
        """Whether it has taken longer than it may. To be asked once a second."""
        if self.requests:
            doing = "waiting for us"
        elif self._draining:
            doing = "draining"
        elif self.total_outbufs_len:
            doing = "reading the answer"
        elif self.request is None:
            doing = "idle"
        else:
            doing = "sending the body" if self.request.headers_finished else "sending the header"
        # The request itself, not its id, which another may get.
        if self._doing != (doing, self.request, self._requests):
            self._doing = (doing, self.request, self._requests)
            self._since, self._moved = now, 0
        too_long = now - self._since - patience
        if doing in ("sending the body", "reading the answer"):
            return too_long > 0 and self._moved < too_long * SLOWEST
        return doing != "waiting for us" and too_long > 0

    def end(self) -> None:
        """Close it now, without waiting until the client reads."""
        self._draining = True
        self.handle_close()

    # What waitress calls.

    def recv(self, size: int) -> bytes:
        data: bytes = super().recv(size)
        self._moved += len(data)
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self._moved += sent
        return sent

    def service(self) -> None:
        if self.requests[0].too_long:
            self._drains_at_close = True
        try:
            super().service()
        finally:
            self._requests += 1
            # Here and not by a wake-up call to the loop, which would have to find out who called.
            self._map.look_again(self)

    def readable(self) -> bool:
        return self._draining or bool(super().readable())

    def received(self, data: bytes) -> bool:
        return not self._draining and bool(super().received(data))

    def handle_close(self) -> None:
        if self._drains_at_close and not (self._draining or self.total_outbufs_len):
            # A body that nobody reads is still coming. Closing now would reset the connection, and the
            # client might never see why: it is told that no more is said, and its bytes are thrown away.
            self._draining = True
            self.will_close = self.close_when_flushed = False
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
            return
        super().handle_close()


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """Accepts connections, and makes room for them."""

    channel_class = _Connection
    _full = False

    def __init__(self, application: Any, most: int, of_one: int, **more: Any) -> None:
        self._most, self._of_one = most, of_one
        super().__init__(application, **more)

    @property
    def connections(self) -> list[_Connection]:
        return list(self.active_channels.values())

    def handle_accept(self) -> None:
        before = set(self.active_channels)
        try:
            super().handle_accept()
        except OSError as error:
            # The kernel watches no more descriptors: the newest goes without, and this one goes on listening.
            log.warning("a connection cannot be polled: %s", error.strerror)
        for descriptor in set(self.active_channels) - before:
            self._make_room(self.active_channels[descriptor])

    def readable(self) -> bool:
        """Whether to accept. Who comes while all connections are worked on waits in the kernel's queue."""
        room = len(self.active_channels) < self._most or bool(_resting(self.connections))
        self._full = not room
        return room and bool(super().readable())

    def pull_trigger(self) -> None:
        """A request has its answer. The loop wakes up for that only where there was no room for others."""
        if self._full:
            super().pull_trigger()

    def _make_room(self, new: _Connection) -> None:
        others = [each for each in self.connections if each is not new]
        from_there = [each for each in others if each.addr[0] == new.addr[0]]
        if len(from_there) >= self._of_one:
            _end_longest_at_rest(from_there)
        elif len(others) >= self._most:
            _end_longest_at_rest(others)

    def maintenance(self, now: float) -> None:
        """waitress's own time limit; ours is in :meth:`HttpWorker.run`."""


def _resting(connections: list[_Connection]) -> list[_Connection]:
    """Those of which nothing has come for a moment: whoever has just connected is about to ask."""
    since = time.time() - _A_MOMENT
    return [each for each in connections if each.at_rest and each.last_activity < since]


def _end_longest_at_rest(connections: list[_Connection]) -> None:
    """Nobody's, where all are being worked on."""
    resting = _resting(connections)
    if resting:
        min(resting, key=lambda each: each.last_activity).end()


class HttpWorker(Worker):  # type: ignore[misc]  # gunicorn ships no types
    """A gunicorn worker whose connections are polled by waitress. The application has its ``limits``."""

    _wake: Callable[[], None] | None = None

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: answer what is there, then end."""
        super().handle_exit(sig, frame)
        if self._wake is not None:
            self._wake()

    def run(self) -> None:
        limits: Limits = self.app.limits
        polled = Poll()
        threads = RequestThreads()
        threads.set_thread_count(self.cfg.threads)
        most = min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 3)
        listeners = [self._listen(each.sock, threads, polled, limits, most) for each in self.sockets]
        self._wake = listeners[0].trigger.pull_trigger

        def connections() -> list[_Connection]:
            return [each for listener in listeners for each in listener.connections]

        swept, sweep = -math.inf, min(1.0, limits.patience / 4)
        while self.alive:
            for listener in listeners:
                polled.look_again(listener)  # whether it accepts hangs on all the others
            polled.poll(sweep)
            now = time.monotonic()
            if now - swept >= sweep:
                swept = now
                self.notify()
                # Between two polls: what is closed here is in no list of descriptors that are ready.
                for each in connections():
                    if each.overdue(now, limits.patience):
                        each.end()
        for listener in listeners:
            listener.accepting = False
            listener.del_channel()
        for each in connections():
            if not (each.busy or each.arriving):
                each.end()
        stopped = time.monotonic()
        # The rest of the time is for what is being graded.
        while time.monotonic() < stopped + self.cfg.graceful_timeout * 0.75:
            self.notify()
            arriving = time.monotonic() < stopped + _LAST_REQUESTS
            if not any(each.busy or (arriving and each.arriving) for each in connections()):
                break
            polled.poll(0.1)
        for each in connections():
            each.end()
        threads.shutdown(timeout=1)
        polled.close()

    def _listen(
        self,
        listening: socket.socket,
        threads: RequestThreads,
        polled: Poll,
        limits: Limits,
        most: int,
    ) -> _Listener:
        adjusted = Adjustments(
            sockets=[listening],
            threads=self.cfg.threads,
            ident="",
            clear_untrusted_proxy_headers=not limits.behind_proxy,
            connection_limit=2**31,  # never deaf: there is always one to close instead
            log_socket_errors=False,
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=limits.largest_body + 1,
            inbuf_overflow=_IN_MEMORY,
            # An answer stands in memory as a whole before it is sent: a thread need not wait for the reader.
            outbuf_high_watermark=2**31,
            server_name=str(listening.getsockname()[0]),
        )
        return _Listener(
            self.wsgi,
            most,
            most if limits.behind_proxy else min(limits.of_one_address, most // 2),
            map=polled,
            _sock=listening,
            dispatcher=threads,
            adj=adjusted,
            bind_socket=False,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        )
