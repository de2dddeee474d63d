"""f = x₀²x₁ + x₁³: its Hessian is [[2x₁, 2x₀], [2x₀, 6x₁]]."""

import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def closed_form(x):
    """The author's own gradient of f by x, against which autograd is proved."""
    return torch.stack([2 * x[0] * x[1], x[0] ** 2 + 3 * x[1] ** 2])


def answers(point, v):
    x = point.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return {"product": torch.autograd.grad(g, x, v)[0]}
