"""Connections: which of a server are asked whether they still live; who opens a new file beside others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from grader.errors import StoreFailed
from grader.store import engines
from grader.store.database import Store
from tests.databases import migrated

ONE = text("SELECT 1")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of a server."""
    with migrated("postgresql", tmp_path) as address:
        yield address


def cut_off(url: str) -> None:
    """End all other connections, as a server that restarts does."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_a_connection_that_has_rested_is_asked_and_one_that_was_just_used_is_not(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking before each transaction costs a sixth of a short one."""
    store = Store.open(url)
    dialect = type(store._reader.dialect)
    asked: list[object] = []
    ping = dialect.do_ping

    def asking(self: object, connection: DBAPIConnection) -> bool:
        asked.append(connection)
        return ping(store._reader.dialect, connection)

    monkeypatch.setattr(dialect, "do_ping", asking)
    try:
        monkeypatch.setattr(engines, "_RESTED_SECONDS", 3600.0)
        for _ in range(3):
            with store.read() as session:
                session.execute(ONE)
        assert asked == []
        monkeypatch.setattr(engines, "_RESTED_SECONDS", 0.0)
        for opened in (store.read, store.write):
            with opened() as session:
                session.execute(ONE)
        assert len(asked) == 2
    finally:
        store.close()


def test_connections_that_died_while_they_rested_are_replaced(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who used one a moment before is told that the database cannot be used, once."""
    store = Store.open(url)
    try:
        for opened in (store.read, store.write):
            monkeypatch.setattr(engines, "_RESTED_SECONDS", 0.0)
            with opened() as session:
                session.execute(ONE)
            cut_off(url)
            with opened() as session:
                assert session.scalar(ONE) == 1
            monkeypatch.setattr(engines, "_RESTED_SECONDS", 3600.0)
            cut_off(url)
            with pytest.raises(StoreFailed, match="cannot be reached"), opened() as session:
                session.execute(ONE)
            with opened() as session:
                assert session.scalar(ONE) == 1
    finally:
        store.close()


def test_who_opens_a_new_file_waits_for_who_writes_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To begin a write-ahead log SQLite itself waits for nobody."""
    file = tmp_path / "grader.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    sleep = engines.time.sleep

    def until_it_is_free(seconds: float) -> None:
        if other.in_transaction:
            other.execute("ROLLBACK")
        sleep(seconds)

    monkeypatch.setattr(engines.time, "sleep", until_it_is_free)
    Store.open(f"sqlite:///{file}").close()
    assert not other.in_transaction
    other.close()
