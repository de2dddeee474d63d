"""Connections (SQLAlchemy engines): which database URLs are taken, and how SQLite's transactions begin.

Python's sqlite3 module would begin transactions by itself, and not the right ones, so that is turned off:
each engine here says with which statement its transactions begin.
"""

from __future__ import annotations

import resource
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from grader.errors import SettingsError
from grader.store.failures import BUSY_SECONDS

_POSTGRESQL: Final = "postgresql+psycopg"
_WRITERS: Final = 8
"""Connections to a server that write: kept, and as many more for a moment. Who wants another one waits."""
_RESTED_SECONDS: Final = 0.5
"""A connection that was not used for so long is asked whether it still lives."""
_AGAIN_SECONDS: Final = 0.02
_FEWEST_KEPT: Final = 4
_MOST_KEPT: Final = 32
_DESCRIPTORS_EACH: Final = 16
"""SQLite holds three of them for a connection; most are for the sandbox and for who asks."""


def checked_url(given: str) -> URL:
    """The parsed URL of a kind of database that can be used.

    :raises SettingsError: it is of another kind.
    """
    try:
        url = make_url(given)
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


def sqlite_path(url: URL) -> Path:
    """The file that the URL names, absolute."""
    assert url.database is not None
    return Path(url.database).absolute()


def sqlite_engine(url: URL, begin: str, pragma: str) -> Engine:
    """Connections to an SQLite file whose transactions begin with ``begin``."""
    # An error that is logged must not quote what somebody handed in.
    engine = create_engine(url, pool_size=_kept(), max_overflow=-1, pool_use_lifo=True, hide_parameters=True)
    begin_with(engine, begin, pragma)
    return engine


def server_engines(url: URL) -> tuple[Engine, Engine]:
    """Connections to a database server: those that write, and those that only read and see one state.

    They have a pool each: who holds one that reads may want one that writes, and would wait for ever where
    all of one pool are held by threads that do.
    """
    shared: dict[str, Any] = {"pool_use_lifo": True, "hide_parameters": True}
    writer = create_engine(
        url, pool_size=_WRITERS, max_overflow=_WRITERS, pool_timeout=BUSY_SECONDS, **shared
    )
    reader = create_engine(
        url, isolation_level="REPEATABLE READ", pool_size=_kept(), max_overflow=-1, **shared
    )
    for engine in (writer, reader):
        _ask_after_a_rest(engine)
    return writer, reader.execution_options(postgresql_readonly=True)


def _ask_after_a_rest(engine: Engine) -> None:
    """Ask a connection whether it still lives, before a transaction, when it was not used lately (pre-ping).

    SQLAlchemy's own ``pool_pre_ping`` asks before each transaction, which on a busy server is a sixth of what
    a short one costs. One that died within the last moment is told apart from one that lives when it is used:
    its transaction fails as any does whose connection is lost.
    """

    @event.listens_for(engine, "checkin")
    def returned(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        used_at = record.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < _RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _kept() -> int:
    """How many connections are kept for the next transaction.

    How many threads there are is decided elsewhere; a limit would only make them wait for each other. To open
    one costs more than most transactions, and only one that is kept has its statements prepared, so there are
    as many as threads of a busy server hold at once, but no more than a fraction of the descriptors that this
    process may have. The one that was used last is taken first.
    """
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return _MOST_KEPT
    return max(_FEWEST_KEPT, min(_MOST_KEPT, descriptors // _DESCRIPTORS_EACH))


def begin_with(engine: Engine, begin: str, pragma: str) -> None:
    """Let every transaction of ``engine`` begin with ``begin``, on connections set up once."""

    @event.listens_for(engine, "connect")
    def connected(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        # With the write-ahead log this loses no committed transaction when the process dies,
        # and at most the last ones when the machine does; the file stays sound either way.
        cursor.execute("PRAGMA synchronous = NORMAL")
        _patiently(cursor, f"PRAGMA {pragma}")
        cursor.close()

    def do_begin(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.driver_connection.execute(begin)  # type: ignore[union-attr]

    # In place of the dialect's, which does nothing, and not by the event "begin": where an engine has a
    # listener for any event of its connections, each statement takes a third longer.
    engine.dialect.do_begin = do_begin  # type: ignore[method-assign]


def _patiently(cursor: sqlite3.Cursor, statement: str) -> None:
    """Execute it, and again while others hold a lock: to begin a write-ahead log waits for nobody, whatever
    ``busy_timeout`` says, and of several that open a new file at once one was told that it is busy."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(_AGAIN_SECONDS)


def lock_beside(path: Path) -> Path:
    """The file that the server of an SQLite file locks. It stays when that server has ended."""
    return path.with_name(path.name + ".lock")


def running_beside(path: Path) -> Path:
    """Where it is written down which submissions of an SQLite file are being graded."""
    return path.with_name(path.name + ".running")
