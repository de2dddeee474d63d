"""``grade worker``: grade what servers on any machine take in.

A worker claims rows of the database, so it needs to reach that; a broker wakes it. It takes no requests and
needs neither the key that signs cookies nor a port.
"""

from __future__ import annotations

import socket
import sys
import time
from typing import Final

import click

from grader.cli.judging import Judging
from grader.cli.log import configure
from grader.cli.options import debug_option, echo, library_of, options, settings_now
from grader.dispatch.broker import Broker, BrokerFailed
from grader.dispatch.grading_worker import GradingWorker
from grader.errors import GraderError, SchemaOutdated, StoreFailed
from grader.settings import Settings
from grader.store import workers
from grader.store.database import Store

ASK_SECONDS: Final = 2.0
"""Between two attempts to open the database."""


@click.command()
@options(
    click.option("--slots", type=click.IntRange(1, 1024),
                 help="Submissions graded at once (default: GRADER_SLOTS or one more than the cores)."),
    click.option("--check", is_flag=True,
                 help="Grade nothing: say whether a worker on this machine was seen alive within 5 s."),
    click.option("--allow-weak-isolation", is_flag=True,
                 help="Grade even where the machine gives no namespaces. Only for trusted students."),
    debug_option,
)  # fmt: skip
def worker(slots: int | None, check: bool, allow_weak_isolation: bool, debug: bool) -> None:  # noqa: ARG001
    """Grade what servers take in, woken through GRADER_BROKER_URL.

    Any number of workers on any number of machines share the database of GRADER_DATABASE_URL, which the
    server migrates; a worker waits for that. SIGTERM ends it when it has finished what it grades; what it
    has not begun, others do.
    """
    settings = settings_now()
    if check:
        return _check(settings)
    configure(settings)
    settings.needs_broker()
    library = library_of(settings)
    library.all()  # a broken exercise is said now, not to the first student
    store = _opened(settings)
    broker = Broker(settings.broker_url or "")
    key = settings.known_key()
    judging = Judging(slots or settings.slots, None if key is None else key.encode())
    try:
        try:
            broker.ping()
        except BrokerFailed as error:
            echo(f"grade: {error} Until then what is handed in is found by looking for it.", err=True)
        judging.warm_up(allow_weak_isolation)
        grading = GradingWorker(
            store,
            broker,
            judging.judge,
            library.get,
            illustrate=judging.illustrate,
            prepare=judging.prepare,
            slots=slots or settings.slots,
            isolation=judging.isolation,
        )
        echo(f"Grading {slots or settings.slots} at once, as {grading.name}")
        sys.stdout.flush()
        grading.run()
    finally:
        judging.close()
        broker.close()
        store.close()
    return None


def _opened(settings: Settings) -> Store:
    """The database, once it is there and migrated."""
    said = ""
    while True:
        try:
            return Store.open(settings.database_url, migrate=False)
        except (SchemaOutdated, StoreFailed) as error:
            if not (error.retry or isinstance(error, SchemaOutdated)):
                raise
            if str(error) != said:
                said = str(error)
                echo(f"grade: waiting: {error}", err=True)
            time.sleep(ASK_SECONDS)


def _check(settings: Settings) -> None:
    """:raises GraderError: none was seen."""
    settings.needs_broker()
    store = Store.open(settings.database_url, migrate=False)
    try:
        with store.read() as session:
            seen = workers.seen(session)
    finally:
        store.close()
    host = socket.gethostname()[:64]
    alive = [each for each in seen if each.host == host and each.alive]
    if not alive:
        raise GraderError(
            f"no worker on {host} was seen within {workers.SILENT_SECONDS:.0f} s: look at its log."
        )
    echo(f"{len(alive)} on {host}, {sum(each.slots for each in alive)} at once")
