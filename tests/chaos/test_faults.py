"""Faults that cost little, each with real processes; all of them, in every mode: ``make chaos``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.experiment import run
from tests.chaos.faults import one_after_another
from tests.chaos.services import Postgres
from tests.chaos.site import Mode
from tests.redis_server import RedisServer, redis_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server of these tests' own."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user has to come in
        try:
            server = Postgres(Path(folder) / "postgres")
        except RuntimeError as why:
            if os.environ.get("CI"):  # noqa: TID251 - the tests' own setting
                pytest.fail(f"in CI every fault is tried: {why}")
            pytest.skip(str(why))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A broker of one test's own."""
    with redis_server() as server:
        yield server


@pytest.mark.parametrize(
    ("names", "mode"),
    [
        (("worker killed mid-job", "web killed before the wake-up", "poison"), "Celery"),
        (("zygote killed",), "embedded, SQLite"),
    ],
    ids=lambda value: value if isinstance(value, str) else ", ".join(value),
)
def test_nothing_is_lost_and_nothing_is_there_twice(
    names: tuple[str, ...], mode: Mode, postgres: Postgres, redis: RedisServer
) -> None:
    """Every submission has its one verdict, and the gradebook has it once."""
    outcome = run(one_after_another(names), mode, postgres=postgres, redis=redis)
    assert outcome.submissions > 0
    assert (outcome.lost, outcome.doubled) == (0, 0), outcome.said
