"""Predictions in the given code: typed where they are asked for, kept, judged, and said beside the box."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from grader.exercises import Library
from grader.model.text import LANGUAGES, Language
from tests.served import ROOT

from .world import SLOWEST, Device, World

Devices = Callable[..., Device]
SLUG = "simple-example"
GIVEN = {language: Library(ROOT / "exercises", None).get(SLUG).given_in(language) for language in LANGUAGES}
CODE = "def f(x):\n    return x\n\n\nPREDICTIONS = {'y': 28, 'sum_grad': [1, 1, 1, 2]}\n"
PASTE = """box => {
  const data = new DataTransfer();
  data.setData('text/plain', '[0, 2, 8, 12]');
  box.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""
COPY = """given => {
  const all = document.createRange();
  all.selectNodeContents(given);
  getSelection().removeAllRanges();
  getSelection().addRange(all);
  const about = {clipboardData: new DataTransfer(), bubbles: true, cancelable: true};
  const event = new ClipboardEvent('copy', about);
  given.dispatchEvent(event);
  return event.clipboardData.getData('text/plain');
}"""
SAID = {
    "en": (
        "you said",
        "it was",
        "your first prediction",
        "first said",
        "In your file PREDICTIONS has 28 for y",
    ),
    "zh": ("你的预测", "实际结果", "这是你的首次预测", "首次预测", "你的文件里 PREDICTIONS 给 y 写的是 28"),
}
WAYS: tuple[tuple[Language, int, bool], ...] = (("en", 1280, True), ("zh", 360, True), ("en", 360, False))


@pytest.mark.parametrize(("language", "width", "scripts"), WAYS)
def test_a_prediction_is_judged_where_it_was_made(
    world: World, device: Devices, language: Language, width: int, scripts: bool
) -> None:
    login = world.account(language=language)
    options = {"viewport": {"width": width, "height": 800}, "java_script_enabled": scripts}
    tab = device(language, bypass_csp=True, **options).tab()
    page, (you_said, it_was, this_is_first, first_said, differs) = tab.page, SAID[language]
    tab.sign_in(login)
    tab.open(SLUG)
    given, said = page.locator("pre.given"), page.locator("#said-x_grad")
    boxes = [given.locator(f"[name='predict-x_grad.{n}']") for n in range(4)]
    if scripts:
        # Pasted into the first box and dealt out, saved, and found again by a reload.
        boxes[0].focus()
        with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
            boxes[0].evaluate(PASTE)
        expect(tab.draft).to_contain_text(tab.words["saved"])
        page.reload()
        tab.ready()
        expect(boxes[3]).to_have_value("12")
        # One that cannot be read is said at its box, and nothing is handed in.
        boxes[1].fill("two")
        tab.device.forgive(422)
        page.locator("button.main").click()
        expect(given.locator("#why-x_grad")).to_be_visible()
        expect(boxes[1]).to_be_focused()
        boxes[1].fill("2")
        # What is copied of the code is the code.
        assert given.evaluate(COPY) == GIVEN[language]
    else:
        for box, text in zip(boxes, ("0", "2", "8", "12"), strict=True):
            box.fill(text)
    given.locator("[name='predict-y']").fill("14")

    def hand_in(code: str) -> None:
        if scripts:
            tab.write(code)
            tab.submit()
        else:
            page.fill("#source", code)
            tab.button("submit").click()
            expect(page.locator("#verdict .checks")).to_be_visible(timeout=SLOWEST)

    hand_in(CODE)
    if "/attempts/" not in page.url:  # a machine under load answers with the attempt's own page
        expect(said).to_contain_text(f"{you_said} [0✓")
        expect(said).to_contain_text(f"{it_was} [0, 4, 8, 12]")
        expect(said).to_contain_text(this_is_first)
        expect(given.locator("#said-y")).to_contain_text(differs)
        expect(given.locator("#said-sum_grad")).to_contain_text(f"{it_was} [1, 1, 1, 1]")
        expect(given.locator("#said-after_zero")).to_be_empty()
    if scripts:
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    else:
        tab.open(SLUG)
    expect(boxes[1]).to_have_value("2")
    boxes[1].fill("4")
    hand_in(CODE + "# again\n")
    tab.open(SLUG)
    expect(said).to_contain_text(f"{first_said} [0, 2, 8, 12]")
    assert tab.overflow() <= 0
    assert world.attempts(login, SLUG) == ["graded", "graded"]
    tab.go("/")
    # x_grad, y and sum_grad were answered; none of the three was right.
    expect(page.locator(".calibration")).to_contain_text(
        "0 of 3" if language == "en" else "3 个答案中有 0 个"
    )
