"""What many tests share: one warm pool, the exercises of this repository, and their truths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from grader.exercises import Library
from grader.grading import Truths
from grader.sandbox.pool import Pool

from . import databases
from .statements import compiled_once

ROOT = Path(__file__).resolve().parent.parent

# A machine that does something else, too, fails nothing.
settings.register_profile("here", settings(), deadline=None)
settings.load_profile("here")

# Tracebacks as Python prints them: a picture of every local variable takes seconds to draw.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, colors=False),
    ]
)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(scope="module", params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """``sqlite`` and ``postgresql``, one after the other: what asks for it is tested on both."""
    kind: str = request.param
    if kind == "postgresql":
        databases.server_url()
    return kind


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """A warm pool with full isolation. Starting one costs over a second, so all share it; as in a server its
    memory is in huge pages, which thousands of forks are cheaper by."""
    with Pool(slots=2, spares=2, collapse=True) as warm:
        warm.hello()
        yield warm


@pytest.fixture(scope="session")
def library() -> Library:
    """The exercises with their solutions."""
    return Library(ROOT / "exercises", ROOT / "solutions")


@pytest.fixture(scope="session")
def truths() -> Truths:
    """A cache, so that each reference runs once."""
    return Truths()
