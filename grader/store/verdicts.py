"""Cache of verdicts: which judging says what an equal submission would be told.

What equal means is the caller's to say, by a key. An entry refers to the judging that was really made:
nothing is stored twice, and an entry goes when its judging is deleted. A report that was thinned says too
little to be anybody else's; the next one that is really made takes its place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.store.tables import CachedVerdict, Judging, utcnow

_TABLE: Final = cast(Table, CachedVerdict.__table__)
_FIND: Final = (
    select(Judging.report, Judging.worker)
    .join(CachedVerdict, CachedVerdict.judging_id == Judging.id)
    .where(CachedVerdict.key == bindparam("key"))
)
_USED: Final = update(_TABLE).where(_TABLE.c.key == bindparam("of")).values(last_used=bindparam("now"))


def _keeping(dialect: type[sqlite.Insert] | type[postgresql.Insert]) -> sqlite.Insert | postgresql.Insert:
    statement = dialect(_TABLE)
    new = {name: statement.excluded[name] for name in ("judging_id", "last_used")}
    return statement.on_conflict_do_update(index_elements=["key"], set_=new)


_KEEP: Final = {"sqlite": _keeping(sqlite.Insert), "postgresql": _keeping(postgresql.Insert)}
"""Compiled once."""
RECENT: Final = 500
"""So many of the newest judgings say how often the cache serves."""


class Found(NamedTuple):
    """What an equal submission was told."""

    report: str
    """As JSON."""
    worker: str | None
    """Who judged it."""


class Figures(NamedTuple):
    """How the cache is used, over the newest judgings, whichever worker made them."""

    kept: int
    """Verdicts that an equal submission would be told."""
    hits: int
    misses: int


def find(session: Session, key: str) -> Found | None:
    """What a submission with this key is to be told."""
    row = session.execute(_FIND, {"key": key}).first()
    return None if row is None else Found(*row)


def keys(session: Session) -> list[str]:
    """The keys of all that is kept, for the one process that serves a file."""
    return list(session.scalars(select(CachedVerdict.key)))


def keep(session: Session, key: str, judging_id: int) -> None:
    """From now on this judging says what such a submission is told."""
    row = {"key": key, "judging_id": judging_id, "last_used": utcnow()}
    session.connection().execute(_KEEP[session.get_bind().dialect.name], [row])


def used(session: Session, key: str, now: datetime | None = None) -> None:
    """It was asked for: it does not make room yet."""
    session.connection().execute(_USED, {"of": key, "now": now or utcnow()})


def bound(session: Session, most: int) -> int:
    """Forget what was asked for longest ago, beyond ``most``; how many. The judgings themselves stay."""
    newest = select(CachedVerdict.last_used).order_by(CachedVerdict.last_used.desc())
    oldest_kept = session.scalar(newest.offset(most - 1).limit(1)) if most else utcnow()
    if oldest_kept is None:
        return 0
    gone = delete(CachedVerdict).where(CachedVerdict.last_used < oldest_kept).returning(CachedVerdict.key)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())


def figures(session: Session) -> Figures:
    """How many are kept, and how often the newest judgings were taken from another's."""
    newest = select(Judging.cached_from).order_by(Judging.id.desc()).limit(RECENT).subquery()
    hits, all_ = session.execute(
        select(func.count(newest.c.cached_from), func.count()).select_from(newest)
    ).one()
    kept = session.scalar(select(func.count()).select_from(CachedVerdict)) or 0
    return Figures(kept, hits, all_ - hits)
