"""The roster in a real browser: a list imported and undone, grades filled into a file, on a phone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from grader.model.text import Language
from grader.store import courses, enrolments, users
from tests.served import COURSE

from .world import Device, World

PATHS = ("students", "roster", "grades-out", "audit")


def put_in(page: Page, path: Path, label: str, button: str) -> None:
    page.get_by_label(label).set_input_files(path)
    page.get_by_role("button", name=button).click()


def test_a_list_is_looked_at_imported_and_undone(
    world: World, device: Callable[..., Device], tmp_path: Path
) -> None:
    """Choose the file, say what the columns are, see who changes, import, download links, undo."""
    teacher, student = world.account("instructor"), world.account()
    file = tmp_path / "people.csv"
    file.write_text(f"Wer;Konto;Gruppe\nDee Dee;dee-{student};Mon\n{student.title()};{student};Tue\n")
    tab = device().tab()
    tab.sign_in(teacher)
    tab.go(f"/courses/{COURSE}/students")
    tab.page.get_by_role("link", name="Import a list").click()
    put_in(tab.page, file, "The list, as a CSV file", "Look at the list")
    # The first two headings are in no list of ours.
    meaning = tab.page.locator("details.meaning")
    if meaning.get_attribute("open") is None:
        meaning.locator("summary").click()
    for title, field in (("Wer", "name"), ("Konto", "login"), ("Gruppe", "section")):
        tab.page.get_by_label(f"What the column {title} is").select_option(field)
    tab.page.get_by_label("The first line is a heading.").check()
    tab.page.get_by_role("button", name="Read the list so").click()
    tab.page.get_by_label("Students who are not in the list").select_option("stay")
    tab.page.get_by_role("button", name="Show").click()
    expect(tab.page.locator(".counts .new dd")).to_have_text("1")
    expect(tab.page.locator(".counts .changed dd")).to_have_text("1")
    expect(tab.page.locator(".counts .gone dd")).to_have_text("0")
    expect(tab.page.get_by_role("row", name=f"dee-{student}")).to_contain_text("gets an account")
    tab.page.get_by_role("button", name="Import the list").click()
    expect(tab.page.get_by_role("status").first).to_contain_text("1 new, 1 changed, 0 gone")
    with tab.page.expect_download() as told:
        tab.page.get_by_role("button", name="Download the links").click()
    links = list(csv.DictReader(io.StringIO(told.value.path().read_bytes().decode("utf-8-sig"))))
    assert any(row["login"] == f"dee-{student}" for row in links)
    tab.page.get_by_role("searchbox").fill(f"dee-{student}")
    tab.page.get_by_role("searchbox").press("Enter")
    expect(tab.page.get_by_role("row", name=f"dee-{student}")).to_contain_text("Mon")
    tab.page.get_by_role("checkbox", name="Dee Dee").check()
    tab.page.get_by_role("button", name="Take out of the course").click()
    expect(tab.page.get_by_role("status").first).to_contain_text("1 person is no longer in the course")
    expect(tab.page.locator("details.inactive")).to_contain_text(f"dee-{student}")
    tab.page.get_by_role("button", name="Undo this import").click()
    expect(tab.page.get_by_role("status").first).to_contain_text("The import is undone, for 2 people.")


def test_grades_go_into_the_file_of_canvas(
    world: World, device: Callable[..., Device], tmp_path: Path
) -> None:
    """What is ambiguous is asked, and answered with the keyboard; the rest of the file is as it was."""
    teacher, student = world.account("instructor"), world.account()
    with world.store.write() as session:
        course = courses.find_course(session, COURSE)
        user = users.find_user(session, student)
        assert course is not None and user is not None
        assert enrolments.enrolment(session, user.id, course.id) is not None
    text = "Student,ID,SIS User ID,SIS Login ID,Section,detach (101)\r\nWho Knows,11,=1,whoever,S1,\r\n"
    file = tmp_path / "canvas.csv"
    file.write_bytes(text.encode())
    tab = device().tab()
    tab.sign_in(teacher)
    tab.go(f"/courses/{COURSE}/grades-out")
    put_in(tab.page, file, "The file that Canvas or Moodle exported", "Match it with the course")
    expect(tab.page.get_by_role("row", name="Who Knows")).to_contain_text("nobody in the course")
    tab.page.get_by_label("The login of line 2").fill(student)
    tab.page.get_by_role("button", name="Match again with these answers").press("Enter")
    expect(tab.page.get_by_role("row", name="Who Knows")).to_contain_text("by your choice")
    with tab.page.expect_download() as told:
        tab.page.get_by_role("button", name="Download the filled file").click()
    assert told.value.suggested_filename == "canvas-filled.csv"
    assert told.value.path().read_bytes() == text.encode(), "nothing was handed in, so nothing is filled in"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_of_the_roster_is_hard_to_use(
    world: World, device: Callable[..., Device], tmp_path: Path, language: Language
) -> None:
    """axe finds nothing in either theme; nothing is wider than a phone; nothing needs a script."""
    teacher, student = world.account("instructor", language), world.account()
    people, scores = tmp_path / "people.csv", tmp_path / "canvas.csv"
    people.write_text(f"name;login;group\nNew One;new-{student};Mon\nMal;;\nX;{student};Tue\n")
    scores.write_text("Student,ID,SIS User ID,SIS Login ID,Section,detach (1),Other (2)\nWho,1,,x,S,,\n")
    phone = {"viewport": {"width": 360, "height": 740}}
    for theme in ("light", "dark"):
        tab = device(
            language, bypass_csp=True, color_scheme=theme, **(phone if theme == "dark" else {})
        ).tab()
        tab.sign_in(teacher)
        addresses = [f"/courses/{COURSE}/{path}" for path in PATHS] + ["/account"]
        for path, file, box in (("roster", people, "#list"), ("grades-out", scores, "#their-file")):
            tab.go(f"/courses/{COURSE}/{path}")
            tab.page.locator(box).set_input_files(file)
            tab.page.locator("main button.main").click()
            expect(tab.page.locator("main table").first).to_be_attached()
            addresses.append(tab.page.url.removeprefix(tab.url))
        for address in addresses:
            tab.go(address)
            for closed in tab.page.locator("main details:not([open]) > summary").all():
                closed.click()
            found = Axe().run(tab.page).response["violations"]
            assert found == [], (
                address,
                theme,
                [(one["id"], one["nodes"][0]["html"][:200]) for one in found],
            )
            assert tab.overflow() <= 0, (address, theme)
