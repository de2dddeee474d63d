"""The log of a real server: a submission can be followed through it, and nothing that was typed is in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.watching import wait_until
from tests.served import COURSE, Server, Visitor, call

MARK = "unmistakable0815"
PASSWORD = f"pass {MARK} word"
CODE = f'''"""{MARK}"""
print("{MARK}")


def f(x):
    raise ValueError("{MARK}")


print(undefined_{MARK})
'''


def lines(server: Server) -> list[dict[str, Any]]:
    """What is written in JSON."""
    text = (server.data / "log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def of(server: Server, submission: str) -> dict[str, dict[str, Any]]:
    """The lines about one submission, by event; the first of each."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines(server):
        if line.get("submission") == submission:
            found.setdefault(line["event"], line)
    return found


@pytest.mark.slow
def test_a_submission_is_followed_from_the_click_to_the_verdict_and_nothing_typed_is_logged(
    tmp_path: Path,
) -> None:
    """By the page and by the API; also what raises, prints, is refused, and a wrong password."""
    server = Server(tmp_path, GRADER_METRICS_TOKEN=f"metrics-{MARK}")
    try:
        server.grade("course", "add", COURSE, "A course", "detach")
        server.grade("account", "add", "ada", "--course", COURSE, "--password-stdin", stdin=f"{PASSWORD}\n")
        token = server.grade("account", "token", "ada")
        server.start()
        ada = Visitor(server.url)
        ada.post("/sign-in", login="ada", password=f"wrong {MARK}")
        ada.sign_in("ada", PASSWORD)
        page = f"/courses/{COURSE}/detach"
        ada.post(page, source=CODE, **{f"predict-{MARK}": MARK})  # refused: there is no such answer
        ada.post(page, source=CODE)
        listed = ada.get(f"{page}/attempts")
        (by_page,) = re.findall(r'href="/attempts/([\w-]+)"', listed)[:1]
        by_api = call(
            f"{server.url}/api/v1/submissions?wait=10", token, {"exercise": "detach", "source": CODE}
        )
        wait_until(lambda: all("graded" in of(server, each) for each in (by_page, by_api["id"])))
        call(f"{server.url}/api/v1/submissions/{by_api['id']}", token)
    finally:
        server.stop()
    requests = set()
    for each in (by_page, by_api["id"]):
        way = of(server, each)
        assert list(way)[:2] == ["received", "claimed"] or list(way)[:2] == ["claimed", "received"]
        assert {"received", "claimed", "graded", "told"} <= way.keys()
        assert re.fullmatch(r"[0-9a-f]{16}", way["received"]["request"])
        assert way["claimed"]["lane"] == "interactive" and way["claimed"]["waited_ms"] >= 0
        assert way["told"]["after_ms"] > 0 and way["told"]["state"] == "graded"
        requests.add(way["received"]["request"])
    assert len(requests) == 2, "each request has an id of its own"
    text = (server.data / "log").read_text(encoding="utf-8")
    for secret in (MARK, token, "the key of a server", "metrics-"):
        assert secret not in text
