"""y ← y·x, n times: each of the n rounds sends x^(n−1) back, n·x^(n−1) together."""

import torch


def f(x, n):
    y = torch.ones_like(x)
    for _ in range(n):
        y = y * x
    return y


def closed_form(x, n):
    """The author's own gradient of sum(f(x, n)) by x, against which autograd is proved."""
    return n * x ** (n - 1)


def answers(number, n):
    x = number.clone().requires_grad_()
    f(x, n).backward()
    whole = x.grad
    x.grad = None
    y = torch.tensor(1.0)
    for _ in range(n):
        y = y.detach() * x
    y.backward()
    return {"x_grad": whole, "cut_grad": x.grad}
