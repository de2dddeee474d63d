"""Migrations: the schema's history. Revisions are written by hand and never changed once released.

A test compares what they add up to with :mod:`grader.store.tables`, so that neither can be
forgotten. A revision imports nothing of ours: the tables of today are not those of its day.
"""

from __future__ import annotations

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _config() -> Config:
    config = Config()
    # Alembic expands "%", which may be in the path of an installation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


@functools.cache
def head() -> str:
    """The newest revision this code knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


def known(revision: str) -> bool:
    """Whether ``revision`` is one of ours."""
    return any(r.revision == revision for r in ScriptDirectory.from_config(_config()).walk_revisions())


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for one without tables."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate up to ``revision``, inside the transaction of ``connection``."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Migrate down to ``revision`` (``base``: no tables), inside the transaction of ``connection``."""
    config = _config()
    config.attributes["connection"] = connection
    command.downgrade(config, revision)
