"""Backup and restore of an SQLite database.

A backup is made with SQLite's online backup API, while others read and write: it is one state of the
database, that at which it began. It is written beside its place, and moved there when it is whole and was
read through.

Restoring looks at the file before anything is touched, and keeps the database that was there.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from grader.errors import UsageError
from grader.store import engines, migrations

_PAGES: Final = 2_000
"""Copied between two reports of progress: some 8 MB."""
_MAGIC: Final = b"SQLite format 3\0"

Progress = Callable[[int, int], None]
"""Pages that are done, and all."""


def back_up(database: Path, target: Path, progress: Progress = lambda _done, _all: None) -> int:
    """Copy a database that may be in use; the copy's size in bytes.

    :raises UsageError: there is a file in the copy's place, it cannot be written, or there is no database.
    """
    if not database.is_file():
        raise UsageError(f"there is no database {database}: start 'grade serve' once, or look at GRADER_DATA")
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} is there already, and a backup overwrites nothing: name another file")
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)  # it holds password hashes and students' work
        _copy(database, draft, progress)
        why = _damage(draft)
        if why:
            raise UsageError(f"the database {database} is damaged ({why}): restore an earlier backup")
        _sync(draft)
        # Not a rename: that would overwrite what somebody has put there meanwhile.
        os.link(draft, target)
    except FileExistsError as error:
        raise UsageError(f"{target} is there already, and a backup overwrites nothing") from error
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from error
    except sqlite3.Error as error:
        raise UsageError(f"the backup of {database} failed: {error}") from error
    finally:
        for each in (draft, *_beside(draft)):
            each.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(database: Path, draft: Path, progress: Progress) -> None:
    with (
        closing(
            sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
        ) as source,
        closing(sqlite3.connect(draft)) as copy,
    ):
        # While a transaction to read is open, the source does not change: the copy need not begin again
        # with each write of others.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=lambda _status, left, all_: progress(all_ - left, all_))
        source.execute("ROLLBACK")
        # One file, not three: what is moved elsewhere is whole.
        copy.execute("PRAGMA journal_mode = DELETE")


def restorable(backup: Path) -> str:
    """The schema of a backup that can be restored.

    :raises UsageError: it is none, it is damaged, or a newer grader made it.
    """
    try:
        with backup.open("rb") as opened:
            head = opened.read(len(_MAGIC))
    except OSError as error:
        raise UsageError(f"{backup} cannot be read: {error.strerror}") from error
    if head != _MAGIC:
        raise UsageError(f"{backup} is no SQLite database: name a file that 'grade backup' made")
    why = _damage(backup)
    if why:
        raise UsageError(f"{backup} is damaged ({why}): take another backup")
    found = _schema(backup)
    if found is None:
        raise UsageError(
            f"{backup} is a database, but not one of this grader: name a file that 'grade backup' made"
        )
    if not migrations.known(found):
        raise UsageError(
            f"{backup} was made by a newer grader (schema '{found[:40]}'): upgrade this one first"
        )
    return found


def restore(backup: Path, database: Path, now: datetime) -> Path | None:
    """Put a backup in the database's place; where the one that was there is kept, if there was one.

    The caller holds the server's lock (:func:`grader.store.engines.lock_beside`): nobody has it open.

    :raises UsageError: it cannot be restored. What was there is then in its place.
    """
    restorable(backup)
    if database.exists() and database.samefile(backup):
        raise UsageError(f"{backup} is the database itself: name a backup of it")
    draft = database.with_name(f".{database.name}.{secrets.token_hex(4)}")
    aside = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        shutil.copyfile(backup, draft)
        _sync(draft)
        if _damage(draft):
            raise UsageError(f"{backup} could not be copied whole: look at the disk")
        kept = _set_aside(database, aside)
        draft.replace(database)
    except OSError as error:
        raise UsageError(f"{database} cannot be written: {error.strerror}") from error
    finally:
        for each in (draft, *_beside(draft)):
            each.unlink(missing_ok=True)
    engines.running_beside(database).unlink(missing_ok=True)
    return kept


def _set_aside(database: Path, aside: Path) -> Path | None:
    """Move the database away, with the log beside it where that holds something."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # damaged: its parts are kept as they are
    for suffix in ("-wal", "-shm", "-journal"):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    database.replace(aside)
    return aside


def _damage(file: Path) -> str:
    """What is wrong with a database; empty when nothing is."""
    try:
        with closing(_unchanged(file)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if said == "ok" else str(said).splitlines()[0][:200]


def _schema(file: Path) -> str | None:
    try:
        with closing(_unchanged(file)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else str(row[0])


def _unchanged(file: Path) -> sqlite3.Connection:
    """A connection that writes nothing, not even beside the file."""
    alone = "" if any(each.exists() for each in _beside(file)) else "&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro{alone}", uri=True)


def _beside(file: Path) -> list[Path]:
    return [file.with_name(file.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
