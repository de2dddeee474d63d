"""What is told of an error at a hidden case."""

from __future__ import annotations

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.hidden import Known, without_inputs
from grader.model.observation import Differentiated, Misfit, Missing, Raised, Returned
from grader.model.values import Foreign, Mapping, Nothing, Sequence


def test_type_line_and_first_line_stay_and_numbers_go() -> None:
    error = Raised("ValueError", "too many values to unpack (expected 2)\nx = tensor([1.5])", 7)
    told = without_inputs(error)
    assert told == Raised("ValueError", "too many values to unpack (expected #)", 7)


def test_an_error_of_autograd_is_cut_too() -> None:
    seen = Differentiated(Nothing(), problem="raised", error=Raised("E12", "1.25", 3))
    told = without_inputs(seen)
    assert isinstance(told, Differentiated) and told.error == Raised("Exception", "#", 3)


def test_anything_else_is_as_it_was() -> None:
    seen = Returned(Nothing())
    assert without_inputs(seen) is seen


SOURCE = b"""
class Refused(Exception): ...
def grad_f(a):
    if a < 0: raise Refused("no root of a number below 0")
"""


def told(error: Raised, *visible: Raised) -> Raised:
    found = without_inputs(error, Known(SOURCE, visible))
    assert isinstance(found, Raised)
    return found


def test_a_message_of_ones_own_is_told_as_it_stands_in_the_file_or_was_said_before() -> None:
    """Digits can be spelt in letters: another one could be anything."""
    known = Raised("Refused", "no root of a number below 0", 4, own=True)
    assert told(known) == Raised("Refused", "no root of a number below #", 4, own=True)
    spelt = Raised("Refused", "inputs lbfaa nhda", 4, own=True)
    assert told(spelt).message == ""
    assert told(spelt, Raised("Refused", "inputs lbfaa nhda", 4, own=True)).message == spelt.message
    assert told(Raised("atlbfaa", "x", 4, kinds=("Refused", "ValueError"))).type == "ValueError"


def test_what_a_message_quotes_is_told_where_it_is_short_or_stands_in_the_file() -> None:
    """A type or a dtype is; a whole text that was put together is not."""
    types = "unsupported operand type(s) for *: 'numpy.ndarray' and 'Tensor'"
    assert told(Raised("TypeError", types, 1)).message == types
    assert told(
        Raised("TypeError", "can't multiply sequence by non-int of type 'float'", 1)
    ).message.endswith("type 'float'")
    spelt = Raised("ValueError", "invalid literal for int() with base 10: 'lbfaa nhda'", 1)
    assert told(spelt).message == "invalid literal for int() with base #: '…'"
    long = Raised("AttributeError", f"'Tensor' object has no attribute '{'x' * 40}'", 1)
    assert told(long).message == "'Tensor' object has no attribute '…'"


def test_any_words_that_a_library_raises_with_are_told_where_they_are_known() -> None:
    """torch._check raises with what it is given, and the frame is torch's."""
    spelt = Raised("RuntimeError", "inputs lbfaa nhda", 4)
    assert told(spelt) == Raised("RuntimeError", "", 4)
    assert told(spelt, Raised("RuntimeError", "inputs lbfaa nhda", 2)).message == "inputs lbfaa nhda"
    known = Raised("RuntimeError", "grad can be implicitly created only for scalar outputs", 4)
    assert told(known) == known
    assert told(Raised("ZeroDivisionError", "float division by zero", 4711)).line is None, (
        "no line of the file"
    )


def test_a_line_that_the_file_does_not_have_is_not_told() -> None:
    known = Known(b"a\nb")
    for outcome in (Returned(Nothing(), unkept=2), Raised("TypeError", "", unkept=2)):
        assert without_inputs(outcome, known).unkept == 2  # type: ignore[union-attr]
        forged = msgspec.structs.replace(outcome, unkept=3)
        assert without_inputs(forged, known).unkept == 0  # type: ignore[union-attr]


def test_of_an_absent_module_only_what_the_file_holds_is_told() -> None:
    """What is asked of a stand-in may be spelt anyhow."""
    known = Known(b"y = scipy.special.log1p(x)")
    for path, told in (("scipy.special.log1p", "scipy.special.log1p"), ("scipy.atlbfaa", "scipy")):
        error = without_inputs(Raised("TypeError", "", stand_in=path), known)
        assert isinstance(error, Raised) and error.stand_in == told
        value = without_inputs(Returned(Foreign(path, absent=path)), known)
        assert value == Returned(Foreign(told, absent=told))
    seen = Known(b"", (Returned(Foreign("jax.nn.softmax", absent="jax.nn.softmax")),))
    error = without_inputs(Raised("TypeError", "", stand_in="jax.nn.softmax"), seen)
    assert isinstance(error, Raised) and error.stand_in == "jax.nn.softmax"


def test_names_of_types_and_signatures_are_told_likewise() -> None:
    known = Known(SOURCE)
    for name in ("function", "int, too large", "object that cannot be read", "list"):
        common = Returned(Foreign(name))
        assert without_inputs(common, known) is common
    mine, other = Returned(Foreign("Refused")), Returned(Foreign("atlbfaa"))
    assert without_inputs(mine, known) is mine
    assert without_inputs(other, known) == Returned(Foreign("object"))
    pair = Foreign("torch.return_types.max", parts=("values", "indices"))
    assert without_inputs(Returned(pair), known) == Returned(pair)
    rare = Returned(Foreign("torch.return_types.kthvalue", parts=("values", "indices")))
    assert without_inputs(rare, known) == Returned(Foreign("object"))
    assert without_inputs(Misfit("grad_f(lbfaa=1)", 1), known) == Misfit("grad_f(…)", 1)
    assert without_inputs(Missing("lbfaa"), known) == Missing("object")
    assert without_inputs(Missing("float"), known) == Missing("float")
    pair = Returned(Sequence("tuple", (Nothing(), Mapping({"x": Foreign("lbfaa")}))))
    assert without_inputs(pair, known) == Returned(
        Sequence("tuple", (Nothing(), Mapping({"x": Foreign("object")})))
    )


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_digit_is_left(kind: str, message: str) -> None:
    told = without_inputs(Raised(kind, message, 1))
    assert isinstance(told, Raised)
    assert not re.search(r"[0-9]", told.type + told.message)
