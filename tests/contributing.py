"""CONTRIBUTING.md, followed to the letter: its examples are made in a copy of the tree, and nothing else is.

A step is a bold line with the file it touches, and a fenced block: the file itself where it is ``(new)``,
else lines that come ``below`` another line, or ``at the end``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_STEP = re.compile(
    r"\*\*\d+\. `([^`\n]+)`\*\* ?(\(new\)|, below (?:``.+?``|`[^`\n]+`)|, at the end).*?\n```\w+\n(.*?)```",
    re.DOTALL,
)
_NOT_OURS = shutil.ignore_patterns(".*", "var", "build", "__pycache__", "*.egg-info", "node_modules", "*.mo")


def follow(section: str, target: Path) -> list[str]:
    """Copy the tree to ``target`` and make the edits of one section there; the files that it names.

    :param section: its heading.
    """
    shutil.copytree(ROOT, target, ignore=_NOT_OURS, dirs_exist_ok=True)
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    steps = _STEP.findall(text.partition(f"\n## {section}\n")[2].partition("\n## ")[0])
    for name, where, block in steps:
        file = target / name
        if where == "(new)":
            assert not file.exists(), name
            file.write_text(block, encoding="utf-8")
            continue
        old = file.read_text(encoding="utf-8")
        if where == ", at the end":
            file.write_text(old + block, encoding="utf-8")
            continue
        anchor = where.removeprefix(", below ").strip("`") + "\n"
        assert old.count(anchor) == 1, (name, anchor)
        file.write_text(old.replace(anchor, anchor + block), encoding="utf-8")
    return [name for name, _where, _block in steps]


def run(target: Path, program: str) -> Any:
    """What a program prints as JSON that runs in the copy."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=target, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
