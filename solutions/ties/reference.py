"""Ties for the maximum: max() divides the gradient among them, max(dim=0) gives it to the first."""

import torch


def f(x):
    return x.max()


def pick(x):
    return x.max(dim=0).values


def branch(x):
    return "tie" if (x == x.max()).sum() > 1 else "no-tie"


def closed_form(x):
    """The author's own gradient of f by x, against which autograd is proved."""
    tied = (x == x.max()).to(x.dtype)
    return tied / tied.sum()


def closed_form_pick(x):
    """The same for pick: all of it goes to the first of the largest."""
    first = (x == x.max()).nonzero()[0, 0]
    return (torch.arange(len(x)) == first).to(x.dtype)


def answers():
    x = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
    x.max().backward()
    shared = x.grad.clone()
    x.grad.zero_()
    x.max(dim=0).values.backward()
    return {"max_grad": shared, "max_dim_grad": x.grad.clone()}
