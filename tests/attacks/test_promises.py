"""``docs/security.md`` names a test for each promise; each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
PAGE = TESTS.parent / "docs" / "security.md"


def _defined() -> set[str]:
    files = TESTS.rglob("test_*.py")
    return {name for file in files for name in re.findall(r"^def (test_\w+)\(", file.read_text(), re.M)}


def test_every_test_that_the_page_names_exists() -> None:
    """A promise without its test is a wish."""
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    assert len(named) > 40
    assert named - _defined() == set()


def test_every_promise_names_its_test() -> None:
    """Each row of the tables of promises and verdicts ends with at least one test."""
    rows = 0
    for section in PAGE.read_text().split("\n## "):
        if not re.match(r"What (a submission|it) may|The verdict", section):
            continue
        for row in re.findall(r"^\| (?!promise|verdict \|)(.+) \|$", section, re.M):
            assert "`test_" in row.rsplit("|", 1)[-1], row
            rows += 1
    assert rows > 30


def test_every_attack_that_succeeds_is_on_the_page() -> None:
    """What is expected to fail is said plainly, not only marked."""
    text = (TESTS / "attacks" / "test_forging.py").read_text()
    known = re.findall(r"^@pytest\.mark\.xfail\(.*?^def (test_\w+)\(", text, re.M | re.S)
    section = PAGE.read_text().split("## What is not promised")[1]
    assert [name for name in known if f"`{name}`" not in section] == []
