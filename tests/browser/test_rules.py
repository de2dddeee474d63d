"""Rules in a browser: a pause after guessing, the order of assignments by keyboard, what axe says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import insert, update

from grader.store import courses, enrolments, submissions, users
from grader.store.tables import Assignment, Judging, Submission, utcnow

from .world import PATIENCE, STILL, WRONG, Device, Tab, World

Devices = Callable[..., Device]


def own_course(world: World, slug: str, teacher: str, *students: str, **rules: object) -> None:
    """A course of this test's, with three exercises; the rules are those of detach."""
    with world.store.write() as transaction:
        made = courses.add_course(transaction, slug, "Rules", "规则")
        for exercise in ("detach", "simple-example", "non-scalar"):
            courses.assign(transaction, made.id, exercise)
        for login, role in ((teacher, "instructor"), *((each, "student") for each in students)):
            user = users.find_user(transaction, login)
            assert user is not None
            enrolments.enrol(transaction, user.id, made.id, role)  # type: ignore[arg-type]
        placed = courses.find_assignment(transaction, made.id, "detach")
        assert placed is not None
        if rules:
            transaction.execute(update(Assignment).where(Assignment.id == placed.id).values(**rules))


def handed_in_last_week(world: World, slug: str, student: str) -> None:
    """Another exercise was due an hour ago, and sixty submissions came before: the page forecasts."""
    now = utcnow()
    with world.store.write() as transaction:
        course, user = courses.find_course(transaction, slug), users.find_user(transaction, student)
        assert course is not None and user is not None
        placed = courses.find_assignment(transaction, course.id, "non-scalar")
        assert placed is not None
        transaction.execute(
            update(Assignment).where(Assignment.id == placed.id).values(due=now - timedelta(hours=1))
        )
        for _ in range(60):
            row = submissions.receive(
                transaction, assignment_id=placed.id, user_id=user.id, source=b"x = 1\n", predictions={},
                seed=1, exercise_digest="d", now=now - timedelta(hours=1, minutes=5),
            )  # fmt: skip
            transaction.execute(
                insert(Judging).values(
                    submission_id=row.id,
                    exercise_digest="d",
                    seed=1,
                    phases={},
                    claimed_at=now,
                    finished_at=now + timedelta(seconds=20),
                    score=0.0,
                    max_score=1.0,
                    passed=False,
                    report="{}",
                )
            )
            # The server that the test runs has nothing to do with it.
            transaction.execute(update(Submission).where(Submission.id == row.id).values(state="failed"))


def order(tab: Tab) -> list[str]:
    return [
        str(each) for each in tab.page.locator("#order > li").evaluate_all("e => e.map(x => x.dataset.name)")
    ]


def test_after_guessing_submit_waits_and_comes_back_by_itself(world: World, device: Devices) -> None:
    """What is written meanwhile is kept; the keyboard's way waits, too; then the next attempt is taken."""
    teacher, student = world.account("instructor"), world.account()
    own_course(world, f"pause-{student}", teacher, student, pause=True)
    tab = device().tab()
    tab.sign_in(student)
    tab.go(f"/courses/pause-{student}/detach")
    tab.ready()
    for n in range(6):
        tab.write(f"{WRONG}\n# {n}\n")
        tab.submit()
    button = tab.page.locator("button.main")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_text(re.compile(r"Submit 0:\d\d"))
    expect(tab.status).to_contain_text("The next attempt is taken in")
    tab.write("# meanwhile\n")
    tab.editor.focus()
    tab.page.keyboard.press("Control+Enter")
    tab.expect_text("# meanwhile\n")
    # A page that is opened anew waits as long.
    tab.page.reload()
    tab.ready()
    tab.expect_text("# meanwhile\n")
    expect(button).to_have_text(re.compile(r"Submit 0:\d\d"))
    expect(button).to_have_text("Submit", timeout=PATIENCE)
    expect(tab.status).to_have_text("You can submit again.")
    tab.submit()


def test_assignments_are_put_in_order_by_keyboard(world: World, device: Devices) -> None:
    """The row moves, the focus stays where it is, the server has it; by dragging, too."""
    teacher = world.account("instructor")
    own_course(world, f"order-{teacher}", teacher)
    tab = device().tab()
    tab.sign_in(teacher)
    tab.go(f"/courses/order-{teacher}/assignments")
    first, second, third = order(tab)
    tab.page.locator("#order > li button[value$=down]").first.focus()
    said = tab.page.locator("#order-said")
    for place in (2, 3):
        with tab.page.expect_response(lambda answer: answer.url.endswith("/order") and answer.status == 204):
            tab.page.keyboard.press("Enter")
        expect(said).to_have_text(f"{first} is now number {place} of 3.")
    assert order(tab) == [second, third, first]
    tab.page.keyboard.press("Enter")
    expect(said).to_have_text(f"{first} is at the end already.")
    tab.page.reload()
    assert order(tab) == [second, third, first]
    grip = tab.page.locator("#order > li .grip")
    with tab.page.expect_response(lambda answer: answer.url.endswith("/order") and answer.status == 204):
        grip.nth(2).drag_to(grip.nth(0), target_position={"x": 3, "y": 2})
    tab.page.reload()
    assert order(tab)[0] == first


def test_without_a_script_the_buttons_do_the_same(world: World, device: Devices) -> None:
    teacher = world.account("instructor")
    own_course(world, f"plain-{teacher}", teacher)
    tab = device(java_script_enabled=False).tab()
    tab.sign_in(teacher)
    tab.go(f"/courses/plain-{teacher}/assignments")
    first, second, third = order(tab)
    shown = tab.page.locator("#order > li .name a")
    tab.page.locator("#order > li button[value$=down]").first.click()
    expect(shown).to_have_text([second, first, third])
    tab.page.locator("#order input[type=number]").nth(2).fill("1")
    tab.page.locator("#order-form p button").click()
    expect(shown).to_have_text([third, second, first])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pages_of_rules_can_be_used_by_everybody(
    world: World, device: Devices, scheme: str, language: str
) -> None:
    """axe finds nothing, and at 360 px nothing sticks out."""
    teacher, student = world.account("instructor", language), world.account()  # type: ignore[arg-type]
    slug = f"axe-{teacher}"
    own_course(
        world, slug, teacher, student, due=utcnow() + timedelta(days=1), late=[[86400, 90.0]], attempts=2,
        feedback="after-due",
    )  # fmt: skip
    handed_in_last_week(world, slug, student)
    with world.store.read() as transaction:
        found = users.find_user(transaction, student)
        assert found is not None
    tab = device(language, color_scheme=scheme, bypass_csp=True).tab()
    tab.sign_in(teacher)
    paths = [
        f"/courses/{slug}/{path}"
        for path in (
            "assignments", "assignments/add?show=relu-at-zero", "assignments/detach/rules",
            f"assignments/detach/extensions/{found.id}", "assignments/detach/withdraw", "settings",
            "duplicate", "detach",
        )
    ] + ["/new-course"]  # fmt: skip
    broken: dict[str, list[str]] = {}
    for path in paths:
        tab.page.set_viewport_size({"width": 1280, "height": 900})
        tab.go(path)
        tab.page.evaluate(STILL)
        if path.endswith("/assignments"):
            expect(tab.page.locator("#forecast li")).to_have_count(1)
        violations = Axe().run(tab.page).response["violations"]
        broken[path] = [
            f"{each['id']}: {node['html'][:160]}" for each in violations for node in each["nodes"]
        ]
        tab.page.set_viewport_size({"width": 360, "height": 780})
        if tab.overflow() > 0:
            broken[path].append(f"{tab.overflow()} px too wide")
    assert {path: each for path, each in broken.items() if each} == {}
