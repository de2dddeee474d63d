"""A real database for every test: a new SQLite file, and a new PostgreSQL database if there is a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.store.database import Store
from tests import databases

from .world import World, make_world


@pytest.fixture
def url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nobody else uses, with the tables of today and nothing in them."""
    with databases.migrated(database_kind, tmp_path) as made:
        yield made


@pytest.fixture
def empty_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nobody else uses and that has no tables yet."""
    with databases.empty(database_kind, tmp_path) as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open, empty store."""
    store = Store.open(url)
    yield store
    store.close()


@pytest.fixture
def world(store: Store) -> World:
    """A course with two assignments, three students and a teacher."""
    return make_world(store)
