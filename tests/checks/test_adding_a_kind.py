"""CONTRIBUTING.md, "Add a kind of check", followed in a copy of the tree: two files, and it judges."""

from __future__ import annotations

from pathlib import Path

from tests.contributing import follow, run

EXERCISE = """\
section = "1"
order = 1
title = { en = "Pairs", zh = "配对" }
summary = { en = "The outer product.", zh = "外积。" }
input = [{ name = "x" }]
function = [{ name = "f", args = ["x"] }]
case = [{ name = "three", inputs = { x = [1.5, -2.5, 0.5] } }]
check = [{ id = "shape", kind = "shape", points = 1, function = "f" }]
"""
SOLUTION = """\
case = [{ name = "two", inputs = { x = [3.0, -1.25] } }]
"""
REFERENCE = "import torch\n\n\ndef f(x):\n    return torch.outer(x, x)\n"
PROGRAM = """\
import json
from pathlib import Path

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

exercise = Library(Path("made/exercises"), Path("made/solutions")).get("pairs")
with Pool(slots=1) as pool:
    truths = Truths()
    right, wrong = (
        grade(exercise, Submission(source), pool, truths).to_json()["checks"][0]
        for source in (
            b"import torch\\ndef f(x): return torch.zeros(len(x), len(x))",
            b"def f(x): return x * x",
        )
    )
print(json.dumps([right, wrong]))
"""


def test_a_kind_is_two_files(tmp_path: Path) -> None:
    """One right and one wrong submission are judged by a kind that was not there before."""
    touched = follow("Add a kind of check", tmp_path)
    assert set(touched) == {"grader/model/kinds.py", "grader/checks/kinds/shape.py"}
    seen, kept = tmp_path / "made/exercises/pairs", tmp_path / "made/solutions/pairs"
    for path, content in {
        seen / "exercise.toml": EXERCISE,
        seen / "prompt.en.md": "",
        seen / "prompt.zh.md": "",
        seen / "starter.py": "",
        kept / "solution.toml": SOLUTION,
        kept / "reference.py": REFERENCE,
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    right, wrong = run(tmp_path, PROGRAM)
    assert (right["kind"], right["verdict"], right["title"]) == ("shape", "passed", "the shape of f(x)")
    assert wrong["verdict"] == "failed" and "(3, 3)" in wrong["message"]
