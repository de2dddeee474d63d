"""The mean of squares: its gradient is 2x / n, where n counts all the entries."""

import torch


def f(x):
    return (x**2).mean()


def branch(x):
    if x.dim() > 1:
        return "matrix"
    return "four-entries" if x.numel() == 4 else "vector"


def closed_form(x):
    """The author's own gradient of f by x, against which autograd is proved."""
    return 2 * x / x.numel()


def answers(numbers):
    x = numbers.clone().requires_grad_()
    f(x).backward()
    twice = torch.cat([x, x]).detach().requires_grad_(True)
    f(twice).backward()
    return {"x_grad": x.grad, "first_of_eight": twice.grad[0]}
