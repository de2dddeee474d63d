"""Transactions: one to read and at most one to write in a request.

::

    who is signed in ──► reading() ─────────────────► a page is made of what was read
                            └─► writing() ──► …

Who is signed in is read in the transaction with which the view goes on. It ends with the view's block, or
when a page begins to be made, or something to be written: a template asks the database nothing. What is
worth a write and has no hurry (when a session was used last) is written along with what the view writes, or
in a transaction of its own at the end of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog
from flask import Flask, Response, before_render_template, g
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from grader.errors import GraderError
from grader.web.context import services

log = structlog.get_logger(__name__)

Change = Callable[[Session], object]
T = TypeVar("T")


@dataclass
class _Held:
    """An open transaction, and how many blocks are in it."""

    manager: AbstractContextManager[Session]
    session: Session
    depth: int = 0


@contextmanager
def reading(*, more: bool = False) -> Iterator[Session]:
    """The request's transaction to read: begun where none is open, and ended with the outermost block.

    :param more: leave it open for a view that follows.
    """
    held: _Held | None = g.get("reading")
    if held is None:
        manager = services().store.read()
        held = g.reading = _Held(manager, manager.__enter__())
    held.depth += 1
    try:
        yield held.session
    except BaseException as error:
        held.depth -= 1
        if not held.depth:
            g.pop("reading", None)
            # It may know a better sentence for what the database said.
            held.manager.__exit__(type(error), error, error.__traceback__)
        raise
    held.depth -= 1
    if not held.depth and not more:
        end_reading()


@contextmanager
def writing() -> Iterator[Session]:
    """The request's transaction to write, and with it what was left for :func:`later`."""
    end_reading()
    with services().store.write() as session:
        for change in g.pop("later", ()):
            change(session)
        yield session


def together(work: Callable[[Session], T]) -> T:
    """The same for a short piece of work, in a transaction shared with what others write at this moment.

    It may be called by another request's thread, or one that grades: it must not ask for this request's
    language, user or form.
    """
    end_reading()
    changes = g.pop("later", ())

    def all_of_it(session: Session) -> T:
        for change in changes:
            change(session)
        return work(session)

    return services().store.together(all_of_it)


def later(change: Change) -> None:
    """Write this some time before the request ends. Should it fail, nobody is told but the log."""
    g.setdefault("later", []).append(change)


def install(app: Flask) -> None:
    """End what is open. To be installed before what leaves something for :func:`later` at a request's end."""
    app.after_request(_write_the_rest)
    app.teardown_appcontext(lambda _error: end_reading())
    before_render_template.connect(_before_render, app)


def _before_render(_app: Flask, **_more: object) -> None:
    held: _Held | None = g.get("reading")
    if held is not None and not held.depth:
        end_reading()


def _write_the_rest(response: Response) -> Response:
    if g.get("later"):
        try:
            with writing():
                pass
        except (SQLAlchemyError, GraderError) as error:
            log.warning("not written at a request's end", error=type(error).__name__)
    return response


def end_reading() -> None:
    """End the transaction to read, if one is open: before waiting for anything."""
    held: _Held | None = g.pop("reading", None)
    if held is not None:
        held.manager.__exit__(None, None, None)
