"""A forgotten password, and the time zone, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.served import COURSE

from .world import PASSWORD, Device, World

NEW = "a longer new password"


def test_a_teacher_helps_a_student_who_has_a_phone_and_no_scripts(
    world: World, device: Callable[..., Device]
) -> None:
    """The teacher makes a link on the course's page; it opens on a phone, in Chinese, without scripts."""
    login, teacher = world.account(language="zh"), world.account("instructor")
    desk = device(bypass_csp=True).tab()
    desk.sign_in(teacher)
    desk.go(f"/courses/{COURSE}/gradebook")
    desk.page.get_by_role("link", name="Students and forgotten passwords").click()
    desk.page.get_by_role("button", name=f"Make a password link for {login.title()}", exact=True).click()
    link = desk.page.locator("#password-link").inner_text()
    assert Axe().run(desk.page).response["violations"] == []

    phone = device("zh", java_script_enabled=False, viewport={"width": 360, "height": 740}).tab()
    phone.page.goto(link)
    expect(phone.page.locator("h1")).to_have_text("设置新密码")
    phone.page.fill("#new", NEW)
    phone.page.fill("#again", NEW)
    phone.page.get_by_role("button", name="保存并登录").click()
    expect(phone.button("sign out")).to_be_visible()
    expect(phone.page.get_by_role("status")).to_contain_text("密码已更改")
    phone.page.goto(link)
    expect(phone.page.locator("h1")).to_have_text("此链接无效")
    phone.device.forgive(404)

    again = device().tab()
    again.go("/sign-in")
    again.page.fill("#login", login)
    again.page.fill("#password", PASSWORD)
    again.button("sign in").click()
    expect(again.page.get_by_role("alert")).to_have_text("This name and password do not match.")
    again.device.forgive(401)
    again.page.fill("#password", NEW)
    again.button("sign in").click()
    expect(again.page.locator("a.who")).to_have_text(login.title())


def test_no_page_about_passwords_is_wider_than_a_phone(world: World, device: Callable[..., Device]) -> None:
    """Nor the list of students with a link on it."""
    login, teacher = world.account(), world.account("instructor")
    tab = device(viewport={"width": 360, "height": 740}).tab()
    tab.sign_in(teacher)
    tab.go(f"/courses/{COURSE}/students")
    assert tab.overflow() <= 0
    tab.page.get_by_role("button", name=f"Make a password link for {login.title()}", exact=True).click()
    link = tab.page.locator("#password-link").inner_text()
    assert tab.overflow() <= 0
    for path in (urlsplit(link).path, f"{urlsplit(link).path}x", "/password", "/password-sent", "/account"):
        tab.go(path)
        assert tab.overflow() <= 0, path
    tab.device.forgive(404)


def test_the_browsers_zone_is_known_from_the_sign_in_on(
    world: World, device: Callable[..., Device], login: str
) -> None:
    """Before any exercise was opened; and then where no script says so, too."""
    tab = device(timezone_id="Asia/Tokyo").tab()
    tab.sign_in(login)
    tab.go("/account")
    expect(tab.page.locator("main")).to_contain_text("UTC+9")
    expect(tab.page.locator("main")).to_contain_text("Your browser named this zone (Asia/Tokyo).")
    without = device(java_script_enabled=False, timezone_id="Europe/Berlin").tab()
    without.sign_in(login)
    without.go("/account")
    expect(without.page.locator("main")).to_contain_text("Asia/Tokyo")
