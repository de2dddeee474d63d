"""The editor: files, starting over, the line of an error, and text that would like to be a program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from .world import RIGHT, WRONG, Device, Tab, World

Devices = Callable[..., Device]

BROKEN = "import torch\n\n\ndef f(x):\n    return x * * x\n\n\ndef grad_z(x):\n    return x * x\n"
BREAKS = 5
"""The line of the mistake in :data:`BROKEN`."""

EVIL = "<script>window.hit = 1; alert(1)</script><img src=x onerror='window.hit = 1; alert(1)'>"


def choose(tab: Tab, name: str, content: bytes) -> None:
    """The button, then the browser's own window."""
    with tab.page.expect_file_chooser() as chooser:
        tab.page.locator("label.file").click()
    chooser.value.set_files(FilePayload(name=name, mimeType="text/x-python", buffer=content))


def test_a_file_is_put_into_the_editor(world: World, tab: Tab, login: str) -> None:
    """There it can be read and changed; nothing is handed in by choosing it, and undo takes it back."""
    tab.write(WRONG)
    choose(tab, "mine.py", RIGHT.replace("\n", "\r\n").encode())
    tab.expect_text(RIGHT)
    assert world.attempts(login) == []
    tab.page.keyboard.press("Control+z")
    tab.expect_text(WRONG)
    tab.page.keyboard.press("Control+y")
    tab.submit()
    expect(tab.verdict).to_have_attribute("data-score", "10.0")


def refused(tab: Tab, said: str) -> None:
    """Said at the file, to who hears and who sees."""
    expect(tab.file_problem).to_contain_text(said)
    expect(tab.file_problem).to_have_attribute("role", "alert")
    expect(tab.page.locator("#file")).to_have_attribute("aria-describedby", "file-problem")
    expect(tab.page.locator("#file")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("old.py", b"%PDF-1.4 \xff", "a PDF, not Python"),
        ("old.py", b"x = \xff", "not UTF-8"),
        ("old.py", b"#" * (256 * 1024 + 1), "256 KiB"),
        ("big.ipynb", b"{" * (2 * 2**20 + 1), "2 MiB"),
        ("page.py", b"<!doctype html><p>1", "not Python"),
        ("empty.py", b"", "It is empty."),
        ("blank.py", b" \n", "empty"),
        ("notes.docx", RIGHT.encode(), "neither in .py nor in .ipynb"),
    ],
)
def test_a_file_that_cannot_be_taken_stops_submitting(
    world: World, tab: Tab, login: str, name: str, content: bytes, said: str
) -> None:
    """It is said at the file, and the old code is not handed in until that is wanted."""
    tab.write_and_save(WRONG)
    choose(tab, name, content)
    refused(tab, said)
    expect(tab.file_problem).to_contain_text(f"“{name}” was not taken")
    tab.expect_text(WRONG)
    tab.button("submit").click()
    keep = tab.page.get_by_role("button", name="Keep the code in the editor")
    expect(keep).to_be_focused()
    expect(tab.status).to_contain_text("Nothing was submitted")
    tab.editor.focus()
    tab.page.keyboard.press("Control+Enter")
    expect(keep).to_be_focused()
    assert world.attempts(login) == []
    if name == "old.py":
        keep.click()
        code = WRONG
    else:
        choose(tab, "mine.py", RIGHT.encode())
        code = RIGHT
    expect(tab.file_problem).to_be_empty()
    expect(tab.page.locator("#file")).not_to_have_attribute("aria-invalid", "true")
    tab.expect_text(code)
    tab.submit()
    assert world.attempts(login) == ["graded"]


@pytest.mark.parametrize(("count", "said"), [(2, "Several files"), (0, "It is a folder")])
def test_dropping_what_is_not_one_file(tab: Tab, count: int, said: str) -> None:
    """Several files, or a folder: none is taken, and it is said."""
    tab.write_and_save(WRONG)
    tab.page.evaluate(
        """count => {
          const file = name => new File(['x = 1'], name, {type: 'text/x-python'});
          const files = Array.from({length: count || 1}, (_, n) => file(count ? `${n}.py` : 'folder'));
          const items = files.map(() => ({webkitGetAsEntry: () => ({isDirectory: !count})}));
          const event = new Event('drop', {bubbles: true, cancelable: true});
          Object.defineProperty(event, 'dataTransfer', {value: {files, items, types: ['Files']}});
          document.querySelector('.cm-content').dispatchEvent(event);
        }""",
        count,
    )
    refused(tab, said)
    tab.expect_text(WRONG)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (("# 梯度\n" + RIGHT).encode("gb18030"), "GB18030"),
        (
            json.dumps({"cells": [{"cell_type": "code", "source": ["# 梯度\n", RIGHT]}]}).encode(),
            "its one code cell was read",
        ),
    ],
    ids=["GBK", "notebook"],
)
def test_a_file_is_read_as_it_was_meant(tab: Tab, content: bytes, said: str) -> None:
    """What was done to read it is said; the editor holds text."""
    tab.write_and_save(WRONG)
    choose(tab, "mine.ipynb", content)
    expect(tab.file_note).to_contain_text(said)
    assert "# 梯度" in tab.text() and RIGHT.strip() in tab.text()


def test_starting_over_can_be_undone(tab: Tab) -> None:
    """The starter comes; an undo brings the work back, and a button does after a reload, with the boxes."""
    tab.open("simple-example")
    starter = tab.text()
    tab.page.locator("[name^=predict-]").first.fill("7")
    tab.write(RIGHT)
    tab.page.locator("#reset").click()
    tab.expect_text(starter)
    expect(tab.replaced).to_contain_text("is kept")
    tab.page.keyboard.press("Control+z")
    tab.expect_text(RIGHT)
    tab.page.keyboard.press("Control+y")
    tab.page.reload()
    tab.expect_text(starter)
    tab.page.get_by_role("button", name="Bring it back").click()
    tab.ready()
    tab.expect_text(RIGHT)
    expect(tab.page.locator("[name^=predict-]").first).to_have_value("7")
    expect(tab.replaced).to_have_count(0)


def test_starting_over_twice_keeps_the_work(tab: Tab) -> None:
    """A double click does not put the starter in the place of what is kept."""
    starter = tab.text()
    tab.write(RIGHT)
    tab.page.locator("#reset").dblclick()
    tab.expect_text(starter)
    expect(tab.replaced).to_have_count(1)
    tab.page.get_by_role("button", name="Bring it back").click()
    tab.ready()
    tab.expect_text(RIGHT)


def test_undo_reaches_back_over_a_reload(tab: Tab) -> None:
    """A reload by mistake does not cost the way back."""
    starter = tab.text()
    tab.write_and_save(RIGHT)
    tab.page.reload()
    tab.expect_text(RIGHT)
    tab.editor.focus()
    tab.page.keyboard.press("Control+z")  # what was put in
    tab.page.keyboard.press("Control+z")  # what was taken out before
    tab.expect_text(starter)


def test_the_line_of_an_error(tab: Tab) -> None:
    """It is marked in the editor, "line N" leads to it, and the mark goes with the next submit."""
    tab.write(BROKEN)
    tab.submit()
    wrong = tab.page.locator(".cm-wrong")
    expect(wrong).to_have_text(BROKEN.split("\n")[BREAKS - 1])
    tab.page.locator("#answer a[data-line]").click()
    expect(tab.editor).to_be_focused()
    expect(tab.page.locator(".cm-activeLine")).to_have_text(BROKEN.split("\n")[BREAKS - 1])
    tab.write(RIGHT)
    tab.submit()
    expect(wrong).to_have_count(0)


def test_what_a_student_wrote_is_never_run(tab: Tab) -> None:
    """Markup in the code, in what it prints, and in an exception: shown as text, everywhere."""
    page = tab.page
    code = f'"""{EVIL}"""\nprint({EVIL!r})\nraise ValueError({EVIL!r})\n'
    tab.write_and_save(code)
    page.reload()
    tab.expect_text(code)
    tab.submit()
    expect(page.locator("#answer .notes")).to_contain_text("<script>")
    address = page.locator('#answer a[href^="/attempts/"]').first.get_attribute("href")
    tab.write(RIGHT + f"# {EVIL}\nprint({EVIL!r})\n")
    tab.submit()
    expect(page.locator("#answer .printed pre")).to_contain_text("<script>")
    latest = page.locator('#answer a[href^="/attempts/"]').first.get_attribute("href")
    page.locator("#standing a").click()
    visited = [page.url.removeprefix(tab.url), address, latest, f"{latest}/changes"]
    for path in visited:
        assert path is not None
        tab.go(path)
        expect(page.locator("main img, main script")).to_have_count(0)
        assert page.evaluate("window.hit") is None
    expect(page.locator("main")).to_contain_text(re.compile("<script>"))


def test_dropping_a_file_reads_it(tab: Tab) -> None:
    """The file's text replaces what is there, instead of being inserted where it was dropped."""
    tab.write(WRONG)
    data = tab.page.evaluate_handle(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], 'mine.py', {type: 'text/x-python'}));
          return data;
        }""",
        RIGHT,
    )
    tab.editor.dispatch_event("drop", {"dataTransfer": data})
    tab.expect_text(RIGHT)
