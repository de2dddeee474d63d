"""A box that says something else than PREDICTIONS in the file says so while one types, as the judge would."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from grader.checks.kinds.base import Given
from grader.checks.registry import kind_of
from grader.checks.typed import NotAnAnswer
from grader.exercises import Library
from grader.sandbox.inside.serialize import serialize
from tests.served import ROOT

from .world import Device, Tab, World

Devices = Callable[..., Device]
LIBRARY = Library(ROOT / "exercises", ROOT / "solutions")

# What is typed for an answer, and what the file has for it.
SAME_OR_NOT = {
    "simple-example": [
        ("grad_before", "None", "None"),
        ("grad_before", "None", "[0, 0, 0, 0]"),
        ("grad_before", "0 0 0 0", "None"),
        ("x_grad", "0 4 8 12", "[0, 4, 8, 12]"),
        ("x_grad", "0 4 8 12", "(0.0, 4.0, +8, 1_2.)"),
        ("x_grad", "0 4 8 12", "[0, 2, 8, 12]"),
        ("x_grad", "0 4 8 12", "[0, 4, 8]"),
        ("x_grad", "0 4 8 12", '"[0, 4, 8, 12]"'),
        ("x_grad", "0 4 8 12", '["0/3", "4", 8, "24/2"]'),
        ("x_grad", "0 4 8 12", "[[0, 4], [8]]"),
        ("x_grad", "0 4 8 12", "[None, 4, 8, 12]"),
        ("x_grad", "0 4 8 12", "[False, 4, 8, 12]"),
        ("after_zero", "0 0 0 0", "[-0.0, 0, 0, 0]"),
        ("after_zero", "0 0 0 0", "[False, False, False, False]"),
        ("sum_grad", "1 -1 .5 1/4", "[1, -1, 0.5, 0.25]"),
        ("sum_grad", "1 -1 .5 1/4", "[1, 1, 0.5, 0.25]"),
        ("sum_grad", "1 -1 .5 1/4", "3"),
        ("sum_grad", "1 -1 .5 1/4", '"0 4 8 12"'),
    ],
    "detach": [
        ("u_equals_grad", "True True False True", "[True, True, False, True]"),
        ("u_equals_grad", "True True False True", "[True, True, True, True]"),
        ("u_equals_grad", "True True False True", "True"),
        ("u_equals_grad", "True True False True", "[1, 1, 0, 1]"),
    ],
    "forward-and-reverse": [
        ("slope", "2*x", '"2 * x"'),
        ("slope", "2*x", '"2x"'),
        ("slope", "2*x", '"x^2"'),
        ("slope", "2*x", '"sin("'),
        ("slope", "2*x", "2.5"),
        ("adjoints", "1 1 1 1 1 1", "[1, 1, 1, 1, 1, 2]"),
    ],
    "dependency-graph": [
        ("edges", "x -> a, a->b", '"a -> b, x -> a"'),
        ("edges", "x -> a, a->b", '["x -> a", "a -> c"]'),
        ("edges", "x -> a, a->b", '"x to a"'),
    ],
    "backward-twice": [
        ("lines", "raises same doubles same", '["raises", "same", "doubles", "same"]'),
        ("lines", "raises same doubles same", '"raises, same, Doubles, raises"'),
        ("lines", "raises same doubles same", '["yes", "same", "doubles", "same"]'),
    ],
}
BUSY = "[data-in-file][aria-busy=true]"
UNSEEN_BY_THE_BROWSER = {'"0 4 8 12"'}
"""What it does not read, though the judge does: it keeps silent."""


def contradicts(slug: str, name: str, typed: str, in_file: str) -> bool:
    """Whether the judge would say that the file says something else."""
    exercise = LIBRARY.get(slug)
    answer = exercise.answer(name)
    kind = cast("Any", kind_of(exercise, next(c for c in exercise.checks if c.answer == name)))
    given = cast("Given", SimpleNamespace(exercise=exercise))
    text = typed if not answer.shape or typed == "None" else f"[{', '.join(typed.split())}]"
    try:
        mine = kind.understood(given, answer, text, None)
        theirs = kind.understood(given, answer, "", serialize(ast.literal_eval(in_file), 1 << 16))
    except NotAnAnswer:
        return False
    return not kind.alike(mine, theirs)


def looked(tab: Tab) -> None:
    """Let the moment pass that the page waits after the last key, and wait until both have been compared."""
    tab.page.clock.run_for(400)
    expect(tab.page.locator(BUSY)).to_have_count(0)


def fill(tab: Tab, name: str, typed: str) -> None:
    """What is typed for an answer, in whatever controls the page has for it."""
    page = tab.page
    none = page.locator(f"[name='predict-{name}.none']")
    if none.count():
        none.set_checked(typed == "None")
    boxes = page.locator(f"[name^='predict-{name}.']:not([type=checkbox])")
    if not boxes.count():
        page.locator(f"[name='predict-{name}']").fill(typed)
        return
    for n, text in enumerate(typed.split() if typed != "None" else [""] * boxes.count()):
        box = boxes.nth(n)
        box.select_option(text) if box.evaluate("box => box.localName") == "select" else box.fill(text)


@pytest.mark.parametrize("slug", SAME_OR_NOT)
def test_the_browser_says_what_the_judge_would_say(
    world: World, device: Devices, login: str, slug: str
) -> None:
    tab = device().tab()
    tab.page.clock.install()
    tab.signed_in(login)
    tab.go(f"/courses/{world.course(login, slug)}/{slug}")
    tab.ready()
    typed_before: dict[str, str] = {}
    for name, typed, in_file in SAME_OR_NOT[slug]:
        if typed_before.get(name) != typed:
            fill(tab, name, typed)
            typed_before[name] = typed
        live = tab.page.locator(f"#in-file-{name}")
        tab.write(f'PREDICTIONS = {{"{name}": {in_file}}}  # {slug}')
        looked(tab)
        told = contradicts(slug, name, typed, in_file)
        if in_file in UNSEEN_BY_THE_BROWSER:
            told = False
        expect(live).to_have_text(
            f"In your file PREDICTIONS has {in_file} for {name}. What is typed here counts." if told else ""
        )


SILENT = (
    "PREDICTIONS = dict(y=1)",
    'PREDICTIONS = {"y": 1 + 0}',
    'PREDICTIONS = {"y": 0x01}',
    'PREDICTIONS = {"y": f"1"}',
    'PREDICTIONS = {"y": torch.tensor(1)}',
    'PREDICTIONS = {"y": ...}',
    'PREDICTIONS = {"y": 1, "x" "_grad": 2}',
    'PREDICTIONS = {"y": 1, **more}',
    'PREDICTIONS = {"y": 1}\nPREDICTIONS["y"] = 28',
    'PREDICTIONS = {"y": 1}\nPREDICTIONS = {"y": 28}',
    'PREDICTIONS = {"y": 1}\nglobals()["PRE" + "DICTIONS"] = {"y": 28}',
    'if x:\n    PREDICTIONS = {"y": 1}',
    'PREDICTIONS = {"y": 1\n',
    '"""\nPREDICTIONS = {"y": 1}\n"""',
    '# PREDICTIONS = {"y": 1}',
)


def test_nothing_is_said_where_the_file_would_have_to_be_run(world: World, device: Devices) -> None:
    login = world.account(language="zh")
    tab = device("zh", bypass_csp=True, viewport={"width": 360, "height": 800}).tab()
    page = tab.page
    page.clock.install()
    tab.signed_in(login)
    tab.open("simple-example")
    live = page.locator("#in-file-y")
    page.locator("[name=predict-y]").fill("28")
    for text in SILENT:
        tab.write(text)
        looked(tab)
        assert live.text_content() == "", text
    tab.write('PREDICTIONS: dict = {\n    # y\n    "y": 27,  # or 28\n    "y": 1,\n}\n')
    said = "你的文件里 PREDICTIONS 给 y 写的是 1；以这里填写的为准。"
    expect(live).to_have_text(said)
    assert live.get_attribute("aria-live") == "polite"
    assert "in-file-y" in (page.locator("[name=predict-y]").get_attribute("aria-describedby") or "")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert tab.overflow() <= 0
    # It goes when the two agree, or when the box is emptied: then the file counts.
    page.locator("[name=predict-y]").fill("1")
    expect(live).to_have_text("")
    page.locator("[name=predict-y]").fill("2")
    expect(live).to_have_text(said)
    page.locator("[name=predict-y]").fill("")
    expect(live).to_have_text("")
    # After a run it is said once, by whichever knows more.
    page.locator("[name=predict-y]").fill("3")
    expect(live).to_have_text(said)
    tab.submit()
    note = page.locator("#said-y .note")
    expect(note).to_be_hidden()
    page.locator("[name=predict-y]").fill("1")
    expect(live).to_have_text("")
    expect(note).to_be_visible()
