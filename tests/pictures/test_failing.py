"""Failing cases in a curve: marked where the verdict shows one, and nowhere else."""

from __future__ import annotations

import msgspec
import pytest

from grader.exercises import Library
from grader.model.report import CheckResult, Counterexample, Report
from grader.model.text import Text
from grader.pictures.failing import failing_of, said

from .figures import CURVE

NAMED = msgspec.structs.replace(CURVE, prediction="grad_z")


def report(check: str, example: Counterexample | None) -> Report:
    result = CheckResult(check, "x", Text("", ""), "failed", 0, 1, counterexample=example)
    return Report("detach", "d", 0, "graded", 0, 1, "namespaces", 1.0, (result,))


def test_those_entries_of_a_visible_case_that_differ(library: Library) -> None:
    """With the height of the student's number, and both numbers in words."""
    example = Counterexample({"x": [1.5, -1.5, 0.5]}, [3.0, -3.0, 1.0], [3.0, 6.0, "nan"])
    found = failing_of(NAMED, library.get("detach"), report("grad-z", example))
    assert [(each.panel, each.x, each.actual) for each in found] == [
        ("gradient", -1.5, 6.0),
        ("gradient", 0.5, None),
    ]
    (sentence,) = said(found, "x")
    assert sentence.en == (
        "✗ A visible case that failed: your grad_z(x) is 6 at x = -1.5 (expected -3), "
        "nan at x = 0.5 (expected 1)."
    )
    assert sentence.zh.startswith("✗ 未通过的可见用例：你的 grad_z(x) 在 x = -1.5 处为 6（应为 -3）")


@pytest.mark.parametrize(
    ("check", "example"),
    [
        ("grad-z", None),  # a hidden case has no counterexample
        ("grad-y", Counterexample({"x": [0.5]}, [1.0], [2.0])),  # another function than the drawn one
        ("grad-z", Counterexample({"x": [0.5], "v": [2.0]}, [1.0], [2.0])),
        ("grad-z", Counterexample({"x": [0.5, 1.0]}, [1.0, 2.0], [3.0])),
        ("grad-z", Counterexample({"x": [50.0]}, [1.0], [3.0])),
        ("grad-z", Counterexample({"x": "nan"}, 1.0, None)),
        ("gone", Counterexample({"x": [0.5]}, [1.0], [2.0])),
    ],
)
def test_nothing_else_is_marked(library: Library, check: str, example: Counterexample | None) -> None:
    """What is not in the picture has no place in it."""
    assert failing_of(NAMED, library.get("detach"), report(check, example)) == ()


def test_a_contracted_gradient_has_no_height(library: Library) -> None:
    """Autograd through f was contracted with other numbers than ones: the case is marked, not its height."""
    for expected, height in (([1.0], 2.0), ([7.5], None)):
        example = Counterexample({"x": [0.5]}, expected, [2.0])
        (each,) = failing_of(NAMED, library.get("detach"), report("gradient", example))
        assert (each.panel, each.actual) == ("gradient", height)
        assert each.what.en == "autograd through your f(x)"
