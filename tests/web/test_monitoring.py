"""What operators watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from grader.store import claims, judging_versions, queue
from grader.store.database import Store
from grader.store.judgings import Made
from grader.store.tables import Submission
from grader.store.workers import Seen
from grader.web.context import EXTENSION
from tests import databases

from .world import World, make_report

URL = "/courses/calc/detach"


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


def test_the_broker_and_the_workers_are_told(world: World) -> None:
    """Where there are any: readiness asks for both, the figures name who was seen when."""
    world.dispatcher.broker = True
    world.dispatcher.workers = (
        Seen("host:1:ab", "host", 2, True, 0.42),
        Seen("host:2:cd", "host", 2, True, 60),
    )
    assert world.client().get("/readyz").get_json()["broker"] is True
    figures = world.client().get("/metrics").text
    assert "grader_broker_up 1.0" in figures
    assert 'grader_worker_silent_seconds{worker="host:1:ab"} 0.4' in figures
    assert 'grader_worker_silent_seconds{worker="host:2:cd"} 60.0' in figures
    world.dispatcher.broker = False
    answer = world.client().get("/readyz")
    assert answer.status_code == 503 and answer.get_json()["broker"] is False


def test_what_else_is_needed_is_asked_and_what_is_wrong_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a broker, or that a canary was judged; each by its name."""
    probes = {"broker": lambda: None, "canary": lambda: "a canary was judged wrongly"}
    found = replace(world.app.extensions[EXTENSION], probes=probes)
    monkeypatch.setitem(world.app.extensions, EXTENSION, found)
    answer = world.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {
        "ready": False, "database": True, "dispatcher": True, "broker": True, "canary": False,
        "problem": "a canary was judged wrongly",
    }  # fmt: skip


def test_not_ready_without_a_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer, not a failure."""

    def gone(self: Store) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(Store, "read", gone)
    answer = world.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"] is False


def test_a_database_that_is_gone_is_said_and_what_was_typed_is_kept(world: World) -> None:
    """503 with a time to ask again, on pages and for programs; nothing is made anew in its place."""
    ada, token = world.client("ada"), world.token("ada")
    with databases.away(world.settings.database_url):
        code = "def f(x):\n    return '</textarea><b>'\n"
        for path in (URL, f"{URL}/draft"):
            page = ada.post(path, data={"source": code, "predict-ratio": "True"})
            assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
            assert f'action="{URL}"' in page.text and 'name="predict-ratio" value="True"' in page.text
            assert "&lt;/textarea&gt;&lt;b&gt;" in page.text
        assert ada.get("/").status_code == 503
        answer = world.client().post(
            "/api/v1/submissions", json={"exercise": "detach", "source": code}, headers=token
        )
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.content_type == "application/problem+json" and "Nothing was stored" in answer.text
        ready = world.client().get("/readyz")
        assert ready.status_code == 503 and "the log says why" in ready.get_json()["problem"]
        assert world.store.path is None or not world.store.path.exists()
    assert world.client().get("/readyz").status_code == 200
    assert ada.get("/").status_code == 200


def test_metrics_count_requests_by_endpoint_and_name_nobody(world: World) -> None:
    """Courses, people and addresses are no labels."""
    world.submit("ada")
    world.client().get("/wp-login.php")
    text = world.client().get("/metrics").text
    assert 'grader_requests_total{endpoint="exercise.submit",method="POST",status="303"} 1.0' in text
    assert 'endpoint="none",method="GET",status="404"' in text
    assert "grader_queued 0.0" in text
    assert "grader_workers_alive 1.0" in text
    assert "calc" not in text
    assert "wp-login" not in text


def test_metrics_count_what_was_set_aside(world: World) -> None:
    """What cannot be graded is an alert until somebody has looked at it."""
    world.submit("ada")
    assert "grader_set_aside 0.0" in world.client().get("/metrics").text
    with world.store.write() as session:
        session.execute(update(Submission).values(state="failed"))
    assert "grader_set_aside 1.0" in world.client().get("/metrics").text


def test_metrics_say_what_waits_in_which_lane_and_what_that_needs(world: World) -> None:
    """A line of figures for each phase and lane, those with nothing in them included."""
    world.submit("ada")
    world.dispatcher.mode = "never"
    for _ in range(3):
        world.submit("ada")
    text = world.client().get("/metrics").text
    assert 'grader_submissions{lane="interactive",phase="waiting"} 3.0' in text
    assert 'grader_submissions{lane="regrade",phase="waiting"} 0.0' in text
    assert 'grader_submissions{lane="long",phase="running"} 0.0' in text
    assert 'grader_oldest_seconds{lane="passback",phase="put-off"} 0.0' in text
    assert "grader_arrivals_per_second 0." in text
    assert "grader_graders_desired 1.0" in text and "grader_workers_desired 1.0" in text
    assert "grader_set_aside 0.0" in text


def test_metrics_of_a_database_that_is_gone_are_absent_and_the_rest_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No figure is better than a wrong one."""

    def gone(self: Store) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(Store, "read", gone)
    text = world.client().get("/metrics").text
    assert "grader_submissions" not in text and "grader_requests" in text


@pytest.mark.parametrize(
    ("peer", "headers", "code"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("", {}, 403),
        ("192.0.2.7", {"X-Forwarded-For": "127.0.0.1"}, 403),
        # A proxy on this machine that speaks for somebody elsewhere.
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("127.0.0.1", {"x-forwarded-proto": "https"}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Real-IP": "192.0.2.7"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer the-token"}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7", "Authorization": "Bearer the-token"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer another"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer \u00e9"}, 403),
        ("192.0.2.7", {"Authorization": "Basic dGhlLXRva2VuOg=="}, 403),
    ],
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_metrics_are_for_this_machine_or_who_has_the_token(
    make_world: Callable[..., World], peer: str, headers: dict[str, str], code: int, proxies: int
) -> None:
    """The connection counts, not what a header claims, also where a proxy is trusted."""
    world = make_world(metrics_token="the-token", trusted_proxies=proxies)
    answer = world.client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == code
    assert ("grader_queued" in answer.text) == (code == 200)


def test_without_a_token_set_no_token_opens_the_metrics(world: World) -> None:
    """Not an empty one either."""
    for sent in ("Bearer ", "Bearer None", "Bearer"):
        answer = world.client().get(
            "/metrics", headers={"Authorization": sent}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
        )
        assert answer.status_code == 403


def figures(world: World) -> dict[str, float]:
    """The figures by name and labels."""
    lines = world.client().get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[:1] != "#"}


def test_how_verdicts_are_made_is_counted(world: World) -> None:
    """Over the newest judgings, whoever made them; and what waits for other versions."""
    before = figures(world)
    assert before["grader_cache_hit_ratio"] == before["grader_waiting_for_versions"] == 0
    world.dispatcher.mode = "never"
    rows = [world.submit("ada") for _ in range(5)]
    with world.store.write() as session:
        for n, row in enumerate(rows[:4]):
            claimed = claims.claim(session, f"o{n}", 60)
            assert claimed is not None and claimed.id == row
            made = Made(key=str(n) * 64, cached_from="w" if n == 0 else None, shadow=n < 2)
            assert queue.finish(session, row, f"o{n}", make_report(), made=made)
        judging_versions.pin(session, claimed.work.assignment_id, "torch 2.13, numpy 2.4")
        judging_versions.note_refused(session, [claimed.work.assignment_id], "torch 2.14, numpy 2.4")
    after = figures(world)
    assert after["grader_cache_hit_ratio"] == 0.25 and after["grader_cache_verdicts"] == 3
    assert after["grader_waiting_for_versions"] == 1
    assert after['grader_shadow{state="waiting"}'] == 2 and after['grader_shadow{state="different"}'] == 0
