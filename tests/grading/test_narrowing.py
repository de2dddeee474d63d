"""Narrowing of gaps: a jump is told from a steep slope, and neither is claimed of what is neither."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from grader.checks.arrays import Numbers, from_numpy, to_numpy
from grader.grading.narrowing import INSIDE, Gap, narrowed
from grader.grading.sampling import Grid, number, value_of
from grader.grading.tearing import Question, Torn, torn
from grader.model.job import Call, Task
from grader.model.observation import Loaded, Observation, Returned
from grader.model.values import Tensor

XS = np.linspace(-3.0, 3.0, 97)
Function = Callable[[Numbers], Numbers]


def narrow(f: Function, dtype: str = "float64", guesses: tuple[float, ...] = ()) -> tuple[Gap, int]:
    """The gap from 0.25 to 0.35, and how many points were asked in it."""
    ends = np.array([0.25, 0.35]).astype(dtype).astype(float)
    (ya, yb), asked = f(ends), 0
    gap = Gap((float(ends[0]), float(ya)), (float(ends[1]), float(yb)), guesses=guesses)

    def ask(wanted: list[tuple[Gap, Numbers]]) -> list[Numbers]:
        nonlocal asked
        asked += sum(len(xs) for _, xs in wanted)
        return [f(xs) for _, xs in wanted]

    narrowed([gap], dtype, 6.0, ask)
    return gap, asked


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_jump_is_one_between_two_numbers_next_to_one_another(dtype: str) -> None:
    """Its place is known to the last digits, and so are both its ends."""
    gap, _ = narrow(lambda x: np.where(x < 0.3, 2 * x, 7 + x), dtype)
    assert gap.found == "jump"
    assert gap.right[0] - gap.left[0] <= 4 * np.finfo(dtype).eps * 6
    assert (gap.left[1], gap.right[1]) == pytest.approx((0.6, 7.3), rel=1e-5)


@pytest.mark.parametrize("steepness", [30, 1e3, 1e6, 1e9])
def test_a_steep_slope_is_no_jump(steepness: float) -> None:
    """However steep, as long as numbers are close enough to see it: a line leads through its points."""
    gap, _ = narrow(lambda x: np.tanh(steepness * (x - 0.3)))
    assert gap.found == "steep"
    ys = sorted(y for _, y in gap.points)
    assert max(b - a for a, b in pairwise(ys)) < 0.7


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.floor(50 * x),
        lambda x: np.sin(1e7 * x),
        lambda x: np.where((x > 0.29) & (x < 0.31), np.nan, np.sign(x - 0.3)),
        lambda x: np.where(x < 0.3, 0.0, np.where(x < 0.33, np.inf, 1.0)),
    ],
)
def test_what_is_neither_is_unclear(f: Function) -> None:
    """Several jumps in one gap, noise, no number on the way."""
    assert narrow(f)[0].found == "unclear"


def test_a_guess_saves_the_search_and_a_wrong_one_costs_nothing() -> None:
    """Where the reference jumps is asked first; believed is only what is seen there."""
    at = float(np.nextafter(0.3, 0)), 0.3
    gap, asked = narrow(lambda x: np.where(x < 0.3, 1.0, 3.0), guesses=at)
    assert (gap.found, asked, (gap.left[0], gap.right[0])) == ("jump", 2, at)
    gap, asked = narrow(lambda x: np.where(x < 0.32, 1.0, 3.0), guesses=at)
    assert gap.found == "jump" and gap.right[0] == pytest.approx(0.32) and asked > INSIDE
    assert narrow(lambda x: np.tanh(50 * (x - 0.3)), guesses=at)[0].found == "steep"


# Whole series, with a sandbox that is none.


def question(name: str, functions: dict[str, Function], value: str = "") -> Question:
    return Question(
        lambda id, at: Call(id=id, function=name, args=(at,)),
        lambda outcome: number(value_of(outcome, None)),
        question(value, functions) if value else None,
    )


def drawn(functions: dict[str, Function], xs: Numbers = XS, **value_of_gradient: str) -> dict[str, Torn]:
    def run(tasks: tuple[Task, ...]) -> Observation:
        outcomes = {}
        for task in tasks:
            assert isinstance(task, Call)
            with np.errstate(all="ignore"):
                value = functions[task.function](to_numpy(task.args[0]))
            outcomes[task.id] = Returned(Tensor(from_numpy(value)))
        return Observation(Loaded(), outcomes)

    names = {name: value_of_gradient.get(name, "") for name in functions}
    asked = {name: question(name, functions, value) for name, value in names.items()}
    with np.errstate(all="ignore"):
        series = {name: f(xs) for name, f in functions.items()}
    return torn(Grid(xs, "float64", ()), series, asked, run)


def test_the_slopes_to_both_sides_of_a_kink() -> None:
    """And what is said at the point itself: relu at zero, and a difference of two that is a straight line."""
    relu = drawn({"f": lambda x: np.maximum(x, 0), "truth": lambda x: (x > 0).astype(float)}, truth="f")
    assert not relu["f"].breaks and len(relu["f"].stretches) == 1
    (kink,) = relu["truth"].breaks
    assert (kink.x, kink.left, kink.right, kink.at, kink.kink) == (0.0, 0.0, 1.0, 0.0, True)
    straight = drawn({"f": lambda x: x, "truth": lambda x: (x != 0).astype(float)}, truth="f")
    (kink,) = straight["truth"].breaks
    assert (kink.x, kink.left, kink.right, kink.at, kink.kink) == (0.0, 1.0, 1.0, 0.0, True)


def test_a_bent_slope_is_taken_at_the_kink_itself() -> None:
    """Not at the samples beside it, where it is another."""
    found = drawn(
        {"f": lambda x: np.abs(x - 0.3) * x, "truth": lambda x: np.sign(x - 0.3) * (2 * x - 0.3)}, truth="f"
    )
    (kink,) = found["truth"].breaks
    assert (kink.x, kink.left, kink.right) == pytest.approx((0.3, -0.3, 0.3)) and kink.kink


@pytest.mark.parametrize(
    "f",
    [lambda x: np.where(x < 0.3, x, x + 5), lambda x: 0 * x],
)
def test_where_differences_disagree_it_is_no_kink(f: Function) -> None:
    """The function jumps; or autograd's word is not its slope, as behind a ``detach``."""
    found = drawn({"f": f, "truth": lambda x: np.where(x < 0.3, 1.0, 2.0)}, truth="f")
    assert [each.kink for each in found["truth"].breaks] == [False]


def test_a_line_goes_as_far_as_its_jump_and_through_a_slope() -> None:
    """Ends of stretches are the ends of the jump; a steep piece has more points than were sampled."""
    found = drawn({"f": lambda x: np.where(x < 0.3, x, x + 5), "steep": lambda x: np.tanh(200 * (x - 0.3))})
    left, right = found["f"].stretches
    assert left[-1] == (0.3, 0.3) and right[0] == (0.3, 5.3)
    (line,) = found["steep"].stretches
    assert 100 < len(line) < 150 and not found["steep"].breaks


def test_zero_is_not_asked_where_it_is_no_sample() -> None:
    """A loop might never end there."""
    xs = XS[np.abs(XS) > 1e-9]

    def f(x: Numbers) -> Numbers:
        assert (x != 0).all()
        return np.sign(x) * 2.0 ** np.ceil(np.log2(1000 / np.abs(x))) * np.abs(x)

    found = drawn({"f": f}, xs)
    assert [each.x for each in found["f"].breaks if each.x > 0.5] == [0.9765625, 1.953125]
