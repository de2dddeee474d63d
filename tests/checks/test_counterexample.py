"""What is shown of a wrong answer: all of a small one, a part of a large one."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from grader.checks.arrays import from_numpy
from grader.checks.counterexample import MOST_ENTRIES, counterexample
from grader.model.report import Counterexample
from grader.model.text import EMPTY
from grader.model.values import Array, Mapping, Nothing, Number, Sequence, Tensor, Value, Words

X: dict[str, Any] = {"x": [1.0, 2.0]}


def tensor(values: Any) -> Tensor:
    return Tensor(from_numpy(values))


def leaves(value: Any) -> int:
    """Entries and empty lists."""
    return sum(map(leaves, value)) if isinstance(value, list) and value else 1


def test_a_small_one_is_shown_whole_and_as_it_was() -> None:
    """Numbers, another shape, None, words: nothing is said to be missing."""
    expected = np.array([0.0, 1e-20, 2.0])
    for value, shown in (
        (tensor([1.0, np.nan, 3.0]), [1.0, "nan", 3.0]),
        (tensor(6.0), 6.0),
        (Number("int", from_numpy(6, "int64")), 6),
        (Sequence("list", (tensor([1.0]), Nothing(), Words("a"))), [[1.0], None, "<str>"]),
        (Mapping({"a": Nothing()}), "<dict>"),
        (Nothing(), None),
    ):
        assert counterexample(X, expected, value) == Counterexample(X, [0.0, 0.0, 2.0], shown, EMPTY)


def test_of_a_large_tensor_the_part_around_the_wrong_entry_is_shown() -> None:
    """The same part of both, and the sentence says which."""
    right = np.arange(6000.0).reshape(3, 2000)
    wrong = right.copy()
    wrong[1, 1990] = -1.0
    found = counterexample(X, right, tensor(wrong), (1, 1990))
    assert found.expected == [right[1, 1488:2000].tolist()]
    assert found.actual == [wrong[1, 1488:2000].tolist()]
    assert found.note.en.endswith(
        "shape (3, 2000) only [1:2, 1488:2000] are shown, around one that is wrong."
    )
    assert "(3, 2000)" in found.note.zh


def test_of_another_shape_with_many_numbers_only_the_shape_is_shown() -> None:
    """Values of which most have no partner say nothing."""
    found = counterexample(X, np.zeros(3), tensor(np.ones(950_000)))
    assert (found.expected, found.actual) == ("<shape (3,)>", "<shape (950000,)>")
    assert found.note.en and found.note.zh


HOSTILE: dict[str, Value] = {
    "nothing in very many rows": Tensor(Array("float64", (2**40, 0), b"")),
    "nothing in every direction": Tensor(Array("float64", (64, 64, 64, 64, 64, 64, 0), b"")),
    "a list of them": Sequence("list", (Tensor(Array("float64", (2**40, 0), b"")),) * 4000),
    "a million numbers": tensor(np.ones(10**6)),
    "lists of lists": Sequence(
        "list", (Sequence("list", (Sequence("tuple", (tensor(np.ones(90)),) * 90),) * 90),) * 90
    ),
    "empty lists of empty lists": Sequence("list", (Sequence("list", (Sequence("list", ()),) * 90),) * 90),
    "many entries of many axes": tensor(np.ones((2,) * 15)),
    "complex numbers": Tensor(from_numpy(np.full(5000, 1 / 3 + 1j / 3), "complex128")),
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=list(HOSTILE))
@pytest.mark.parametrize("shape", [(), (3,), (10**6,), "theirs"], ids=str)
def test_cant_make_a_counterexample_large(value: Value, shape: Any) -> None:
    """Whatever comes, beside whatever is expected: few entries, and a word on what is missing."""
    if shape == "theirs":
        shape = value.array.shape if isinstance(value, Tensor) and value.array.data else (2, 2)
    found = counterexample({"x": [[0.5] * 100] * 100, "y": 1.0}, np.full(shape, 1 / 3), value)
    for side in (found.expected, found.actual, found.inputs["x"]):
        assert leaves(side) <= MOST_ENTRIES
    assert len(msgspec.json.encode(found)) < 64 * 1024
    assert "shown" in found.note.en or "only the shapes" in found.note.en
