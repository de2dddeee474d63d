"""Transfer of a whole database into another one: from SQLite to PostgreSQL, back, or to another of its kind.

All is written in one transaction. It is committed when every table that was written, read again, has as
many rows as the source and the same digest; so the target holds everything or nothing. Rows are read as a
stream and written in batches: memory does not grow with the course.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import (
    URL,
    Connection,
    ForeignKeyConstraint,
    NullPool,
    Table,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.schema import AddConstraint, DropConstraint

from grader.errors import UsageError
from grader.store import engines, failures, migrations
from grader.store.database import Store
from grader.store.table_rows import Digest, Row, batches, named, refuse_misfit
from grader.store.tables import Base

Progress = Callable[[str, int, int], None]
"""The table, rows that are done of all tables, and all that there are (each is written, and read again)."""


def transfer(source: str, target: str, progress: Progress = lambda _table, _done, _all: None) -> list[Digest]:
    """Copy all rows of the database at one URL into the one at another, which has none; its tables' digests.

    The caller sees to it that nobody serves either (:func:`in_use` asks a database server). The target's
    tables are made where there are none.

    :raises UsageError: the source is none of today's schema, one of its rows does not fit, or the target has
        rows already. The target then has none that were not there before.
    :raises StoreFailed: a database cannot be used.
    """
    from_url, to_url = engines.checked_url(source), engines.checked_url(target)
    if _same(from_url, to_url):
        raise UsageError("the two URLs name the same database: name another one as the target")
    revision_at(from_url)
    Store.open(target).close()
    reading = Store.open(source, migrate=False)
    try:
        with reading.read() as session, _writing(to_url) as writing:
            return _Transfer(session.connection(), writing, progress).run(name_of(to_url))
    finally:
        reading.close()


def revision_at(url: URL) -> str:
    """The schema's revision of a database that there is.

    :raises UsageError: there is none, it has no tables of ours, or it is not at the newest revision.
    """
    name = name_of(url)
    if url.get_backend_name() == "sqlite" and not engines.sqlite_path(url).is_file():
        raise UsageError(f"there is no database {name}: look at the URL")
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            found = migrations.current(connection)
    except DBAPIError as error:
        explained = failures.of_error(error, name)
        if explained is None:
            raise
        raise explained from error
    if found is None:
        raise UsageError(f"the database {name} holds no course: look at the URL")
    if not migrations.known(found):
        raise UsageError(
            f"the database {name} was made by a newer grader (schema '{found[:40]}'): upgrade this one first"
        )
    if found != migrations.head():
        raise UsageError(
            f"the database {name} has an older schema ({found}): 'grade db upgrade' brings it up to date"
        )
    return found


def in_use(url: str) -> int:
    """How many others are connected to a database of a server; 0 for an SQLite file, which has a lock.

    :raises StoreFailed: the server cannot be reached.
    """
    checked = engines.checked_url(url)
    if checked.get_backend_name() == "sqlite":
        return 0
    engine = create_engine(checked, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(_OTHERS)).scalar_one())
    except DBAPIError as error:
        explained = failures.of_error(error, name_of(checked))
        if explained is None:
            raise
        raise explained from error


_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND usename IS NOT NULL"
)
"""The server's own processes have no user."""


def name_of(url: URL) -> str:
    """What a sentence calls a database: a file's path, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(engines.sqlite_path(url))
    return url.render_as_string(hide_password=True)


def _same(one: URL, other: URL) -> bool:
    if one.get_backend_name() != other.get_backend_name():
        return False
    if one.get_backend_name() == "sqlite":
        return engines.sqlite_path(one).resolve() == engines.sqlite_path(other).resolve()
    where = ("host", "port", "database", "query")
    return all(getattr(one, each) == getattr(other, each) for each in where)


@contextmanager
def _writing(url: URL) -> Iterator[Connection]:
    """One transaction on the target. Foreign keys are looked at when all rows are there: some refer to each
    other in a circle."""
    engine = create_engine(url, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        engines.begin_with(engine, "BEGIN IMMEDIATE", "foreign_keys = OFF")
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        explained = failures.of_error(error, name_of(url))
        if explained is None:
            raise
        raise explained from error


class _Transfer:
    """One transfer, within a transaction on each side."""

    def __init__(self, source: Connection, target: Connection, progress: Progress) -> None:
        self._source, self._target, self._progress = source, target, progress
        self._tables = Base.metadata.sorted_tables
        self._done = self._all = 0

    def run(self, name: str) -> list[Digest]:
        """Write all tables, read them again, and compare."""
        _refuse_dangling(self._source)
        for table in self._tables:
            if self._target.execute(select(1).select_from(table).limit(1)).first() is not None:
                raise UsageError(
                    f"the database {name} is not empty (table '{table.name}' has rows): name a new one"
                )
        counts = {table: _count(self._source, table) for table in self._tables}
        self._all = 2 * sum(counts.values())
        circular = _circular(self._tables) if self._target.dialect.name == "postgresql" else []
        for constraint in circular:
            self._target.execute(DropConstraint(constraint))
        written = [self._write(table) for table in self._tables]
        for constraint in circular:
            self._target.execute(AddConstraint(constraint, isolate_from_table=False))
        read = [self._read_again(table) for table in self._tables]
        for one, other in zip(written, read, strict=True):
            if one != other:
                raise UsageError(
                    f"the table '{one.table}' came out different ({one.rows} rows with digest "
                    f"{one.hex[:12]}, then {other.rows} with {other.hex[:12]}): nothing was kept; report it"
                )
        _refuse_dangling(self._target)
        _set_sequences(self._target, self._tables)
        return written

    def _write(self, table: Table) -> Digest:
        digest = Digest(table.name)
        for rows in batches(self._source, table):
            for row in rows:
                refuse_misfit(table, row)
                digest.add(row)
            try:
                with self._target.begin_nested():
                    self._target.execute(insert(table), rows)
            except StatementError as error:
                self._name_refused(table, rows)
                raise UsageError(f"the table '{table.name}' could not be written: {_said(error)}") from error
            self._step(table, len(rows))
        return digest

    def _name_refused(self, table: Table, rows: Sequence[Row]) -> None:
        """:raises UsageError: for the first of the rows that the target refuses."""
        for row in rows:
            try:
                with self._target.begin_nested():
                    self._target.execute(insert(table), [row])
            except StatementError as error:
                raise UsageError(f"{named(table, row)} is refused: {_said(error)}") from error

    def _read_again(self, table: Table) -> Digest:
        digest = Digest(table.name)
        for rows in batches(self._target, table):
            for row in rows:
                digest.add(row)
            self._step(table, len(rows))
        return digest

    def _step(self, table: Table, rows: int) -> None:
        self._done += rows
        self._progress(table.name, self._done, self._all)


def _said(error: StatementError) -> str:
    return str(error.orig or error).strip().splitlines()[0][:200]


def _refuse_dangling(connection: Connection) -> None:
    """:raises UsageError: a row of an SQLite file refers to one that is not there. A server looks at each."""
    if connection.dialect.name != "sqlite":
        return
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found is not None:
        table, number, other, _ = found
        raise UsageError(
            f"the row number {number} of the table '{table}' refers to a row of '{other}' that is not there: "
            "mend or delete it, and move again"
        )


def _circular(tables: Sequence[Table]) -> list[ForeignKeyConstraint]:
    """The foreign keys by which tables refer to each other in a circle."""
    return [
        constraint for table in tables for constraint in table.foreign_key_constraints if constraint.use_alter
    ]


def _set_sequences(connection: Connection, tables: Sequence[Table]) -> None:
    """Let the numbers that a server gives go on behind those that are there. SQLite looks by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        last = select(func.max(column)).scalar_subquery()
        connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
