"""What is told of an error at a hidden case."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from grader.checks.hidden import without_inputs
from grader.model.observation import Differentiated, Raised, Returned
from grader.model.values import Nothing


def test_type_line_and_first_line_stay_and_numbers_go() -> None:
    error = Raised("ValueError", "size 3 is not -1.5e-07\nx = tensor([1.5])", 7)
    told = without_inputs(error)
    assert told == Raised("ValueError", "size # is not #", 7)


def test_an_error_of_autograd_is_cut_too() -> None:
    seen = Differentiated(Nothing(), problem="raised", error=Raised("E12", "1.25", 3))
    told = without_inputs(seen)
    assert isinstance(told, Differentiated) and told.error == Raised("E#", "#", 3)


def test_anything_else_is_as_it_was() -> None:
    seen = Returned(Nothing())
    assert without_inputs(seen) is seen


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_digit_is_left(kind: str, message: str) -> None:
    told = without_inputs(Raised(kind, message, 1))
    assert isinstance(told, Raised)
    assert not re.search(r"[0-9]", told.type + told.message)
