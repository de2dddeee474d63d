"""Smaller mistakes of an author, each by itself: said with file and line, at loading or in the proof."""

from __future__ import annotations

import pytest

from grader.checks.arrays import to_numpy
from grader.grading.cases import cases_of
from grader.sandbox.pool import Pool
from tests.authoring.course import SLUG, Course


def made(tmp_path_factory: pytest.TempPathFactory, pool: Pool, template: Course) -> Course:
    """A fresh copy of the template."""
    return Course(tmp_path_factory.mktemp("late") / "course", pool, like=template)


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "what"),
    [
        (
            "exercise.toml",
            "[[input]]",
            "[limits]\ncase_seconds = nan\n\n[[input]]",
            "[limits]",
            "case_seconds",
        ),
        (
            "solution.toml",
            "away_from_zero = 0.25",
            "low = 2.0\nhigh = 1.0",
            "[generator.draw.x]",
            "low <= high",
        ),
        (
            "solution.toml",
            "away_from_zero = 0.25",
            "low = 0.0\nlog = true",
            "[generator.draw.x]",
            "above zero",
        ),
        ("solution.toml", "away_from_zero = 0.25", "away_from_zero = 9.0", "[generator.draw.x]", "far away"),
        ("solution.toml", "shape = [5]", "shape = [-5]", "[generator.draw.x]", "a shape has"),
        ("solution.toml", 'codes = ["scale"]', 'codes = ["scales"]', "codes", "did you mean 'scale'"),
        ("exercise.toml", 'of = "f"', 'of = "f"\nwrt = "y"', 'wrt = "y"', "'y' is no [[input]]"),
        ("exercise.toml", 'of = "f"', 'of = "f"\nrtol = 0.0', "rtol", "Expected `float` > 0.0"),
        ("exercise.toml", 'of = "f"', 'of = "f"\nmatch = "x"', "match", "a prediction has no 'match'"),
        (
            "exercise.toml",
            'name = "x"',
            'name = "x"\ndifferentiable = false',
            "",
            "nothing to differentiate by",
        ),
    ],
)
def test_at_loading(
    file: str, old: str, new: str, where: str, what: str,
    tmp_path_factory: pytest.TempPathFactory, pool: Pool, template: Course,
) -> None:  # fmt: skip
    """One sentence, with its file and line; nothing is run."""
    course = made(tmp_path_factory, pool, template)
    course.change(file, old, new)
    (found,) = course.found()
    assert what in found, found
    assert found.startswith(f"{file}:{course.line(file, where)}:" if where else f"{file}:"), found


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("starter.py", "def grad_f(x):", "def grad_f(x:", "starter.py:9: Python cannot read it"),
        (
            "solution.toml",
            "[[case]]",
            'equivalent = ["f: x → y"]\n\n[[case]]',
            "'f: x → y' is under equivalent",
        ),
    ],
)
def test_in_the_proof(
    file: str, old: str, new: str, what: str,
    tmp_path_factory: pytest.TempPathFactory, pool: Pool, template: Course,
) -> None:  # fmt: skip
    """Said among the others."""
    course = made(tmp_path_factory, pool, template)
    text = course.file(file).read_text(encoding="utf-8")
    course.write(file, text.replace(old, new, 1))
    assert any(what in found for found in course.found()), course.found()


def test_without_hidden_cases(tmp_path_factory: pytest.TempPathFactory, pool: Pool, template: Course) -> None:
    """What can be seen can be typed."""
    course = made(tmp_path_factory, pool, template)
    text = course.file("solution.toml").read_text(encoding="utf-8")
    course.write("solution.toml", text[text.index("[[misconception]]") :])
    assert any("no hidden case" in found for found in course.found())


def test_a_case_at_a_kink_that_is_to_be_avoided(
    tmp_path_factory: pytest.TempPathFactory, pool: Pool, template: Course
) -> None:
    """|x| at 0: the derivatives to its sides differ; elsewhere, or by the usual policy, nothing is said."""
    course = made(tmp_path_factory, pool, template)
    for name in ("reference.py", "misconceptions.py"):
        text = course.file(name).read_text(encoding="utf-8")
        course.write(name, text.replace("x**3", "x.abs()").replace("3 * x**2", "torch.sign(x)"))
    said = "lies at a kink of f"
    assert not any(said in found for found in course.found())
    course.change("exercise.toml", 'of = "f"', 'of = "f"\nkinks = "avoid"')
    found = [f for f in course.found() if said in f]
    where = f"solution.toml:{course.line('solution.toml', 'with-a-zero')}"
    assert found == [f"{where}: case 'with-a-zero' {said}, and kinks = \"avoid\" wants none there"]


def test_what_holds_at_one_draw_by_luck(
    tmp_path_factory: pytest.TempPathFactory, pool: Pool, template: Course
) -> None:
    """A submission that is right at the cases of seed 0 only: other draws show it, and only they."""
    course = made(tmp_path_factory, pool, template)
    assert course.prove(draws=1).findings == []
    exercise = course.library().get(SLUG)
    known = sorted({x for case in cases_of(exercise, 0) for x in to_numpy(case.inputs["x"]).ravel().tolist()})
    text = course.file("accepted/01_formula.py").read_text(encoding="utf-8")
    lucky = f"""

def grad_f(x):
    known = all(float(each) in {known} for each in x.reshape(-1))
    return 3 * x**2 if known else x
"""
    course.write("accepted/01_formula.py", text + lucky)
    assert course.prove().findings == []
    (found,) = course.prove(draws=1).findings
    assert "01_formula.py:1: with the cases of seed 1, check" in str(found)
