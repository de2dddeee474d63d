"""A real database for every test: a new SQLite file, and a new PostgreSQL database if there is a server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from grader.store.database import Store

from .world import World, make_world


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nobody else uses and that has no tables yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/grader.db"
        return
    # The tests' own settings are no business of grader/settings.py.
    server = os.environ.get("GRADER_TEST_POSTGRES_URL")  # noqa: TID251
    if not server:
        if os.environ.get("CI"):  # noqa: TID251
            pytest.fail("in CI the store is tested on PostgreSQL, too: set GRADER_TEST_POSTGRES_URL")
        pytest.skip("set GRADER_TEST_POSTGRES_URL to test the store on PostgreSQL")
    name = f"grader_test_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


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
