"""The picture of a function and its gradient: a point that a key moves, and a table without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.served import COURSE

from .world import SLOWEST, WRONG, Device, Tab

Devices = Callable[..., Device]


def told(page: Page) -> dict[str, str]:
    """What the slider says of its point, by kind."""
    found: dict[str, str] = page.locator(".slider b").evaluate_all(
        "all => Object.fromEntries(all.map(b => [b.dataset.of, b.textContent]))"
    )
    return found


def move(page: Page, key: str) -> dict[str, str]:
    """Press a key on the slider, and see that the point went to what is said of it."""
    before = page.locator("g.at path.here").first.get_attribute("d")
    page.locator(".slider input").press(key)
    expect(page.locator("g.at path.here").first).not_to_have_attribute("d", before or "")
    return told(page)


def drawn(tab: Tab) -> str:
    """Hand in, and look until the pictures are drawn, which they are when nothing else is to be done."""
    tab.write(WRONG)
    tab.submit()
    attempt = tab.page.locator('#answer a[href^="/attempts/"]').first.get_attribute("href") or ""
    for _ in range(SLOWEST // 500):
        tab.go(attempt)
        if tab.page.locator("figure.plot").count():
            break
        tab.page.wait_for_timeout(500)
    return attempt


def test_the_slider_moves_the_point(tab: Tab, device: Devices, login: str) -> None:
    """On the attempt's own page and beside the verdict; without a script there is a table; axe is content."""
    attempt = drawn(tab)
    page, slider = tab.page, tab.page.locator(".slider input")
    expect(slider).to_be_visible()
    # It begins at a case that failed, where f is x³: autograd says x², the student 3x².
    first = {"x": "1.5", "f": "3.375", "truth": "2.25", "predicted": "6.75"}
    assert told(page) == first
    expect(page.locator("figure.plot text.failing").first).to_have_text("✗ x = -2.5")
    end = move(page, "End")
    assert float(end["x"]) > 4
    assert float(end["predicted"]) == pytest.approx(3 * float(end["truth"]), rel=1e-4)
    near = move(page, "ArrowLeft")
    assert 0 < float(end["x"]) - float(near["x"]) < 0.2
    expect(slider).to_have_attribute("aria-valuetext", near["x"])
    move(page, "Home")
    for _ in range(3):
        move(page, "PageUp")
    expect(page.locator("g.at path.tangent")).to_have_count(2)
    expect(page.locator("g.at .point")).to_have_count(3)
    expect(page.locator(".slider output")).to_have_attribute("aria-live", "polite")

    tab.go(f"/courses/{COURSE}/detach?attempt={attempt.rpartition('/')[2]}")
    expect(slider).to_be_visible()
    assert told(page) == first
    move(page, "ArrowRight")

    seen = device(bypass_csp=True, color_scheme="dark").tab()
    seen.sign_in(login)
    seen.go(attempt)
    expect(seen.page.locator(".slider input")).to_be_visible()
    assert not Axe().run(seen.page, context="figure.plot").response["violations"]

    plain = device(java_script_enabled=False).tab()
    plain.sign_in(login)
    plain.go(attempt)
    expect(plain.page.locator("figure.plot svg[role=img] title").first).to_have_text("f(x) and its gradient")
    expect(plain.page.locator(".slider")).to_be_hidden()
    plain.page.locator("figure.plot summary").click()
    rows = plain.page.locator("figure.plot tbody tr")
    expect(rows).to_have_count(12)
    expect(rows.last).to_be_visible()
    expect(rows.last.locator("td")).to_have_count(3)
