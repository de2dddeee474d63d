"""Whether everybody can use the pages: axe looks at each of them, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.served import COURSE

from .world import EXERCISES, RIGHT, STILL, WRONG, Device, Tab, World

Devices = Callable[..., Device]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(world: World, device: Devices, scheme: str) -> None:
    """Names, roles, contrast, headings, landmarks: no page breaks a rule that a program can check."""
    found: dict[str, list[str]] = {}

    def look(tab: Tab, name: str) -> None:
        # A page that is still fading in has not its colours yet.
        tab.page.evaluate(STILL)
        result = Axe().run(tab.page).response["violations"]
        broken = [f"{each['id']}: {node['html'][:160]}" for each in result for node in each["nodes"]]
        if broken:
            found[name] = broken

    student, teacher = world.account(), world.account("instructor")
    # axe is put into the page as a script, which the policy of our pages is there to forbid.
    tab = device(color_scheme=scheme, bypass_csp=True).tab()
    tab.device.forgive(404)
    tab.go("/sign-in")
    look(tab, "sign-in")
    tab.sign_in(student)
    look(tab, "home")
    for slug in EXERCISES:
        tab.open(slug)
        look(tab, slug)
    tab.open()
    tab.write(WRONG)
    tab.submit()
    # Pictures that come meanwhile replace what was found: so it is looked for again.
    tab.page.locator("#answer .after").evaluate("(part) => part.scrollIntoView()")
    tab.page.locator("#answer .pictures").scroll_into_view_if_needed()
    expect(tab.page.locator("figure.tape")).to_be_visible()
    look(tab, "verdict")
    tab.write("def f(x):\n    print('here')\n    return x +\n")
    tab.submit()
    look(tab, "error's verdict")
    tab.write(RIGHT)
    tab.submit()
    look(tab, "full marks")
    attempt = tab.page.locator('#answer a[href^="/attempts/"]').first.get_attribute("href")
    tab.page.locator("#standing a").click()
    expect(tab.page.locator("h1")).to_contain_text("Attempts")
    look(tab, "history")
    for path in (attempt, f"{attempt}/changes", "/account", "/join", "/no-such-page"):
        assert path is not None
        tab.go(path)
        look(tab, path)
    guest = device(color_scheme=scheme, bypass_csp=True).tab()
    invitation = world.invitation()
    guest.go(invitation)
    look(guest, "invitation")
    early = world.upcoming()
    guest.go("/sign-in")
    guest.sign_in(early)
    guest.go(invitation)
    look(guest, "invitation to who is signed in")
    guest.go(f"/courses/later-{early}/detach")
    expect(guest.page.locator(".notice")).to_be_visible()
    look(guest, "upcoming")
    tab.open()
    tab.device.forgive(400, 401)
    tab.device.context.clear_cookies()
    tab.button("submit").click()
    expect(tab.page.locator("h1")).to_have_text("Your text is kept")
    look(tab, "the page that keeps a form")
    desk = device(color_scheme=scheme, bypass_csp=True).tab()
    desk.sign_in(teacher)
    look(desk, "a teacher's home")
    desk.go(f"/courses/{COURSE}/gradebook")
    expect(desk.page.locator("table")).to_be_visible()
    look(desk, "gradebook")
    assert found == {}
