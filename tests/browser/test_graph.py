"""Graph and code light one another up, a tape plays; by pointer, by keyboard, and without a script."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from .world import Device, Tab, World

CUT = """import torch


def f(x):
    with torch.no_grad():
        y = x * x
    return y + x


def grad_z(x):
    return x


def grad_y(x):
    return x
"""
"""For ``detach``: the product is made at line 6; grad_y leaves one of two ways out."""


def look_at_pictures(tab: Tab) -> Locator:
    """They are drawn because somebody looks."""
    tab.page.locator(".outcome .after").scroll_into_view_if_needed()
    tab.page.locator(".pictures").first.scroll_into_view_if_needed()
    graph = tab.page.locator("figure.graph").first
    expect(graph).to_be_visible()
    return graph


def test_graph_and_code_light_one_another_up_and_a_tape_plays(tab: Tab) -> None:
    """The graph is one stop of the Tab key; Enter goes to the line; a line lights its nodes."""
    tab.write(CUT)
    tab.submit()
    graph, page = look_at_pictures(tab), tab.page
    play(page.locator("figure.tape").last)
    lit = page.locator(".cm-line.lit")
    graph.locator("a.node").first.hover()
    expect(lit).to_have_text("        y = x * x")
    page.locator("figcaption").first.hover()
    expect(lit).to_have_count(0)
    graph.locator("a.node").first.focus()
    expect(lit).to_have_text("        y = x * x")
    page.keyboard.press("ArrowRight")
    expect(lit).to_have_text("    return y + x")
    page.keyboard.press("Tab")
    expect(graph.locator("a.node:focus")).to_have_count(0)
    expect(graph.locator("summary").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(tab.editor).to_be_focused()
    expect(graph.locator("a.node.lit")).to_have_count(1)
    page.keyboard.press("ArrowUp")
    expect(graph.locator("a.node.lit")).to_have_attribute("data-at", "6")
    # Of code that has changed nobody knows which line is which.
    page.keyboard.insert_text("# another line\n")
    graph.locator("a.node").first.hover()
    expect(lit).to_have_count(0)


def play(tape: Locator) -> None:
    """Step by step, said aloud; then all of it again."""
    steps, live, keys = tape.locator("li.step"), tape.locator("[aria-live]"), tape.page.keyboard
    total = steps.count()
    tape.get_by_role("button", name="next").focus()
    keys.press("ArrowRight")
    expect(tape.locator("li.step:visible")).to_have_count(1)
    expect(live).to_contain_text(f"Step 1 of {total}: mul")
    keys.press("ArrowRight")
    expect(tape.locator("[aria-current=step]")).to_contain_text("x is reached")
    keys.press("ArrowLeft")
    expect(tape.locator("li.step:visible")).to_have_count(1)
    tape.get_by_role("button", name="all steps").focus()
    keys.press("Space")
    expect(tape.locator("li.step:visible")).to_have_count(total)


def test_without_a_script_there_are_lists_and_links(
    world: World, device: Callable[..., Device], login: str
) -> None:
    """The attempt's page has the graph, each node a link to its line, and the tape as a list."""
    tab = device(java_script_enabled=False).tab()
    tab.sign_in(login)
    tab.open()
    tab.page.fill("#source", CUT)
    tab.button("submit").click()
    tab.page.locator(".after a").click()
    graph = tab.page.locator("figure.graph").first
    for _ in range(40):
        if graph.count():
            break
        tab.page.reload()
    node = graph.locator("a.node").first
    node.click()
    expect(tab.page.locator("#L6:target")).to_have_text("        y = x * x\n")
    tape = tab.page.locator("figure.tape").last
    expect(tape.locator("li.step")).not_to_have_count(0)
    expect(tape.locator(".tape-tools")).to_be_hidden()
    tab.page.set_viewport_size({"width": 360, "height": 700})
    assert tab.overflow() <= 0
