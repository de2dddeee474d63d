"""An entry that was overwritten in a clone depends on x no more; the others still do."""

import torch


def f(x):
    y = x.clone()
    y[0] = 5.0
    return (y * y).sum()


def closed_form(x):
    """The author's own gradient of f by x, against which autograd is proved."""
    return torch.cat([torch.zeros_like(x[:1]), 2 * x[1:]])


def answers():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    raises = False
    try:
        f(x).backward()
    except RuntimeError:
        raises = True
    return {"raises": raises, "x_grad": x.grad}
