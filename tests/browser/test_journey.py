"""The whole way of a student: with scripts in both languages, without scripts, on a phone, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from grader.model.text import Language
from tests.served import COURSE

from .world import EXERCISES, PASSWORD, PATIENCE, RIGHT, SLOWEST, WRONG, Device, Tab, World

Devices = Callable[..., Device]


def attempt_links(tab: Tab) -> set[str]:
    """The addresses of single attempts that the page leads to."""
    found = tab.page.locator("main a").evaluate_all("all => all.map(a => a.pathname)")
    return {path for path in found if re.fullmatch(r"/attempts/[^/]+", path)}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_signing_in_to_signing_out(world: World, device: Devices, language: Language) -> None:
    """Home, exercise, draft, a wrong attempt that is explained, a right one, both listed, one restored."""
    login = world.account(language=language)
    tab = device(language).tab()
    page = tab.page

    tab.go("/")
    assert page.url.startswith(f"{tab.url}/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if language == "zh" else "en")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    tab.button("sign in").click()
    page.locator(f'a.name[href="/courses/{COURSE}/detach"]').click()
    tab.ready()

    tab.write_and_save(WRONG)
    page.reload()
    tab.expect_text(WRONG)

    tab.submit()
    address = page.url.partition("?")[0]
    expect(tab.verdict.locator(".score")).to_contain_text("4")
    expect(tab.verdict).to_have_attribute("data-score", "4.0")
    failed = tab.verdict.locator('[data-check="gradient"]')
    expect(failed).to_have_attribute("data-code", "undetached")
    expect(failed.locator(".text").first).not_to_be_empty()
    hint = tab.verdict.locator("p.hint").first
    expect(hint).to_be_visible()
    chinese = re.search("[\u4e00-\u9fff]", hint.inner_text()) is not None
    assert chinese == (language == "zh"), "the hint is in the reader's language"
    assert page.url.partition("?")[0] == address, "the verdict comes without leaving the page"

    tab.write(RIGHT)
    tab.submit()
    expect(tab.verdict).to_have_attribute("data-score", "10.0")
    expect(tab.verdict).to_have_class(re.compile(r"\bfull\b"))
    expect(tab.verdict.locator('[data-verdict="failed"]')).to_have_count(0)

    page.locator("#standing a").click()
    page.wait_for_load_state()
    assert len(attempt_links(tab)) == 2
    assert world.attempts(login) == ["graded", "graded"]
    first = page.locator('main a[href^="/attempts/"]').filter(has_text=re.compile(r"^\D*1\D*$")).first
    # Not clicked: playwright aims at the first box in a link, which here is a word for screen readers only.
    first.press("Enter")
    page.get_by_role("link", name=tab.words["go on"]).click()
    tab.ready()
    tab.expect_text(WRONG)

    tab.button("sign out").click()
    page.wait_for_url("**/sign-in*")
    tab.go("/")
    assert page.url.startswith(f"{tab.url}/sign-in")


def test_without_a_script(world: World, device: Devices, login: str) -> None:
    """The form, sent and answered by pages: a draft, a verdict that explains, full marks."""
    tab = device(java_script_enabled=False).tab()
    page = tab.page
    tab.sign_in(login)
    tab.open()
    expect(tab.editor).to_have_count(0)
    page.fill("#source", WRONG)
    page.locator("button.without-script").click()
    expect(page.locator("#source")).to_have_value(WRONG)
    tab.button("submit").click()
    verdict = page.locator("#verdict")
    expect(verdict).to_have_attribute("data-score", "4.0", timeout=SLOWEST)
    expect(verdict.locator("p.hint").first).to_be_visible()
    # A machine under load answers that grading goes on; the verdict is then on the attempt's own page.
    tab.open()
    expect(page.locator("#source")).to_have_value(WRONG)
    page.fill("#source", RIGHT)
    tab.button("submit").click()
    expect(verdict).to_have_attribute("data-score", "10.0", timeout=SLOWEST)
    assert world.attempts(login) == ["graded", "graded"]


def test_on_a_phone(world: World, device: Devices, login: str) -> None:
    """360 pixels: tapping is enough, and no page is wider than the screen."""
    tab = device(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).tab()
    page = tab.page
    wide: dict[str, int] = {}

    def look() -> None:
        if tab.overflow() > 0:
            wide[page.url.removeprefix(tab.url)] = tab.overflow()

    tab.go("/sign-in")
    look()
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    tab.button("sign in").tap()
    expect(tab.button("sign out")).to_be_visible()
    look()
    page.locator(f'a.name[href="/courses/{COURSE}/detach"]').tap()
    tab.ready()
    look()
    tab.editor.tap()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(WRONG + "# " + "a long line " * 30 + "\n")
    with tab.handing_in():
        tab.button("submit").tap()
    expect(tab.verdict).to_have_attribute("data-score", "4.0")
    look()
    page.locator("#standing a").tap()
    expect(page.locator('main a[href^="/attempts/"]').first).to_be_visible()
    look()
    for path in attempt_links(tab):
        tab.go(path)
        look()
        tab.go(f"{path}/changes")
        look()
    for path in ("/account", "/join", "/no-such-page", *(f"/courses/{COURSE}/{each}" for each in EXERCISES)):
        tab.device.forgive(404)
        tab.go(path)
        look()
    assert wide == {}


# How anything that has the focus shows it: its own outline, or that of what stands for it.
FOCUS = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const shows = [it, it.closest('.cm-editor'), ...(it.labels ?? [])].filter(Boolean).some((each) => {
    const style = getComputedStyle(each);
    const box = each.getBoundingClientRect();
    const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return drawn && box.width > 1 && box.height > 1;
  });
  return { name: `${it.tagName.toLowerCase()}#${it.id}.${it.className}[${it.name ?? ''}]`, shows };
}"""


def press_until(tab: Tab, selector: str, key: str = "Tab", most: int = 80) -> None:
    """Go on from element to element until the focus is on this one; it must be seen on every one."""
    for _n in range(most):
        tab.page.keyboard.press(key)
        # The editor shows it a moment later than the browser moves it.
        tab.page.wait_for_function(f"() => ({FOCUS})()?.shows ?? true", timeout=PATIENCE)
        if tab.page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"{key} does not lead to {selector}")


def test_by_keyboard_alone(world: World, device: Devices, login: str) -> None:
    """From signing in to full marks with Tab, Enter and typing; Escape, then Tab, leaves the editor."""
    tab = device().tab()
    tab.device.forgive("typing")
    page = tab.page
    tab.go("/sign-in")
    press_until(tab, "#login")
    page.keyboard.type(login)
    press_until(tab, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(tab.button("sign out")).to_be_visible()
    press_until(tab, f'a.name[href="/courses/{COURSE}/detach"]')
    page.keyboard.press("Enter")
    tab.ready()
    press_until(tab, ".cm-content")
    page.keyboard.press("Control+a")
    page.keyboard.type(
        "f = lambda x: (x * x).detach() * x\ngrad_z = lambda x: x * x\ngrad_y = lambda x: 2 * x\n"
    )
    page.keyboard.press("Tab")
    expect(tab.editor).to_be_focused()
    assert tab.text().endswith("\n    "), "Tab indents"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(tab.editor).not_to_be_focused()
    press_until(tab, ".cm-content")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(tab.editor).not_to_be_focused()
    with tab.handing_in():
        press_until(tab, ".hand-in button.main")
        page.keyboard.press("Enter")
    expect(tab.verdict).to_have_attribute("data-score", "8.0")
    assert world.attempts(login) == ["graded"]
