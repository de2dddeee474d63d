"""Near names, functions in the wrong place, exchanged arguments: what is told of them."""

from __future__ import annotations

import pytest

from grader.checks.names import enclosing, exchanged, meant, near_key
from grader.model.exercise import Exercise, Function
from grader.model.observation import Defined
from grader.model.text import EMPTY
from grader.model.values import Mapping, Nothing

EXERCISE = Exercise(
    slug="e", section="1", order=1, title=EMPTY, summary=EMPTY, prompt=EMPTY, starter="", digest="d",
    inputs=(), checks=(), cases=(),
    functions=(Function("f", ("x", "A")), Function("grad_f", ("x",)), Function("vjp_f", ("x", "v"))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "defined", "found"),
    [
        ("f", [Defined("F", 2)], "F"),
        ("grad_f", [Defined("gradf", 2)], "gradf"),
        ("grad_f", [Defined("gradF", 2)], "gradF"),
        ("grad_f", [Defined("Grad_f", 2)], "Grad_f"),
        ("grad_f", [Defined("grd_f", 2)], "grd_f"),
        ("f", [Defined("f", 3, None, "class", "Solution")], "f"),
        ("f", [Defined("f", 3, None, "main")], "f"),
        ("f", [Defined("g", 2)], None),
        ("f", [Defined("fs", 2)], None),
        ("grad_f", [Defined("f", 2), Defined("vjp_f", 3)], None),
        ("grad_f", [Defined("grad_f1", 2), Defined("grad_f2", 3)], None),
        ("grad_f", [], None),
    ],
)
def test_what_was_probably_meant(name: str, defined: list[Defined], found: str | None) -> None:
    near = meant(name, tuple(defined), EXERCISE)
    assert (near.name if near else None) == found


@pytest.mark.parametrize(
    ("params", "told"),
    [(("A", "x"), True), (("x", "A"), False), (("a", "x"), False), (("A",), False), (None, False)],
)
def test_exchanged_arguments_are_the_same_names_in_another_order(
    params: tuple[str, ...] | None, told: bool
) -> None:
    found = exchanged(EXERCISE.function("f"), (Defined("f", 4, params),))
    assert (found is not None) is told


def test_the_last_definition_is_the_one_that_counts() -> None:
    twice = (Defined("f", 1, ("A", "x")), Defined("f", 5, ("x", "A")))
    assert exchanged(EXERCISE.function("f"), twice) is None


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("xgrad", "xgrad"),
        ("X_grad", "X_grad"),
        ("x-grad", "x-grad"),
        ("x_gard", "x_gard"),
        ("other", None),
        ("y", None),
    ],
)
def test_a_key_that_nothing_asks_for(key: str, found: str | None) -> None:
    assert near_key("x_grad", Mapping({key: Nothing()}), {"x_grad", "y"}) == found


def test_the_function_around_a_line() -> None:
    defined = (Defined("f", 2), Defined("g", 9), Defined("h", 12, None, "class", "C"))
    assert [enclosing(line, defined) for line in (1, 2, 8, 9, 40)] == ["", "f", "f", "g", "g"]
