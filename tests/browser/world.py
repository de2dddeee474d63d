"""A real server, a real browser, and a student who types, clicks and waits as people do.

Nothing here sleeps: whatever takes time is waited for by what shows that it is over. Every page is
watched; a complaint of the browser, such as something that the content policy refused, fails the test.
"""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, Playwright, Request, expect

from grader.model.text import Language
from grader.settings import Settings
from grader.store import attempts, courses, enrolments, passwords, users
from grader.store.database import Store
from grader.store.tables import utcnow
from tests.served import COURSE, ROOT, Server

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""The first draws no windows of its own around a page."""
BUILT = ROOT / "grader" / "web" / "static" / "built" / "manifest.json"
EXERCISES = ("simple-example", "non-scalar", "detach", "control-flow", "forward-or-reverse", "relu-at-zero")
PASSWORD = "correct horse battery"
SLOWEST = 60_000
"""Milliseconds until a verdict is there, on a machine that does much else."""

PATIENCE = 20_000
"""Milliseconds for everything else."""
expect.set_options(timeout=PATIENCE)

RIGHT = (ROOT / "solutions/detach/accepted/01_as_in_the_text.py").read_text(encoding="utf-8")
"""Full marks for ``detach``. Its predictions are in the code, as they may be."""
WRONG = (ROOT / "solutions/detach/rejected/no_detach.py").read_text(encoding="utf-8")
"""A mistake that is known: it has a name, a reason and a hint."""

STILL = """document.getAnimations()
  .filter(each => each.effect.getComputedTiming().endTime < Infinity)
  .forEach(each => each.finish())"""
"""Nothing fades in any more: what did is at its end. It is not waited for, which once took for ever. A cursor
blinks on."""

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "sign in": "Sign in",
        "sign out": "Sign out",
        "submit": "Submit",
        "saved": "Draft saved",
        "go on": "Go on with this code",
    },
    "zh": {
        "sign in": "登录",
        "sign out": "退出",
        "submit": "提交",
        "saved": "草稿已保存",
        "go on": "在此代码上继续",
    },
}


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, which talks to nobody but us."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--no-proxy-server",
        ],
    )


class World:
    """One server with one course, and as many accounts as there are tests."""

    def __init__(self, data: Path) -> None:
        self.server = Server(data)
        self.url = self.server.url
        self.store = Store.open(Settings(data=data).database_url)
        self._hash = passwords.hash_password(PASSWORD)
        self._numbers = itertools.count(1)
        with self.store.write() as transaction:
            course = courses.add_course(transaction, COURSE, "Automatic differentiation", "自动求导")
            transaction.flush()
            self._course = course.id
            for slug in EXERCISES:
                courses.assign(transaction, course.id, slug)

    def account(self, role: Literal["student", "instructor"] = "student", language: Language = "en") -> str:
        """A new member of the course; its login."""
        login = f"{role}{next(self._numbers)}"
        with self.store.write() as transaction:
            user = users.add_user(
                transaction, login, login.title(), password_hash=self._hash, role=role, language=language
            )
            transaction.flush()
            enrolments.enrol(transaction, user.id, self._course, role)
        return login

    def attempts(self, login: str, exercise: str = "detach") -> list[str]:
        """What this account has handed in, oldest first: the states."""
        with self.store.read() as transaction:
            user = users.find_user(transaction, login)
            assignment = courses.find_assignment(transaction, self._course, exercise)
            assert user is not None
            assert assignment is not None
            rows = attempts.attempts(transaction, user.id, assignment.id)
            return [row.state for row in reversed(rows)]

    def upcoming(self) -> str:
        """A new student who also takes the course ``later-LOGIN``, whose one exercise opens tomorrow."""
        login = self.account()
        with self.store.write() as transaction:
            later = courses.add_course(transaction, f"later-{login}", "Later", "以后")
            transaction.flush()
            courses.assign(transaction, later.id, "detach", opens=utcnow() + timedelta(days=1))
            user = users.find_user(transaction, login)
            assert user is not None
            enrolments.enrol(transaction, user.id, later.id)
        return login

    def course(self, login: str, *slugs: str) -> str:
        """A course of its own with these exercises, which this account takes; its slug."""
        slug = f"own-{login}"
        with self.store.write() as transaction:
            course = courses.add_course(transaction, slug, "A course", "一门课")
            transaction.flush()
            for each in slugs:
                courses.assign(transaction, course.id, each)
            user = users.find_user(transaction, login)
            assert user is not None
            enrolments.enrol(transaction, user.id, course.id)
        return slug

    def invitation(self) -> str:
        """The address of an invitation to the course."""
        with self.store.write() as transaction:
            return f"/join/{courses.invite(transaction, self._course)}"

    def close(self) -> None:
        """Stop the server."""
        self.server.stop()
        self.store.close()


@dataclass
class Device:
    """A browser of one person: its cookies, its tabs, and what it complained of."""

    world: World
    context: BrowserContext
    language: Language = "en"
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def tab(self) -> Tab:
        """One more tab, watched."""
        page = self.context.new_page()
        page.set_default_timeout(SLOWEST)
        page.on("console", lambda said: self._note(said.type == "error", f"{said.text} ({said.location})"))
        page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        page.on("dialog", self._dialog)
        return Tab(self, page)

    def forgive(self, *what: int | Literal["network", "typing"]) -> None:
        """The test itself brings about answers with these statuses, or none; browser and htmx say so.

        ``typing``: keys instead of a paste. Chromium then wants to keep the style of what stood there, by an
        attribute that the policy refuses; no script is behind it, hence line 0.
        """
        for each in what:
            if each == "network":
                self.forgiven += [r"net::ERR_", r"^htmx:(sendError|afterRequest)\b"]
            elif each == "typing":
                self.forgiven.append(r"^Applying inline style violates [\s\S]*'line': 0, 'column': 0\b")
            else:
                self.forgiven += [rf"a status of {each}\b", rf"^Response Status Error Code {each} "]

    def unforgiven(self) -> list[str]:
        """What nobody expected."""
        return [each for each in self.complaints if not any(re.search(p, each) for p in self.forgiven)]

    def _note(self, bad: bool, text: str) -> None:
        if bad:
            self.complaints.append(text)

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


class Tab:
    """A page and what people do on it."""

    def __init__(self, device: Device, page: Page) -> None:
        self.device, self.page = device, page
        self.url = device.world.url
        self.words = WORDS[device.language]

    # Going about.

    def go(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.url + path)

    def sign_in(self, login: str) -> None:
        """Through the form."""
        self.go("/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.button("sign in").click()
        expect(self.button("sign out")).to_be_visible()

    def signed_in(self, login: str) -> None:
        """By the form, and without its page and the one that follows: a test has not begun yet."""
        ask = self.page.request
        (token,) = re.findall(r'name="csrf_token" value="([^"]+)"', ask.get(self.url + "/sign-in").text())[:1]
        form = {"csrf_token": token, "login": login, "password": PASSWORD}
        assert ask.post(self.url + "/sign-in", form=form, max_redirects=0).status == 303

    def open(self, exercise: str = "detach") -> None:
        """An exercise by its address."""
        self.go(f"/courses/{COURSE}/{exercise}")
        self.ready()

    def ready(self) -> None:
        """Wait for the editor, where there is one."""
        if self.device.scripts:
            expect(self.editor).to_be_visible()

    def button(self, word: str) -> Locator:
        """A button by what is on it, in this device's language."""
        return self.page.get_by_role("button", name=self.words[word], exact=True)

    # Writing.

    @property
    def editor(self) -> Locator:
        """Where one types."""
        return self.page.locator(".cm-content")

    @property
    def draft(self) -> Locator:
        """What is said of the draft."""
        return self.page.locator("#draft-status")

    @property
    def file_problem(self) -> Locator:
        """Why a file was not taken."""
        return self.page.locator("#file-problem")

    @property
    def file_note(self) -> Locator:
        """What was done to read a file."""
        return self.page.locator("#file-note")

    @property
    def replaced(self) -> Locator:
        """What drafts have replaced, each with its way back."""
        return self.page.locator("#replaced p")

    @property
    def status(self) -> Locator:
        """What is said of handing in."""
        return self.page.locator("#submit-status")

    def write(self, text: str) -> None:
        """Empty the editor and fill it, as with one paste."""
        self.editor.click()
        self.page.keyboard.press("Control+a")
        # Over a selection Chromium would try to keep the style of what was there, by a style attribute,
        # and say in the console that the policy does not let it.
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)

    def paste(self, text: str) -> None:
        """Put a long text in the place of what is there. Typed, each line would become an element first."""
        self.editor.click()
        self.page.keyboard.press("Control+a")
        self.editor.evaluate(
            """(editor, text) => {
              const data = new DataTransfer();
              data.setData('text/plain', text);
              const about = {clipboardData: data, bubbles: true, cancelable: true};
              editor.dispatchEvent(new ClipboardEvent('paste', about));
            }""",
            text,
        )

    def write_and_save(self, text: str) -> None:
        """The same, and wait until the server has it."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
            self.write(text)
        expect(self.draft).to_contain_text(self.words["saved"])

    def text(self) -> str:
        """What would be handed in."""
        return str(self.page.evaluate("document.getElementById('work').elements.source.value"))

    def expect_text(self, text: str) -> None:
        """Wait until the editor shows this, and the form holds it, too."""
        lines = self.page.locator(".cm-line")
        shown = [line if line else "" for line in text.split("\n")]
        expect(lines).to_have_text(shown)
        assert self.text() == text

    # Handing in.

    @property
    def verdict(self) -> Locator:
        """The last verdict, once it is there."""
        return self.page.locator("#answer .outcome[data-state=graded]:not([data-old]) .verdict")

    @contextmanager
    def handing_in(self) -> Iterator[None]:
        """Whatever is done in the block hands in; leave it when the new verdict is in its place."""
        self.page.evaluate("document.querySelectorAll('.outcome').forEach(e => e.dataset.old = '1')")
        yield
        expect(self.verdict).to_be_visible(timeout=SLOWEST)
        expect(self.page.locator("button[data-busy]")).to_have_count(0)

    def submit(self) -> None:
        """Ctrl+Enter in the editor."""
        with self.handing_in():
            self.editor.focus()
            self.page.keyboard.press("Control+Enter")

    # What must hold on any page.

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        wider = None
        while wider is None:
            # A page that is just being replaced by another one has no element for a moment.
            wider = self.page.evaluate(
                "document.documentElement && "
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        return int(wider)


def is_hand_in(request: Request) -> bool:
    """Whether it hands something in."""
    return request.method == "POST" and re.search(r"/courses/[^/]+/[^/]+$", request.url) is not None


def context_options(language: Language = "en", **more: Any) -> dict[str, Any]:
    """What a browser says of itself."""
    return {
        "locale": "zh-CN" if language == "zh" else "en-GB",
        "timezone_id": "Asia/Shanghai" if language == "zh" else "Europe/Berlin",
        "viewport": {"width": 1280, "height": 900},
        **more,
    }
