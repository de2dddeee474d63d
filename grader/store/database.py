"""Database: opened, migrated, and handed out as transactions.

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from sqlalchemy import URL, Connection, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from grader.errors import GraderError, SchemaOutdated, StoreFailed
from grader.store import engines, failures, migrations
from grader.store.failures import BUSY_SECONDS

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
        self._url = url
        self.path: Path | None = None
        """The SQLite file; None on a database server."""
        self.trouble: str | None = None
        """Why the last transaction failed, where that was the database's fault; None when it did not."""
        self.found_at: str | None = None
        """The schema's revision when it was opened, before it was migrated; None: it had no tables."""
        self._where = url.render_as_string(hide_password=True)
        self._file: tuple[int, int] | None = None
        """Device and inode of the SQLite file that is open."""
        self._examine_at = 0.0
        self._closed = False
        self._gather = threading.Lock()
        """Guards the list below: what is added while another thread takes it would be in no transaction."""
        self._gathered: list[_Write] = []
        """What the next shared transaction takes along."""
        # SQLite's own way to wait for its lock is to sleep longer and longer, which lets the
        # unlucky wait far too long. Threads of this process queue up here instead.
        self._turn: threading.Lock | None = None
        if url.get_backend_name() == "sqlite":
            self.path = engines.sqlite_path(url)
            self._where = str(self.path)
            self._turn = threading.Lock()
            self._writer = engines.sqlite_engine(url, "BEGIN IMMEDIATE", "foreign_keys = ON")
            self._reader = engines.sqlite_engine(url, "BEGIN", "query_only = ON")
        else:
            self._writer, self._reader = engines.server_engines(url)
        for engine in (self._reader, self._writer):
            event.listen(engine, "checkin", self._returned)

    @classmethod
    def open(cls, url: str, *, migrate: bool = True) -> Self:
        """Open ``sqlite:///FILE`` or ``postgresql+psycopg://…``, creating and migrating as needed.

        :raises SettingsError: when the URL is of another kind.
        :raises GraderError: in one sentence, when the database is damaged, cannot be written,
            was made by a newer grader, or (without ``migrate``) by an older one.
        """
        store = cls(engines.checked_url(url))
        try:
            store._prepare(migrate)
        except BaseException:
            store.close()
            raise
        return store

    def another(self) -> Self:
        """The same database, which is open here and migrated, by connections of its own."""
        return type(self)(self._url)

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
            raise failures.busy(self._where)
        try:
            with self._transaction() as session:
                yield session
            self.trouble = None
        finally:
            if self._turn is not None:
                self._turn.release()

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._explained(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def together(self, work: Callable[[Session], T]) -> T:
        """Call ``work`` in a write transaction that it may share with what others write at this moment.

        It is committed when this returns, or nothing of it is written. What ``work`` raises is raised here
        and undoes only its own part. It is called again when what it shared a transaction with was undone.

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
                raise failures.busy(self._where)
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
        """One transaction for all that has gathered. Where one of several raises, none of it is kept, and
        they are written again, in a savepoint each: rare, and savepoints are half of a small write's cost."""
        with self._gather:
            batch, self._gathered = self._gathered, []
        try:
            try:
                self._write_all(batch)
            except Exception as error:
                if len(batch) == 1 or isinstance(error, StoreFailed):
                    raise
                with self._transaction() as session:
                    for each in batch:
                        self._write_one(session, each)
        except BaseException as error:  # noqa: BLE001 – each of those who wait is told
            for each in batch:
                each.error = each.error or error
        else:
            self.trouble = None
        for each in batch:
            each.done = True

    def _write_all(self, batch: Sequence[_Write]) -> None:
        with self._transaction() as session:
            for each in batch:
                each.result = each.work(session)

    def _write_one(self, session: Session, write: _Write) -> None:
        try:
            with session.begin_nested():
                write.result = write.work(session)
        except DBAPIError as error:
            if failures.of_error(error, self._where) is not None:
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
            failed = failures.of_words(str(e).lower(), self._where) or failures.unreachable(
                self._where, str(e)
            )
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
            raise failures.damaged(self._where)
        self._examine_at = began + max(_EXAMINED_EVERY, 100 * (time.monotonic() - began))

    def close(self) -> None:
        """Close every connection; one that a thread still uses, when its transaction ends."""
        self._closed = True
        self._reader.dispose()
        self._writer.dispose()

    def _returned(self, connection: object, record: ConnectionPoolEntry) -> None:
        # To a pool that nobody empties any more.
        if self._closed and connection is not None:
            record.invalidate()

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
                elif self.path.stat().st_size == 0 and engines.lock_beside(self.path).exists():
                    # Others may be making a new one at this moment; but this one has been served from.
                    raise StoreFailed(
                        f"the database {self.path} is empty (0 bytes): restore it from a backup, "
                        f"or delete it and {engines.lock_beside(self.path).name} to begin anew."
                    )
            except OSError as e:
                raise GraderError(f"the database {self.path} cannot be made: {e.strerror}.") from e
            # SQLite would open it for reading only, without a word, until the first submission.
            if not os.access(self.path, os.W_OK):
                raise failures.unwritable(self._where)
            # A migration rebuilds a table by dropping the old one, which with foreign keys on
            # would delete every row that refers to it; and that pragma cannot be changed
            # inside of a transaction. So migrations have an engine of their own, where
            # foreign keys are off. The kind of log is kept in the file itself.
            engine = create_engine(self._writer.url, poolclass=NullPool, hide_parameters=True)
            engines.begin_with(engine, "BEGIN IMMEDIATE", "journal_mode = WAL")
        with self._explained(), engine.begin() as connection:
            self._migrate(connection, migrate)
        self._look()

    def _migrate(self, connection: Connection, migrate: bool) -> None:
        # Two processes that start at once must not both create the tables. SQLite's writers
        # exclude each other already.
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7161984)")
        found = self.found_at = migrations.current(connection)
        if found == migrations.head():
            return
        if found is not None and not migrations.known(found):
            raise GraderError(
                f"the database {self._where} was made by a newer grader (schema {found[:40]!r}): "
                "upgrade this one, or restore the backup made before the upgrade."
            )
        if not migrate:
            raise SchemaOutdated(f"the database {self._where} has an older schema: run 'grade db upgrade'.")
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
            raise failures.gone(self._where, "deleted") from e
        except OSError as e:
            raise failures.unreachable(self._where, e.strerror or str(e)) from e
        here = (now.st_dev, now.st_ino)
        self._file = self._file or here
        if here != self._file:
            raise failures.gone(self._where, "replaced")
        if now.st_size == 0:
            raise failures.gone(self._where, "emptied")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the driver says about the database itself into a sentence for its owner."""
        try:
            if self._file is not None:
                self._look()
            yield
        except DBAPIError as e:
            explained = failures.of_error(e, self._where)
            if explained is None:
                raise
            self.trouble = str(explained)
            raise explained from e
        except PoolTimeout as e:
            raise failures.busy(self._where) from e
        except StoreFailed as e:
            self.trouble = str(e)
            raise
