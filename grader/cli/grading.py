"""``grade worker``: grade what servers on any machine take in.

A worker claims rows of the database, so it needs to reach that; a broker wakes it. It takes no requests and
needs neither the key that signs cookies nor a port.
"""

from __future__ import annotations

import importlib
import socket

import click

from grader.cli.options import debug_option, echo, options, settings_now
from grader.errors import GraderError
from grader.settings import Settings
from grader.store import workers
from grader.store.database import Store


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
    settings.needs_broker()
    # What grades is imported by who grades: a health check is made every few seconds.
    importlib.import_module("grader.cli.grading_process").run(settings, slots, allow_weak_isolation)
    return None


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
