"""The database: opened, migrated, and handed out as transactions.

On SQLite the write-ahead log lets readers go on while somebody writes, and every writer says
``BEGIN IMMEDIATE``. A transaction that begins as a reader and turns writer later is refused
with "database is locked" when another one wrote meanwhile, whatever the timeout; one that
asks for the lock at its beginning waits its turn. Python's sqlite3 module would begin
transactions by itself, and not these, so that is turned off.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from grader.errors import GraderError, SettingsError
from grader.store import migrations

BUSY_SECONDS = 20.0
"""How long a writer waits for another one before it gives up."""
_POSTGRESQL = "postgresql+psycopg"


class Store:
    """One database. Safe to use from many threads; a session belongs to the thread that opened it.

    Open it after any fork: a connection must not be shared by two processes.
    """

    def __init__(self, url: URL) -> None:
        self.path: Path | None = None
        """The SQLite file; None on a database server."""
        self._where = url.render_as_string(hide_password=True)
        # SQLite's own way to wait for its lock is to sleep longer and longer, which lets the
        # unlucky wait far too long. Threads of this process queue up here instead.
        self._turn: threading.Lock | None = None
        if url.get_backend_name() == "sqlite":
            self.path = _sqlite_path(url)
            self._where = str(self.path)
            self._turn = threading.Lock()
            self._writer = _sqlite_engine(url, "BEGIN IMMEDIATE", "foreign_keys = ON")
            self._reader = _sqlite_engine(url, "BEGIN", "query_only = ON")
        else:
            self._writer = create_engine(url, pool_pre_ping=True)
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @classmethod
    def open(cls, url: str, *, migrate: bool = True) -> Self:
        """Open ``sqlite:///FILE`` or ``postgresql+psycopg://…``, creating and migrating as needed.

        :raises SettingsError: when the URL is of another kind.
        :raises GraderError: in one sentence, when the database is damaged, cannot be written,
            was made by a newer grader, or (without ``migrate``) by an older one.
        """
        store = cls(_checked(url))
        try:
            store._prepare(migrate)
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database and cannot change it."""
        with self._explained(), Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back when the block raises.

        Keep it short: on SQLite there is one writer at a time. Never open one inside another.
        """
        if self._turn is not None and not self._turn.acquire(timeout=BUSY_SECONDS):
            raise _busy(self._where)
        try:
            with self._explained(), Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
        finally:
            if self._turn is not None:
                self._turn.release()

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()

    def _prepare(self, migrate: bool) -> None:
        """Bring the schema to the newest revision, or refuse."""
        engine = self._writer
        if self.path is not None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                if not self.path.exists():
                    # It will hold password hashes and students' work: nobody else's to read.
                    # SQLite gives the files beside it the same rights.
                    self.path.touch(mode=0o600)
            except OSError as e:
                raise GraderError(f"the database {self.path} cannot be made: {e.strerror}.") from e
            # SQLite would open it for reading only, without a word, until the first submission.
            if not os.access(self.path, os.W_OK):
                raise _unwritable(self._where)
            # A migration rebuilds a table by dropping the old one, which with foreign keys on
            # would delete every row that refers to it; and that pragma cannot be changed
            # inside of a transaction. So migrations have an engine of their own, where
            # foreign keys are off. The kind of log is kept in the file itself.
            engine = create_engine(self._writer.url, poolclass=NullPool)
            _begin_with(engine, "BEGIN IMMEDIATE", "journal_mode = WAL")
        with self._explained(), engine.begin() as connection:
            self._migrate(connection, migrate)

    def _migrate(self, connection: Connection, migrate: bool) -> None:
        # Two processes that start at once must not both create the tables. SQLite's writers
        # exclude each other already.
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7161984)")
        found = migrations.current(connection)
        if found == migrations.head():
            return
        if found is not None and not migrations.known(found):
            raise GraderError(
                f"the database {self._where} was made by a newer grader (schema {found[:40]!r}): "
                "upgrade this one, or restore the backup made before the upgrade."
            )
        if not migrate:
            raise GraderError(
                f"the database {self._where} has an older schema: start 'grade serve' once to migrate it."
            )
        migrations.upgrade(connection)
        if (
            connection.dialect.name == "sqlite"
            and connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        ):
            raise GraderError(
                f"migrating the database {self._where} would leave rows that refer to nothing: "
                "it was left as it was; restore a backup."
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the driver says about the database itself into a sentence for its owner."""
        try:
            yield
        except DBAPIError as e:
            explained = _explain(e, self._where)
            if explained is None:
                raise
            raise explained from e


def _checked(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as e:
        raise SettingsError("the database URL cannot be read: write sqlite:///FILE.") from e
    if url.drivername not in ("sqlite", "sqlite+pysqlite", _POSTGRESQL):
        raise SettingsError(
            f"the database URL begins with {url.drivername!r}: "
            f"write sqlite:///FILE or {_POSTGRESQL}://USER@HOST/NAME."
        )
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise SettingsError(
            "the database must be a file that several threads can open: write sqlite:///FILE."
        )
    return url


def _sqlite_path(url: URL) -> Path:
    assert url.database is not None
    return Path(url.database).absolute()


def _sqlite_engine(url: URL, begin: str, pragma: str) -> Engine:
    # How many threads there are is decided elsewhere; a pool that is too small would only
    # make them wait for each other.
    engine = create_engine(url, pool_size=4, max_overflow=-1)
    _begin_with(engine, begin, pragma)
    return engine


def _begin_with(engine: Engine, begin: str, pragma: str) -> None:
    """Let every transaction of ``engine`` begin with ``begin``, on connections set up once."""

    @event.listens_for(engine, "connect")
    def connected(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        # With the write-ahead log this loses no committed transaction when the process dies,
        # and at most the last ones when the machine does; the file stays sound either way.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _busy(where: str) -> GraderError:
    error = GraderError(f"the database {where} was busy for {BUSY_SECONDS:.0f} s: try again.")
    error.retry = True
    return error


def _unwritable(where: str) -> GraderError:
    return GraderError(f"the database {where} cannot be written: check who owns the file and its folder.")


def _explain(error: DBAPIError, where: str) -> GraderError | None:
    """What a driver's error means to the owner of the database; None when it is about a row."""
    if isinstance(error, IntegrityError):
        return None
    said = str(error.orig).lower()
    if "not a database" in said or "malformed" in said:
        return GraderError(f"the database {where} is damaged: stop the server and restore it from a backup.")
    if "readonly" in said or "read-only" in said:
        return _unwritable(where)
    if "unable to open" in said:
        return GraderError(f"the database {where} cannot be opened: check that it is a file you may read.")
    if "is locked" in said or "is busy" in said:
        return _busy(where)
    if "is full" in said or "disk i/o" in said:
        full = GraderError(f"the database {where} cannot grow: make room on its disk.")
        full.retry = True
        return full
    if isinstance(error, OperationalError) and (error.connection_invalidated or "connect" in said):
        away = GraderError(f"the database {where} cannot be reached: check that its server runs.")
        away.retry = True
        return away
    return None
