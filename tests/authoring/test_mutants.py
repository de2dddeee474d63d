"""Mutants of a reference: every kind, each different, each a program."""

from __future__ import annotations

import ast

import pytest

from grader.authoring.mutants import MOST, mutants
from grader.authoring.reached import asked
from grader.exercises import Library
from tests.authoring.course import Course


def of(expression: str) -> list[str]:
    """What becomes of ``expression`` where a function returns it."""
    found = mutants(f"def f(x, y, A):\n    return {expression}\n", ["f"])
    return [mutant.what.removeprefix("f: ") for mutant in found]


@pytest.mark.parametrize(
    ("expression", "changes"),
    [
        ("y.detach() * x", ["y.detach() → y"]),
        ("3 * x", ["3 → 6", "3 * x → 3", "3 * x → x"]),
        ("0.5 * x", ["0.5 → 1.0"]),
        ("-x", ["-x → x"]),
        ("x + y", ["x + y → x - y", "x + y → x", "x + y → y"]),
        ("x - y", ["x - y → x + y", "x - y → x", "x - y → y"]),
        ("x / y", ["x / y → x * y", "x / y → x"]),
        ("x**2", ["x ** 2 → x", "2 → 4"]),
        ("A @ x", ["A @ x → A.T @ x"]),
        ("A.T @ x", ["A.T → A"]),
        ("A.mT @ x", ["A.mT → A"]),
        ("x.sum()", ["x.sum() → x.mean()"]),
        ("x.mean(dim=0)", ["x.mean(dim=0) → x.sum(dim=0)"]),
        ("g(x, create_graph=True)", ["g(x, create_graph=True) → g(x)"]),
        ("x if x > 0 else y", ["x > 0 → x >= 0", "x > 0 → x < 0"]),
        ("x if x <= y else y", ["x <= y → x < y", "x <= y → x > y"]),
    ],
)
def test_every_kind(expression: str, changes: list[str]) -> None:
    """A student's mistake could be each of these."""
    assert set(changes) <= set(of(expression))


def test_no_grad_is_taken_away() -> None:
    """What stood under it stays."""
    source = "def f(x):\n    with torch.no_grad():\n        y = x * x\n    return y\n"
    changed = {mutant.what: mutant.source for mutant in mutants(source, ["f"])}
    text = changed["f: with torch.no_grad() → if True"]
    assert "no_grad" not in text and "y = x * x" in text


def test_what_changes_nothing_is_no_mutant() -> None:
    """Names, zeros and truth values have no small change that means anything."""
    assert of("x") == of("x[0]") == of("torch.relu(x)") == of("g(x, True)") == []


def test_each_has_the_line_it_is_on() -> None:
    """As the author sees it in ``reference.py``."""
    source = "import torch\n\n\ndef f(x):\n    y = 2 * x\n    # a comment\n    return torch.sin(-y)\n"
    lines = {mutant.what: mutant.line for mutant in mutants(source, ["f"])}
    assert lines["f: 2 → 4"] == 5 and lines["f: -y → y"] == 7


def test_only_what_is_judged_is_changed() -> None:
    """What is asked for and what that calls; the author's own formula and the typed answers are not."""
    source = """
def slope(x): return 2 * x
def closed_form(x): return slope(x)
def answers(): return {"y": f(3)}
def branch(x): return "low" if x < 1 else "high"
def twice(x): return 2 * x
def f(x): return once(x)
def once(x): return twice(x)
def g(x): return 3 * x
"""
    named = [mutant.what.partition(":")[0] for mutant in mutants(source, ["f", "g", "nobody"])]
    assert set(named) == {"twice", "g"}
    assert mutants(source, []) == []


def test_all_differ_from_the_reference_and_from_each_other(library: Library, template: Course) -> None:
    """In every exercise there is; and each can be compiled."""
    for exercise in [*library.all(), *template.library().all()]:
        assert exercise.solution is not None
        reference = exercise.solution.reference
        found = mutants(reference, asked(exercise))
        texts = [ast.unparse(ast.parse(reference)), *(mutant.source for mutant in found)]
        assert len(set(texts)) == len(texts)
        for mutant in found:
            compile(mutant.source, "mutant", "exec")
            assert 1 <= mutant.line <= reference.count("\n") + 1


def test_there_are_never_too_many() -> None:
    """A long reference takes no longer to prove than a short one."""
    long = "def f(x):\n    return " + " + ".join(f"{n} * x" for n in range(2, 42)) + "\n"
    assert len(mutants(long, ["f"])) == MOST
