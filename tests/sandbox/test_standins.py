"""Stand-ins for modules that are not here: plotting goes on; a number made of one says where it came from."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.model.values import Foreign
from grader.sandbox.inside.serialize import raised, serialize
from grader.sandbox.inside.standins import StandIn, named_in, stand_in

ROOT: Any = stand_in("scipy.optimize.brentq")
X = torch.ones(3)
COMPUTING: list[Callable[[], object]] = [
    lambda: float(ROOT),
    lambda: int(ROOT),
    lambda: len(ROOT),
    lambda: range(ROOT),
    lambda: [1, 2][ROOT],
    lambda: math.sqrt(ROOT),
    lambda: max(1.0, ROOT),
    lambda: 1 if ROOT > 0 else 2,
    lambda: divmod(ROOT, 2),
    lambda: f"{float(ROOT):.3f}",
    lambda: torch.tensor(ROOT),
    lambda: torch.tensor([ROOT, ROOT]),
    lambda: torch.as_tensor(ROOT * X),
    lambda: torch.from_numpy(ROOT),
    lambda: torch.sin(ROOT),
    lambda: X.dot(ROOT),
    lambda: torch.stack([ROOT]),
    lambda: np.sin(ROOT),
    lambda: np.asarray(ROOT, dtype=float),
]
"""Each makes a number of a stand-in, in the end."""


@pytest.mark.parametrize("n", range(len(COMPUTING)))
def test_a_number_that_is_made_of_one_raises_and_says_where_it_came_from(n: int) -> None:
    with pytest.raises(TypeError) as caught:
        COMPUTING[n]()
    assert raised(caught.value).stand_in == "scipy.optimize.brentq"


def test_what_plotting_does_with_one_goes_on() -> None:
    pyplot: Any = stand_in("matplotlib.pyplot")
    fig, ax = pyplot.subplots()
    fig, (left, right) = pyplot.subplots(1, 2)
    first, *_ = ax.plot([1, 2])
    for made in (fig, ax, left, right, first):
        assert isinstance(made, StandIn)
    for each in pyplot.subplots(2)[1]:
        pytest.fail(f"{each}: it holds nothing")
    left[0].plot(X)
    left[0].title = "f"
    with pyplot.style.context("ggplot"):
        assert pyplot.get_backend() != "agg" and "agg" not in [pyplot.get_backend()]
    assert pyplot.gca() == pyplot.gca() and pyplot.gcf() and pyplot.gca() in [pyplot.gca()]
    assert f"{ax:.2f} {ax}".count("not installed here") == 2
    copy.deepcopy({ax: 1})

    class Own(pyplot.Figure):  # type: ignore[misc]
        pass

    Own()


def test_arithmetic_gives_one_again_which_is_named_where_it_is_returned() -> None:
    pandas: Any = stand_in("pandas.Series")
    for made in (X * ROOT, np.ones(3) * ROOT, -ROOT % 2 // 3, (pandas([1.0]) == 1.0).astype(float)):
        value = serialize(made, 1000)
        assert isinstance(value, Foreign) and value.absent == value.type
    assert value.absent == "pandas.Series.astype"


def test_a_decorator_leaves_a_function_and_a_derivative_is_none_of_it() -> None:
    def f(x: float) -> float:
        return x**2

    jax: Any = stand_in("jax")
    assert jax.jit(f) is f
    assert isinstance(jax.grad(f), StandIn) and isinstance(jax.vmap(f), StandIn)
    value, back = jax.vjp(f, 1.0)
    assert isinstance(value, StandIn) and isinstance(back(1.0)[0], StandIn)


def test_only_modules_that_may_be_absent_are_named() -> None:
    assert named_in("must be Tensor, not StandIn(jax.numpy.ones)") == "jax.numpy.ones"
    assert not named_in("must be Tensor, not StandIn(anything)") and not named_in("'list' object")
