#: score = 10
from typing import Sequence

import torch
from torch import Tensor


def _square_norm(vector: Tensor) -> Tensor:
    return torch.sum(torch.square(vector))


def _square_norm_gradient(vector: Tensor) -> Tensor:
    return 2.0 * vector


def f(x: Tensor) -> Tensor:
    return 2.0 * _square_norm(x)


def grad_f(x: Tensor) -> Tensor:
    """The constant in front goes through the derivative."""
    return torch.mul(_square_norm_gradient(x), 2.0)


_before_zero: Sequence[float] = [0.0, 4.0, 8.0, 12.0]

PREDICTIONS = {
    "grad_before": None,
    "y": 28.0,
    "x_grad": _before_zero,
    "after_zero": [0.0, 0.0, 0.0, 0.0],
    "sum_grad": [1.0, 1.0, 1.0, 1.0],
    "sum_grad_without_zero": [g + 1.0 for g in _before_zero],
}
