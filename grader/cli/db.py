"""``grade db``: the database as such, whoever's data it holds."""

from __future__ import annotations

import sys
import time
from typing import Final

import click
from sqlalchemy import text

from grader.cli.options import debug_option, echo, options, settings_now
from grader.errors import StoreFailed
from grader.settings import Settings
from grader.store.database import Store

_TRY_EVERY: Final = 0.5
"""Seconds between two attempts to reach a database server."""


@click.group()
def db() -> None:
    """Look after the database: migrate its schema before new processes start."""


@db.command()
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=0,
    metavar="SECONDS",
    help="How long to wait for a database server that does not answer yet (default: not at all).",
)
@options(debug_option)  # fmt: skip
def upgrade(wait: int, debug: bool) -> None:  # noqa: ARG001
    """Create the tables, or migrate them to this version's schema. Once they are at it, nothing is done.

    Stop the processes of the older version first, and make a backup.
    """
    settings = settings_now()
    settings.prepare()
    store = _opened(settings, wait)
    try:
        with store.read() as session:
            revision = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    finally:
        store.close()
    echo(f"the database has the schema of this version (revision {revision})")


def _opened(settings: Settings, wait: int) -> Store:
    """:raises StoreFailed: the database could not be used within ``wait`` seconds."""
    until = time.monotonic() + wait
    said = False
    while True:
        try:
            return Store.open(settings.database_url)
        except StoreFailed as error:
            if not error.retry or time.monotonic() >= until:
                raise
            if not said:
                echo(f"waiting up to {wait} s: {error}", err=True)
                sys.stderr.flush()
                said = True
            time.sleep(_TRY_EVERY)
