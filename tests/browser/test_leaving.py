"""Whatever leaves or reloads the page: what was typed last, and the verdict, are on the page that follows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Request, Route, expect

from tests.served import COURSE

from .world import RIGHT, SLOWEST, WRONG, Device, Tab, World

Devices = Callable[..., Device]

TYPED = "half = 'a senten"
LONG = "".join(f"x{n} = {n}  # a line of many\n" for n in range(9000))
"""More than a request may hold that outlives its page (64 KiB)."""
ENDLESS = "def f(x):\n    while True:\n        pass\n"
"""Is not graded within the time that a submit waits for its verdict."""


def theme(tab: Tab) -> Locator:
    """The switch of colours."""
    return tab.page.locator("header .theme")


def other_language(tab: Tab) -> Locator:
    """The switch of languages, from English."""
    return tab.page.locator("header [lang=zh]")


def switch(tab: Tab, way: str) -> None:
    """Press one of them, or reload, and wait for the page that follows."""
    if way == "reload":
        tab.page.reload()
    else:
        (theme(tab) if way == "theme" else other_language(tab)).click()
        expect(tab.page.locator("html[data-theme=dark], html[lang=zh-Hans]")).to_have_count(1)
    tab.ready()


def goes_on(tab: Tab, text: str) -> None:
    """The page shows the text, claims nothing false, and saves what is typed on."""
    tab.expect_text(text)
    tab.editor.focus()
    tab.page.keyboard.press("Control+End")
    # What is typed now is not what is asked for below: that is typed when nothing else is on its way.
    expect(tab.draft).not_to_contain_text(re.compile("newer|更新"))
    with tab.page.expect_response(
        lambda answer: answer.url.endswith("/draft") and "typed on" in (answer.request.post_data or "")
    ) as saved:
        tab.page.keyboard.insert_text("typed on")
    assert saved.value.ok
    expect(tab.page.locator("#draft-status button")).to_have_count(0)


@pytest.mark.parametrize("way", ["theme", "language", "reload"])
def test_typing_and_at_once(tab: Tab, way: str) -> None:
    """A key, then the switch, before the draft was saved; boxes, too."""
    tab.open("simple-example")
    tab.write_and_save("before = 1\n")
    tab.write(TYPED)
    tab.page.locator("[name^=predict-]").first.fill("7")
    switch(tab, way)
    expect(tab.page.locator("[name^=predict-]").first).to_have_value("7")
    assert "theme=" not in tab.page.url and "lang=" not in tab.page.url
    goes_on(tab, TYPED)


def test_a_long_text_and_at_once_a_reload(tab: Tab) -> None:
    """Too long for a page that is going away: the browser keeps it until the next one has sent it."""
    tab.paste(LONG)
    with tab.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        tab.page.reload()
        tab.ready()
    assert tab.text() == LONG
    expect(tab.draft).to_contain_text("Draft saved")
    assert tab.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('unsaved:'))") == []


def test_closing_the_tab_at_once(tab: Tab, device: Devices, login: str) -> None:
    """Another tab has the text, and another device."""
    tab.write(TYPED)
    tab.page.close(run_before_unload=True)
    again = tab.device.tab()
    again.open()
    again.expect_text(TYPED)
    other = device().tab()
    other.sign_in(login)
    other.open()
    other.expect_text(TYPED)


def test_signing_out_at_once(tab: Tab, login: str) -> None:
    """The text is saved before the session ends."""
    tab.paste(LONG)
    tab.button("sign out").click()
    expect(tab.page.locator("#login")).to_be_visible()
    tab.sign_in(login)
    tab.open()
    assert tab.text() == LONG


def test_leaving_without_a_network(tab: Tab, device: Devices, login: str, world: World) -> None:
    """The browser keeps the text, for its writer alone, until the page is opened again with a network."""
    tab.device.forgive("network")
    tab.device.context.set_offline(True)
    tab.write(TYPED)
    expect(tab.draft).to_contain_text("Not saved yet")
    tab.page.close()
    tab.device.context.set_offline(False)
    again = tab.device.tab()
    again.go("/")
    again.button("sign out").click()
    again.sign_in(world.account())
    again.open()
    expect(again.editor).to_contain_text("def f")
    again.button("sign out").click()
    again.sign_in(login)
    again.open()
    goes_on(again, TYPED)
    other = device().tab()
    other.sign_in(login)
    other.open()
    expect(other.editor).to_contain_text(TYPED)


def test_what_was_not_saved_before_another_device_went_on(tab: Tab, device: Devices, login: str) -> None:
    """The newer text stands in the page, and the other one can be brought back."""
    tab.device.forgive("network")
    tab.device.context.set_offline(True)
    tab.write(TYPED)
    expect(tab.draft).to_contain_text("Not saved yet")
    tab.page.close()
    other = device().tab()
    other.sign_in(login)
    other.open()
    other.write_and_save("newer = 1\n")
    tab.device.context.set_offline(False)
    again = tab.device.tab()
    again.open()
    again.expect_text("newer = 1\n")
    again.page.get_by_role("button", name="Bring it back").click()
    again.ready()
    again.expect_text(TYPED)


def test_going_on_with_an_earlier_attempt_and_a_reload(tab: Tab) -> None:
    """What is typed there is not taken back by the reload, and the draft from before is kept."""
    tab.write(WRONG)
    tab.submit()
    attempt = tab.page.locator('#answer a[href^="/attempts/"]').first.get_attribute("href")
    tab.write_and_save("a draft = 1\n")
    tab.go(attempt or "")
    tab.page.get_by_role("link", name=tab.words["go on"]).click()
    tab.ready()
    tab.expect_text(WRONG)
    tab.write(TYPED)
    tab.page.reload()
    goes_on(tab, TYPED)
    tab.page.get_by_role("button", name="Bring it back").last.click()
    tab.ready()
    tab.expect_text("a draft = 1\n")


def test_a_save_whose_answer_is_lost_is_no_other_window(tab: Tab) -> None:
    """The server has it, the page does not know; the next save is no conflict."""
    tab.device.forgive("network")
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.fallback()
            return
        lost.append(route.fetch().status)
        route.abort()

    tab.page.route("**/draft", lose_the_first)
    tab.write("first = 1\n")
    expect(tab.draft).to_contain_text("Not saved yet")
    assert lost == [200]
    tab.write_and_save("second = 2\n")
    expect(tab.page.locator("#draft-status button")).to_have_count(0)


@pytest.mark.parametrize("way", ["theme", "language", "reload"])
def test_the_verdict_stays(tab: Tab, way: str) -> None:
    """And says which attempt it is on, once the code is another one; until it is the same again."""
    tab.write(WRONG)
    tab.submit()
    switch(tab, way)
    verdict = tab.page.locator("#answer .verdict[data-score]")
    expect(verdict).to_have_attribute("data-score", "4.0")
    changed = tab.page.locator("#changed")
    expect(changed).to_be_hidden()
    tab.write(RIGHT)
    expect(changed).to_be_visible()
    expect(changed).to_contain_text("1")
    tab.page.reload()
    tab.expect_text(RIGHT)
    expect(verdict).to_have_attribute("data-score", "4.0")
    expect(changed).to_be_visible()
    tab.write(WRONG)
    expect(changed).to_be_hidden()
    tab.submit()
    expect(changed).to_be_hidden()


def test_back_from_a_verdict_leads_where_one_came_from(tab: Tab) -> None:
    """A verdict, and other colours, are no pages of their own to go back through."""
    tab.go("/")
    tab.page.locator(f'a.name[href="/courses/{COURSE}/detach"]').click()
    tab.ready()
    tab.write(WRONG)
    tab.submit()
    switch(tab, "theme")
    tab.page.go_back()
    expect(tab.page.locator("h1")).to_have_text("Exercises")
    tab.page.go_forward()
    tab.ready()
    expect(tab.page.locator("#answer .verdict[data-score]")).to_be_visible()


def test_typing_while_the_verdict_is_on_its_way(tab: Tab) -> None:
    """What comes after the code that was handed in is a draft, and nobody else's."""
    tab.page.clock.install()
    tab.open()
    asked: list[Request] = []

    def answer(route: Route) -> None:
        asked.append(route.request)
        route.fulfill(
            status=202, json={"state": "queued", "before": 4, "about_s": 1.2}, headers={"Retry-After": "60"}
        )

    tab.page.route("**/attempts/*/verdict", answer)
    tab.write(ENDLESS)
    tab.page.keyboard.press("Control+Enter")
    expect(tab.page.locator("[data-state=pending]")).to_be_visible(timeout=SLOWEST)
    with tab.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        tab.page.keyboard.insert_text("# more\n")
    expect(tab.page.locator("#waiting")).to_have_text("4 before you, about 1 s")
    # From here on time passes when the test says so.
    tab.page.clock.pause_at(tab.page.evaluate("Date.now() + 1000"))
    # Second by second until it is asked: how much of the minute was over by then hangs on the machine.
    known = len(asked)
    with tab.page.expect_response("**/verdict"):
        while len(asked) == known:
            tab.page.clock.run_for(1_000)
    known = len(asked)
    tab.page.clock.run_for(58_000)
    assert len(asked) == known
    with tab.page.expect_response("**/verdict"):
        tab.page.clock.run_for(60_000)
    tab.page.unroute("**/attempts/*/verdict")
    tab.page.clock.run_for(60_000)
    tab.page.clock.resume()
    expect(tab.page.locator("#answer .verdict[data-score]")).to_be_visible(timeout=SLOWEST)
    assert "# more" in tab.text()
    expect(tab.page.locator("#changed")).to_be_visible()


def test_a_verdict_is_asked_for_less_and_less_often(tab: Tab) -> None:
    """Where the server does not say when; hardly while nobody looks, and at once when somebody does."""
    page = tab.page
    page.clock.install()
    tab.open()
    asked: list[Request] = []

    def answer(route: Route) -> None:
        asked.append(route.request)
        route.fulfill(status=202, json={"state": "queued"})

    def until_set(milliseconds: int, times: int = 1) -> None:
        """An answer has come a little before the script has read it and set its timer."""
        deadline = time.monotonic() + SLOWEST / 1000
        while page.evaluate("delays").count(milliseconds) < times:
            if not asked:
                page.clock.run_for(1)  # the part of the page that says to wait is being put in its place
            assert time.monotonic() < deadline, page.evaluate("delays")

    page.route("**/attempts/*/verdict", answer)
    tab.write(ENDLESS)
    page.evaluate(
        """() => {
          const set = window.setTimeout;
          window.delays = [];
          window.setTimeout = (work, wait, ...rest) => {
            delays.push(wait);
            return set(work, wait, ...rest);
          };
        }"""
    )
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    page.keyboard.press("Control+Enter")
    page.clock.run_for(100)
    expect(page.locator("[data-state=pending]")).to_be_visible(timeout=SLOWEST)
    for tries, wait in enumerate((150, 300, 600, 1200, 2400, 4800, 5000, 5000)):
        until_set(wait, 1 + (tries == 7))
        known = len(asked)
        page.clock.run_for(wait - 60)
        assert len(asked) == known, wait
        with page.expect_response("**/verdict"):
            page.clock.run_for(80)
    until_set(5000, 3)
    page.evaluate(
        """() => {
          Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});
        }"""
    )
    with page.expect_response("**/verdict"):
        page.clock.run_for(5100)
    until_set(20_000)
    known = len(asked)
    page.clock.run_for(15_000)
    assert len(asked) == known
    with page.expect_response("**/verdict"):
        page.evaluate(
            """() => {
              delete document.visibilityState;
              document.dispatchEvent(new Event('visibilitychange'));
            }"""
        )


def test_without_a_script_nothing_is_lost_either(device: Devices, login: str) -> None:
    """Colours, language, starting over and bringing back are buttons of the form, and Enter hands in."""
    tab = device(java_script_enabled=False).tab()
    page = tab.page
    tab.sign_in(login)
    tab.open("simple-example")
    box = page.locator("[name^=predict-]").first
    page.fill("#source", WRONG)
    box.fill("7")
    theme(tab).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#source")).to_have_value(WRONG)
    expect(box).to_have_value("7")
    page.fill("#source", RIGHT)
    page.locator("#reset").click()
    expect(page.locator("#source")).not_to_have_value(RIGHT)
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator("#source")).to_have_value(RIGHT)
    box.fill("")
    box.press("Enter")
    verdict = page.locator("#verdict")
    expect(verdict).to_have_attribute("data-score", re.compile("."), timeout=SLOWEST)
    tab.open("simple-example")
    expect(page.locator("#source")).to_have_value(RIGHT)


def test_a_refused_file_without_a_script(world: World, device: Devices, login: str) -> None:
    """It is said at the file, which has the focus; what was typed is there, and nothing was handed in."""
    tab = device(java_script_enabled=False).tab()
    page = tab.page
    tab.device.forgive(422)
    tab.sign_in(login)
    tab.open()
    page.fill("#source", WRONG)
    page.set_input_files("#file", {"name": "a.py", "mimeType": "text/x-python", "buffer": b"%PDF-1.4"})
    tab.button("submit").click()
    expect(tab.file_problem).to_contain_text("“a.py” was not taken")
    expect(tab.file_problem).to_be_in_viewport()
    expect(page.locator("#file")).to_be_focused()
    expect(page.locator("#source")).to_have_value(WRONG)
    assert world.attempts(login) == []
