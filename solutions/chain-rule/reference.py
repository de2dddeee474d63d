"""f(x) = ln(x²)·sin x + 1/x, differentiated along its three paths."""

import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) - 1 / x**2


def answers():
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return {"at_two": x.grad}
