"""Statements that are compiled once in a process, not once in each of the hundreds of stores that tests open.

SQLAlchemy keeps a compiled statement with the engine and the dialect object that it was compiled for. Here
all engines keep them in one place, and dialects of a kind are the same: what stands there fits each of them,
for all are of one SQLite, or of one server. That a store works when nothing is compiled yet is seen by the
first test of each process, and by every test that starts a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, util
from sqlalchemy.engine.default import DefaultDialect

from grader.store import engines

_MANY = 3000


@contextmanager
def compiled_once() -> Iterator[None]:
    """As long as this lasts."""
    cache = util.LRUCache[Any, Any](_MANY)

    def made(*arguments: Any, **more: Any) -> Engine:
        engine = create_engine(*arguments, **more)
        engine.update_execution_options(compiled_cache=cache)
        return engine

    def alike(one: DefaultDialect, other: object) -> bool:
        return type(one) is type(other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create_engine", made)
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(DefaultDialect, "__eq__", alike)
        yield
