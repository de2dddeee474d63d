"""Advisory locks of a database server, by which transactions take turns. SQLite has one writer at a time.

On a server a transaction that reads, decides and writes may do so beside another that read the same: what
the first wrote is lost (a lost update). A row can be locked only where there is one; these locks have a
number each, and end with the transaction. Whoever takes several takes them in the order of this module.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Integer, Select, bindparam, cast, func, select
from sqlalchemy.orm import Session

_CLAIMING: Final = 7161985
_ASSIGNMENT: Final = 7161986
"""The first of two numbers; the second one is the assignment's."""
_NUMBER: Final = cast(bindparam("assignment_id"), Integer)
_STUDENT: Final = (cast(bindparam("assignment_id"), BigInteger) * 2**32) + cast(
    bindparam("user_id"), BigInteger
)
_SHARED: Final = select(
    func.pg_advisory_xact_lock_shared(_ASSIGNMENT, _NUMBER), func.pg_advisory_xact_lock(_STUDENT)
)
_WHOLE: Final = select(func.pg_advisory_xact_lock(_ASSIGNMENT, _NUMBER))
_CLAIM: Final = select(func.pg_advisory_xact_lock(_CLAIMING))


def claiming(session: Session) -> None:
    """One claim at a time: how many of a student's run is then known, and not what it was a moment ago."""
    _take(session, _CLAIM)


def standing(session: Session, assignment_id: int, user_id: int) -> None:
    """One verdict at a time of a student in an assignment, and none while :func:`standings` is held."""
    _take(session, _SHARED, assignment_id=assignment_id, user_id=user_id)


def standings(session: Session, assignment_id: int) -> None:
    """All standings of an assignment."""
    _take(session, _WHOLE, assignment_id=assignment_id)


def _take(session: Session, lock: Select[*tuple[Any, ...]], **numbers: int) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(lock, numbers)
