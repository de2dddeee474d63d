"""Audit: sentences instead of JSON, filtered, page by page, of this course alone; and one's own data."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest

from grader.store import audit
from grader.web.roster.audit_sentences import SENTENCES
from tests.web.world import HOSTILE, World

PAGE = "/courses/calc/audit"


def test_what_happened_is_told_in_sentences(world: World) -> None:
    """In both languages; of this course and no other."""
    with world.store.write() as session:
        audit.record(
            session, "tess", "account.role", "ada", {"course": "calc", "was": "student", "role": "assistant"}
        )
        audit.record(session, "tom", "account.unenrol", "bob", {"course": "other"})
        audit.record(session, "tess", "course.invite", "calc")
    tess = world.client("tess")
    page = tess.get(PAGE).text
    assert (
        "changed the role of ada from Student to Assistant" in page
        and "made a link by which students join" in page
    )
    assert not re.search(r"(?<![\w.-])bob(?![\w.-])", page) and "{" not in re.sub(r"<[^>]*>", "", page)
    assert "将 ada 的身份由学生改为助教" in tess.get(f"{PAGE}?lang=zh").text


@pytest.mark.parametrize("details", [{}, {"name": None, "submissions": "x", "new": [1], "role": {"a": 1}}])
def test_every_event_is_told_whatever_was_written_down(world: World, details: dict[str, object]) -> None:
    """Older ones know less."""
    with world.store.write() as session:
        for action in SENTENCES:
            audit.record(session, "system", action, "calc", {"course": "calc", **details})
    page = world.client("tess").get(PAGE)
    assert page.status_code == 200 and page.text.count("who runs the server") == len(SENTENCES)


def test_an_event_without_a_sentence_shows_what_was_written_down(world: World) -> None:
    """As text, not as JSON."""
    with world.store.write() as session:
        audit.record(
            session, "tess", "future.event", HOSTILE, {"course": "calc", "list": [1, "b"], "map": {"k": None}}
        )
    page = world.client("tess").get(PAGE).text
    assert "future.event" in page and "list 1, b, map k –" in page and "<img" not in page


def test_events_are_filtered_and_paged(world: World) -> None:
    """By person, kind and date; older ones follow."""
    with world.store.write() as session:
        for number in range(60):
            audit.record(session, "tess", "section.make", f"Number-{number}-", {"course": "calc"})
        audit.record(session, "system", "account.enrol", "ada", {"course": "calc", "role": "student"})
    tess = world.client("tess")
    newest = tess.get(PAGE).text
    assert "Number-59-" in newest and "Number-5-" not in newest
    older = re.search(r'rel="next" href="([^"]+)"', newest)
    assert older is not None and "Number-5-" in tess.get(older[1].replace("&amp;", "&")).text
    assert (
        "Number-" not in tess.get(f"{PAGE}?person=ada").text
        and "enrolled ada" in tess.get(f"{PAGE}?person=ada").text
    )
    assert "enrolled ada" not in tess.get(f"{PAGE}?kind=grades").text
    assert "Nothing of this kind" in tess.get(f"{PAGE}?from=2999-01-01").text
    assert "Nothing of this kind" in tess.get(f"{PAGE}?to=2001-01-01").text
    for strange in (
        "?from=x&to=9999-99-99",
        "?before=-1",
        "?before=99999999999999999999",
        "?kind=%00&person=%00",
    ):
        assert tess.get(PAGE + strange).status_code == 200


def test_ones_own_data_can_be_had_and_nobody_elses(world: World) -> None:
    """From the account's page."""
    world.submit("ada", "mine = 1\n")
    world.submit("ada", "mine = 2\n")
    ada = world.client("ada")
    assert "Download your data" in ada.get("/account").text
    with ada.post("/account/data") as answer:
        data = answer.data
    assert (
        answer.headers["Cache-Control"] == "no-store" and "ada.zip" in answer.headers["Content-Disposition"]
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("submissions/calc/detach/0002.py") == b"mine = 2\n"
        said = json.loads(archive.read("person.json"))
    assert said["account"]["login"] == "ada" and said["scores"][0]["attempts"] == 2
    assert b"SECRET" not in data and world.client().post("/account/data").status_code == 302
