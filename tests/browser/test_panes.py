"""The exercise's page in two panes, and in one column: what is in sight, and what stays where it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from grader.model.text import Language
from tests.served import COURSE

from .world import SLOWEST, Device, Tab, World

Devices = Callable[..., Device]
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
ASKS = (
    "import torch\n\n\ndef f(x):\n    return (x * x).detach() * x\n\n\ndef grad_z(x):\n"
    "    x = x.detach().requires_grad_()\n    return torch.autograd.grad(f(x).sum(), x)[0]\n"
)
ASKED = 10
"""The line of :data:`ASKS` that asks autograd where a prediction is due."""


def whole(tab: Tab, selector: str) -> bool:
    """Whether all of it can be seen now: inside the window, and nothing over its middle and its corners."""
    return bool(
        tab.page.locator(selector).first.evaluate(
            """it => {
              const box = it.getBoundingClientRect();
              if (box.width < 1 || box.top < 0 || box.bottom > innerHeight) return false;
              const points = [[.5, .5], [.05, .1], [.95, .1], [.05, .9], [.95, .9]];
              return points.every(([x, y]) => {
                const on = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
                return on !== null && (it.contains(on) || on.contains(it));
              });
            }"""
        )
    )


def place(tab: Tab, pane: str) -> float:
    """How far down a pane is."""
    return float(tab.page.locator(pane).evaluate("pane => pane.scrollTop"))


def top(it: Locator) -> float:
    """Where it begins in the window."""
    box = it.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_panes_stay(world: World, device: Devices, language: Language) -> None:
    """Submit and the score are in sight from the start; the verdict comes at left, the code stays."""
    tab = device(language, reduced_motion="reduce").tab()
    page = tab.page
    tab.sign_in(world.account(language=language))
    tab.open("simple-example")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "the page does not scroll"
    assert whole(tab, ".hand-in button.main")
    assert whole(tab, "#standing")
    tab.write("# a line\n" * 40)
    page.locator("#code").evaluate("pane => pane.scrollTo(0, 120)")
    with tab.handing_in():
        tab.button("submit").click()
    expect(page.locator("#reading .verdict")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nor with a verdict"
    assert 0 < top(tab.verdict) < 120, "its beginning has come to the top of the left pane"
    assert whole(tab, ".hand-in button.main")
    assert whole(tab, "#latest a")
    assert "0" in page.locator("#latest").inner_text()
    assert place(tab, "#code") == 120, "the code stays where it was"
    expect(tab.editor).to_be_in_viewport()
    page.locator("#reading").evaluate("pane => pane.scrollTo(0, 333)")
    page.reload()
    tab.ready()
    assert (place(tab, "#reading"), place(tab, "#code")) == (333, 120), "each pane is where it was"
    # Where there is no room for two panes, all of it is one page, and what hands in sticks to its edge.
    for size in ({"width": 640, "height": 450}, {"width": 1280, "height": 480}):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollHeight > 2 * innerHeight"), size
        assert tab.overflow() <= 0, size
        assert whole(tab, ".hand-in button.main"), size


def test_one_column_with_a_bar(world: World, device: Devices, login: str) -> None:
    """On a phone: three links lead to the parts and say which is read; no field lies under the bar."""
    tab = device(**PHONE, reduced_motion="reduce", bypass_csp=True).tab()
    page = tab.page
    tab.sign_in(login)
    tab.open("simple-example")
    current = page.locator(".jumps [aria-current]")
    expect(current).to_have_attribute("href", "#text")
    fields = page.locator("#work [name^=predict-]")
    for n in range(fields.count()):
        fields.nth(n).focus()
        field, bar = fields.nth(n).bounding_box(), page.locator(".hand-in").bounding_box()
        assert field is not None and bar is not None
        assert field["y"] >= 0 and field["y"] + field["height"] <= bar["y"], n
    with tab.handing_in():
        tab.button("submit").tap()
    for part in ("text", "code", "answer"):
        page.locator(f'.jumps [href="#{part}"]').tap()
        expect(current).to_have_attribute("href", f"#{part}")
        assert -40 < top(page.locator(f"#{part}")) < 370, part
        assert whole(tab, ".hand-in button.main") and whole(tab, "#latest a") and whole(tab, ".jumps")
    assert tab.overflow() <= 0
    broken = Axe().run(page).response["violations"]
    assert [each["id"] for each in broken] == []


@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, {"width": 360, "height": 740}])
def test_without_a_script_it_is_the_same_page(
    world: World, device: Devices, login: str, size: dict[str, int]
) -> None:
    """The address leads to the verdict; code, Submit and score stay in sight where there are two panes."""
    tab = device(java_script_enabled=False, viewport=size).tab()
    page = tab.page
    tab.sign_in(login)
    tab.open("simple-example")
    assert page.locator("#source").bounding_box() is not None
    tab.button("submit").click()
    verdict = page.locator("#verdict")
    expect(verdict).to_have_attribute("data-score", re.compile(r"\d"), timeout=SLOWEST)
    if not page.url.endswith("#verdict"):
        # A machine under load answers that grading goes on; the verdict is then on the attempt's own page.
        tab.go(f"/courses/{COURSE}/simple-example?attempt={page.url.rsplit('/', 1)[1]}#verdict")
    expect(verdict).to_be_in_viewport()
    expect(tab.button("submit")).to_be_in_viewport(ratio=1)
    expect(page.locator("#latest a")).to_be_in_viewport(ratio=1)
    if size["width"] > 1000:
        expect(page.locator("#source")).to_be_in_viewport()
    else:
        page.locator('.jumps [href="#code"]').click()
        expect(page.locator("#source")).to_be_in_viewport()


def test_a_verdict_marks_the_lines_that_it_names(tab: Tab) -> None:
    """In the text, beside it and in words; a mark moves with its line, and goes when that is edited."""
    page = tab.page
    marked, number, said = (page.locator(each) for each in (".cm-wrong", ".cm-wrong-number", "#editor-marks"))
    tab.write(ASKS)
    tab.submit()
    expect(marked).to_have_text(ASKS.split("\n")[ASKED - 1])
    expect(number).to_have_text(str(ASKED))
    expect(said).to_contain_text(f"line {ASKED}.")
    expect(tab.editor).to_have_attribute("aria-describedby", re.compile("editor-marks"))
    failed = tab.verdict.locator('[data-check="grad-z"]')
    failed.get_by_role("link", name=f"line {ASKED}").click()
    expect(page.locator(".cm-activeLine")).to_have_text(ASKS.split("\n")[ASKED - 1])
    page.reload()
    expect(number).to_have_text(str(ASKED))
    # An edit of another line moves it, an edit of its own takes it away; then nothing is said of it.
    tab.editor.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("# above\n")
    expect(number).to_have_text(str(ASKED + 1))
    expect(said).to_contain_text(f"line {ASKED + 1}.")
    marked.click()
    page.keyboard.press("End")
    page.keyboard.insert_text("  # now")
    expect(marked).to_have_count(0)
    expect(said).to_be_empty()
    page.reload()
    expect(tab.editor).to_be_visible()
    expect(page.locator("#changed")).to_be_visible()
    expect(marked).to_have_count(0)
