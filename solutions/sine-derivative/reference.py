"""The slope of sine at every entry is the gradient of the sum, since entry i only moves sin(x_i)."""

import math

import torch


def f(x):
    return torch.sin(x)


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return torch.cos(x)


def _slope(x):
    x = torch.as_tensor(x, dtype=torch.float64).requires_grad_()
    (gradient,) = torch.autograd.grad(f(x).sum(), x)
    return gradient


def answers():
    # Between 1 and 2 the slope changes its sign once, and before 1 it does not.
    low, high = 1.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _slope(middle) > 0 else (low, middle)
    return {"slopes": _slope([0.0, math.pi / 3, math.pi]), "first_zero": low}
