"""The database: opened, migrated, and handed out as transactions.

On SQLite the write-ahead log lets readers go on while somebody writes, and every writer says
``BEGIN IMMEDIATE``. A transaction that begins as a reader and turns writer later is refused
with "database is locked" when another one wrote meanwhile, whatever the timeout; one that
asks for the lock at its beginning waits its turn. Python's sqlite3 module would begin
transactions by itself, and not these, so that is turned off.

Short writes of many threads may share a transaction (group commit, :meth:`Store.together`): while one is
being committed the others gather, and the next takes all of them along.

What the driver says of the database as such – locked, full, damaged, gone – becomes a
:class:`grader.errors.StoreFailed` and is remembered in :attr:`Store.trouble` until a transaction succeeds.
An SQLite file that is deleted, emptied or replaced while it is open would otherwise go unnoticed: the old
one lives on without a name, and dies with the process.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from grader.errors import GraderError, SettingsError, StoreFailed
from grader.store import migrations

BUSY_SECONDS: Final = 5.0
"""How long a writer waits for another process before it gives up. Each holds a thread of the server."""
_POSTGRESQL: Final = "postgresql+psycopg"
_CHECK_SECONDS: Final = 1.0
"""How long a check waits for another writer."""
_EXAMINED_EVERY: Final = 10.0
"""Seconds between two times that a check reads the whole file."""

T = TypeVar("T")


@dataclass(eq=False)
class _Write:
    """What one thread wants written, and what came of it."""

    work: Callable[[Session], Any]
    result: Any = None
    error: BaseException | None = None
    done: bool = False


class Store:
    """One database. Safe to use from many threads; a session belongs to the thread that opened it.

    Open it after any fork: a connection must not be shared by two processes.
    """

    def __init__(self, url: URL) -> None:
        self.path: Path | None = None
        """The SQLite file; None on a database server."""
        self.trouble: str | None = None
        """Why the last transaction failed, where that was the database's fault; None when it did not."""
        self._where = url.render_as_string(hide_password=True)
        self._file: tuple[int, int] | None = None
        """Device and inode of the SQLite file that is open."""
        self._examine_at = 0.0
        self._gather = threading.Lock()
        """Guards the list below: what is added while another thread takes it would be in no transaction."""
        self._gathered: list[_Write] = []
        """What the next shared transaction takes along."""
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
        """A transaction that sees one state of the database and cannot change it.

        :raises StoreFailed: the database cannot be used.
        """
        with self._explained(), Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back when the block raises.

        Keep it short: on SQLite there is one writer at a time. Never open one inside another.

        :raises StoreFailed: the database cannot be used.
        """
        if self._turn is not None and not self._turn.acquire(timeout=BUSY_SECONDS):
            raise _busy(self._where)
        try:
            with self._explained(), Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
            self.trouble = None
        finally:
            if self._turn is not None:
                self._turn.release()

    def together(self, work: Callable[[Session], T]) -> T:
        """Call ``work`` in a write transaction that it may share with what others write at this moment.

        It is committed when this returns, or nothing of it is written. What ``work`` raises is raised here
        and undoes only its own part.

        :raises StoreFailed: the database cannot be used; nothing of what was shared is written.
        """
        if self._turn is None:
            with self.write() as session:
                return work(session)
        mine = _Write(work)
        with self._gather:
            self._gathered.append(mine)
        if not self._turn.acquire(timeout=2 * BUSY_SECONDS):
            if self._withdrawn(mine):
                raise _busy(self._where)
            self._turn.acquire()  # a transaction has taken it along and is about to end
        try:
            if not mine.done:
                self._write_gathered()
        finally:
            self._turn.release()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[no-any-return]

    def _withdrawn(self, write: _Write) -> bool:
        with self._gather:
            waits = write in self._gathered
            if waits:
                self._gathered.remove(write)
        return waits

    def _write_gathered(self) -> None:
        """One transaction for all that has gathered; in a savepoint each, where there are several."""
        with self._gather:
            batch, self._gathered = self._gathered, []
        try:
            with self._explained(), Session(self._writer, expire_on_commit=False) as session, session.begin():
                if len(batch) == 1:
                    batch[0].result = batch[0].work(session)
                else:
                    for each in batch:
                        self._write_one(session, each)
        except BaseException as error:  # noqa: BLE001 – each of those who wait is told
            for each in batch:
                each.error = each.error or error
        else:
            self.trouble = None
        for each in batch:
            each.done = True

    def _write_one(self, session: Session, write: _Write) -> None:
        try:
            with session.begin_nested():
                write.result = write.work(session)
        except DBAPIError as error:
            if _explain(error, self._where) is not None:
                raise  # the database as such: it has rolled everything back, or soon will
            write.error = error
        except Exception as error:  # noqa: BLE001 – raised again in the thread it belongs to
            write.error = error

    def check(self) -> None:
        """Ask the database whether a submission would be stored now.

        :raises StoreFailed: it would not; says why and what to do.
        """
        with self.read() as session:
            session.execute(text("SELECT version_num FROM alembic_version"))
        if self._turn is None or self.path is None:
            return
        if self.trouble is not None:
            # Nobody has written since; and on a full disk all but writing goes well.
            with self.write() as session:
                session.execute(text("UPDATE alembic_version SET version_num = version_num"))
        try:
            # A connection of its own waits only shortly, and has nothing in memory yet.
            with closing(sqlite3.connect(self.path, _CHECK_SECONDS, isolation_level=None)) as connection:
                self._ask_for_lock(connection, self._turn)
                self._ask_for_damage(connection)
        except sqlite3.Error as e:
            failed = _explained(str(e).lower(), self._where) or _unreachable(self._where, str(e))
            self.trouble = str(failed)
            raise failed from e
        except StoreFailed as e:
            self.trouble = str(e)
            raise

    def _ask_for_lock(self, connection: sqlite3.Connection, turn: threading.Lock) -> None:
        # Without a turn, too: then somebody has waited for the lock for as long already.
        mine = turn.acquire(timeout=_CHECK_SECONDS)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        finally:
            if mine:
                turn.release()

    def _ask_for_damage(self, connection: sqlite3.Connection) -> None:
        """Now and then read the whole file, of a large one less often. Nobody is kept from writing."""
        began = time.monotonic()
        if began < self._examine_at:
            return
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            self._examine_at = 0.0
            raise _damaged(self._where)
        self._examine_at = began + max(_EXAMINED_EVERY, 100 * (time.monotonic() - began))

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
                elif self.path.stat().st_size == 0 and lock_beside(self.path).exists():
                    # Others may be making a new one at this moment; but this one has been served from.
                    raise StoreFailed(
                        f"the database {self.path} is empty (0 bytes): restore it from a backup, "
                        f"or delete it and {lock_beside(self.path).name} to begin anew."
                    )
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
        self._look()

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

    def _look(self) -> None:
        """Whether the SQLite file is still the one that was opened.

        It must not be opened for that: closing any descriptor of a file drops all locks (POSIX advisory
        locks) that this process has on it, those of SQLite's connections, too.

        :raises StoreFailed: it was deleted, replaced or emptied.
        """
        if self.path is None:
            return
        try:
            now = self.path.stat()
        except FileNotFoundError as e:
            raise _gone(self._where, "deleted") from e
        except OSError as e:
            raise _unreachable(self._where, e.strerror or str(e)) from e
        here = (now.st_dev, now.st_ino)
        self._file = self._file or here
        if here != self._file:
            raise _gone(self._where, "replaced")
        if now.st_size == 0:
            raise _gone(self._where, "emptied")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the driver says about the database itself into a sentence for its owner."""
        try:
            if self._file is not None:
                self._look()
            yield
        except DBAPIError as e:
            explained = _explain(e, self._where)
            if explained is None:
                raise
            self.trouble = str(explained)
            raise explained from e
        except StoreFailed as e:
            self.trouble = str(e)
            raise


def lock_beside(path: Path) -> Path:
    """The file that the server of an SQLite file locks. It stays when that server has ended."""
    return path.with_name(path.name + ".lock")


def _checked(given: str) -> URL:
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


def _failed(sentence: str, *, retry: bool = False) -> StoreFailed:
    failed = StoreFailed(sentence)
    failed.retry = retry
    return failed


def _busy(where: str, seconds: float = BUSY_SECONDS) -> StoreFailed:
    return _failed(f"the database {where} was busy for {seconds:.0f} s: try again.", retry=True)


def _unwritable(where: str) -> StoreFailed:
    return _failed(f"the database {where} cannot be written: check who owns the file and its folder.")


def _unreachable(where: str, why: str) -> StoreFailed:
    return _failed(f"the database {where} cannot be opened ({why}): try again.", retry=True)


def _damaged(where: str) -> StoreFailed:
    return _failed(f"the database {where} is damaged: stop the server and restore it from a backup.")


def _gone(where: str, how: str) -> StoreFailed:
    return _failed(f"the database {where} was {how} while it was open: stop the server and restore a backup.")


def _explain(error: DBAPIError, where: str) -> StoreFailed | None:
    """What a driver's error means to the owner of the database; None when it is about a row."""
    if isinstance(error, IntegrityError):
        return None
    said = str(error.orig).lower()
    explained = _explained(said, where)
    away = isinstance(error, OperationalError) and (error.connection_invalidated or "connect" in said)
    if explained is None and away:
        return _failed(f"the database {where} cannot be reached: check that its server runs.", retry=True)
    return explained


def _explained(said: str, where: str) -> StoreFailed | None:
    """The same, for SQLite's own words in small letters."""
    if "not a database" in said or "malformed" in said:
        return _damaged(where)
    if "readonly" in said or "read-only" in said:
        return _unwritable(where)
    if "unable to open" in said:
        return _failed(
            f"the database {where} cannot be opened: check that it is a file you may read.", retry=True
        )
    if "is locked" in said or "is busy" in said:
        return _busy(where)
    if "is full" in said or "disk i/o" in said:
        return _failed(f"the database {where} cannot grow: make room on its disk.", retry=True)
    return None
