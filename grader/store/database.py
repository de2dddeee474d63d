"""The database: opened, migrated, and handed out as transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy.orm import Session


class Store:
    """One database. Safe to use from many threads; a session belongs to the thread that opened it."""

    path: Path | None
    """The SQLite file; None on a database server."""

    @classmethod
    def open(cls, url: str, *, migrate: bool = True) -> Self:
        """Open ``sqlite:///FILE`` or ``postgresql+psycopg://…``, creating and migrating as needed.

        :raises GraderError: in one sentence, when the database is damaged, cannot be written,
            or was made by a newer grader.
        """
        raise NotImplementedError

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database and cannot change it."""
        raise NotImplementedError
        yield

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back when the block raises.

        Keep it short: on SQLite there is one writer at a time. Never open one inside another.
        """
        raise NotImplementedError
        yield

    def close(self) -> None:
        """Close every connection."""
        raise NotImplementedError
