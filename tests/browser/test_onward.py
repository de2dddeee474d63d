"""The way through a course, and a course without an account: what a browser makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Request, expect

from grader.exercises import Library
from grader.model.text import Language
from grader.store import courses
from tests.served import EXERCISES as ALL
from tests.served import ROOT

from .world import RIGHT, STILL, Device, World

Devices = Callable[..., Device]


@pytest.fixture(scope="module")
def open_course(world: World) -> str:
    """A course with every exercise that is open to guests; its slug."""
    with world.store.write() as transaction:
        course = courses.add_course(transaction, "open", "Open to all", "对所有人开放")
        for exercise in Library(ROOT / "exercises", None).all():
            courses.assign(transaction, course.id, exercise.slug)
        courses.open_to_guests(transaction, course.id, guests=True)
    return "open"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_guest_tries_is_told_and_goes_on(device: Devices, open_course: str, language: Language) -> None:
    """From the sign-in page to full marks and the next exercise; the text stays in the browser alone."""
    tab = device(language, bypass_csp=True, viewport={"width": 360, "height": 800}).tab()
    saves: list[Request] = []
    tab.page.on("request", lambda each: saves.append(each) if each.url.endswith("/draft") else None)
    tab.go("/sign-in")
    tab.page.locator(f'a[href="/courses/{open_course}"]').click()
    tiles = tab.page.locator(".shapes a")
    expect(tiles).to_have_count(len(ALL))
    assert not tab.page.locator(".shapes a:not([aria-label])").count()
    names = tab.page.locator(".chapters p a")
    expect(names.filter(has_text="切断计算图" if language == "zh" else "Cutting the graph")).to_be_visible()
    for width in (360, 1280):
        tab.page.set_viewport_size({"width": width, "height": 800})
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    tab.page.locator('.shapes a[href$="/detach"]').click()
    tab.ready()
    tab.write(RIGHT)
    tab.button("submit").click()
    expect(tab.page.locator("#answer .verdict.full")).to_be_visible()
    expect(tab.page.locator("#answer .insight")).to_contain_text("Q")
    tab.page.evaluate(STILL)
    assert Axe().run(tab.page).response["violations"] == []
    tab.page.reload()
    tab.ready()
    expect(tab.editor).to_contain_text("detach()")
    other = "en" if language == "zh" else "zh"
    tab.page.locator(f'button[data-go="lang={other}"]').click()
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-Hans" if other == "zh" else "en")
    tab.ready()
    expect(tab.editor).to_contain_text("detach()")
    assert saves == []
    tab.page.locator(".insight .go").click()
    expect(tab.page.locator("[rel=prev]")).to_have_attribute("href", f"/courses/{open_course}/detach")
    tab.page.locator(".crumbs a").click()
    tab.page.evaluate(STILL)
    assert Axe().run(tab.page).response["violations"] == []
    expect(tab.page.locator('.shapes a[href$="/detach"] .shape.full')).to_be_visible()
    expect(tab.page.locator(".shapes .shape.full")).to_have_count(1)


def test_without_a_script_a_guest_is_told_in_the_answer(device: Devices, open_course: str) -> None:
    """And the form's button to sign in takes the text along."""
    tab = device(java_script_enabled=False).tab()
    tab.go(f"/courses/{open_course}/detach")
    tab.page.fill("#source", RIGHT)
    tab.button("submit").click()
    expect(tab.page.locator("#answer .verdict.full")).to_be_visible()
    expect(tab.page.locator("#source")).to_have_value(RIGHT)
    tab.page.locator("button[name=sign_in]").click()
    expect(tab.page.locator('textarea[name="source"], input[name="source"]')).to_have_value(RIGHT)
