"""``grade backup`` and ``grade restore``: the database as one file, made while the server runs."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.progress import Progress

from grader.cli.console import console
from grader.cli.options import debug_option, echo, json_option, options, print_json, settings_now
from grader.dispatch import server_lock
from grader.errors import GraderError, UsageError
from grader.store import backup, engines
from grader.store.tables import utcnow


@click.command("backup")
@click.argument("file", metavar="FILE")
@options(json_option, debug_option)
def back_up(file: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Copy the database into FILE, whole and as it is at this moment. The server goes on.

    \b
    grade backup "backups/grader-$(date +%F).db"

    FILE must not be there yet. What is beside the database in GRADER_DATA, above all the key
    that seeds are made with, is not in it: keep that folder's other files, too.
    """
    database, target = _database("pg_dump --format=custom --file=FILE DATABASE"), Path(file)
    if as_json:
        size = backup.back_up(database, target)
        print_json({"file": file, "bytes": size})
        return
    with Progress(console=console(), transient=True, disable=not console().is_terminal) as progress:
        task = progress.add_task("copying", total=None)
        size = backup.back_up(
            database, target, lambda done, pages: progress.update(task, completed=done, total=pages)
        )
    echo(f"{file}: {size:,} bytes, read through and whole")


@click.command("restore")
@click.argument("file", metavar="FILE")
@options(json_option, debug_option)
def restore(file: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Put the backup FILE in the database's place. The server must be stopped.

    The database that was there is kept beside it. A backup of an older version is migrated when
    the server starts; one of a newer version, or a damaged one, is refused.
    """
    database = _database("pg_restore --clean --dbname=DATABASE FILE")
    settings_now().prepare()
    try:
        lock = server_lock.take(engines.lock_beside(database))
    except GraderError as error:
        raise UsageError(str(error)) from error
    try:
        aside = backup.restore(Path(file), database, utcnow())
    finally:
        os.close(lock)
    if as_json:
        print_json({"file": file, "kept": None if aside is None else str(aside)})
        return
    echo(f"{database} is what {file} holds")
    if aside is not None:
        echo(f"the database before it is kept as {aside}")


def _database(instead: str) -> Path:
    """The SQLite file that the settings name.

    :raises UsageError: the database is on a server, whose own tools do this.
    """
    url = engines.checked_url(settings_now().database_url)
    if url.get_backend_name() != "sqlite":
        raise UsageError(
            f"the database is PostgreSQL, which has its own tools: use '{instead}', with the name of the "
            f"database ({url.database}) and the user and host of GRADER_DATABASE_URL"
        )
    return engines.sqlite_path(url)
