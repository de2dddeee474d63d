"""``grade serve``: one process tree that serves pages, the API, and grades.

::

    gunicorn master ── worker (this module's ``_build``)
                         ├── one thread that polls connections (``http_server``), request threads: Flask
                         ├── dispatch threads: claim a row, grade, finish; from when the jail is warm
                         └── pool keeper ── bwrap ── zygote ── children

Everything with threads is made in the worker, after gunicorn's fork. When the worker dies,
the jail dies with it; the master starts another, which queues again what was running.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import io
import logging
import os
import resource
import signal
import socket
import sys
import threading
from typing import Any, Final, TextIO, cast

import structlog
from gunicorn.app.base import BaseApplication
from structlog.typing import Processor

from grader.demo import Account, fill
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.errors import GraderError, TruthBusy, UsageError
from grader.grading import Truths, grade
from grader.grading.pictures import draw
from grader.grading.typesetting import typeset, unreadable
from grader.http_server import Limits
from grader.library import Library
from grader.model import seeds
from grader.model.exercise import Exercise
from grader.model.inert import as_json
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.model.submission import Submission
from grader.options import echo
from grader.sandbox.pool import Pool
from grader.settings import Settings
from grader.store.database import Store

THREADS: Final = 40
"""Request threads. Those that wait for a verdict hold one while they do, and are fewer than these; a slow
client holds none."""
MOST_DESCRIPTORS: Final = 65_536
FEW_DESCRIPTORS: Final = 1024
TRUTH_PATIENCE: Final = 1.0
"""Seconds that a grading thread waits while another runs the same exercise's reference."""
_PR_SET_PDEATHSIG: Final = 1
BOOT_FAILED: Final = 3
"""gunicorn gives up, with this exit code, when a worker ends with it."""


def serve(settings: Settings, library: Library, *, demo: bool, weak_allowed: bool) -> None:
    """Serve until told to stop.

    :param demo: fill an empty database with a demo course first.
    :param weak_allowed: serve even without namespaces.
    :raises UsageError: the port is taken.
    :raises GraderError: the database or the exercises cannot be used.
    """
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
        echo(
            "  (student01 to student12 share the student's password; the class's work is being graded behind "
            "your pages)"
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
            "worker_class": "grader.http_server.HttpWorker",
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
        from grader.web.security import MOST_BYTES

        self.limits = Limits(
            patience=self._settings.client_timeout,
            largest_body=MOST_BYTES,
            behind_proxy=self._settings.trusted_proxies > 0,
        )
        try:
            logins = {account.role: account.login for account in self._accounts}
            return _build(self._settings, self._library, self._weak_allowed, logins)
        except GraderError as error:
            echo(f"grade: {error}", err=True)
            sys.exit(BOOT_FAILED)


def _build(settings: Settings, library: Library, weak_allowed: bool, demo_logins: dict[str, str]) -> Any:
    """The pool, which warms up behind the pages, the dispatcher and the application; closed at the end."""
    from grader.web.app import create_app

    _log(settings)
    _die_with_master()
    pool = Pool(slots=settings.slots, spares=settings.slots, collapse=True)
    warm = threading.Event()
    store = Store.open(settings.database_url, migrate=False)
    truths = Truths(patience=TRUTH_PATIENCE)

    def judge(exercise: Exercise, submission: Submission) -> Report:
        return grade(exercise, submission, pool, truths)

    def illustrate(exercise: Exercise, submission: Submission) -> Pictures:
        return draw(exercise, submission, pool, truths)

    def prepare(exercise: Exercise, assignment_id: int) -> bool:
        # What is right for the whole pool first; then, while there is room, why others are wrong.
        for whole, get in ((False, truths.right), (True, truths.of)):
            for seed in () if truths.full(whole=whole) else seeds.pool_of(key, assignment_id):
                plan = truths.plan(exercise, seed)
                if not truths.known(plan, whole=whole):
                    with contextlib.suppress(TruthBusy):
                        get(plan, pool)
                    return True
        return False

    key = settings.signing_key().encode()
    try:
        dispatcher = EmbeddedDispatcher(
            store,
            judge,
            library.get,
            illustrate=illustrate,
            prepare=prepare,
            threads=settings.slots,
            warm=warm,
        ).start()
    except GraderError:
        store.close()
        pool.close()
        raise

    def close() -> None:
        with contextlib.suppress(GraderError):
            dispatcher.close()
        pool.close()
        store.close()

    def warm_up() -> None:
        nonlocal pool
        try:
            pool.hello()
        except GraderError as error:
            if not weak_allowed:
                echo(
                    f"grade: {error}. Student code would run unguarded: see 'grade doctor', "
                    "or pass --allow-weak-isolation if every student is trusted",
                    err=True,
                )
                close()
                # Of a thread, only this ends the process; with this code the master ends, too.
                os._exit(BOOT_FAILED)
            pool.close()
            echo("grade: serving without namespaces, as told", err=True)
            pool = Pool(slots=settings.slots, spares=settings.slots, weak=True, collapse=True)
        warm.set()

    atexit.register(close)
    # Pages answer meanwhile; what is handed in waits for its turn.
    threading.Thread(target=warm_up, name="warming up", daemon=True).start()
    return create_app(
        settings,
        store,
        library,
        dispatcher,
        typeset=typeset,
        unreadable=unreadable,
        demo_logins=demo_logins,
    )


def _die_with_master() -> None:
    """A worker must not outlive a killed master: it would hold the port and the lock against the next one."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


class _Unfailing(io.TextIOBase):
    """A log that cannot be written, because its disk is full, must not fail who had something to say."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()


def _log(settings: Settings) -> None:
    """On standard error: one line of JSON an event; where that is a terminal, a short line for people.

    Who sits in front of a terminal is not told of each verdict: only warnings, unless GRADER_LOG_LEVEL is
    ``debug``.
    """
    people_read = sys.stderr.isatty()
    level = "warning" if people_read and settings.log_level == "info" else settings.log_level
    last: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(as_json),
    ]
    if people_read:
        last = [
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            # Without local variables, which may hold passwords.
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *last],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, _Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
