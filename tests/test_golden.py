"""The accepted and rejected submissions get what they must, by every way in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.golden import ROOT, Golden, everything
from tests.served import COURSE, EXERCISES, GRADE, Server, Verdicts, Visitor, call

pytestmark = pytest.mark.slow

Due = tuple[float, dict[str, str]]
Way = Callable[[Golden], Due]
ALL = everything()


def _telling() -> list[Golden]:
    """The first submission of each verdict and each reason, an author's counting as one, and one that is
    accepted: what a page and a terminal each write in their own way."""
    first: dict[str, Golden] = {}
    for golden in ALL:
        for said in _said(golden) or {"passed"}:
            first.setdefault(said, golden)
    return list({golden.id: golden for golden in first.values()}.values())


def _said(golden: Golden) -> set[str]:
    return {re.sub("author:.*", "author", each) for each in golden.failing.values()}


TELLING = _telling()


def of_report(report: dict[str, Any]) -> Due:
    """What a JSON report says."""
    failing = {}
    for check in report["checks"]:
        if check["verdict"] != "passed":
            code = check["diagnosis"]["code"] if check["diagnosis"] else None
            failing[check["id"]] = f"{check['verdict']} {code}" if code else check["verdict"]
    return report["score"], failing


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``grade serve`` with a course of all exercises, a student and an instructor."""
    server = Server(tmp_path_factory.mktemp("served"))
    server.grade("course", "add", COURSE, "A course", *EXERCISES)
    server.grade("account", "add", "ada", "--course", COURSE, "--password-stdin", stdin="long enough\n")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """``grade batch --json``, once per exercise, of the telling submissions."""

    def batch(exercise: str) -> dict[Path, Due]:
        files = [str(golden.path) for golden in TELLING if golden.exercise == exercise]
        out = tmp_path_factory.mktemp("batch") / "out.json"
        # Should the interpreter itself crash, it says where.
        command = [sys.executable, "-X", "faulthandler", *GRADE[1:]]
        done = subprocess.run(
            [*command, "batch", exercise, *files, "--json", str(out)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode in (0, 1), done.stderr
        reports = json.loads(out.read_text())
        assert [report["file"] for report in reports] == files
        return {Path(report["file"]): of_report(report) for report in reports}

    found: dict[Path, Due] = {}
    # Each imports torch on one core; two at a time take half as long.
    with ThreadPoolExecutor(2) as threads:
        for part in threads.map(batch, sorted({golden.exercise for golden in TELLING})):
            found |= part
    return lambda golden: found[golden.path]


@pytest.fixture(scope="session")
def page(server: Server) -> Way:
    """The student's page: paste the text, submit, read the verdict."""
    visitor = Visitor(server.url)
    visitor.sign_in("ada", "long enough")

    def submit(golden: Golden) -> Due:
        source = golden.path.read_text(encoding="utf-8")
        shown = visitor.post(f"/courses/{COURSE}/{golden.exercise}", source=source)
        verdicts = Verdicts(shown)
        waiting = re.search(r'href="(/attempts/[^"?#]+)', shown) or re.search(r"url=([^\"]+)\"", shown)
        while verdicts.score is None:
            # A submission that takes longer than two seconds is looked at again on its own page.
            assert waiting is not None, shown
            verdicts = Verdicts(visitor.get(waiting.group(1)))
        return verdicts.score, verdicts.failing

    return submit


@pytest.fixture(scope="session")
def api(server: Server) -> Way:
    """The JSON API with a token."""
    token = server.grade("account", "token", "ada")

    def submit(golden: Golden) -> Due:
        body = {"exercise": golden.exercise, "source": golden.path.read_text(encoding="utf-8")}
        answer = call(f"{server.url}/api/v1/submissions?wait=10", token, body)
        # A loop without end runs until its limit is over, once for the code and once for the predictions.
        while answer["state"] in ("queued", "running"):
            answer = call(f"{server.url}/api/v1/submissions/{answer['id']}?wait=10", token)
        assert answer["state"] == "graded", answer
        return of_report(answer["report"])

    return submit


@pytest.mark.parametrize("golden", ALL, ids=lambda golden: golden.id)
def test_each_gets_what_it_must(golden: Golden, api: Way) -> None:
    """Score, verdicts and reasons are those the file names, from a real server."""
    assert api(golden) == (golden.score, golden.failing)


@pytest.mark.parametrize("way", ["command_line", "page"])
@pytest.mark.parametrize("golden", TELLING, ids=lambda golden: golden.id)
def test_every_way_in_gives_one_verdict(way: str, golden: Golden, request: pytest.FixtureRequest) -> None:
    """Whatever a verdict can be and a reason can say, it is the same whichever way it was handed in."""
    submit: Way = request.getfixturevalue(way)
    assert submit(golden) == (golden.score, golden.failing)


def test_the_telling_ones_hold_every_verdict() -> None:
    """What the other ways in are tried with leaves out no verdict and no reason of any submission."""
    assert set().union(*map(_said, ALL)) == set().union(*map(_said, TELLING))
    assert any(not golden.failing for golden in TELLING)


def test_every_exercise_has_enough_of_both() -> None:
    """At least three accepted and four rejected submissions each; the accepted ones get full marks."""
    for exercise in EXERCISES:
        mine = [golden for golden in ALL if golden.exercise == exercise]
        accepted = [golden for golden in mine if golden.path.parent.name == "accepted"]
        assert len(accepted) >= 3
        assert all(golden.score == 10 and not golden.failing for golden in accepted)
        assert len(mine) - len(accepted) >= 4
        assert all(golden.score < 10 for golden in mine if golden not in accepted)


def test_the_starter_scores_nothing_and_says_what_to_write(api: Way, server: Server) -> None:
    """What a student is given at the start is worth no point."""
    for exercise in EXERCISES:
        path = ROOT / "exercises" / exercise / "starter.py"
        score, failing = api(Golden(exercise, path, 0.0, {}))
        assert score == 0
        assert failing
