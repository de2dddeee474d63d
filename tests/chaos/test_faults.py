"""Faults that cost little, each with real processes; all of them, in every mode: ``make chaos``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.experiment import run
from tests.chaos.faults import FAULTS
from tests.chaos.services import Postgres, Redis
from tests.chaos.site import Mode

pytestmark = pytest.mark.slow


def _lacking(why: RuntimeError) -> None:
    if os.environ.get("CI"):  # noqa: TID251 - the tests' own setting
        pytest.fail(f"in CI every fault is tried: {why}")
    pytest.skip(str(why))


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of these tests' own."""
    folder = tmp_path_factory.mktemp("chaos")
    for above in (folder, *folder.parents):
        # Its own user has to come in.
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    try:
        server = Postgres(folder / "postgres")
    except RuntimeError as why:
        _lacking(why)
        raise
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A broker of one test's own."""
    try:
        server = Redis(tmp_path / "redis")
    except RuntimeError as why:
        _lacking(why)
        raise
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("worker killed mid-job", "embedded, PostgreSQL"),
        ("web killed before the wake-up", "embedded, SQLite"),
        ("zygote killed", "embedded, SQLite"),
        ("poison", "embedded, SQLite"),
    ],
)
def test_nothing_is_lost_and_nothing_is_there_twice(
    name: str, mode: Mode, postgres: Postgres, redis: Redis
) -> None:
    """Every submission has its one verdict, and the gradebook has it once."""
    fault = next(fault for fault in FAULTS if fault.name == name)
    outcome = run(fault, mode, postgres=postgres, redis=redis)
    assert outcome.submissions > 0
    assert (outcome.lost, outcome.doubled) == (0, 0), outcome.said
