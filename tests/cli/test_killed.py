"""The whole service, killed in the middle of its work."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.golden import everything
from tests.served import COURSE, EXERCISES, Server, call

pytestmark = pytest.mark.slow

MANY = 200


def test_killing_the_server_during_a_batch_of_200_loses_none(tmp_path: Path) -> None:
    """SIGKILL twice; afterwards every stored submission is graded, once, with the score it must get."""
    server = Server(tmp_path)
    server.grade("course", "add", COURSE, "A course", *EXERCISES)
    tokens = []
    for student in ("ada", "bo", "cy"):
        server.grade("account", "add", student, "--course", COURSE, "--password-stdin", stdin="long enough\n")
        tokens.append(server.grade("account", "token", student))
    golden = [g for g in everything() if "never_ends" not in g.path.name]
    server.start()
    try:
        stored = {}
        for n in range(MANY):
            due = golden[n % len(golden)]
            body = {"exercise": due.exercise, "source": due.path.read_text(encoding="utf-8")}
            token = tokens[n % len(tokens)]
            stored[call(f"{server.url}/api/v1/submissions", token, body)["id"]] = (token, due.score)
            if n in (MANY // 2, MANY - 1):
                server.kill()
                server.start()
        assert len(stored) == MANY
        deadline = time.monotonic() + 120
        left = dict(stored)
        while left:
            assert time.monotonic() < deadline, f"{len(left)} submissions are not graded"
            for submission, (token, score) in list(left.items()):
                row = call(f"{server.url}/api/v1/submissions/{submission}", token)
                assert row["state"] != "failed", row
                if row["state"] == "graded":
                    assert row["score"] == score
                    assert row["report"]["score"] == score
                    del left[submission]
            time.sleep(0.2)
    finally:
        server.stop()
