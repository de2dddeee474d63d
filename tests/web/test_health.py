"""What operators watch."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from grader.store.database import Store

from .world import World


def test_alive_and_ready(world: World) -> None:
    """Nobody has to sign in for these."""
    assert world.client().get("/healthz").text == "ok\n"
    answer = world.client().get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {"ready": True, "database": True, "dispatcher": True}


def test_not_ready_without_graders(world: World) -> None:
    """The process is alive all the same."""
    world.dispatcher.alive = 0
    answer = world.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["dispatcher"] is False
    assert world.client().get("/healthz").status_code == 200


def test_not_ready_without_a_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer, not a failure."""

    def gone(self: Store) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(Store, "read", gone)
    answer = world.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"] is False


def test_metrics_count_requests_by_endpoint_and_name_nobody(world: World) -> None:
    """Courses, people and addresses are no labels."""
    world.submit("ada")
    world.client().get("/wp-login.php")
    text = world.client().get("/metrics").text
    assert 'grader_requests_total{endpoint="student.submit",method="POST",status="200"} 1.0' in text
    assert 'endpoint="none",method="GET",status="404"' in text
    assert "grader_queued 0.0" in text
    assert "grader_workers_alive 1.0" in text
    assert "calc" not in text
    assert "wp-login" not in text
