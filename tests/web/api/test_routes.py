"""The JSON API: what programs rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from grader.dispatch.base import Ahead
from grader.store import courses, submissions
from grader.store.queue import Waiting
from grader.store.tables import Assignment, Submission, utcnow
from grader.web.api.exercises import ExerciseDetail, ExerciseSummary
from grader.web.api.standing import Standing
from grader.web.api.submissions import SubmissionRow
from tests.web.world import HOSTILE, SECRET, SOURCE, World, hostile_report

FUTURE = datetime.now(UTC) + timedelta(days=1)


def post(world: World, body: Any, login: str = "ada", query: str = "", **headers: str) -> TestResponse:
    """POST a body: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return world.client().post(
        f"/api/v1/submissions{query}",
        data=data,
        content_type="application/json",
        headers={**world.token(login), **headers},
    )


def stored(world: World, identity: str) -> Submission:
    """The row."""
    with world.store.read() as transaction:
        row = submissions.get(transaction, identity)
    assert row is not None
    return row


def is_problem(answer: TestResponse, status: int) -> str:
    """Whether it is a problem document with this status; its detail."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body = answer.get_json(force=True)
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return str(body["detail"])


DEEP = b"[" * 10**5 + b"]" * 10**5
BODY = {"exercise": "detach", "source": SOURCE}


def test_the_list_is_in_order_and_as_described(world: World) -> None:
    """Summaries only."""
    answer = world.client().get("/api/v1/exercises", headers=world.token("ada"))
    rows = msgspec.json.decode(answer.data, type=list[ExerciseSummary])
    assert [row.slug for row in rows] == ["detach", "control-flow"]
    assert rows[0].max_score == 10


def test_an_exercise_shows_what_a_student_may_see(world: World) -> None:
    """No solution, no hidden case, no check's inner workings."""
    answer = world.client().get("/api/v1/exercises/detach", headers=world.token("ada"))
    detail = msgspec.convert(answer.get_json(), ExerciseDetail)
    assert [case.name for case in detail.cases] == ["shown"]
    assert detail.answers[0].shape == [4]
    assert SECRET not in answer.text
    assert "987654" not in answer.text
    assert "solution" not in answer.text


def test_languages(world: World) -> None:
    """By parameter, by header, else the account's own."""
    world.user("xiao", language="zh")
    url = "/api/v1/exercises/detach"
    for login, path, header, word in (
        ("ada", url, {}, "Title"),
        ("ada", f"{url}?lang=zh", {}, "标题"),
        ("ada", url, {"Accept-Language": "zh-CN,zh;q=0.9"}, "标题"),
        ("xiao", url, {}, "标题"),
        ("xiao", url, {"Accept-Language": "en"}, "Title"),
    ):
        answer = world.client().get(path, headers={**world.token(login), **header})
        assert word in answer.get_json()["title"], (login, path, header)


def test_an_unknown_exercise_names_the_nearest(world: World) -> None:
    """In both places where a slug can be given."""
    answer = world.client().get("/api/v1/exercises/detahc", headers=world.token("ada"))
    assert "Did you mean 'detach'?" in is_problem(answer, 404)
    assert "Did you mean 'detach'?" in is_problem(post(world, {**BODY, "exercise": "detahc"}), 404)


def test_without_waiting_it_is_202_with_a_location(world: World) -> None:
    """The location answers with the row and its report."""
    answer = post(world, BODY)
    assert answer.status_code == 202
    row = msgspec.convert(answer.get_json(), SubmissionRow)
    assert answer.headers["Location"] == f"/api/v1/submissions/{row.id}"
    assert (row.exercise, row.attempt) == ("detach", 1)
    answer = world.client().get(answer.headers["Location"], headers=world.token("ada"))
    row = msgspec.convert(answer.get_json(), SubmissionRow)
    assert row.state == "graded"
    assert row.report is not None
    assert (row.score, row.max_score, row.report.passed) == (4.0, 10.0, False)
    assert row.report.checks[1].diagnosis is not None
    assert row.report.checks[1].diagnosis.code == "scale"
    assert row.finished_at is not None


def test_with_waiting_it_is_200_and_the_report(world: World) -> None:
    """As soon as there is one; and whoever asks later is told the same."""
    answer = post(world, BODY, query="?wait=2.5")
    assert answer.status_code == 200
    assert answer.get_json()["report"]["score"] == 4.0
    later = world.client().get(answer.headers["Location"], headers=world.token("ada"))
    assert later.get_json() == answer.get_json()


def test_a_verdict_that_does_not_come_in_time_is_202(world: World) -> None:
    """The wait is handed to the dispatcher as it was asked."""
    world.dispatcher.mode = "never"
    answer = post(world, BODY, query="?wait=0.5")
    assert answer.status_code == 202
    assert world.dispatcher.waited == [0.5]
    assert answer.get_json()["report"] is None
    assert answer.get_json()["state"] == "queued"


def test_a_poll_says_how_many_are_before_it_and_when_to_ask_again(world: World) -> None:
    """A verdict that is about to come is waited for here; one that is not is asked for later."""
    world.dispatcher.mode = "never"
    location = post(world, BODY).headers["Location"]
    soon = world.client().get(location, headers=world.token("ada"))
    assert (soon.get_json()["before"], soon.get_json()["about_s"]) == (4, 0.25)
    assert soon.headers["Retry-After"] == "0"
    assert world.dispatcher.waited == [1.0]
    world.dispatcher.expected = Ahead(400, 12.6, False)
    later = world.client().get(location, headers=world.token("ada"))
    assert (later.get_json()["before"], later.headers["Retry-After"]) == (400, "13")
    assert world.dispatcher.waited == [1.0]
    world.dispatcher.expected = Ahead(400, 90.0, False, stalled=True)
    stalled = world.client().get(location, headers=world.token("ada"))
    assert stalled.get_json()["stalled"] is True and "about_s" not in stalled.get_json()
    assert stalled.headers["Retry-After"] == "5"
    world.dispatcher.expected = Ahead(0, 3.0, True)
    running = world.client().get(f"{location}?wait=2", headers=world.token("ada"))
    assert running.get_json()["state"] == "running"
    assert world.dispatcher.waited == [1.0, 2.0]
    world.dispatcher.expected = Ahead(0, 2.0, True, overdue=True)
    late = world.client().get(location, headers=world.token("ada"))
    assert late.get_json()["state"] == "running" and "about_s" not in late.get_json()
    assert late.headers["Retry-After"] == "2"


def test_a_verdict_has_nothing_before_it(world: World) -> None:
    """And needs not be asked for again."""
    answer = world.client().get(post(world, BODY).headers["Location"], headers=world.token("ada"))
    assert answer.get_json()["state"] == "graded"
    assert "before" not in answer.get_json() and "Retry-After" not in answer.headers


def test_a_verdict_that_is_written_while_it_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the request reads is older: it would say "queued", and no time to ask again."""
    world.dispatcher.mode = "never"
    location = post(world, BODY).headers["Location"]
    asked = []

    def ended(submission_id: str, *_session: object) -> None:
        asked.append(submission_id)
        if len(asked) == 2:
            world.dispatcher.mode = "grade"
            world.dispatcher.submit(Waiting(submission_id, 1, utcnow()))

    monkeypatch.setattr(world.dispatcher, "ahead", ended)
    answer = world.client().get(location, headers=world.token("ada"))
    assert len(asked) == 2 and answer.get_json()["state"] == "graded"


def test_whoever_has_no_verdict_is_told_when_to_ask_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the queue does not know of it at this moment."""
    world.dispatcher.mode = "never"
    location = post(world, BODY).headers["Location"]
    monkeypatch.setattr(world.dispatcher, "ahead", lambda *_: None)
    answer = world.client().get(location, headers=world.token("ada"))
    assert (answer.get_json()["state"], answer.headers["Retry-After"]) == ("queued", "1")


def test_a_verdict_that_is_expected_much_later_is_not_waited_for(world: World) -> None:
    world.dispatcher.mode = "never"
    for seconds, waited in ((60.0, []), (4.0, [2.5])):
        world.dispatcher.expected = Ahead(400, seconds, False)
        answer = post(world, BODY, query="?wait=2.5")
        assert (answer.status_code, world.dispatcher.waited) == (202, waited)
        assert answer.headers["Retry-After"] == f"{seconds:.0f}"


def test_what_we_could_not_grade_is_failed_and_names_nothing_of_ours(world: World) -> None:
    """No score, no report, no path."""
    world.dispatcher.mode = "fail"
    answer = post(world, BODY, query="?wait=1")
    assert answer.status_code == 200
    assert answer.get_json()["state"] == "failed"
    assert answer.get_json()["score"] is None
    assert "/secret/path" not in answer.text


@pytest.mark.parametrize("wait", ["11", "-1", "nan", "inf", "", "soon", "1e99", "10.0001"])
def test_a_wait_that_is_none_is_422(world: World, wait: str) -> None:
    """And nothing is stored."""
    is_problem(post(world, BODY, query=f"?wait={wait}"), 422)
    assert not world.dispatcher.submitted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("[0, 4, 8, 12]", "[0, 4, 8, 12]"),
        ('"[0, 4]"', "[0, 4]"),
        ("0.50", "0.50"),
        ("null", "None"),
        ("true", "True"),
        ('[true, null, "true \\" null", 1e-7]', '[True, None, "true \\" null", 1e-7]'),
        ("12345678901234567890123", "12345678901234567890123"),
        ('"梯度"', "梯度"),
    ],
)
def test_predictions_become_what_one_would_type(world: World, value: str, text: str) -> None:
    """JSON's words become Python's; digits stay as they were written."""
    body = b'{"exercise": "detach", "source": "x", "predictions": {"x_grad": %s}}' % value.encode()
    answer = post(world, body)
    assert answer.status_code == 202, answer.text
    assert stored(world, answer.get_json()["id"]).predictions == {"x_grad": text}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"exercise": "detach", "source": "\xff"}', 400),
        (b'{"exercise": "detach", "source": "\\ud800"}', 400),
        (b'{"exercise": "\\udc00", "source": "x"}', 400),
        (b'{"exercise": "detach", "source": "x", "predictions": {"x_grad": "\\ud800"}}', 400),
        (b'{"exercise": "detach", "source": "x", "predictions": {"x_grad": NaN}}', 400),
        (b'{"exercise": "detach", "source": "x", "predictions": {"a": %s}}' % DEEP, 400),
        (b"{" * 100_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"exercise": "detach"}', 422),
        (b'{"exercise": "detach", "source": 7}', 422),
        (b'{"exercise": null, "source": "x"}', 422),
        (b'{"exercise": "detach", "source": "x", "predictions": []}', 422),
        (b'{"exercise": "detach", "source": "x", "predictions": {"nosuch": 1}}', 422),
        (b'{"exercise": "detach", "source": "x", "predictions": {"x_grad": "\\u0000"}}', 422),
        (b'{"exercise": "detach", "source": ""}', 422),
        (b'{"exercise": "detach", "source": "a\\u0000b"}', 422),
        (b'{"exercise": "\\u0000", "source": "x"}', 404),
        (b'{"exercise": "../../etc", "source": "x"}', 404),
        (json.dumps({"exercise": "e" * 100_000, "source": "x"}).encode(), 404),
        (json.dumps({"exercise": "detach", "source": "x" * (256 * 1024 + 1)}).encode(), 413),
        (json.dumps({"exercise": "detach", "source": "x" * (3 * 2**20)}).encode(), 413),
    ],
    ids=range(25),
)  # fmt: skip
def test_a_bad_body_is_a_problem_and_stores_nothing(world: World, body: bytes, status: int) -> None:
    """Never a failure of ours."""
    is_problem(post(world, body), status)
    assert not world.dispatcher.submitted


def test_other_kinds_of_body_are_415(world: World) -> None:
    """A form is for pages."""
    answer = world.client().post("/api/v1/submissions", data={"source": "x"}, headers=world.token("ada"))
    is_problem(answer, 415)


@pytest.mark.parametrize(
    "value", [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer a b", "Bearer \u00ff"]
)
def test_without_a_valid_token_it_is_401(world: World, value: str | None) -> None:
    """And the answer says how to send one."""
    headers = {"Authorization": value} if value is not None else {}
    for answer in (
        world.client().get("/api/v1/exercises", headers=headers),
        world.client().post("/api/v1/submissions", json=BODY, headers=headers),
    ):
        is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_anothers_submission_does_not_exist(world: World) -> None:
    """Not even for the teacher: this address is one's own."""
    location = post(world, BODY).headers["Location"]
    for login in ("bob", "tess"):
        is_problem(world.client().get(location, headers=world.token(login)), 404)
    for identity in ("x", "%00", "a" * 500, "%F0%9F%98%80"):
        is_problem(world.client().get(f"/api/v1/submissions/{identity}", headers=world.token("ada")), 404)


def test_a_key_makes_a_retry_safe(world: World) -> None:
    """The same submission is stored once; a different one under the same key is refused."""
    first = post(world, BODY, **{"Idempotency-Key": "k1"})
    again = post(world, BODY, query="?wait=1", **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.get_json()["id"] == again.get_json()["id"]
    assert "different" in is_problem(post(world, {**BODY, "source": "y"}, **{"Idempotency-Key": "k1"}), 422)
    assert (
        post(world, BODY, login="bob", **{"Idempotency-Key": "k1"}).get_json()["id"] != first.get_json()["id"]
    )
    assert len(world.dispatcher.submitted) == 2


@pytest.mark.parametrize("key", ["", "k" * 65, "ü"])
def test_a_key_that_cannot_be_kept_is_422(world: World, key: str) -> None:
    """Cutting it would make two keys one."""
    is_problem(post(world, BODY, **{"Idempotency-Key": key}), 422)


def test_an_exercise_of_no_course_is_403(world: World) -> None:
    """It can be read and not submitted to."""
    assert "none of your courses" in is_problem(
        post(world, {**BODY, "exercise": "control-flow"}, login="bob"), 403
    )


def test_the_first_course_with_the_exercise_open_is_used(world: World) -> None:
    """One who takes two courses need not say which."""
    later = world.course("later", "detach", ada="student")

    def used() -> int:
        row = stored(world, post(world, BODY).get_json()["id"])
        with world.store.read() as transaction:
            assignment = transaction.get(Assignment, row.assignment_id)
        assert assignment is not None
        return assignment.course_id

    assert used() != later
    close(world, due=FUTURE - timedelta(days=2))
    assert used() == later


def close(world: World, **times: datetime) -> None:
    """Change when ``detach`` is open in ``calc``."""
    with world.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        courses.assign(transaction, course.id, "detach", **times)


def test_a_closed_exercise_is_409_and_an_upcoming_one_unseen(world: World) -> None:
    """Teachers see and try both."""
    close(world, due=FUTURE - timedelta(days=2))
    assert "closed" in is_problem(post(world, BODY), 409)
    assert post(world, BODY, login="tess").status_code == 202
    close(world, opens=FUTURE, due=FUTURE)
    listed = world.client().get("/api/v1/exercises", headers=world.token("ada")).get_json()
    assert [row["slug"] for row in listed] == ["control-flow"]
    is_problem(world.client().get("/api/v1/exercises/detach", headers=world.token("ada")), 404)
    assert len(world.client().get("/api/v1/exercises", headers=world.token("tess")).get_json()) == 2


def test_too_many_submissions_are_429(make_world: Callable[..., World]) -> None:
    """The same budget as the form's."""
    world = make_world(submit_limit="1 per minute")
    world.course("calc", "detach", ada="student")
    assert post(world, BODY).status_code == 202
    answer = post(world, BODY)
    is_problem(answer, 429)
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/", 404),
        ("DELETE", "/api/v1/exercises", 405),
        ("PUT", "/openapi.json", 405),
    ],
)
def test_addresses_that_do_not_exist_are_problems_too(
    world: World, method: str, path: str, status: int
) -> None:
    """A program never gets a page."""
    is_problem(world.client().open(path, method=method, headers=world.token("ada")), status)


def test_a_hostile_report_is_valid_json(world: World) -> None:
    """And is served as JSON, never as a page."""
    world.dispatcher.report = hostile_report()
    answer = post(world, BODY, query="?wait=1")
    assert answer.content_type == "application/json"
    assert answer.get_json()["report"]["stdout"] == HOSTILE


def test_standing_is_ones_own_in_the_courses_one_learns_in(world: World) -> None:
    """What counts in each exercise that has opened, and what has no verdict yet."""
    post(world, BODY, query="?wait=1")
    world.dispatcher.mode = "never"
    waiting = post(world, BODY).get_json()["id"]
    world.course("third", "detach", ada="instructor")
    with world.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        second = courses.find_assignment(transaction, course.id, "control-flow")
        assert second is not None
        second.opens = FUTURE
    answer = world.client().get("/api/v1/standing", headers=world.token("ada"))
    (row,) = msgspec.json.decode(answer.data, type=list[Standing], strict=True)
    assert (row.course, row.exercise, row.open, row.attempts) == ("calc", "detach", True, 1)
    assert (row.score, row.max_score, row.passed, row.waiting) == (4.0, 10.0, False, [waiting])
    others = world.client().get("/api/v1/standing", headers=world.token("bob")).get_json()
    assert [(each["course"], each["attempts"], each["waiting"]) for each in others] == [("other", 0, [])]
    assert world.client().get("/api/v1/standing", headers=world.token("tess")).get_json() == []


def test_the_description_covers_every_route(world: World) -> None:
    """Each path and method of the API is described, and nothing else is."""
    document = world.client().get("/openapi.json").get_json()
    described = {
        (method.upper(), path.replace("{", "<").replace("}", ">"))
        for path, operations in document["paths"].items()
        for method in operations
    }
    routed = {
        (method, rule.rule)
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routed
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}:
        assert reference in document["components"]["schemas"]
