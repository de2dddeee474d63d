"""The way on: what an exercise shows and where to go, after full marks and not before; its neighbours."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

from grader.model.text import Text
from grader.store import courses
from grader.store.tables import utcnow
from grader.web.exercise.onward import Stop, onward
from tests.web.world import SOURCE, World, make_exercise, make_report

SLUGS = ("detach", "control-flow", "third", "fourth")


def stops(states: str) -> list[Stop]:
    """One for each letter: o open, f full marks, c closed."""
    made = [make_exercise(slug) for slug in SLUGS]
    return [Stop(e, open=s != "c", full=s == "f") for e, s in zip(made, states, strict=True)]


def proposed(states: str, slug: str) -> str | None:
    """Where one is led from an exercise."""
    found = onward(stops(states), slug).proposed
    return found and found.slug


def test_the_next_one_is_open_and_not_solved_else_the_one_behind_it() -> None:
    """Of those behind it before those before it; at the end of all there is none."""
    assert proposed("foof", "detach") == "control-flow"
    assert proposed("fcfo", "detach") == "fourth"
    assert proposed("ffff", "detach") == "control-flow"
    assert proposed("cffc", "control-flow") == "third"
    assert proposed("offf", "third") == "detach"
    assert proposed("ffff", "fourth") is None and proposed("ffff", "nowhere") is None
    around = onward(stops("oooo"), "control-flow")
    assert around.before is not None and around.after is not None
    assert (around.before.slug, around.after.slug) == ("detach", "third")


def test_after_full_marks_one_is_told_what_it_shows_and_led_on(world: World) -> None:
    """With the verdict, by script or not, and when the page is opened again; in the language of the page."""
    world.library.exercises = [
        msgspec.structs.replace(make_exercise(slug, n), insight=Text(f"Why {slug}.", f"{slug} 的缘由。"))
        for n, slug in enumerate(SLUGS, 1)
    ]
    world.course("more", *SLUGS, ada="student")
    ada, url = world.client("ada"), "/courses/more/detach"
    page = ada.get(url).text
    assert 'rel="next"' in page and 'rel="prev"' not in page and "Why detach." not in page
    for headers in ({}, {"HX-Request": "true"}):
        world.dispatcher.report = make_report()
        assert (
            "Why detach."
            not in ada.post(url, data={"source": SOURCE}, headers=headers, follow_redirects=True).text
        )
    world.dispatcher.report = make_report(10.0)
    told = ada.post(url, data={"source": SOURCE}, headers={"HX-Request": "true"}).text
    assert "Why detach." in told and 'class="go" href="/courses/more/control-flow"' in told
    (attempt,) = set(re.findall(r'data-attempt="([^"]+)"', told))
    assert "Why detach." in ada.get(f"/attempts/{attempt}").text
    again = ada.get(f"{url}?lang=zh").text
    assert again.count("detach 的缘由。") == 1 and "Why" not in again
    with world.store.write() as transaction:
        found = courses.find_course(transaction, "more")
        assert found is not None
        courses.assign(transaction, found.id, "control-flow", opens=utcnow() + timedelta(days=1))
    assert 'class="go" href="/courses/more/third"' in ada.get(f"{url}?lang=en").text
    for slug in SLUGS[1:]:
        ada.post(f"/courses/more/{slug}", data={"source": SOURCE})
    last = ada.get("/courses/more/fourth").text
    assert "Why fourth." in last and 'rel="next"' not in last
    with world.store.write() as transaction:
        courses.assign(transaction, found.id, "control-flow")
    assert 'class="go" href="/courses/more/control-flow"' in ada.get("/courses/more/fourth").text
    ada.post("/courses/more/control-flow", data={"source": SOURCE})
    assert "That was the last exercise" in ada.get("/courses/more/fourth").text
    assert 'href="/#course-more"' in ada.get("/courses/more/fourth").text
