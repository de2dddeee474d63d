"""A regrade in a real browser: propose, look, accept; the student sees it; undo."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import select, update

from grader.store import standings
from grader.store.tables import Judging, Submission, User
from tests.served import COURSE

from .world import RIGHT, STILL, Device, Tab, World

NEW = f"/courses/{COURSE}/regrades/new/detach"


def judged_wrongly(world: World, login: str) -> None:
    """What this student handed in was judged by another version of the exercise, which gave one point."""
    with world.store.write() as session:
        mine = session.scalars(
            select(Submission).join(User, User.id == Submission.user_id).where(User.login == login)
        ).all()
        for row in mine:
            session.execute(
                update(Judging)
                .where(Judging.id == row.judging_id)
                .values(score=1.0, passed=False, exercise_digest="0" * 64)
            )
            row.score, row.passed = 1.0, False
        session.flush()
        standings.refresh(session, mine[0].assignment_id)


def accessible(tab: Tab) -> None:
    """axe has nothing to say."""
    tab.page.evaluate(STILL)
    found = Axe().run(tab.page).response["violations"]
    assert [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_propose_look_accept_undo(world: World, device: Callable[..., Device], scheme: str) -> None:
    """With a slider that shows at once who would move; then a rerun with live progress."""
    login, teacher = world.account(), world.account("instructor")
    student = device(color_scheme=scheme, bypass_csp=True).tab()
    student.sign_in(login)
    student.open()
    student.write(RIGHT)
    student.submit()
    judged_wrongly(world, login)
    desk = device(color_scheme=scheme, bypass_csp=True).tab()
    desk.sign_in(teacher)
    desk.go(f"/courses/{COURSE}/regrades")
    expect(desk.page.locator(".older").first).to_contain_text("from an earlier version")
    accessible(desk)

    desk.go(NEW)
    slider = desk.page.get_by_label("Full marks, as a slider")
    slider.fill("20")
    expect(desk.page.locator("#points")).to_have_value("20")
    expect(desk.page.locator("#effect .comes-to")).to_contain_text("of other full marks")
    expect(desk.page.locator("#effect table")).to_contain_text(login.title())
    accessible(desk)

    desk.page.fill("#rerun-student", login)
    desk.page.fill("#rerun-reason", "The reference was wrong.")
    desk.page.get_by_role("button", name="Propose this rerun").click()
    expect(desk.page.locator(".comes-to")).to_contain_text("1 gain, 0 lose")
    accessible(desk)
    student.go("/")
    expect(student.page.locator(".told")).to_have_count(0)
    desk.page.get_by_role("button", name="Accept, and tell 1 student").click()
    expect(desk.page.locator("dl.about")).to_contain_text("accepted")
    accessible(desk)

    student.go("/")
    expect(student.page.locator(".told")).to_contain_text(
        "Your score was changed by a regrade: 1 / 10 → 10 / 10."
    )
    expect(student.page.locator(".told")).to_contain_text("The reference was wrong.")
    accessible(student)
    student.open()
    student.write_and_save("kept = 1\n")
    accessible(student)
    student.page.get_by_role("button", name="Read: do not show").click()
    expect(student.page.locator(".told")).to_have_count(0)
    student.ready()
    student.expect_text("kept = 1\n")

    desk.page.get_by_role("button", name="Undo this regrade").click()
    expect(desk.page.locator("dl.about")).to_contain_text("undone")
    student.go("/")
    expect(student.page.locator(".told")).to_contain_text("A regrade was taken back")
    student.page.get_by_role("button", name="Read: do not show").click()
    expect(student.page.locator(".told")).to_have_count(0)


def test_on_a_phone_in_chinese_without_scripts(world: World, device: Callable[..., Device]) -> None:
    """The same buttons; no page is wider than the screen."""
    login, teacher = world.account(), world.account("instructor", language="zh")
    student = device().tab()
    student.sign_in(login)
    student.open()
    student.write(RIGHT)
    student.submit()
    phone = device("zh", java_script_enabled=False, viewport={"width": 360, "height": 740}).tab()
    phone.sign_in(teacher)
    phone.go(NEW)
    phone.page.fill("#points", "20")
    phone.page.fill("#student", login)
    phone.page.get_by_role("button", name="查看谁的分数会变").click()
    expect(phone.page.locator("#effect table")).to_contain_text(login.title())
    phone.page.fill("#rescore-reason", "满分应为 20")
    phone.page.get_by_role("button", name="提议这样重新计分").click()
    expect(phone.page.locator("h1")).to_contain_text("重新计分")
    phone.page.get_by_role("button", name="采纳，并通知 1 名学生").click()
    expect(phone.page.locator("dl.about")).to_contain_text("已采纳")
    phone.page.get_by_role("button", name="撤销这次重新评分").click()
    expect(phone.page.locator("dl.about")).to_contain_text("已撤销")
    wide = device("zh", viewport={"width": 360, "height": 740}).tab()
    wide.sign_in(teacher)
    for path in (f"/courses/{COURSE}/regrades", NEW, f"{NEW}?points=20"):
        wide.go(path)
        assert wide.overflow() <= 0, path
    wide.go(f"/courses/{COURSE}/regrades")
    # A proposal: the bar's links to other languages name this page, too.
    wide.page.locator('main a[href*="/regrades/"]:not([href*="/new/"])').first.click()
    expect(wide.page.locator("dl.about")).to_be_visible()
    assert wide.overflow() <= 0
