"""The slope of a product by one factor is the product of the others, whether or not one of them is zero."""

import torch


def f(x):
    return x.prod()


def branch(x):
    zeros = int((x == 0).sum())
    return ("no-zero", "one-zero", "more-zeros")[min(zeros, 2)]


def closed_form(x):
    """The author's own gradient of f by x, against which autograd is proved."""
    return torch.stack([torch.cat([x[:i], x[i + 1 :]]).prod() for i in range(len(x))])


def answers(numbers):
    x = numbers.clone().requires_grad_()
    x.prod().backward()
    return {"x_grad": x.grad}
