"""Rows of any table as Python's values: read as a stream, held against what the columns declare, digested.

SQLite keeps what it is given, whatever a column declares: a text longer than the column, a number in the
place of a text, a NUL, which PostgreSQL has in no text. What does not fit is refused, with the row named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Dialect,
    Integer,
    String,
    Table,
    select,
    type_coerce,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import JSON, Double, LargeBinary, NullType

from grader.errors import UsageError
from grader.store.tables import Base, UtcDateTime

BATCH: Final = 1_000
"""Rows that are in memory at once."""
_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")
_WIDTH: Final = 2**256

Row = dict[str, Any]


@dataclass
class Digest:
    """How many rows, and a digest of them that does not depend on their order: the sum of the SHA-256 of each
    (a multiset hash; two databases do not sort texts alike)."""

    table: str
    rows: int = 0
    total: int = field(default=0, repr=False)

    def add(self, row: Row) -> None:
        encoded = _ENCODER.encode(list(row.values()))
        self.total = (self.total + int.from_bytes(hashlib.sha256(encoded).digest())) % _WIDTH
        self.rows += 1

    @property
    def hex(self) -> str:
        """The digest as 64 hexadecimal digits."""
        return f"{self.total:064x}"


def digests(connection: Connection) -> dict[str, Digest]:
    """The digest of each table."""
    found = {}
    for table in Base.metadata.sorted_tables:
        found[table.name] = Digest(table.name)
        for rows in batches(connection, table):
            for row in rows:
                found[table.name].add(row)
    return found


def batches(connection: Connection, table: Table) -> Iterator[list[Row]]:
    """All rows of a table as Python's values, some at a time.

    They are asked for as the driver has them and turned into values here, so that one that cannot be is
    known.

    :raises UsageError: a value is none of its column's type.
    """
    columns, dialect = list(table.columns), connection.dialect
    asked = select(*(type_coerce(column, NullType()).label(column.name) for column in columns))
    try:
        found = connection.execute(asked, execution_options={"yield_per": BATCH})
        yield from _turned(found, table, columns, dialect)
    except OperationalError as error:
        if "decode" not in str(error.orig):
            raise
        said = str(error.orig).splitlines()[0][:200]
        raise UsageError(
            f"a row of the table '{table.name}' cannot be read ({said}): mend or delete it, and move again"
        ) from error


def _turned(
    found: Any, table: Table, columns: Sequence[Column[Any]], dialect: Dialect
) -> Iterator[list[Row]]:
    assert found.cursor is not None
    turns = [
        column.type.dialect_impl(dialect).result_processor(dialect, described[1])
        for column, described in zip(columns, found.cursor.description, strict=True)
    ]
    names = [column.name for column in columns]
    for some in found.partitions():
        rows = []
        for raw in some:
            row = dict(zip(names, raw, strict=True))
            for column, turned in zip(columns, turns, strict=True):
                if turned is None or row[column.name] is None:
                    continue
                try:
                    row[column.name] = turned(row[column.name])
                except (ValueError, TypeError, AttributeError) as error:
                    raise _misfit(table, row, column, f"is no {_noun(column)}") from error
            rows.append(row)
        yield rows


def refuse_misfit(table: Table, row: Row) -> None:
    """:raises UsageError: a value of the row does not fit its column."""
    for column in table.columns:
        value = row[column.name]
        if value is None:
            if not column.nullable:
                raise _misfit(table, row, column, "is missing")
            continue
        kind = column.type
        if isinstance(kind, UtcDateTime):
            if not isinstance(value, datetime):
                raise _misfit(table, row, column, "is no time")
            row[column.name] = value.astimezone(UTC)
        elif isinstance(kind, String):
            if not isinstance(value, str):
                raise _misfit(table, row, column, "is no text")
            if kind.length is not None and len(value) > kind.length:
                raise _misfit(table, row, column, f"has {len(value)} characters; {kind.length} fit")
            if "\0" in value:
                raise _misfit(table, row, column, "has a NUL character in it")
        elif isinstance(kind, Boolean):
            if not isinstance(value, bool):
                raise _misfit(table, row, column, "is neither true nor false")
        elif isinstance(kind, Integer):
            most = 2**63 if isinstance(kind, BigInteger) else 2**31
            if not isinstance(value, int):
                raise _misfit(table, row, column, "is no whole number")
            if not -most <= value < most:
                raise _misfit(table, row, column, f"is {value}, which is too large")
        elif isinstance(kind, Double):
            if not isinstance(value, (int, float)):
                raise _misfit(table, row, column, "is no number")
            row[column.name] = float(value)
        elif isinstance(kind, LargeBinary) and not isinstance(value, bytes):
            raise _misfit(table, row, column, "is no bytes")


def _noun(column: Column[Any]) -> str:
    if isinstance(column.type, UtcDateTime):
        return "time"
    return "JSON" if isinstance(column.type, JSON) else "value of its type"


def _misfit(table: Table, row: Row, column: Column[Any], what: str) -> UsageError:
    return UsageError(
        f"{named(table, row)} does not fit: its {column.name} {what}; mend or delete that row, and move again"
    )


def named(table: Table, row: Row) -> str:
    """What a sentence calls a row: by its primary key."""
    key = ", ".join(f"{column.name} {str(row[column.name])[:40]}" for column in table.primary_key)
    return f"the row with {key} of the table '{table.name}'"
