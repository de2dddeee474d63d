"""``grade db``: the database's schema brought up to date, and a whole course moved to another database."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import click
from rich.progress import Progress, TaskID

from grader.cli.console import console
from grader.cli.options import debug_option, echo, json_option, options, print_json, settings_now
from grader.dispatch import server_lock
from grader.errors import GraderError, StoreFailed, UsageError
from grader.store import engines, migrations, transfer
from grader.store.database import Store

_TRY_EVERY: Final = 0.5
"""Seconds between two attempts to reach a database server."""
_QUIET_SECONDS: Final = 1.0
"""How long a transfer may take before its progress is shown."""


@click.group("db")
def db() -> None:
    """Look after the database: bring its schema up to date, move it to another server or kind."""


@db.command("upgrade")
@click.argument("url", metavar="[URL]", required=False)
@options(
    click.option("--wait", type=click.IntRange(0, 3600), default=0, metavar="SECONDS",
                 help="How long to wait for a database server that does not answer (default: not at all)."),
    json_option,
    debug_option,
)  # fmt: skip
def upgrade(url: str | None, wait: int, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Bring the schema of the database up to date, and print its revision.

    \b
    grade db upgrade
    grade db upgrade postgresql+psycopg://grader@db/grader

    Without URL the database of GRADER_DATABASE_URL is meant, or the file in GRADER_DATA. A new one gets
    its tables. It may be called again, and by several at once: one migrates, the others wait for it.
    Stop the processes of the older version first, and make a backup.
    """
    if url is None:
        settings = settings_now()
        settings.prepare()
        url = settings.database_url
    store = _opened(url, wait)
    store.close()
    was, now = store.found_at, migrations.head()
    if as_json:
        print_json({"revision": now, "was": was})
    elif was == now:
        echo(f"the schema is at revision {now}, as before")
    else:
        echo(f"the schema is at revision {now} now" + ("" if was is None else f", and was at {was}"))


def _opened(url: str, wait: int) -> Store:
    """:raises StoreFailed: the database could not be used within ``wait`` seconds."""
    until = time.monotonic() + wait
    said = False
    while True:
        try:
            return Store.open(url)
        except StoreFailed as error:
            if not error.retry or time.monotonic() >= until:
                raise
            if not said:
                echo(f"waiting up to {wait} s: {error}", err=True)
                sys.stderr.flush()
                said = True
            time.sleep(_TRY_EVERY)


@db.command("move")
@click.argument("source", metavar="SOURCE")
@click.argument("target", metavar="TARGET")
@options(json_option, debug_option)
def move(source: str, target: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Copy the whole database at SOURCE into the empty one at TARGET, and prove that all came over.

    \b
    grade db move sqlite:////data/grader.db postgresql+psycopg://grader@db/grader
    grade db move postgresql+psycopg://grader@db/grader sqlite:////data/grader.db

    Stop the server before. SOURCE stays as it is. Each table is read again from TARGET; all is kept only
    where every table has as many rows as in SOURCE, and the same digest. A password need not stand in a
    URL, where others can list it: PGPASSWORD and ~/.pgpass are read. What is beside the database in
    GRADER_DATA, above all the key that seeds are made with, is not moved: keep that folder.
    """
    began = time.monotonic()
    with _alone(source), _alone(target), _progress(show=not as_json) as progress:
        tables = transfer.transfer(source, target, progress)
    rows = sum(each.rows for each in tables)
    if as_json:
        made = {each.table: {"rows": each.rows, "sha256_sum": each.hex} for each in tables}
        print_json({"rows": rows, "seconds": round(time.monotonic() - began, 3), "tables": made})
        return
    for each in tables:
        if each.rows:
            echo(f"{each.table:<24}{each.rows:>12,}  {each.hex[:16]}")
    filled = sum(1 for each in tables if each.rows)
    echo(
        f"{rows:,} rows of {filled} tables were copied and read again: counts and digests are equal. "
        "Set GRADER_DATABASE_URL to the new database before the server starts."
    )


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """Keep others from serving a database meanwhile.

    :raises UsageError: one does.
    """
    checked = engines.checked_url(url)
    with ExitStack() as held:
        if checked.get_backend_name() == "sqlite":
            file = engines.sqlite_path(checked)
            if file.is_file() and file.stat().st_size:
                try:
                    held.callback(os.close, server_lock.take(engines.lock_beside(file)))
                except GraderError as error:
                    raise UsageError(str(error)) from error
        elif others := transfer.in_use(url):
            raise UsageError(
                f"the database {transfer.name_of(checked)} is in use "
                f"({others} connection{'' if others == 1 else 's'}): stop the server and its workers first"
            )
        yield


@contextmanager
def _progress(*, show: bool) -> Iterator[transfer.Progress]:
    """A bar on standard error, where that is a terminal, once it has taken a while."""
    screen = console(stderr=True)
    bar = Progress(console=screen, transient=True)
    shown: list[TaskID] = []
    began = time.monotonic()

    def step(table: str, done: int, all_: int) -> None:
        if not shown and show and screen.is_terminal and time.monotonic() - began > _QUIET_SECONDS:
            bar.start()
            shown.append(bar.add_task(table, total=all_))
        if shown:
            bar.update(shown[0], description=table, completed=done)

    try:
        yield step
    finally:
        if shown:
            bar.stop()
