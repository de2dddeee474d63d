"""Faults that cost little, each with real processes; all of them, in every mode: ``make chaos``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.chaos.experiment import run
from tests.chaos.faults import FAULTS
from tests.chaos.services import Postgres
from tests.chaos.site import Mode
from tests.redis_server import RedisServer, redis_server

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
def redis() -> Iterator[RedisServer]:
    """A broker of one test's own."""
    with redis_server() as server:
        yield server


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("worker killed mid-job", "Celery"),
        ("web killed before the wake-up", "Celery"),
        ("zygote killed", "embedded, SQLite"),
        ("poison", "Celery"),
    ],
)
def test_nothing_is_lost_and_nothing_is_there_twice(
    name: str, mode: Mode, postgres: Postgres, redis: RedisServer
) -> None:
    """Every submission has its one verdict, and the gradebook has it once."""
    fault = next(fault for fault in FAULTS if fault.name == name)
    outcome = run(fault, mode, postgres=postgres, redis=redis)
    assert outcome.submissions > 0
    assert (outcome.lost, outcome.doubled) == (0, 0), outcome.said
