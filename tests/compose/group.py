"""Containers of ``docker-compose.yml``, under a name and on ports of their own, and gone afterwards."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"

T = TypeVar("T")


class Broken(Exception):
    """What was promised does not hold; or it took too long."""


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nothing listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Group:
    """Containers that were started together.

    :param compose: the command before ``up``, with its options: ``docker compose``.
    :param engine: the command before ``exec`` and ``ps``: ``docker``.
    :param until: the moment (``time.monotonic``) after which nothing is waited for any more.
    """

    def __init__(self, compose: str, engine: str, log: Path, until: float) -> None:
        self._compose, self._engine, self._log, self._until = (
            shlex.split(compose),
            shlex.split(engine),
            log,
            until,
        )
        self.name = f"grader-test-{uuid.uuid4().hex[:8]}"
        self.http, self.https = free_ports(2)
        # The project's variables are compose's business here, and no settings of this process.
        self._environment = dict(os.environ) | {  # noqa: TID251
            "GRADER_HTTP_PORT": str(self.http),
            "GRADER_HTTPS_PORT": str(self.https),
            "COMPOSE_PROJECT_NAME": self.name,
        }

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Broken("the time is up")
        return left

    def compose(self, *arguments: str, patience: float | None = None) -> None:
        """``up``, ``down`` …; what it says goes to the log.

        :raises Broken: it failed, or took too long.
        """
        command = [*self._compose, "-p", self.name, *arguments]
        with self._log.open("a") as log:
            log.write(f"\n$ {shlex.join(command)}\n")
            log.flush()
            try:
                ended = subprocess.run(
                    command,
                    cwd=ROOT,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=patience or self._left(),
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise Broken(f"'{' '.join(arguments)}' did not end in time") from error
        if ended.returncode:
            raise Broken(f"'{' '.join(arguments)}' ended with {ended.returncode}; see {self._log}")

    def engine(self, *arguments: str, given: str = "", check: bool = True) -> str:
        """What a command of the container engine prints.

        :raises Broken: it failed.
        """
        ended = subprocess.run(
            [*self._engine, *arguments], input=given, capture_output=True, text=True, timeout=120, check=False
        )
        if check and ended.returncode:
            raise Broken(f"'{' '.join(arguments)}': {ended.stderr.strip()[-500:]}")
        return ended.stdout

    def containers(self, service: str = "", *, ended: bool = False) -> list[str]:
        """Names of the containers of a service (of all), of those that have ended, too, if asked for."""
        labels = [f"label={PROJECT}={self.name}", *([f"label={SERVICE}={service}"] if service else [])]
        filters = [part for label in labels for part in ("--filter", label)]
        every = ["-a"] if ended else []
        return sorted(self.engine("ps", *every, *filters, "--format", "{{.Names}}").split())

    def volumes(self) -> list[str]:
        """Names of the group's volumes."""
        return self.engine("volume", "ls", "-q", "--filter", f"label={PROJECT}={self.name}").split()

    def down(self) -> None:
        """End and remove everything.

        :raises Broken: something stays.
        """
        self.compose("down", "--volumes", "--timeout", "10", patience=180)
        for volume in self.volumes():
            # podman-compose leaves those that were in use a moment ago.
            self.engine("volume", "rm", "-f", volume)

    def about(self, container: str) -> dict[str, Any]:
        """All that the engine knows of a container."""
        (found,) = json.loads(self.engine("inspect", container))
        return dict(found)

    def run(self, service: str, *command: str, given: str = "") -> str:
        """What a command in a running container of the service prints."""
        containers = self.containers(service)
        if not containers:
            raise Broken(f"no container of {service} runs")
        return self.engine("exec", "-i", containers[0], *command, given=given)

    def wait(self, what: str, ask: Callable[[], T | None], every: float = 0.5) -> T:
        """The first answer of ``ask`` that is not None or False.

        :raises Broken: there was none in time.
        """
        last: Exception | None = None
        while time.monotonic() < self._until:
            try:
                answer = ask()
            except (OSError, Broken) as error:
                last, answer = error, None
            if answer is not None and answer is not False:
                return answer
            time.sleep(every)
        raise Broken(f"{what}: not within the time{'' if last is None else f' (last: {last})'}")


def available(engine: str, compose: str) -> str | None:
    """None, or why nothing can be run here."""
    for command in (engine, compose):
        if shutil.which(shlex.split(command)[0]) is None:
            return f"there is no {shlex.split(command)[0]}"
    return None


@contextmanager
def started(compose: str, engine: str, log: Path, seconds: float) -> Iterator[Group]:
    """A group that is taken down, with its volumes, however the block ends; its log is kept beside."""
    group = Group(compose, engine, log, time.monotonic() + seconds)
    try:
        yield group
    finally:
        failed = sys.exc_info()[0] is not None
        for container in group.containers(ended=True):
            with log.open("a") as file:
                file.write(f"\n=== {container}\n")
                file.flush()
                subprocess.run(
                    [*shlex.split(engine), "logs", container], stdout=file, stderr=file, check=False
                )
        try:
            group.down()
        except Broken:
            if not failed:
                raise


def lines(rows: Sequence[tuple[str, float, str]]) -> str:
    """The steps as a table: what, seconds, what was seen."""
    width = max(len(what) for what, _, _ in rows)
    return "\n".join(f"{what:<{width}}  {seconds:6.1f} s  {seen}" for what, seconds, seen in rows)
