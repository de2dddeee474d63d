"""A Redis of one's own for tests: on a socket in a folder of its own, to be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis


class RedisServer:
    """``redis-server`` without a port. It keeps nothing on disk unless told to."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis+socket://{self._socket}"
        """As ``GRADER_BROKER_URL`` names it."""

    def start(self, *, keep: bool = False) -> None:
        """Start it, and return once it answers.

        :param keep: whether what it holds survives a kill (an append-only file).
        """
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                "redis-server", "--port", "0", "--unixsocket", str(self._socket), "--dir", str(self._folder),
                "--save", "", "--appendonly", "yes" if keep else "no", "--appendfsync", "always",
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            while True:
                assert self._process.poll() is None, "redis-server ended"
                assert time.monotonic() < deadline, "redis-server does not answer"
                try:
                    client.ping()
                except redis.RedisError:
                    time.sleep(0.02)
                else:
                    return

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A Redis that runs; the test is skipped where there is none, and fails there in CI."""
    if shutil.which("redis-server") is None:
        if os.environ.get("CI"):  # noqa: TID251 – a test's own setting
            pytest.fail("in CI what goes through Redis is tested: install redis-server")
        pytest.skip("redis-server is not installed")
    # Not a test's own folder: the path of a socket has room for some hundred characters.
    with tempfile.TemporaryDirectory(prefix="redis") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
