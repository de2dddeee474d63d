"""What all tables share: names of constraints, and moments that are always in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Double, Integer, MetaData, SmallInteger
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.attributes import instance_dict, manager_of_class
from sqlalchemy.types import TypeDecorator

from grader.model.lane import Lane

Role = Literal["student", "instructor", "admin"]
"""What an account may do everywhere. Only an admin's reach is not limited to enrolments."""
CourseRole = Literal["student", "assistant", "instructor"]
"""An assistant sees everything of a course, comments and keeps the watchlist; settings, members and scores
are the instructors'."""
State = Literal["queued", "running", "graded", "failed"]
"""``failed`` means that *we* could not grade it: never a zero, and it costs no attempt."""


def utcnow() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and always in UTC.

    SQLite keeps no time zone, so that the offset is removed after conversion to UTC on the
    way in and put back on the way out. A naive time is refused: it would be off by hours.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """:raises ValueError: for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 – the signature is SQLAlchemy's
        """The stored moment, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LaneNumber(TypeDecorator[Lane]):
    """A lane of the queue, stored by its number."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Lane | None, dialect: Dialect) -> int | None:  # noqa: ARG002 – the signature is SQLAlchemy's
        """The number alone: a driver may store an enumeration by its name."""
        return None if value is None else value.value

    def process_result_value(self, value: int | None, dialect: Dialect) -> Lane | None:  # noqa: ARG002 – the signature is SQLAlchemy's
        """:raises ValueError: a newer grader knows more lanes."""
        return None if value is None else Lane(value)


BIG_ID: Final = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives, of 64 bits; SQLite gives numbers to an ``INTEGER`` alone."""


class Base(DeclarativeBase):
    """Names every constraint: SQLite's batch migrations can only drop what has a name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 – SQLAlchemy reads it once
        datetime: UtcDateTime(),
        Lane: LaneNumber(),
        float: Double,
        dict[str, str]: JSON,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        dict[str, float]: JSON,
    }

    @classmethod
    def of_row(cls, values: Iterable[object], names: Iterable[str] | None = None) -> Self:
        """A row that was read without the ORM, by a statement compiled once. It belongs to no session.

        :param names: of the columns that were read, in their order; None: all, as they are declared.
        :raises ValueError: there are more names than values, or fewer.
        """
        # As the ORM makes what it loads. A constructor sets keywords one by one, each an event of its own.
        row = manager_of_class(cls).new_instance()
        instance_dict(row).update(zip(names or cls.__table__.columns.keys(), values, strict=True))
        return row
