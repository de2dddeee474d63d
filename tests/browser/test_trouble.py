"""What goes wrong on an ordinary day: the network, two tabs, Back, two clicks, a session that is over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, Route, expect

from tests.served import COURSE

from .world import PASSWORD, RIGHT, SLOWEST, WRONG, Device, Tab, World, is_hand_in

Devices = Callable[..., Device]
OFFLINE = "connection is lost"


def test_the_network_is_away_during_a_submit(world: World, tab: Tab, login: str) -> None:
    """It is said, the text stays, and when the network is back it becomes one attempt by itself."""
    tab.device.forgive("network")
    tab.write_and_save(RIGHT)
    tab.device.context.set_offline(True)
    with tab.handing_in():
        tab.page.keyboard.press("Control+Enter")
        expect(tab.status).to_contain_text(OFFLINE)
        tab.expect_text(RIGHT)
        assert world.attempts(login) == []
        tab.device.context.set_offline(False)
    expect(tab.status).to_have_text("")
    expect(tab.verdict).to_have_attribute("data-score", "10.0")
    assert world.attempts(login) == ["graded"]
    tab.page.reload()
    tab.expect_text(RIGHT)


def test_what_is_typed_without_a_network_is_saved_afterwards(tab: Tab, device: Devices, login: str) -> None:
    """It is said that it is not saved; once it can be, it is, without a further key."""
    tab.device.forgive("network")
    tab.device.context.set_offline(True)
    tab.write(WRONG)
    expect(tab.draft).to_contain_text("Not saved yet")
    with tab.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        tab.device.context.set_offline(False)
    expect(tab.draft).to_contain_text("Draft saved")
    other = device().tab()
    other.sign_in(login)
    other.open()
    other.expect_text(WRONG)


def test_an_answer_that_is_lost_on_its_way_back(world: World, tab: Tab, login: str) -> None:
    """The server has the attempt, the page does not know; asking again finds the same one."""
    tab.device.forgive("network")
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if not is_hand_in(route.request) or lost:
            route.fallback()
            return
        lost.append(route.fetch().status)
        route.abort()

    tab.page.route("**/courses/**", lose_the_first)
    tab.write(RIGHT)
    tab.submit()
    assert lost, "an answer was lost"
    expect(tab.verdict).to_have_attribute("data-score", "10.0")
    assert world.attempts(login) == ["graded"]
    # The next one is another attempt: its key is new.
    tab.write(WRONG)
    tab.submit()
    assert world.attempts(login) == ["graded", "graded"]


def test_a_server_that_fails_is_admitted(world: World, tab: Tab, login: str) -> None:
    """One sentence instead of a blank or a technical page; the text is there, and a second try works."""
    tab.device.forgive(500)

    def fail(route: Route) -> None:
        if is_hand_in(route.request):
            route.fulfill(status=500, body="Traceback")
        else:
            route.fallback()

    # Before anything else is asked for: what is sent a moment after a route was set may still go by it.
    tab.page.route("**/courses/**", fail)
    tab.write_and_save(RIGHT)
    tab.page.keyboard.press("Control+Enter")
    expect(tab.status).to_contain_text("failed on our side")
    expect(tab.page.locator("button[data-busy]")).to_have_count(0)
    tab.expect_text(RIGHT)
    tab.page.unroute("**/courses/**")
    tab.submit()
    assert world.attempts(login) == ["graded"]


@pytest.mark.parametrize("choice", ["keep this one", "show the other"])
def test_a_draft_saved_in_another_tab(device: Devices, tab: Tab, login: str, choice: str) -> None:
    """Neither text is lost silently: the tab that is behind says so and offers both ways on."""
    mine, other = "mine = 1\n", "other = 2\n"
    tab.device.forgive(409)
    second = tab.device.tab()
    second.open()
    second.write_and_save(other)
    tab.write(mine)
    expect(tab.draft).to_contain_text("A newer draft was saved")
    tab.expect_text(mine)
    if choice == "keep this one":
        tab.page.get_by_role("button", name="Keep this one").click()
        expect(tab.draft).to_contain_text("Draft saved")
        kept = mine
    else:
        tab.page.get_by_role("button", name="Show the other").click()
        kept = other
        tab.expect_text(kept)
    third = device().tab()
    third.sign_in(login)
    third.open()
    third.expect_text(kept)
    # From here on this tab is the one that is up to date.
    tab.write_and_save(kept + "# more\n")


def test_back_after_handing_in(world: World, tab: Tab) -> None:
    """What was handed in is in the editor, and not what stood there when the page was opened."""
    tab.open()
    tab.write(WRONG)
    tab.submit()
    tab.page.locator("#standing a").click()
    expect(tab.page.locator("h1")).to_contain_text("Attempts")
    tab.page.go_back()
    tab.ready()
    tab.expect_text(WRONG)


@pytest.mark.parametrize("visits", [1, 2])
def test_back_after_leaving_in_the_middle_of_a_word(tab: Tab, visits: int) -> None:
    """Nobody waits for a draft to be saved before following a link.

    A page that was opened before is one that the browser likes to take out of its cache.
    """
    for _ in range(visits - 1):
        tab.open()
    tab.write("half = 'a senten")
    tab.page.locator(".brand").click()
    expect(tab.page.locator("h1")).to_have_text("Exercises")
    tab.page.go_back()
    tab.ready()
    tab.expect_text("half = 'a senten")


def test_leaving_saves_what_was_typed_last(tab: Tab, device: Devices, login: str) -> None:
    """A link followed right after a key: another device has the text all the same."""
    tab.write("last = 'words'\n")
    tab.page.locator(".brand").click()
    expect(tab.page.locator("h1")).to_have_text("Exercises")
    other = device().tab()
    other.sign_in(login)
    other.open()
    other.expect_text("last = 'words'\n")


def test_another_device_has_the_draft(tab: Tab, device: Devices, login: str) -> None:
    """It is restored there, with the time at which it was saved."""
    tab.write_and_save(WRONG)
    other = device(viewport={"width": 360, "height": 740}).tab()
    other.sign_in(login)
    other.open()
    other.expect_text(WRONG)
    expect(other.draft).to_contain_text("Your draft of")


@pytest.mark.parametrize("way", ["click", "key"])
def test_twice_is_once(world: World, tab: Tab, login: str, way: str) -> None:
    """A double click, or the key pressed twice: one request and one attempt."""
    sent: list[Request] = []
    tab.page.on("request", lambda request: sent.append(request) if is_hand_in(request) else None)
    tab.write(RIGHT)
    with tab.handing_in():
        if way == "click":
            tab.button("submit").dblclick()
        else:
            tab.page.keyboard.press("Control+Enter")
            tab.page.keyboard.press("Control+Enter")
    assert len(sent) == 1
    assert world.attempts(login) == ["graded"]


def test_twice_is_once_without_a_script(world: World, device: Devices, login: str) -> None:
    """The form's own key does the same where no script counts clicks."""
    tab = device(java_script_enabled=False).tab()
    tab.sign_in(login)
    tab.open()
    tab.page.fill("#source", RIGHT)
    tab.button("submit").dblclick()
    expect(tab.page.locator("#verdict")).to_have_attribute("data-score", "10.0", timeout=SLOWEST)
    assert world.attempts(login) == ["graded"]


def test_the_session_was_ended_elsewhere(world: World, tab: Tab, device: Devices, login: str) -> None:
    """The text comes along to a page that keeps it; signing in there and submitting gives the verdict."""
    tab.device.forgive(401)
    tab.write_and_save(WRONG)
    other = device().tab()
    other.sign_in(login)
    other.go("/account")
    other.page.get_by_role("button", name="Sign out everywhere").click()
    expect(other.page.locator("#login")).to_be_visible()

    tab.page.keyboard.press("Control+Enter")
    page = tab.page
    expect(page.locator("h1")).to_have_text("Your text is kept")
    expect(page.locator("#source")).to_have_value(WRONG)
    assert world.attempts(login) == []
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    tab.button("sign in").click()
    expect(page.locator("#source")).to_have_value(WRONG)
    tab.button("submit").click()
    expect(page.locator(".verdict[data-score]")).to_have_attribute("data-score", "4.0", timeout=SLOWEST)
    assert world.attempts(login) == ["graded"]
    tab.open()
    tab.expect_text(WRONG)


def test_a_page_from_before_another_sign_in(world: World, tab: Tab, login: str) -> None:
    """Out and in again in another tab: the old page's form is refused, with its text still in it."""
    tab.device.forgive(400)
    tab.write(RIGHT)
    second = tab.device.tab()
    second.go("/account")
    second.button("sign out").click()
    second.sign_in(login)
    tab.editor.focus()
    tab.page.keyboard.press("Control+Enter")
    expect(tab.page.locator("#problem")).to_contain_text("submit once more")
    tab.expect_text(RIGHT)
    tab.submit()
    assert tab.page.url.partition("?")[0] == f"{tab.url}/courses/{COURSE}/detach"
    assert world.attempts(login) == ["graded"]


def test_a_box_that_cannot_be_read_says_why_where_it_was_typed(world: World, tab: Tab, login: str) -> None:
    """No attempt is spent, and the box has the focus."""
    tab.device.forgive(422)
    tab.open("simple-example")
    tab.write_and_save(RIGHT)
    box = tab.page.locator("[name='predict-y']")
    why = tab.page.locator("#why-y")
    box.fill("two")
    tab.page.locator("button.main").click()
    expect(why).to_contain_text("cannot be read at “two”")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()
    assert world.attempts(login) == []
