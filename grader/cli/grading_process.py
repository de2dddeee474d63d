"""A worker's process: the database, the broker, the jail, and what grades, from start to end."""

from __future__ import annotations

import sys
import time
from typing import Final

from grader.cli import garbage
from grader.cli.jailed import Jailed
from grader.cli.log import configure
from grader.cli.options import echo, library_of
from grader.dispatch.broker import Broker, BrokerFailed
from grader.dispatch.grading_worker import GradingWorker
from grader.errors import SchemaOutdated, StoreFailed
from grader.settings import Settings
from grader.store.database import Store

ASK_SECONDS: Final = 2.0
"""Between two attempts to open the database."""


def run(settings: Settings, slots: int | None, weak_allowed: bool) -> None:
    """Grade until told to stop.

    :param slots: how many submissions at once; None: as the settings say.
    :param weak_allowed: grade even without namespaces.
    :raises GraderError: the database, the exercises or the jail cannot be used.
    """
    slots = slots or settings.slots
    configure(settings)
    library = library_of(settings)
    library.all()  # a broken exercise is said now, not to the first student
    store = _opened(settings)
    broker = Broker(settings.broker_url or "")
    key = settings.known_key()
    jailed = Jailed(slots, None if key is None else key.encode())
    try:
        try:
            broker.ping()
        except BrokerFailed as error:
            echo(f"grade: {error} Until then what is handed in is found by looking for it.", err=True)
        jailed.warm_up(weak_allowed)
        grading = GradingWorker(
            store,
            broker,
            jailed.judging(store, settings),
            library.get,
            illustrate=jailed.illustrate,
            prepare=jailed.prepare,
            preemption=jailed.preemption,
            slots=slots,
            isolation=jailed.isolation,
        )
        echo(f"Grading {slots} at once, as {grading.name}")
        sys.stdout.flush()
        garbage.look_less_often()
        grading.run()
    finally:
        jailed.close()
        broker.close()
        store.close()


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
