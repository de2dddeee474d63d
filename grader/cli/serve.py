"""``grade serve``: one process tree that serves pages, the API, and grades.

::

    gunicorn master ── worker (``worker.build``)
                         ├── one thread that polls connections (``web.http_server``), request threads: Flask
                         ├── dispatch threads: claim a row, grade, finish; from when the jail is warm
                         └── pool keeper ── bwrap ── zygote ── children

Everything with threads is made in the worker, after gunicorn's fork. When the worker dies,
the jail dies with it; the master starts another, which queues again what was running.
"""

from __future__ import annotations

import dataclasses
import importlib
import resource
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

import click
from gunicorn.app.base import BaseApplication

from grader.cli import garbage, worker
from grader.cli.demo import COURSE, Account, fill
from grader.cli.options import debug_option, echo, library_of, options, settings_now
from grader.errors import GraderError, UsageError
from grader.exercises import Library
from grader.settings import Settings
from grader.store.database import Store
from grader.web.http_server import Limits
from grader.web.security import MOST_BYTES

THREADS: Final = 64
"""Request threads. Those that wait for a verdict hold one while they do, and are fewer than these; a slow
client holds none."""
MOST_DESCRIPTORS: Final = 65_536
FEW_DESCRIPTORS: Final = 1024


@click.command()
@options(
    click.option("--host", help="Where to listen (default: GRADER_HOST or 127.0.0.1)."),
    click.option("--port", type=click.IntRange(0, 65535), help="The port (default: GRADER_PORT or 8000)."),
    click.option("--demo", is_flag=True, help="Fill an empty database with a demo course, really graded."),
    click.option("--allow-weak-isolation", is_flag=True,
                 help="Serve even where the machine gives no namespaces. Only for trusted students."),
    debug_option,
)  # fmt: skip
def serve(host: str | None, port: int | None, demo: bool, allow_weak_isolation: bool, debug: bool) -> None:  # noqa: ARG001
    """Serve the pages and the API, and grade what is handed in."""
    settings = settings_now()
    settings = dataclasses.replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    start(settings, library_of(settings), demo=demo, weak_allowed=allow_weak_isolation)


def start(settings: Settings, library: Library, *, demo: bool, weak_allowed: bool) -> None:
    """Serve until told to stop.

    :param demo: fill an empty database with a demo course first.
    :param weak_allowed: serve even without namespaces.
    :raises UsageError: the port is taken.
    :raises GraderError: the database or the exercises cannot be used.
    """
    if settings.broker_url is not None:
        settings.needs_broker()
    _port_is_free(settings)
    _raise_descriptor_limit()
    if sys.stdout.isatty():
        echo("Starting; this takes some seconds …")
    library.all()  # a broken exercise is said now, not to the first student
    settings.prepare()
    settings.signing_key()
    accounts: list[Account] = []
    store = Store.open(settings.database_url)
    try:
        if demo:
            accounts = fill(store, library, settings)
    finally:
        store.close()
    _Server(settings, library, weak_allowed, accounts).run()


def _say(settings: Settings, accounts: list[Account]) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    echo(f"Serving at http://{host}:{settings.port}")
    for account in accounts:
        echo(f"  sign in as {account.role:<11} {account.login:<11} password {account.password}")
    if accounts:
        echo(f"  without an account: http://{host}:{settings.port}/courses/{COURSE}")
        echo(
            "  (student02, student03 … share the student's password, assistant the instructor's; the class's "
            "work is being graded behind your pages)"
        )
    sys.stdout.flush()


def _port_is_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise UsageError(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
                "stop what is there, or choose another with --port"
            ) from error


def _raise_descriptor_limit() -> None:
    """Take as many descriptors as the system gives; say so where that is few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft != resource.RLIM_INFINITY and soft < FEW_DESCRIPTORS:
        echo(
            f"grade: only {soft} files and connections may be open at once (ulimit -n): "
            f"under load submissions wait for them; allow {FEW_DESCRIPTORS} or more",
            err=True,
        )


def _builder(settings: Settings) -> Callable[[Settings, Library, bool, dict[str, str]], Any]:
    """What makes the application. Celery is imported where there is a broker, and takes a second."""
    if settings.broker_url is None:
        return worker.build
    build: Callable[[Settings, Library, bool, dict[str, str]], Any]
    build = importlib.import_module("grader.cli.web_only").build
    return build


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, configured in code: one worker, many threads."""

    def __init__(
        self, settings: Settings, library: Library, weak_allowed: bool, accounts: list[Account]
    ) -> None:
        self._settings = settings
        self._library = library
        self._weak_allowed = weak_allowed
        self._accounts = accounts
        super().__init__()

    def load_config(self) -> None:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        for name, value in {
            "bind": f"{host}:{self._settings.port}",
            "workers": 1,
            "worker_class": "grader.web.http_server.HttpWorker",
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 20,
            "proc_name": "grader",
            "loglevel": "warning" if self._settings.log_level == "info" else self._settings.log_level,
            "control_socket_disable": True,
            # Said last, when the next line of the log is somebody's own doing.
            "post_worker_init": lambda _worker: _say(self._settings, self._accounts),
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Runs in the worker, which then asks for ``limits``."""
        self.limits = Limits(
            patience=self._settings.client_timeout,
            largest_body=MOST_BYTES,
            behind_proxy=self._settings.trusted_proxies > 0,
        )
        try:
            logins = {account.role: account.login for account in self._accounts}
            built = _builder(self._settings)(self._settings, self._library, self._weak_allowed, logins)
        except GraderError as error:
            echo(f"grade: {error}", err=True)
            sys.exit(worker.BOOT_FAILED)
        garbage.look_less_often()
        return built
