"""Every revision, up and down, with rows in every table: what survives a step is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, NullPool, create_engine, inspect

from grader.store import engines, migrations, table_rows
from grader.store.database import Store
from grader.store.tables import Base
from tests import databases

from .whole_course import fill
from .world import make_world

Rows = dict[str, list[dict[str, str]]]
REVISIONS: Final = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(migrations._config()).walk_revisions()))
]
LOST: Final[dict[tuple[str, str], Callable[[dict[str, str]], bool]]] = {
    ("0006", "enrolments"): lambda row: row.get("active") in ("False", "0"),
    ("0006", "overrides"): lambda row: row.get("submission_id", "None") != "None",
}
"""Rows that have no place in the schema below a revision: who left a course, points of a single check."""


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A way into a database with rows in every table, for migrations: foreign keys are off on SQLite."""
    world = make_world(Store.open(url))
    fill(world)
    world.store.close()
    engine = create_engine(url, poolclass=NullPool)
    if url.startswith("sqlite"):
        engines.begin_with(engine, "BEGIN IMMEDIATE", "foreign_keys = OFF")
    yield engine
    engine.dispose()


def rows_of(connection: Connection) -> Rows:
    """All rows of all tables, as the database has them now, whatever its schema."""
    return {
        name: [
            {key: repr(value) for key, value in row.items()}
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()
        ]
        for name in inspect(connection).get_table_names()
        if name != "alembic_version"
    }


def compare(revision: str, one: Rows, other: Rows) -> None:
    """What both have is equal: tables by name, and of each the columns by name."""
    for table in set(one) & set(other):
        lost = LOST.get((revision, table), lambda _row: False)
        assert bool(one[table]) == bool(other[table]), (revision, table)
        if not one[table]:
            continue  # made anew by a revision before
        columns = set(one[table][0]) & set(other[table][0])
        assert columns, table
        left, right = (
            sorted(tuple(sorted((key, row[key]) for key in columns)) for row in rows[table] if not lost(row))
            for rows in (one, other)
        )
        assert left == right, (revision, table)


def schema_of(connection: Connection) -> dict[str, Any]:
    """Columns, keys, constraints and indexes of all tables, as the database describes them."""
    look = inspect(connection)
    parts: dict[str, Any] = {
        "columns": look.get_multi_columns(),
        "primary key": look.get_multi_pk_constraint(),
        "foreign keys": look.get_multi_foreign_keys(),
        "unique": look.get_multi_unique_constraints(),
        "checks": look.get_multi_check_constraints(),
        "indexes": look.get_multi_indexes(),
    }
    return {
        f"{table}: {part}": sorted(map(_said, rows if isinstance(rows, list) else [rows]))
        for part, found in parts.items()
        for (_, table), rows in found.items()
        if table != "alembic_version"
    }


def tables_of_today() -> MetaData:
    """A copy: SQLAlchemy leaves a foreign key that ``ALTER TABLE`` made out of the table from then on."""
    copied = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(copied)
    return copied


def _said(described: dict[str, Any]) -> str:
    """A part of a schema; the condition of an index as its text."""
    options = described.get("dialect_options") or {}
    return str(described | {"dialect_options": {name: str(value) for name, value in options.items()}})


def test_each_step_down_and_up_again_keeps_what_it_can(engine: Engine, url: str) -> None:
    """From the newest revision to the first and back, one at a time; then to no tables, and up at once."""
    with engine.begin() as connection:
        made = schema_of(connection)
        whole = table_rows.digests(connection)
        assert all(digest.rows for digest in whole.values())
    before_step: Rows = {}
    for revision, below in zip(REVISIONS[:0:-1], REVISIONS[-2::-1], strict=True):
        with engine.begin() as connection:
            before_step = rows_of(connection)
            migrations.downgrade(connection, below)
            assert migrations.current(connection) == below
            compare(revision, before_step, rows_of(connection))
    for revision in REVISIONS[1:]:
        with engine.begin() as connection:
            before_step = rows_of(connection)
            migrations.upgrade(connection, revision)
            assert migrations.current(connection) == revision
            compare(revision, before_step, rows_of(connection))
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
    with engine.begin() as connection:
        assert schema_of(connection) == made
        again = table_rows.digests(connection)
        assert all(again[name] == whole[name] for name in ("sign_ins", "api_tokens"))  # as old as the schema
        migrations.downgrade(connection, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        migrations.upgrade(connection)
        assert schema_of(connection) == made
    Store.open(url).close()


def test_what_all_revisions_make_is_what_the_tables_say(database_kind: str, url: str, tmp_path: Path) -> None:
    """Column by column, with every key, constraint and index, beside what SQLAlchemy makes of the tables."""
    with databases.empty(database_kind, tmp_path / "other") as other:
        (tmp_path / "other").mkdir()
        found = []
        for each in (url, other):
            engine = create_engine(each, poolclass=NullPool)
            with engine.begin() as connection:
                if each == other:
                    tables_of_today().create_all(connection)
                found.append(schema_of(connection))
        migrated, said = found
        assert migrated.keys() == said.keys()
        assert [(name, migrated[name], said[name]) for name in said if migrated[name] != said[name]] == []
