"""Drafts by the form and by the script."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.dispatch.base import Ahead
from grader.store import submissions, workers
from grader.store.tables import Assignment, utcnow
from grader.store.workers import Announced
from tests.web.world import SOURCE, World

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
    assert answer.json["version"] in page
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
    seen = save(client, "draft = 1").json["version"]
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
    """While there is none it says where to ask, keeps the old key, and answers programs briefly."""
    world.dispatcher.mode = "never"
    answer = world.client("ada").post(URL, data={"source": SOURCE}, headers=HX)
    assert answer.status_code == 202
    assert "data-next-key" not in answer.text
    identity = world.dispatcher.submitted[-1]
    assert f'data-poll="/attempts/{identity}/verdict"' in answer.text
    json = world.client("ada").get(
        f"/attempts/{identity}/verdict", headers={**HX, "Accept": "application/json, text/html;q=0.9"}
    )
    assert (json.status_code, json.json) == (202, {"state": "queued", "before": 4, "about_s": 0.25})
    assert json.headers["Retry-After"] == "1"
    world.dispatcher.expected = Ahead(4, 90.0, False, stalled=True)
    json = world.client("ada").get(
        f"/attempts/{identity}/verdict", headers={**HX, "Accept": "application/json"}
    )
    assert (json.json, json.headers["Retry-After"]) == ({"state": "queued", "stalled": True}, "5")
    world.dispatcher.expected = Ahead(0, 2.0, True, overdue=True)
    json = world.client("ada").get(
        f"/attempts/{identity}/verdict", headers={**HX, "Accept": "application/json"}
    )
    assert (json.json, json.headers["Retry-After"]) == ({"state": "running", "before": 0}, "2")
    assert world.client("bob").get(f"/attempts/{identity}/verdict").status_code == 404
    assert 'data-state="pending"' in world.client("ada").get(f"/attempts/{identity}/verdict").text


def test_who_waits_for_other_versions_is_told_so(world: World) -> None:
    """On the page, by script, by the API; not how many are before it, for that is not what it waits for."""
    world.dispatcher.mode = "never"
    world.client("ada").post(URL, data={"source": SOURCE}, headers=HX)
    identity = world.dispatcher.submitted[-1]
    with world.store.write() as session:
        handed_in = submissions.get(session, identity)
        assert handed_in is not None
        row = session.get_one(Assignment, handed_in.assignment_id)
        row.versions, row.refused, row.refused_at = "torch 2.13, numpy 2.4", "torch 2.14, numpy 2.4", utcnow()
        workers.beat(session, Announced("this", "host", 2, torch="2.14.0", numpy="2.4.0"), ready=True)
    told = world.client("ada").get(
        f"/attempts/{identity}/verdict", headers={**HX, "Accept": "application/json"}
    )
    assert (told.json, told.headers["Retry-After"]) == ({"state": "queued", "versions": True}, "5")
    page = world.client("ada").get(f"/attempts/{identity}").text
    assert "another version of torch or numpy" in page and "before you" not in page
    api = world.client().get(f"/api/v1/submissions/{identity}", headers=world.token("ada"))
    assert api.get_json()["waits_for_versions"] is True and "before" not in api.get_json()
    assert api.headers["Retry-After"] == "5"
    with world.store.write() as session:  # another machine can judge it; of a file there is none
        worker = Announced("other", "host", 2, torch="2.13.1+cpu", numpy="2.4.0")
        workers.beat(session, worker, ready=True)
    told = world.client("ada").get(
        f"/attempts/{identity}/verdict", headers={**HX, "Accept": "application/json"}
    )
    assert told.json.get("before") == (4 if world.store.path is None else None)
    with world.store.write() as session:
        workers.leave(session, "other")
        workers.leave(session, "this")
    told = world.client("ada").get(
        f"/attempts/{identity}/verdict", headers={**HX, "Accept": "application/json"}
    )
    assert told.json.get("versions") == (None if world.store.path is None else True)


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


def replaced(page: str) -> list[str]:
    """What the buttons that bring something back say they bring."""
    return re.findall(r'name="bring_back" value="([^"]+)"', page)


@pytest.mark.parametrize(("switch", "shows"), [("theme=dark", 'data-theme="dark"'), ("lang=zh", "你的代码")])
def test_switching_without_a_script_takes_the_text_along(world: World, switch: str, shows: str) -> None:
    """Colours and language are buttons of the form: text and verdict are on the page that follows."""
    client = world.client("ada")
    page = client.post(URL, data={"source": SOURCE}, follow_redirects=True).text
    attempt = world.dispatcher.submitted[0]
    button = re.search(rf'<button form="work"[^>]*formaction="([^"]+\?{switch})"', page)
    assert button is not None
    form = {"source": "half = 1", "predict-x_grad": "[7]", "attempt": attempt}
    page = client.post(button[1], data=form, follow_redirects=True).text
    assert "half = 1</textarea>" in page and 'value="[7]"' in page
    assert shows in page and 'class="verdict part"' in page
    assert shows in client.get(URL).text, "it is remembered"


def test_enter_in_a_box_hands_in(world: World) -> None:
    """Browsers press the first button of a form, wherever it stands in the page."""
    page = world.client("ada").get(URL).text
    first = re.search(r'<button[^>]*form="work"[^>]*>|<form[^>]*id="work"', page)
    assert first is not None and "formaction" not in first[0] and first[0].startswith("<button")


def test_starting_over_without_a_script_has_a_way_back(world: World) -> None:
    """The starter comes, the predictions stay; one button brings everything back, also after a reload."""
    client = world.client("ada")
    form = {"source": "mine = 1", "predict-x_grad": "[7]"}
    page = client.post(f"{URL}/draft", data={**form, "start_over": "1"}, follow_redirects=True).text
    assert "mine = 1" not in page and "def f(x):\n    ...\n</textarea>" in page and 'value="[7]"' in page
    page = client.get(URL).text
    (back,) = replaced(page)
    assert "is kept" in page
    assert not replaced(world.client("tess").get(URL).text)
    form = {"source": "later = 1", "bring_back": back}
    page = client.post(f"{URL}/draft", data=form, follow_redirects=True).text
    assert "mine = 1</textarea>" in page
    # A second click finds it done; what was replaced by bringing back has its way back, too.
    page = client.post(f"{URL}/draft", data=form, follow_redirects=True).text
    assert "mine = 1</textarea>" in page
    (back,) = replaced(page)
    page = client.post(f"{URL}/draft", data={"source": "mine = 1", "bring_back": back}, follow_redirects=True)
    assert "later = 1</textarea>" in page.text
    assert "mine = 1" not in world.client("tess").post(
        f"{URL}/draft", data={"source": "", "bring_back": back}, follow_redirects=True
    ).text  # fmt: skip


def test_going_on_with_an_earlier_attempt_keeps_the_draft(world: World) -> None:
    """It is replaced when the attempt's code is saved or handed in, and can be brought back."""
    first = world.submit("ada", "first = 1")
    client = world.client("ada")
    for way, more in ((f"{URL}/draft", {}), (URL, {"request_key": "k"})):
        seen = save(client, f"draft for {way}", force="1").json["version"]
        page = client.get(f"{URL}?from={first}").text
        assert "first = 1</textarea>" in page and 'name="chosen"' in page and seen in page
        form = {"source": "first = 2", "draft_seen": seen, "chosen": "1", **more}
        page = client.post(way, data=form, follow_redirects=True).text
        assert "first = 2</textarea>" in page
        (back, *_others) = replaced(page)
        form = {"source": "first = 2", "bring_back": back}
        page = client.post(f"{URL}/draft", data=form, follow_redirects=True).text
        assert f"draft for {way}</textarea>" in page


def test_what_a_window_overwrites_unseen_is_kept(world: World) -> None:
    """Where it insists, and where no script could ask; or its own text, where the other is chosen."""
    client = world.client("ada")
    save(client, "elsewhere = 1")
    assert 'name="bring_back"' in save(client, "mine = 1", force="1").json["replaced"]
    page = client.get(URL).text
    assert "mine = 1</textarea>" in page and len(replaced(page)) == 1
    form = {"source": "aside = 1", "show_other": "1"}
    page = client.post(f"{URL}/draft", data=form, follow_redirects=True).text
    assert "mine = 1</textarea>" in page and len(replaced(page)) == 2


def test_a_file_beside_the_button_that_saves(world: World) -> None:
    """It becomes the draft; one that cannot be taken is refused at the file, and the text stays."""
    client = world.client("ada")
    data = {"source": "typed = 1", "file": (io.BytesIO(b"file = 1"), "mine.py")}
    page = client.post(f"{URL}/draft", data=data, follow_redirects=True).text
    assert "file = 1</textarea>" in page and len(replaced(page)) == 1
    data = {"source": "typed = 2", "file": (io.BytesIO(b"%PDF-1.4"), "mine.py")}
    answer = client.post(f"{URL}/draft?theme=dark", data=data)
    assert answer.status_code == 422
    assert "“mine.py” was not taken" in answer.text and "typed = 2</textarea>" in answer.text


def test_a_switch_after_the_session_ended_keeps_the_text(world: World) -> None:
    """On the page that asks to sign in; its button submits, as it says."""
    answer = world.client().post(f"{URL}/draft?theme=dark", data={"source": "kept = 1"})
    assert answer.status_code == 401
    assert "kept = 1</textarea>" in answer.text
    assert f'name="next" value="{URL}"' in answer.text


def test_a_waiting_verdict_is_still_waited_for_after_a_reload(world: World) -> None:
    """The page says so in either case, and only where a script runs that it comes by itself."""
    world.dispatcher.mode = "never"
    client = world.client("ada")
    client.post(URL, data={"source": SOURCE}, headers=HX)
    identity = world.dispatcher.submitted[-1]
    page = client.get(f"{URL}?attempt={identity}").text
    assert f'data-poll="/attempts/{identity}/verdict"' in page
    assert '<p class="with-script">Your code is stored. The verdict comes here by itself' in page
    assert '<p class="without-script">Your code is stored. Its own page looks again' in page
    assert 'http-equiv="refresh"' not in page, "it would take what is typed away"
    assert 'http-equiv="refresh"' in client.get(f"/attempts/{identity}").text
