"""relu, clamp and maximum: one function with three subgradients at 0, namely 0, 1 and 1/2."""

import torch


def f(x):
    return torch.relu(x)


def clamp(x):
    return x.clamp(min=0)


def maximum(x):
    return torch.maximum(x, torch.zeros_like(x))


def branch(x):
    return "at-zero" if (x == 0).any() else "elsewhere"


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return (x > 0).to(x.dtype)


def closed_form_clamp(x):
    """The same for clamp: zero itself still lets the slope through."""
    return (x >= 0).to(x.dtype)


def closed_form_maximum(x):
    """The same for maximum: at a tie each of the two gets half."""
    return ((x > 0).to(x.dtype) + (x >= 0).to(x.dtype)) / 2


def answers():
    slopes = []
    for function in (f, clamp, maximum):
        x = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
        function(x).backward()
        slopes.append(x.grad)
    return {"at_zero": torch.stack(slopes)}
