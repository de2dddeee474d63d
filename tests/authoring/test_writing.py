"""``grade check --write``: heads, visible answers and rejected submissions that follow from an exercise."""

from __future__ import annotations

import re

import pytest

from grader.authoring.writing import Written, code_of, with_head, write
from grader.grading import Truths
from grader.sandbox.pool import Pool
from tests.authoring.conftest import Grade
from tests.authoring.course import SLUG, Course


def written(course: Course, pool: Pool, *, rejected: bool = False) -> dict[str, str]:
    """Name of each file that was written → what it says now."""
    found: list[Written] = write(course.library(), SLUG, pool, Truths(), rejected=rejected)
    return {f"{one.path.parent.name}/{one.path.name}": one.what for one in found}


def heads(course: Course) -> dict[str, str]:
    """The first lines of every submission."""
    return {
        path.name: "".join(line for line in path.read_text().splitlines(True) if line.startswith("#:"))
        for path in sorted(course.solution.rglob("*ed/*.py"))
    }


def test_heads_are_filled_in(course: Course, pool: Pool) -> None:
    """Without them the same are found as the template has; a second time nothing is to be written."""
    before = heads(course)
    for path in course.solution.rglob("*ed/*.py"):
        path.write_text(with_head(path.read_text(), []))
    (course.exercise / "visible.json").unlink()
    found = written(course, pool)
    assert heads(course) == before
    assert found["rejected/lost_factor.py"] == (
        'score = 4, prediction = "failed author:lost-factor", x-grad = "failed author:lost-factor"'
    )
    assert len(found) == 8 and f"{SLUG}/visible.json" in found
    assert written(course, pool) == {}
    assert course.found() == []


def test_what_is_in_the_wrong_folder_gets_no_head(course: Course, pool: Pool) -> None:
    """A head never makes a wrong submission an accepted one, or a right one a rejected one."""
    course.change("accepted/01_formula.py", "3 * x**2", "2 * x**2")
    course.change("rejected/kept_exponent.py", "3 * x**3", "3 * x**2")
    before = heads(course)
    assert written(course, pool) == {} and heads(course) == before
    assert len(course.found()) >= 2


def test_other_points(course: Course, pool: Pool) -> None:
    """Scores follow the points of the checks: of those that pass the one with more points."""
    course.change("exercise.toml", "points = 4", "points = 5")
    assert len(written(course, pool)) == 4
    assert course.found() == []


def test_a_submission_of_each_misconception(course: Course, pool: Pool) -> None:
    """Made of the first accepted one and the misconception's code; what is there stays."""
    for name in ("lost_factor", "kept_exponent"):
        course.file(f"rejected/{name}.py").unlink()
    found = written(course, pool, rejected=True)
    assert found["rejected/lost_factor.py"].startswith('score = 4, prediction = "failed author:lost-factor"')
    text = course.file("rejected/lost_factor.py").read_text()
    assert "def grad_f(x=torch.tensor([1.0, 2.0, 3.0])):\n    return x**2" in text
    assert text.count("def grad_f") == 1 and 'PREDICTIONS["x_grad"] = [1, 4, 9]' in text
    assert course.found() == []
    course.write("rejected/lost_factor.py", text + "# mine\n")
    assert written(course, pool, rejected=True) == {}


def test_code_comes_with_what_it_needs() -> None:
    """Imports, constants and helpers, and nothing of the others."""
    source = (
        "import math\nimport torch\n\nPOINT = 3\nOTHER = 4\n\n\ndef helper(x):\n    return POINT * x\n\n\n"
        "def wrong_one(x):\n    return helper(torch.sin(x))\n\n\n"
        "def wrong_two(x):\n    return math.pi * OTHER\n"
    )
    assert code_of(source, "wrong_one", "grad_f") == (
        "import torch\n\n\nPOINT = 3\n\n\ndef helper(x):\n    return POINT * x\n\n\n"
        "def grad_f(x):\n    return helper(torch.sin(x))"
    )


def test_a_coding_line_stays_the_first() -> None:
    """Python looks for it in the first two lines."""
    text = "# -*- coding: utf-8 -*-\n#: score = 1\nimport torch\n"
    assert with_head(text, ["#: score = 10"]) == "# -*- coding: utf-8 -*-\n#: score = 10\nimport torch\n"
    assert with_head("import torch\n", ["#: score = 10"]) == "#: score = 10\nimport torch\n"


def test_the_commands(grade: Grade, course: Course) -> None:
    """What was written is told before the proof; what the reference cannot give is not written."""
    course.file("rejected/lost_factor.py").unlink()
    ran = grade("check", "--write-rejected", SLUG)
    assert ran.code == 0 and ran.err == ""
    assert re.search(r"lost_factor\.py: 01_formula\.py with the mistake of 'lost-factor'", ran.out)
    assert "✓" in ran.out and "named by the finder alone: yes (scale)" in ran.out
    course.change("reference.py", "return x**3", "return x**z")
    ran = grade("check", "--write", SLUG)
    assert ran.code == 2 and ran.err.count("\n") == 1 and "NameError" in ran.err


@pytest.mark.parametrize("options", [["--write"], []])
def test_a_head_that_is_missing(grade: Grade, course: Course, options: list[str]) -> None:
    """The complaint says how to mend it, and that does."""
    course.change("rejected/lost_factor.py", "#: score = 4\n", "")
    ran = grade("check", *options, SLUG)
    assert ran.code == (0 if options else 2)
    assert options or "'grade check --write' fills them in" in ran.err
