"""The exercise's page, part by part: in both languages, at two widths, by keys alone and without a script.

Each run is one student who opens one exercise, is wrong, looks at everything, and is right. What a part can
do in depth is tried in its own module; here is that it is there for everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect
from sqlalchemy import update

from grader.model.text import Language
from grader.store.courses import find_assignment, find_course, open_to_guests
from grader.store.tables import Assignment
from tests.served import ROOT

from .world import SLOWEST, STILL, Device, Tab, World

Devices = Callable[..., Device]
WIDTHS = (1280, 360)
SLUG, NEXT = "non-scalar", "detach"
RIGHT = (ROOT / "solutions" / SLUG / "accepted" / "01_as_in_the_text.py").read_text(encoding="utf-8")
WRONG = RIGHT.replace("return 2 * x\n", "return x\n").split("PREDICTIONS")[0]
SAID = {
    "en": {
        "it was": "it was",
        "step": "Step 1 of",
        "drawn for": "drawn for your account",
        "not right": "not right",
    },
    "zh": {"it was": "实际结果", "step": "第 1 步", "drawn for": "你的账号", "not right": "不正确"},
}


@pytest.fixture
def student(world: World) -> Callable[[Language], tuple[str, str]]:
    """A student of a course with two exercises, open to guests, with numbers of one's own."""

    def make(language: Language) -> tuple[str, str]:
        login = world.account(language=language)
        slug = world.course(login, SLUG, NEXT)
        with world.store.write() as transaction:
            course = find_course(transaction, slug)
            assert course is not None
            for each in (SLUG, NEXT):
                placed = find_assignment(transaction, course.id, each)
                assert placed is not None
                transaction.execute(
                    update(Assignment).where(Assignment.id == placed.id).values(variants=True)
                )
            open_to_guests(transaction, course.id, guests=True)
        return login, f"/courses/{slug}"

    return make


@pytest.mark.parametrize("scripts", [True, False], ids=["keys", "no-script"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_part_is_there_for_everybody(
    device: Devices, student: Callable[[Language], tuple[str, str]], language: Language, scripts: bool
) -> None:
    login, course = student(language)
    said = SAID[language]
    tab = device(language, bypass_csp=True, java_script_enabled=scripts, reduced_motion="reduce").tab()
    page = tab.page
    tab.sign_in(login)
    tab.go(f"{course}/{SLUG}")
    tab.ready()
    given = page.locator("pre.given")
    _panes(tab)
    # 8: the numbers are one's own.
    expect(page.locator("article")).to_contain_text(said["drawn for"])
    mine = [float(each) for each in (given.text_content() or "").split("[")[1].split("]")[0].split(",")]
    # 6: where one is in the course, at the top.
    expect(page.locator("[rel=next]").first).to_have_attribute("href", f"{course}/{NEXT}")
    # 2: the box stands in the given code.
    for n in range(4):
        _type(tab, given.locator(f"[name='predict-x_grad.{n}']"), "1")
    _hand_in(tab, WRONG)
    tab.go(f"{course}/{SLUG}?attempt={_attempt(tab)}")
    tab.ready()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        expect(given.locator("#said-x_grad")).to_contain_text(said["it was"])
        assert tab.overflow() <= 0
    page.set_viewport_size({"width": 1280, "height": 800})
    _pictures(tab, said)
    _accessible(tab)
    # 6, 7: after full marks the insight and the next one; the list says why each was not right.
    right = RIGHT.split("PREDICTIONS")[0] + f"PREDICTIONS = {{'x_grad': {[2 * each for each in mine]}}}\n"
    tab.go(f"{course}/{SLUG}")
    tab.ready()
    for n in range(4):
        _type(tab, given.locator(f"[name='predict-x_grad.{n}']"), "")
    _hand_in(tab, right)
    tab.go(f"{course}/{SLUG}?attempt={_attempt(tab)}")
    expect(page.locator(".insight .go").first).to_have_attribute("href", f"{course}/{NEXT}")
    page.locator("#standing a").first.click()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator(".reason").first).to_be_visible()
        assert tab.overflow() <= 0
    _accessible(tab)
    # 9: the same page for who has no account, with the authored numbers.
    guest = device(language, java_script_enabled=scripts).tab()
    guest.go(f"{course}/{SLUG}")
    guest.ready()
    expect(guest.page.locator("pre.given")).to_contain_text("torch.arange(4.0")
    for width in WIDTHS:
        guest.page.set_viewport_size({"width": width, "height": 800})
        expect(guest.page.locator("button.main")).to_be_in_viewport()
        assert guest.overflow() <= 0


def _panes(tab: Tab) -> None:
    """1: side by side where there is room, one column with a bar where not; handing in always in sight."""
    text, code = (tab.page.locator(each) for each in ("#reading article", "#code"))
    for width in WIDTHS:
        tab.page.set_viewport_size({"width": width, "height": 800})
        left, right = text.bounding_box(), code.bounding_box()
        assert left is not None and right is not None
        assert (right["x"] >= left["x"] + left["width"]) is (width == 1280)
        expect(tab.page.locator("button.main")).to_be_in_viewport()
        jumps = tab.page.locator(".jumps")
        expect(jumps).to_be_visible() if width == 360 else expect(jumps).to_be_hidden()
        assert tab.overflow() <= 0


def _type(tab: Tab, box: Locator, text: str) -> None:
    """By keys alone."""
    box.focus()
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.press("Delete")
    tab.page.keyboard.type(text)


def _hand_in(tab: Tab, code: str) -> None:
    if tab.device.scripts:
        tab.editor.focus()
        tab.page.keyboard.press("Control+a")
        tab.page.keyboard.press("Delete")
        tab.page.keyboard.insert_text(code)
        tab.submit()
        return
    area = tab.page.locator("#source")
    area.focus()
    area.fill(code)
    tab.page.locator("button.main").press("Enter")
    expect(tab.page.locator(".checks").first).to_be_visible(timeout=SLOWEST)


def _attempt(tab: Tab) -> str:
    """The id of the attempt whose verdict is on the page."""
    here = "/attempts/" in tab.page.url
    link = None if here else tab.page.locator('#answer a[href*="/attempts/"]').first.get_attribute("href")
    return (link or tab.page.url).split("/attempts/")[1].split("/")[0].split("?")[0].split("#")[0]


def _pictures(tab: Tab, said: dict[str, str]) -> None:
    """3, 4, 5: graph, plot and tape, at both widths."""
    page: Any = tab.page
    graph = page.locator("figure.graph").first
    if tab.device.scripts:
        page.locator(".outcome .after").scroll_into_view_if_needed()
        page.locator(".pictures").first.scroll_into_view_if_needed()
    for _ in range(0 if tab.device.scripts else 60):
        if graph.count():
            break
        page.reload()
    expect(graph).to_be_visible(timeout=SLOWEST)
    tape = page.locator("figure.tape").filter(has_text="y.sum()")
    curve = page.locator("figure.plot").first
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        # 3: a node leads to its line.
        assert "#L" in (graph.locator("a.node").first.get_attribute("href") or "")
        # 4: a plot with its numbers in a table, and a slider where a script moves it.
        expect(curve.locator("svg").first).to_be_visible()
        assert curve.locator("table").count()
        slider = curve.locator(".slider input")
        expect(slider).to_be_visible() if tab.device.scripts else expect(slider).to_be_hidden()
        # 5: the tape of the typed answer; a list, which keys play.
        expect(tape.locator("li.step.stop")).to_have_count(1)
        assert tape.locator("li.step mark").count()
        tools = tape.locator(".tape-tools")
        if tab.device.scripts:
            tools.locator("[data-go=all]").press("Enter")
            tools.locator("[data-go=on]").press("ArrowRight")
            expect(tape.locator("[aria-live]")).to_contain_text(said["step"])
            expect(tape.locator("li.step:visible")).to_have_count(1)
            tools.locator("[data-go=all]").press("Enter")
        else:
            expect(tools).to_be_hidden()
        assert tab.overflow() <= 0
    if tab.device.scripts:
        graph.locator("a.node").first.press("Enter")
        expect(tab.editor).to_be_focused()


def _accessible(tab: Tab) -> None:
    """In light and in dark; axe is a script."""
    if not tab.device.scripts:
        return
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        tab.page.evaluate(STILL)
        assert Axe().run(tab.page).response["violations"] == [], scheme
