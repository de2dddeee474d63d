"""What the pages about the code name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATH = re.compile(r"`([\w-][\w./-]*/[\w./-]*|[\w-]+\.(?:py|js|toml|html|md|yml))`")
MODULE = re.compile(r"\b((?:web|store|dispatch|grading|checks|sandbox|exercises|pictures|cli)\.[a-z_][\w.]*)")


@pytest.fixture(scope="module")
def there() -> set[str]:
    """All files of the project, and the folders that hold them."""
    rooms = ("grader", "tests", "docs", "exercises", "solutions", ".ci")
    files = [*ROOT.glob("*"), *(path for room in rooms for path in (ROOT / room).rglob("*"))]
    return {str(path.relative_to(ROOT)) for path in files if "node_modules" not in path.parts}


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page",
    ["README.md", "docs/architecture.md", "docs/chaos.md", "docs/performance.md", "docs/security.md"],
)
def test_files_that_are_named_exist(page: str, there: set[str]) -> None:
    """Whole, or from a folder on: ``sandbox/pair.py`` for ``grader/sandbox/pair.py``."""
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    named = {found.rstrip("/") for found in PATH.findall(prose)}
    named -= {"build", "build/shots"}  # which commands make
    assert named
    missing = {name for name in named if not any(path == name or path.endswith(f"/{name}") for path in there)}
    assert missing == set()


def test_modules_in_the_drawing_exist(there: set[str]) -> None:
    """``grading.grade``, or a name in it: ``sandbox.pool.run_both``."""
    (drawing,) = re.findall(
        r"## The way of a submission\n+```(.*?)```", text_of("docs/architecture.md"), re.DOTALL
    )
    named = set(MODULE.findall(drawing))
    assert len(named) >= 8
    for name in named:
        places = [f"grader/{'/'.join(name.split('.')[:n])}" for n in (2, 3)]
        assert any(place in there or f"{place}.py" in there for place in places), name
