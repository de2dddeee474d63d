"""What many tests share: one warm pool, the exercises of this repository, and their truths."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
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

BROWSER = ROOT / "tests" / "browser"
"""All tests in it are slow; see its own conftest.py."""


@cache
def _may_be_slow(path: Path) -> bool:
    return BROWSER in path.parents or "mark.slow" in path.read_text(encoding="utf-8")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """``-m slow`` alone asks for a tenth of the tests: the files of the others are not even imported."""
    if config.option.markexpr != "slow" or not collection_path.match("test_*.py"):
        return None
    return None if _may_be_slow(collection_path) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No slow test is where ``-m slow`` does not look for it."""
    for item in items:
        if item.get_closest_marker("slow") is not None and not _may_be_slow(item.path):
            raise pytest.UsageError(f"{item.nodeid} is slow, and its file does not say mark.slow")


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
