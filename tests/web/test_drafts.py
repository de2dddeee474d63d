"""Drafts by the form and by the script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from .world import SOURCE, World

URL = "/courses/calc/detach"
SCRIPT = {"X-Requested-With": "fetch"}
HX = {"HX-Request": "true"}


def save(client: FlaskClient, source: str, seen: str = "", **more: str) -> Any:
    """What the page's script sends on a pause."""
    data = {"source": source, "draft_seen": seen, **more}
    return client.post(f"{URL}/draft", data=data, headers=SCRIPT)


def test_a_draft_is_there_on_any_device(world: World) -> None:
    """Saved in one browser, found in another, with its predictions; nobody else sees it."""
    answer = save(world.client("ada"), "half = 1\r\n", **{"predict-ratio": "True"})
    assert answer.status_code == 200
    assert "Draft saved" in answer.json["said"]
    page = world.client("ada").get(URL).text
    assert "half = 1\n" in page
    assert "Your draft of" in page
    assert answer.json["seen"] in page
    assert "half = 1" not in world.client("tess").get(URL).text


def test_a_newer_draft_is_not_overwritten_from_an_old_window(world: World) -> None:
    """The window is told; it may insist."""
    client = world.client("ada")
    save(client, "first")
    assert save(client, "second", seen="2000-01-01T00:00:00+00:00").status_code == 409
    assert save(client, "second", seen="nonsense").status_code == 409
    assert "first" in client.get(URL).text
    assert save(client, "second", force="1").status_code == 200
    assert "second" in client.get(URL).text


def test_what_was_handed_in_is_no_draft_any_more(world: World) -> None:
    """The next visit begins with the attempt, and the one after a later pause with the draft."""
    client = world.client("ada")
    seen = save(client, "draft = 1").json["seen"]
    client.post(URL, data={"source": SOURCE, "draft_seen": seen}, headers=HX)
    page = client.get(URL).text
    assert "return x * x" in page
    assert "Your draft of" not in page
    save(client, "draft = 2")
    assert "draft = 2" in client.get(URL).text


def test_handing_in_from_an_old_window_keeps_what_another_saved_since(world: World) -> None:
    """The old window's text is an attempt; the newer one is still a draft."""
    client = world.client("ada")
    assert save(client, "written later, elsewhere").status_code == 200
    client.post(URL, data={"source": SOURCE, "draft_seen": ""}, headers=HX)
    assert "written later, elsewhere" in client.get(URL).text


def test_without_a_script_saving_leads_back_to_the_page(world: World) -> None:
    """The button beside Submit."""
    answer = world.client("ada").post(f"{URL}/draft", data={"source": "kept = 1"}, follow_redirects=True)
    assert "kept = 1" in answer.text


def test_a_draft_too_large_to_be_of_use_is_refused(world: World) -> None:
    """Far beyond what may be handed in."""
    assert save(world.client("ada"), "x" * 600_000).status_code == 413


def test_a_script_gets_the_verdict_alone(world: World) -> None:
    """A part of a page, with a new key for the next attempt and the standing at the top."""
    answer = world.client("ada").post(URL, data={"source": SOURCE, "request_key": "k"}, headers=HX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'data-state="graded"' in answer.text
    assert "4 of 10" in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert "data-next-key" in answer.text


def test_a_script_that_waits_asks_again_until_there_is_a_verdict(world: World) -> None:
    """While there is none the part asks for itself and keeps the old key."""
    world.dispatcher.mode = "never"
    answer = world.client("ada").post(URL, data={"source": SOURCE}, headers=HX)
    assert answer.status_code == 202
    assert 'hx-trigger="every 1s"' in answer.text
    assert "data-next-key" not in answer.text
    identity = world.dispatcher.submitted[-1]
    assert f"/attempts/{identity}/verdict" in answer.text
    assert world.client("bob").get(f"/attempts/{identity}/verdict").status_code == 404
    assert 'data-state="pending"' in world.client("ada").get(f"/attempts/{identity}/verdict").text


def test_a_refusal_by_script_is_one_sentence(world: World) -> None:
    """No page around it, no attempt spent, the old key still good."""
    answer = world.client("ada").post(URL, data={"source": "  "}, headers=HX)
    assert answer.status_code == 422
    assert "There is no code to submit" in answer.text
    assert "<html" not in answer.text
    assert not world.dispatcher.submitted


def test_saving_without_a_pause_is_slowed(make_world: Callable[..., World]) -> None:
    """Nobody types that fast; the text stays in the page that tried."""
    world = make_world(submit_limit="5 per minute")
    world.course("calc", "detach", ada="student")
    client = world.client("ada")
    answers = [save(client, str(n), force="1").status_code for n in range(125)]
    assert answers[:100] == [200] * 100
    assert answers[-1] == 429
