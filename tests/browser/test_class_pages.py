"""Pages of a class in a browser: axe in both themes and languages, a phone's width, ways between them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from grader.store import courses, enrolments, users
from grader.store.tables import Section, SectionMember
from tests.web.classroom.test_views import CLASS, hand_in
from tests.web.world import World, build

from .world import STILL

WATCHLIST = "/courses/calc/watchlist"
CARD = "/courses/calc/lecture-card"
PAGES = (
    CLASS, f"{CLASS}/detach", f"{CLASS}/detach/statistics", f"{CLASS}/detach/agreement",
    f"{CLASS}/detach/held/prediction/sign", CARD, WATCHLIST,
)  # fmt: skip
ODD = "def f(x):\n    y = x.clone().detach() * {0} - x.sum() / 3\n    return (y ** {0} - x).abs().max()\n"


def fill(world: World) -> None:
    """Fourteen students with long names in two sections; a pair that agrees; somebody who is stuck."""
    names = [f"s{n}" for n in range(12)] + ["t1", "t2"]
    for n, login in enumerate(names):
        world.user(login, name=f"Student Number-{n} With-a-Rather-Long-Family-Name")
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        sections = [Section(course_id=course.id, name=name) for name in ("Monday at eight", "Friday")]
        session.add_all(sections)
        session.flush()
        for n, login in enumerate(names):
            user = users.find_user(session, login)
            assert user is not None
            enrolments.enrol(session, user.id, course.id)
            session.add(SectionMember(section_id=sections[n % 2].id, user_id=user.id))
    for n, login in enumerate(names):
        alike = n if n < 12 else 99
        text = ODD.format(alike) + ODD.format(alike + 100).replace("f(", "grad(")
        hand_in(world, login, ("sign", "scale", None)[n % 3], source=text)
    for _ in range(7):
        hand_in(world, "s0", "sign")
    hand_in(world, "s1", None, passed=True)


@dataclass
class Desk:
    """A teacher's browser at a world of invented attempts."""

    url: str
    browser: Browser
    cookie: tuple[str, str]

    @contextmanager
    def page(self, **options: Any) -> Iterator[Page]:
        """A page, signed in; whatever it writes to its console is an error."""
        context = self.browser.new_context(base_url=self.url, **options)
        name, value = self.cookie
        context.add_cookies([{"name": name, "value": value, "url": self.url}])
        page, said = context.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        context.close()
        assert said == []


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The application in a thread of this process."""
    world = build(tmp_path_factory.mktemp("class"))
    world.course("calc", "detach", "control-flow", tess="instructor")
    fill(world)
    client = world.client("tess")
    client.get("/")
    cookie = client.get_cookie(world.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Desk(f"http://127.0.0.1:{server.server_port}", browser, (cookie.key, cookie.value))
    server.shutdown()
    thread.join()
    world.store.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing(desk: Desk, scheme: Any, language: str) -> None:
    found = {}
    with desk.page(color_scheme=scheme, bypass_csp=True) as page:
        for path in PAGES:
            page.goto(f"{path}?lang={language}")
            page.evaluate(STILL)
            violations = Axe().run(page).response["violations"]
            broken = [f"{each['id']}: {node['html'][:160]}" for each in violations for node in each["nodes"]]
            if broken:
                found[path] = broken
    assert found == {}


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(desk: Desk, width: int) -> None:
    """Wide tables scroll by themselves."""
    with desk.page(viewport={"width": width, "height": 800}) as page:
        for path in PAGES:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_from_the_class_to_a_students_attempt(desk: Desk) -> None:
    """Without a script: the misconception, who holds it, the attempt; and by section."""
    with desk.page(java_script_enabled=False) as page:
        page.goto(f"{CLASS}?lang=en")
        page.get_by_role("link", name="has the wrong sign").click()
        expect(page.locator("h1")).to_contain_text("has the wrong sign")
        page.locator("table a[href^='/attempts/']").first.click()
        expect(page.locator("h1")).to_contain_text("Attempt")
        page.goto(f"{CLASS}/detach")
        page.get_by_label("Section").select_option(label="Friday")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("main")).to_contain_text("attempts of 7 students.")


def test_a_column_leads_to_its_row(desk: Desk) -> None:
    with desk.page() as page:
        page.goto(f"{CLASS}/detach/statistics")
        page.locator(".columns-plot a[href='#score-11']").click()
        expect(page.locator("#score-11")).to_be_in_viewport()


def test_a_note_is_kept_on_the_watchlist(desk: Desk) -> None:
    """Without a script."""
    with desk.page(java_script_enabled=False) as page:
        page.goto(f"{WATCHLIST}?lang=en")
        entry = page.locator(".watched > li", has_text="Number-0 ")
        entry.get_by_label("State").select_option("contacted")
        entry.get_by_label("Note").fill("Spoke after the lecture.")
        entry.get_by_role("button").click()
        expect(page.locator(".watched > li").first).to_contain_text("Spoke after the lecture.")


def test_pictures(desk: Desk, tmp_path: Path) -> None:
    """Each page can be painted in both sizes; the card fits on paper."""
    with desk.page(viewport={"width": 1280, "height": 900}) as page:
        for n, path in enumerate(PAGES):
            page.goto(path)
            assert page.screenshot(path=tmp_path / f"{n}.png", full_page=True)
        page.goto(CARD)
        assert page.pdf(format="A4")[:4] == b"%PDF"
