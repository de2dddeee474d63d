"""Databases for tests: files of SQLite and databases of a real PostgreSQL server, each new and nobody else's.

Making the tables by all revisions takes longer than most tests. So it is done once per process and kind, and
what a test gets is a copy of the file, or a database of the server that another test has used, with its
tables emptied. One whose schema a test has changed is dropped.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from grader.store.database import Store
from grader.store.tables import Base

KINDS: Final = ("sqlite", "postgresql")


def server_url() -> str:
    """The URL of a PostgreSQL server on which databases may be made. Without one the test is skipped, and
    fails in CI."""
    # The tests' own settings are no business of grader/settings.py.
    url = os.environ.get("GRADER_TEST_POSTGRES_URL")  # noqa: TID251
    if url:
        return url
    if os.environ.get("CI"):  # noqa: TID251
        pytest.fail("in CI this is tested on PostgreSQL, too: set GRADER_TEST_POSTGRES_URL")
    pytest.skip("set GRADER_TEST_POSTGRES_URL to test this on PostgreSQL")


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database without tables; gone at the end."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/grader.db"
        return
    url = _made()
    try:
        yield url
    finally:
        _dropped(url)


@contextmanager
def migrated(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database with the tables of today and no row in them; gone at the end."""
    if kind == "sqlite":
        file = folder / "grader.db"
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        shutil.copyfile(_template_file(), file)
        yield f"sqlite:///{file}"
        return
    url, schema = _free.pop() if _free else _prepared()
    try:
        yield url
    finally:
        if _emptied(url, schema):
            _free.append((url, schema))
        else:
            _dropped(url)


@contextmanager
def away(url: str) -> Iterator[None]:
    """As long as this lasts there is no such database; then it is back as it was."""
    name = make_url(url).database
    assert name is not None
    if url.startswith("sqlite"):
        Path(name).rename(f"{name}.away")
        yield
        Path(f"{name}.away").rename(name)
        return
    with _connected(server_url()) as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        connection.exec_driver_sql(f"ALTER DATABASE {name} RENAME TO {name}_away")
        yield
        connection.exec_driver_sql(f"ALTER DATABASE {name}_away RENAME TO {name}")
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@functools.cache
def _template_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="grader-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "template.db"
    Store.open(f"sqlite:///{file}").close()
    return file


_free: list[tuple[str, str]] = []
"""Databases of the server that nobody uses, with what their schema is."""


@atexit.register
def _drop_free() -> None:
    for url, _ in _free:
        _dropped(url)


def _made() -> str:
    url = make_url(server_url()).set(database=f"grader_test_{uuid.uuid4().hex}")
    with _connected(server_url()) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {url.database}")
    return url.render_as_string(hide_password=False)


def _dropped(url: str) -> None:
    with _connected(server_url()) as connection:
        connection.exec_driver_sql(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def _prepared() -> tuple[str, str]:
    url = _made()
    Store.open(url).close()
    with _connected(url) as connection:
        return url, connection.exec_driver_sql(_SCHEMA).scalar_one()


def _emptied(url: str, schema: str) -> bool:
    """Take all rows out, and let numbers begin anew; False where the schema is another one now."""
    with _connected(url) as connection:
        connection.exec_driver_sql(_OTHERS)  # a connection that a test forgot would hold locks
        try:
            if connection.exec_driver_sql(_SCHEMA).scalar_one() != schema:
                return False
        except ProgrammingError:  # there is no alembic_version any more
            return False
        try:
            connection.execute(text(_EMPTY))  # it has per cent signs
        except IntegrityError:  # somebody still writes
            return False
    return True


_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SCHEMA: Final = """
SELECT concat_ws('/', version_num,
  (SELECT sum(oid::bigint) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
  (SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace),
  (SELECT sum(oid::bigint) FROM pg_constraint),
  (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal))
FROM alembic_version"""
"""Differs when a table, an index, a column, a constraint or a trigger was made or dropped."""
_EMPTY: Final = f"""
DO $$
DECLARE
  name text;
BEGIN
  UPDATE submissions SET judging_id = NULL WHERE judging_id IS NOT NULL;
  FOREACH name IN ARRAY ARRAY{[table.name for table in reversed(Base.metadata.sorted_tables)]} LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  PERFORM setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$"""
"""Tables that refer to others first, and before all the one reference that goes in a circle. ``TRUNCATE``
makes a new file for each table and index."""


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
