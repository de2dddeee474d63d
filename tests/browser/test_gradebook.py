"""The gradebook and an attempt as those who teach use them: pointer, keyboard, phone, no script."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from grader.model.report import CheckResult, Report
from grader.model.text import Text
from grader.store import courses, enrolments, overrides, sources, standings, users
from grader.store.tables import CheckResult as Result
from grader.store.tables import Judging, Section, SectionMember, Submission, utcnow
from tests.served import EXERCISES as ALL_EXERCISES

from .world import EXERCISES, STILL, Device, Tab, World

Devices = Callable[..., Device]
NAMES = ("Ada Lovelace", "Bao 小明", "Çelik Öz", "Dora <b>", "Emmy Noether", "Franz")
STUDENTS = "tbody th a > bdi"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Class:
    """A course with a teacher and students whose work is judged."""

    slug: str
    teacher: str
    students: dict[str, int]
    attempt: str
    """One of Ada's."""


def a_report(score: float) -> Report:
    """A verdict on two checks."""
    checks = tuple(
        CheckResult(name, "value", Text(name, name), "passed" if got == most else "failed", got, most)
        for name, got, most in (("first", min(score, 4.0), 4.0), ("second", max(score - 4.0, 0.0), 6.0))
    )
    return Report("detach", "f" * 64, 1, "graded", score, 10.0, "namespaces", 12.0, checks)


@pytest.fixture
def taught(world: World) -> Class:
    """Ada has all that a square can say; who comes later in the alphabet has less and less."""
    teacher, slug = world.account("instructor"), f"book{next(_numbers)}"
    ids, attempt = {}, ""
    with world.store.write() as session:
        course = courses.add_course(session, slug, "Gradebook", "成绩册")
        due = utcnow() - timedelta(days=1)
        placed = [courses.assign(session, course.id, each, due=due) for each in EXERCISES]
        boss = users.find_user(session, teacher)
        assert boss is not None
        enrolments.enrol(session, boss.id, course.id, "instructor")
        monday = Section(course_id=course.id, name="Monday")
        session.add(monday)
        session.flush()
        digest = sources.keep(session, b"def f(x):\n    return x * 2  # twice\n")
        for place, name in enumerate(NAMES):
            user = users.add_user(session, f"{slug}-{place}", name)
            enrolments.enrol(session, user.id, course.id)
            ids[name] = user.id
            if place < 2:
                session.add(SectionMember(section_id=monday.id, user_id=user.id))
            for assignment in placed[: len(placed) - place]:
                score = max(0.0, 10.0 - 2 * place)
                late = name == "Ada Lovelace" and assignment is placed[1]
                row = Submission(
                    id=str(uuid.uuid4()), assignment_id=assignment.id, user_id=user.id, source_digest=digest,
                    predictions={}, seed=1, exercise_digest="f" * 64, state="graded", attempt=1,
                    created_at=due + timedelta(hours=2 if late else -2), score=score, max_score=10.0,
                    passed=score == 10.0,
                )  # fmt: skip
                session.add(row)
                session.flush()
                report = a_report(score)
                text = msgspec.json.encode(report).decode()
                judging = Judging(
                    submission_id=row.id, exercise_digest="f" * 64, seed=1, grader="1", torch="2", worker="w",
                    isolation="namespaces", phases={"all": 12.0}, finished_at=utcnow(), score=score,
                    max_score=10.0, passed=score == 10.0, alike="same", report=text,
                )  # fmt: skip
                session.add(judging)
                session.flush()
                row.judging_id = judging.id
                session.add_all(
                    Result(
                        judging_id=judging.id, check_id=c.id, position=n, kind=c.kind, verdict=c.verdict,
                        points=c.points, max_points=c.max_points,
                    )
                    for n, c in enumerate(report.checks)
                )  # fmt: skip
                attempt = row.id if name == "Ada Lovelace" and assignment is placed[0] else attempt
        for assignment in placed:
            standings.refresh(session, assignment.id)
        overrides.set_total(
            session, assignment_id=placed[2].id, user_id=ids["Bao 小明"], score=4.5, reason="oral", by=boss.id
        )
    return Class(slug, teacher, ids, attempt)


def desk(device: Devices, taught: Class, **options: object) -> Tab:
    """The teacher's browser."""
    tab = device(**options).tab()
    # The account reads English, and the browser is asked first.
    tab.go(f"/sign-in?lang={tab.device.language}")
    tab.sign_in(taught.teacher)
    return tab


def names(page: Page) -> list[str]:
    """The students, in the order of the rows themselves."""
    return page.locator(STUDENTS).all_inner_texts()


def seen(page: Page) -> list[str]:
    """The students from top to bottom, as they are painted."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll("tbody tr")]
          .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
          .map((row) => row.querySelector("bdi").textContent)"""
    )
    return found


def test_sorting_happens_in_the_page_and_as_the_server_does_it(taught: Class, device: Devices) -> None:
    """Each way: what is seen, the rows themselves a moment later, and what the address shows when loaded."""
    tab = desk(device, taught)
    tab.go(f"/courses/{taught.slug}/gradebook")
    page = tab.page
    assert names(page)[0] == "Franz"
    first = names(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/courses/" in request.url else None)
    for link in ("name", "total", "need of help"):
        for _way in range(2):
            page.get_by_role("navigation", name="How the gradebook is shown").get_by_text(
                link, exact=True
            ).click()
            at_once = seen(page)
            expect(page.locator("tbody tr[style*=order]")).to_have_count(0)
            assert names(page) == at_once
            assert asked == []
            other = desk_at(tab, page.url)
            assert names(other) == at_once
            other.close()
            page.bring_to_front()
    assert names(page) != first
    column = page.locator("thead th[data-x]").nth(3)
    column.locator("a").click()
    expect(column).to_have_attribute("aria-sort", "ascending")
    assert "sort=exercise." in page.url
    other = desk_at(tab, page.url)
    expect(page.locator("tbody tr[style*=order]")).to_have_count(0)
    assert names(other) == names(page)


def desk_at(tab: Tab, url: str) -> Page:
    """Another tab at this address."""
    other = tab.device.tab()
    other.page.goto(url)
    return other.page


def test_the_keyboard_goes_from_square_to_square(taught: Class, device: Devices) -> None:
    """Tab reaches one, arrows the others; each says what it is; Enter opens the attempts."""
    tab = desk(device, taught)
    tab.go(f"/courses/{taught.slug}/gradebook?sort=name")
    page, peek = tab.page, tab.page.locator(".peek")
    expect(peek).to_be_hidden()
    assert page.locator("tbody [tabindex='0']").count() == 1
    page.locator("tbody [tabindex='0']").focus()
    expect(peek).to_contain_text("Ada Lovelace")
    expect(peek).to_contain_text("10 / 10 (1) ✓")
    page.keyboard.press("ArrowRight")
    expect(peek).to_contain_text("late")
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(peek).to_contain_text("Bao 小明")
    expect(peek).to_contain_text("set by hand")
    for key in ("Home", "Control+End", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(peek).to_contain_text("Franz")
    assert page.evaluate("document.activeElement.cellIndex") == 1 + len(EXERCISES)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Attempts")
    expect(page.locator("main .strong").first).to_contain_text("Ada Lovelace")
    page.get_by_role("link", name="next student").click()
    expect(page.locator("main .strong").first).to_contain_text("Bao 小明")
    page.get_by_role("link", name="next assignment").click()
    expect(page.locator("main .strong").first).to_contain_text("Bao 小明")
    page.locator("main").get_by_role("link", name="Gradebook", exact=True).last.click()
    assert page.url.endswith("/gradebook?sort=name")


def test_a_click_opens_what_it_is_on(taught: Class, device: Devices) -> None:
    """After sorting, too, and the order goes along."""
    tab = desk(device, taught)
    tab.go(f"/courses/{taught.slug}/gradebook")
    page = tab.page
    page.get_by_role("columnheader", name="Student").get_by_role("link").click()
    cell = page.locator("tbody tr", has_text="Bao").locator("td").nth(1)
    cell.hover()
    expect(page.locator(".peek")).to_contain_text("Bao 小明")
    cell.click()
    expect(page.locator("h1")).to_contain_text("Attempts")
    assert page.url.endswith("?sort=name")
    expect(page.locator("main .strong").first).to_contain_text("Bao 小明")


def test_names_are_hidden_at_a_click(taught: Class, device: Devices) -> None:
    """Nowhere in the page is one left, nor where a square leads."""
    tab = desk(device, taught)
    tab.go(f"/courses/{taught.slug}/gradebook")
    page = tab.page
    page.get_by_role("link", name="Hide names").click()
    expect(page.get_by_role("link", name="Show names")).to_be_visible()
    assert not any(name.split()[0] in page.content() for name in NAMES)
    page.locator("tbody td").nth(1).click()
    expect(page.locator("h1")).to_contain_text("Attempts")
    page.wait_for_load_state()
    assert not any(name.split()[0] in page.content() for name in NAMES)
    tab.go(f"/courses/{taught.slug}/gradebook?names=shown")
    assert "Ada Lovelace" in page.content()


def test_without_script_the_table_is_complete(taught: Class, device: Devices) -> None:
    """Numbers stand in the cells, students are links, sorting and choosing are done by the server."""
    tab = desk(device, taught, java_script_enabled=False)
    tab.go(f"/courses/{taught.slug}/gradebook?sort=name")
    page = tab.page
    cell = page.locator("tbody tr").first.locator("td").nth(2)
    expect(cell).to_have_text("10 (1) ✓ late")
    box = cell.evaluate("e => [e.scrollWidth - e.clientWidth, getComputedStyle(e).textIndent]")
    assert box == [0, "0px"]
    page.get_by_role("link", name="total").first.click()
    expect(page).to_have_url(re.compile("sort=total"))
    expect(page.locator(STUDENTS).first).to_have_text("Ada Lovelace")
    page.locator("#section").select_option("Monday")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(STUDENTS)).to_have_text(["Ada Lovelace", "Bao 小明"])
    page.get_by_role("link", name="Plain table with links").click()
    page.locator("tbody td a").first.click()
    expect(page.locator("h1")).to_contain_text("Attempts")


def test_thirty_eight_exercises_fit_a_laptop(world: World, taught: Class, device: Devices) -> None:
    """Beside the names, on 1280 pixels, without scrolling."""
    with world.store.write() as session:
        course = courses.find_course(session, taught.slug)
        assert course is not None
        for slug in [each for each in ALL_EXERCISES if each not in EXERCISES][: 38 - len(EXERCISES)]:
            courses.assign(session, course.id, slug)
    tab = desk(device, taught, viewport={"width": 1280, "height": 800})
    tab.go(f"/courses/{taught.slug}/gradebook")
    assert tab.page.locator("thead th[data-x]").count() == 38
    assert tab.page.locator(".matrix-box").evaluate("box => box.scrollWidth - box.clientWidth") == 0
    assert tab.overflow() <= 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_fits_a_phone(taught: Class, device: Devices, language: str) -> None:
    """The page is no wider than 360 pixels: the matrix scrolls in itself, and names stay in view."""
    tab = desk(device, taught, language=language, viewport={"width": 360, "height": 740})
    paths = (
        f"/courses/{taught.slug}/gradebook",
        f"/courses/{taught.slug}/gradebook?view=plain",
        f"/courses/{taught.slug}/students/{taught.students['Dora <b>']}",
        f"/courses/{taught.slug}/students/{taught.students['Dora <b>']}/{EXERCISES[0]}",
        f"/attempts/{taught.attempt}",
    )
    for path in paths:
        tab.go(path)
        assert tab.overflow() <= 0, path
    tab.go(paths[0])
    name = tab.page.locator("tbody th").first
    before = name.bounding_box()
    tab.page.locator(".matrix-box").evaluate("box => { box.scrollLeft = 200 }")
    assert name.bounding_box() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(taught: Class, device: Devices, scheme: str) -> None:
    """The gradebook in each of its forms, a student's line, and an attempt with its forms."""
    tab = desk(device, taught, color_scheme=scheme, bypass_csp=True)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        tab.page.evaluate(STILL)
        result = Axe().run(tab.page).response["violations"]
        if result:
            found[name] = [f"{each['id']}: {node['html'][:160]}" for each in result for node in each["nodes"]]

    book = f"/courses/{taught.slug}/gradebook"
    student = f"/courses/{taught.slug}/students/{taught.students['Ada Lovelace']}"
    for path in (book, f"{book}?view=plain", f"{book}?state=running", student, f"{student}/{EXERCISES[0]}"):
        tab.go(path)
        look(path)
    tab.go(book)
    tab.page.locator("tbody [tabindex='0']").focus()
    look("a square with its label")
    tab.go(f"/attempts/{taught.attempt}")
    look("attempt")
    tab.device.forgive(422)
    tab.page.get_by_role("button", name="Set", exact=True).click()
    look("attempt with a problem")
    assert found == {}


def test_a_comment_for_all_alike_is_written_read_and_withdrawn(taught: Class, device: Devices) -> None:
    """With its number first; then points are set, and withdrawn."""
    tab = desk(device, taught)
    tab.go(f"/attempts/{taught.attempt}")
    page = tab.page
    expect(page.locator(".tok-keyword").first).to_have_text("def")
    page.get_by_label("Write a comment").fill("What does *twice* do to the gradient?")
    page.get_by_label("all 6 answers that are alike, by 6 students").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview em")).to_have_text("twice")
    expect(page.get_by_label("all 6 answers")).to_be_checked()
    page.get_by_role("button", name="Send").click()
    comment = page.locator(".comment")
    expect(comment).to_contain_text("under 6 answers")
    page.get_by_label("What", exact=True).select_option("second")
    page.get_by_label("Points", exact=True).fill("1,5")
    page.get_by_label("Reason, which the student reads").fill("asked in class")
    page.get_by_role("button", name="Set", exact=True).click()
    by_hand = page.locator(".by-hand li")
    expect(by_hand).to_contain_text("second: 1.5")
    expect(by_hand).to_contain_text("asked in class")
    by_hand.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".by-hand")).to_have_count(0)
    page.get_by_text("Everything that was set by hand here (2)").click()
    expect(page.locator("details table")).to_contain_text("withdrawn")
    page.get_by_role("button", name="Withdraw this comment from all 6 answers").click()
    expect(page.locator(".comment")).to_have_count(0)
