"""A single truth value among the inputs is Python's ``True`` or ``False`` for the function, for it alone."""

from __future__ import annotations

import pytest
import torch

from grader.model.job import Call, Differentiate
from grader.model.observation import Differentiated, Returned
from grader.model.values import Array
from grader.sandbox.inside.truth_values import with_truth_values
from grader.sandbox.pool import Pool

from .jobs import array, job, plain

YES, NO = Array("bool", (), b"\1"), Array("bool", (), b"\0")
MANY = Array("bool", (2,), b"\1\0")


def test_only_single_truth_values_are_pythons() -> None:
    def kinds(*things: object) -> tuple[object, ...]:
        return tuple(thing if isinstance(thing, bool) else type(thing) for thing in things)

    x = torch.ones(2)
    given = (array([1.0, 2.0]), YES, NO, MANY)
    assert with_truth_values(kinds, given)(x, x, x, x) == (torch.Tensor, True, False, torch.Tensor)
    assert with_truth_values(kinds, (array(1.0), MANY)) is kinds


def test_a_function_may_ask_whether_it_is_true(pool: Pool) -> None:
    """Called and differentiated; nothing is told to have been changed in place."""
    source = "def f(x, use):\n    assert isinstance(use, bool)\n    return 2 * x if use is True else 3 * x\n"
    x = array([1.0, 2.0])
    tasks = (
        Call(id="yes", function="f", args=(x, YES)),
        Differentiate(id="no", function="f", args=(x, NO), wrt=(0,)),
    )
    found = pool.run(job(source, *tasks)).outcomes
    yes, no = found["yes"], found["no"]
    assert isinstance(yes, Returned) and plain(yes.value) == [2.0, 4.0] and not yes.mutated
    assert isinstance(no, Differentiated) and plain(no.grads[0]) == [3.0, 3.0] and not no.mutated


def test_a_function_may_treat_it_as_a_tensor() -> None:
    x, use = torch.ones(2), torch.tensor(False)
    given = (array([1.0, 1.0]), NO)
    for function in (lambda x, use: torch.where(use, x, 2 * x), lambda x, use: x if use.item() else 2 * x):
        assert with_truth_values(function, given)(x, use).tolist() == [2.0, 2.0]

    def other(x: torch.Tensor, use: bool) -> None:
        raise TypeError("this is about something else")

    with pytest.raises(TypeError, match="something else"):
        with_truth_values(other, given)(x, use)
