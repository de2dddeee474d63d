"""The Jacobian of softmax is diag(s) − s sᵀ, so vᵀJ = s ⊙ (v − s·v)."""

import torch


def f(x):
    # Spelt out, so that the graph has both ways from x: by the numerator and by the total.
    e = torch.exp(x)
    total = e.sum()
    return e / total


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x: the entries of f(x) always add up to 1."""
    return torch.zeros_like(x)


def answers():
    x = torch.zeros(4, requires_grad=True)
    v = torch.tensor([4.0, 0.0, 0.0, 0.0])
    y = torch.softmax(x, dim=0)
    y.backward(v)
    return {"x_grad": x.grad}
