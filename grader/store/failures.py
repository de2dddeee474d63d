"""Failures of a database, in a sentence for its owner: what stops it from being used, and how to mend it."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from grader.errors import StoreFailed

BUSY_SECONDS: Final = 5.0
"""How long a writer waits for another process before it gives up. Each holds a thread of the server."""


def _failed(sentence: str, *, retry: bool = False) -> StoreFailed:
    failed = StoreFailed(sentence)
    failed.retry = retry
    return failed


def busy(where: str) -> StoreFailed:
    return _failed(f"the database {where} was busy for {BUSY_SECONDS:.0f} s: try again.", retry=True)


def unwritable(where: str) -> StoreFailed:
    return _failed(f"the database {where} cannot be written: check who owns the file and its folder.")


def unreachable(where: str, why: str) -> StoreFailed:
    return _failed(f"the database {where} cannot be opened ({why}): try again.", retry=True)


def damaged(where: str) -> StoreFailed:
    return _failed(f"the database {where} is damaged: stop the server and restore it from a backup.")


def gone(where: str, how: str) -> StoreFailed:
    return _failed(f"the database {where} was {how} while it was open: stop the server and restore a backup.")


def of_error(error: DBAPIError, where: str) -> StoreFailed | None:
    """What a driver's error means to the owner of the database; None when it is about a row."""
    if isinstance(error, IntegrityError):
        return None
    said = str(error.orig).lower()
    explained = of_words(said, where)
    away = isinstance(error, OperationalError) and (error.connection_invalidated or "connect" in said)
    if explained is None and away:
        return _failed(f"the database {where} cannot be reached: check that its server runs.", retry=True)
    return explained


def of_words(said: str, where: str) -> StoreFailed | None:
    """The same, for SQLite's own words in small letters."""
    if "not a database" in said or "malformed" in said:
        return damaged(where)
    if "readonly" in said or "read-only" in said:
        return unwritable(where)
    if "unable to open" in said:
        return _failed(
            f"the database {where} cannot be opened: check that it is a file you may read.", retry=True
        )
    if "is locked" in said or "is busy" in said:
        return busy(where)
    if "is full" in said or "disk i/o" in said:
        return _failed(f"the database {where} cannot grow: make room on its disk.", retry=True)
    return None
