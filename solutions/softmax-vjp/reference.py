"""The Jacobian of softmax is diag(s) − s sᵀ, so vᵀJ = s ⊙ (v − s·v)."""

import torch


def f(x):
    # Spelt out, so that the graph has both ways from x: by the numerator and by the total.
    e = torch.exp(x)
    total = e.sum()
    return e / total


def closed_form(x, v):
    """The author's own gradient of sum(v * f(x)) by x, row by row of the Jacobian diag(s) − s sᵀ."""
    s = torch.softmax(x, dim=0)
    return (torch.diag(s) - torch.outer(s, s)) @ v


def answers():
    x = torch.zeros(4, requires_grad=True)
    v = torch.tensor([4.0, 0.0, 0.0, 0.0])
    y = torch.softmax(x, dim=0)
    y.backward(v)
    return {"x_grad": x.grad}
