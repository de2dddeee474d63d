"""The whole service, killed in the middle of its work."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.golden import everything
from tests.served import Server, call

pytestmark = pytest.mark.slow

MANY = 200
QUICK = (
    "detach", "detach-one-factor", "index-twice", "log-sum-exp", "mean-squares", "no-grad-block",
    "non-scalar", "product-with-zero", "simple-example", "softmax-sum", "two-paths", "unused-input",
)  # fmt: skip
"""Exercises with two hundred submissions that are judged in a moment: that they are many is what matters."""


def test_killing_the_server_during_a_batch_of_200_loses_none(tmp_path: Path) -> None:
    """SIGKILL twice; afterwards every stored submission is graded, once, with the score it must get."""
    server = Server(tmp_path)
    tokens = server.furnish(*QUICK, students=("ada", "bo", "cy"))
    golden = [golden for golden in everything() if golden.exercise in QUICK]
    assert len(golden) >= MANY, "no two are equal"
    server.start()
    try:
        stored = {}
        for n in range(MANY):
            due = golden[n]
            body = {"exercise": due.exercise, "source": due.path.read_text(encoding="utf-8")}
            token = tokens[n % len(tokens)]
            stored[call(f"{server.url}/api/v1/submissions", token, body)["id"]] = (token, due.score)
            if n in (MANY // 2, MANY - 1):
                server.kill()
                server.start()
        assert len(stored) == MANY
        deadline = time.monotonic() + 240
        for submission, (token, score) in stored.items():
            row = {"state": "queued"}
            while row["state"] in ("queued", "running"):
                assert time.monotonic() < deadline, "not all submissions are graded"
                row = call(f"{server.url}/api/v1/submissions/{submission}?wait=10", token)
            assert (row["state"], row["score"], row["report"]["score"]) == ("graded", score, score)
    finally:
        server.stop()
