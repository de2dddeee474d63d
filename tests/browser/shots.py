"""``make shots``: a picture of every page, to look at before and after a change of the pages.

Both languages, 1280 and 360 pixels wide, light; the exercise and its verdict dark as well. They are
written to ``build/shots``, from a server with the demo course whose submissions are all graded.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from grader.cli.demo import COURSE, Account, fill
from grader.exercises import Library
from grader.model.text import Language
from grader.settings import Settings
from grader.store import courses, users, waiting
from grader.store.attempts import attempts as stored_attempts
from grader.store.database import Store
from tests.served import ROOT, Server

from .world import BUILT, CHROMIUM, RIGHT, SLOWEST, STILL, WRONG, context_options, launch

TO = ROOT / "build" / "shots"
WIDTHS = (1280, 360)
BROKEN = "import torch\n\n\ndef f(x):\n    return x * * x\n"
LONGEST_WAIT = 1200
"""Seconds until the demo is graded."""


def main() -> int:
    """Take all pictures. Returns the exit status."""
    if not CHROMIUM or not BUILT.is_file():
        print("make shots: needs chromium and the built scripts (make setup)", file=sys.stderr)
        return 2
    shutil.rmtree(TO, ignore_errors=True)
    TO.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = Settings(data=data, exercises=ROOT / "exercises", solutions=ROOT / "solutions")
        store = Store.open(settings.database_url)
        accounts = fill(store, Library(settings.exercises, settings.solutions), settings)
        server = Server(data)
        try:
            server.start()
            wait_until_graded(store)
            with sync_playwright() as playwright:
                browser = launch(playwright)
                for language in ("en", "zh"):
                    for width in WIDTHS:
                        take(browser, server.url, store, accounts, language, width)
                browser.close()
        finally:
            server.stop()
            store.close()
    print(f"{len(list(TO.glob('*.png')))} pictures in {TO.relative_to(ROOT)}")
    return 0


def wait_until_graded(store: Store) -> None:
    """A gradebook that is half filled is no picture of one."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        with store.read() as transaction:
            lengths = waiting.lengths(transaction)
        if not lengths.queued and not lengths.running:
            return
        time.sleep(1)
    print("make shots: not everything is graded yet; the pictures show that", file=sys.stderr)


def take(
    browser: Browser, url: str, store: Store, accounts: list[Account], language: Language, width: int
) -> None:
    """All pages in one language, in one width."""
    student, teacher = accounts
    context = browser.new_context(
        **context_options(language, viewport={"width": width, "height": 900 if width > 600 else 740})
    )
    page = context.new_page()

    def shoot(name: str) -> None:
        page.evaluate(STILL)
        page.screenshot(path=TO / f"{name}-{language}-{width}.png", full_page=True)

    def go(path: str) -> None:
        page.goto(url + path)

    def sign_in(account: Account) -> None:
        go("/sign-in")
        page.fill("#login", account.login)
        page.fill("#password", account.password)
        page.locator("main button.main").click()
        expect(page.locator("a.who")).to_be_visible()
        go(f"/?lang={language}")

    go("/sign-in")
    shoot("sign-in")
    go("/join")
    shoot("join")
    sign_in(student)
    shoot("home")
    for slug in ("simple-example", "control-flow", "forward-or-reverse", "relu-at-zero", "detach"):
        go(f"/courses/{COURSE}/{slug}")
        expect(page.locator(".cm-content")).to_be_visible()
        shoot(f"exercise-{slug}")
    # A new attempt each time, or the page would show one that is there.
    for name, code in (("error", BROKEN), ("wrong", WRONG), ("right", RIGHT)):
        hand_in(page, f"{code}# {language} {width}\n")
        shoot(f"verdict-{name}")
        if name == "wrong":
            page.emulate_media(color_scheme="dark")
            shoot("verdict-wrong-dark")
            page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    go(f"/courses/{COURSE}/detach")
    shoot("exercise-detach-dark")
    page.emulate_media(color_scheme="light")
    latest = attempts(store, student.login, "detach")[0]
    for name, path in (
        ("history", f"/courses/{COURSE}/detach/attempts"),
        ("attempt", f"/attempts/{latest}"),
        ("changes", f"/attempts/{latest}/changes"),
        ("account", "/account"),
        ("no-such-page", "/no-such-page"),
    ):
        go(path)
        shoot(name)
    context.clear_cookies()
    sign_in(teacher)
    shoot("home-of-a-teacher")
    for name in (
        "class",
        "gradebook",
        "assignments",
        "watchlist",
        "regrades",
        "students",
        "settings",
        "audit",
    ):
        go(f"/courses/{COURSE}/{name}")
        shoot(name)
    for name, path in (
        ("class-of-an-exercise", "class/detach"),
        ("statistics", "class/detach/statistics"),
        ("agreement", "class/detach/agreement"),
        ("lecture-card", "lecture-card"),
        ("proposal", "regrades/1"),
        ("rules", "assignments/detach/rules"),
    ):
        go(f"/courses/{COURSE}/{path}")
        shoot(name)
    context.close()


def hand_in(page: Page, code: str) -> None:
    """Write it, submit it, and wait for its verdict."""
    page.evaluate("document.querySelectorAll('.outcome').forEach(each => each.dataset.old = '1')")
    page.locator(".cm-content").click()
    for key in ("Control+a", "Delete"):
        page.keyboard.press(key)
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".outcome[data-state=graded]:not([data-old])")).to_be_visible(timeout=SLOWEST)
    expect(page.locator("button[data-busy]")).to_have_count(0)


def attempts(store: Store, login: str, exercise: str) -> list[str]:
    """The attempts of an account at an exercise of the demo, newest first."""
    with store.read() as transaction:
        course = courses.find_course(transaction, COURSE)
        user = users.find_user(transaction, login)
        assert course is not None
        assert user is not None
        assignment = courses.find_assignment(transaction, course.id, exercise)
        assert assignment is not None
        return [row.id for row in stored_attempts(transaction, user.id, assignment.id)]


if __name__ == "__main__":
    sys.exit(main())
