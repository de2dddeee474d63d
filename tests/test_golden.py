"""The accepted and rejected submissions get what they must, by every way in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from grader.authoring.golden import got
from grader.cli.main import cli
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Limits
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from tests.cli.calling import Shared
from tests.golden import ROOT, Golden, everything
from tests.served import COURSE, EXERCISES, PASSWORD, Server, Verdicts, Visitor, call

pytestmark = pytest.mark.slow

Due = tuple[float, dict[str, str]]
Way = Callable[[Golden], Due]
ALL = everything()
SHORT = Limits(case_seconds=0.5, total_seconds=2.0)
DRAWN = 1
"""The seed of hidden cases; ``make prove`` has 0."""


def _telling() -> list[Golden]:
    """A submission of each verdict and each reason, an author's counting as one, and one that is accepted:
    what a page and a terminal each write in their own way. Of few exercises, for each is a batch."""
    of: dict[str, set[str]] = {slug: set() for slug in EXERCISES}
    for golden in ALL:
        of[golden.exercise] |= _said(golden)
    chosen: list[Golden] = []
    left = set().union(*of.values())
    while left:
        slug = max(of, key=lambda slug: len(of[slug] & left))
        mine = [golden for golden in ALL if golden.exercise == slug]
        while said := of[slug] & left:
            chosen.append(max(mine, key=lambda golden: len(_said(golden) & said)))
            left -= _said(chosen[-1])
    return chosen


def _said(golden: Golden) -> set[str]:
    return {re.sub("author:.*", "author", each) for each in golden.failing.values()} or {"passed"}


def _served() -> list[Golden]:
    """The telling ones, and of each exercise one that is accepted and one that is not."""
    chosen = {(golden.exercise, golden.accepted): golden for golden in reversed(ALL)}
    return [golden for golden in ALL if golden in TELLING or golden in chosen.values()]


TELLING = _telling()
SERVED = _served()
STARTERS = [Golden(slug, ROOT / "exercises" / slug / "starter.py", 0.0, {}) for slug in EXERCISES]


def of_report(report: dict[str, Any]) -> Due:
    """What a JSON report says."""
    failing = {}
    for check in report["checks"]:
        if check["verdict"] != "passed":
            code = check["diagnosis"]["code"] if check["diagnosis"] else None
            failing[check["id"]] = f"{check['verdict']} {code}" if code else check["verdict"]
    return report["score"], failing


@pytest.fixture(scope="session")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    """``grade serve`` with a course of all exercises, and its students' tokens."""
    server = Server(tmp_path_factory.mktemp("served"))
    handing_in = server.furnish(*EXERCISES, students=("ada", "bo", "cy"))
    server.start()
    yield server, handing_in
    server.stop()


@pytest.fixture(scope="session")
def command_line(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Way:
    """``grade batch --json``, once per exercise, of the telling submissions; with the session's pool."""
    out = tmp_path_factory.mktemp("batch") / "out.json"
    found: dict[Path, Due] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr("grader.cli.jail.Pool", lambda **_: Shared(pool))
        for exercise in sorted({golden.exercise for golden in TELLING}):
            files = [str(golden.path) for golden in TELLING if golden.exercise == exercise]
            done = CliRunner().invoke(cli, ["batch", exercise, *files, "--json", str(out)])
            assert done.exit_code in (0, 1), done.output
            reports = json.loads(out.read_text())
            assert [report["file"] for report in reports] == files
            found |= {Path(report["file"]): of_report(report) for report in reports}
    return lambda golden: found[golden.path]


@pytest.fixture(scope="session")
def page(classroom: tuple[Server, list[str]]) -> Way:
    """The student's page: paste the text, submit, read the verdict."""
    visitor = Visitor(classroom[0].url)
    visitor.sign_in("ada", PASSWORD)

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
def judged(pool: Pool, request: pytest.FixtureRequest) -> Iterator[Way]:
    """As a grading thread of a server judges it, two at once, and all by the hidden cases of one draw: on a
    server each attempt has another one, whose right answers are worked out anew."""
    library, truths = Library(ROOT / "exercises", ROOT / "solutions"), Truths()

    def submit(golden: Golden) -> Due:
        submission = Submission(golden.path.read_bytes(), {}, DRAWN)
        exercise = library.get(golden.exercise)
        if "timeout" in golden.failing.values():
            # The same verdict, sooner; ``make prove`` waits for the exercise's own limits.
            exercise = msgspec.structs.replace(exercise, limits=SHORT)
        report = grade(exercise, submission, pool, truths)
        assert report.status == "graded"
        return report.score, got(report)

    yield from _ahead(2, submit, _asked_for(request.session.items, "judged"))


@pytest.fixture(scope="session")
def api(classroom: tuple[Server, list[str]], request: pytest.FixtureRequest) -> Iterator[Way]:
    """The JSON API with tokens. What will be asked for is handed in by several students at once, each of
    whom waits for one verdict: so the server has no idle moment in which it draws pictures that nobody
    looks at here, and a loop without end holds up its own student alone."""
    server, students = classroom
    free = SimpleQueue[str]()
    for token in students:
        free.put(token)

    def submit(golden: Golden) -> Due:
        token = free.get()
        try:
            body = {"exercise": golden.exercise, "source": golden.path.read_text(encoding="utf-8")}
            answer = call(f"{server.url}/api/v1/submissions?wait=10", token, body)
            # A loop without end runs until its limit is over, once for the code and once for the predictions.
            while answer["state"] in ("queued", "running"):
                answer = call(f"{server.url}/api/v1/submissions/{answer['id']}?wait=10", token)
        finally:
            free.put(token)
        assert answer["state"] == "graded", answer
        assert call(f"{server.url}/api/v1/submissions/{answer['id']}", token) == answer
        return of_report(answer["report"])

    yield from _ahead(len(students), submit, _asked_for(request.session.items, "api"))


def _ahead(at_once: int, submit: Way, wanted: Iterable[Golden]) -> Iterator[Way]:
    """Hands in what will be asked for, so many at once; what is yielded waits for one of them."""
    with ThreadPoolExecutor(at_once) as threads:
        coming = {golden.path: threads.submit(submit, golden) for golden in wanted}
        yield lambda golden: coming[golden.path].result()
        threads.shutdown(cancel_futures=True)


def _asked_for(tests: list[pytest.Item], way: str) -> Iterator[Golden]:
    """What these tests hand in that way, in their order, so that none waits for what comes after it."""
    for test in tests:
        if isinstance(test, pytest.Function) and way in test.fixturenames:
            yield from [test.callspec.params["golden"]] if hasattr(test, "callspec") else STARTERS


@pytest.mark.parametrize("golden", ALL, ids=lambda golden: golden.id)
def test_each_gets_what_it_must(golden: Golden, judged: Way) -> None:
    """Score, verdicts and reasons are those the file names, by other hidden cases than ``make prove`` has."""
    assert judged(golden) == (golden.score, golden.failing)


@pytest.mark.parametrize("golden", SERVED, ids=lambda golden: golden.id)
def test_a_server_says_the_same(golden: Golden, api: Way) -> None:
    """Of each exercise what is right and what is wrong, and of all of them whatever can be said.

    Through HTTP, the queue, the store and JSON, with hidden cases that the server draws.
    """
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


def test_every_exercise_is_served() -> None:
    """A right answer and a wrong one to each."""
    wanted = {(exercise, accepted) for exercise in EXERCISES for accepted in (True, False)}
    assert {(golden.exercise, golden.accepted) for golden in SERVED} == wanted


def test_every_exercise_has_enough_of_both() -> None:
    """At least three accepted and four rejected submissions each; the accepted ones get full marks."""
    for exercise in EXERCISES:
        mine = [golden for golden in ALL if golden.exercise == exercise]
        accepted = [golden for golden in mine if golden.path.parent.name == "accepted"]
        assert len(accepted) >= 3
        assert all(golden.score == 10 and not golden.failing for golden in accepted)
        assert len(mine) - len(accepted) >= 4
        assert all(golden.score < 10 for golden in mine if golden not in accepted)


def test_the_starter_scores_nothing_and_says_what_to_write(api: Way) -> None:
    """What a student is given at the start is worth no point."""
    for starter in STARTERS:
        score, failing = api(starter)
        assert score == 0
        assert failing
