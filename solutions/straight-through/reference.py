"""x + detach(round(x) − x): rounded forward, the identity backward. So d(f − t)²/dx = 2(round(x) − t)."""

import torch


def f(x):
    return x + (torch.round(x) - x).detach()


def loss(x, t):
    return ((f(x) - t) ** 2).sum()


def branch(x):
    parts = x - torch.floor(x)
    if (parts == 0.5).any():
        return "halfway"
    return "fraction" if parts.any() else "whole"


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return torch.ones_like(x)


def closed_form_prediction(x, t):
    """The same for loss: rounded in the numbers, the identity in the slope."""
    return 2 * (torch.round(x) - t)


def answers():
    x = torch.tensor(1.7, requires_grad=True)
    x.round().backward()
    rounded = x.grad
    x.grad = None
    f(x).backward()
    return {"rounded_grad": rounded, "x_grad": x.grad}
