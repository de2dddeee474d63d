"""Sorting is a permutation, so c goes back to where the sorted numbers came from: x_i gets c[rank of x_i]."""

import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def branch(x, c):
    return "in-order" if (x[:-1] <= x[1:]).all() else "out-of-order"


def closed_form(x, c):
    """The author's own gradient of f by x: the rank of x_i is the number of entries below it."""
    rank = (x[None, :] < x[:, None]).sum(dim=1)
    return c[rank]


def answers(numbers, c):
    x = numbers.clone().requires_grad_()
    s, order = torch.sort(x)
    (s * c).sum().backward()
    return {"order": order, "x_grad": x.grad}
