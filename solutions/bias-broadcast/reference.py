"""X Wᵀ + b: b goes into every row, so what comes back from the rows is summed."""

import torch


def f(X, W, b):
    return X @ W.T + b


def branch(X, W, b):
    return "square" if len(X) == len(b) else "oblong"


def closed_form(X, W, b, v):
    """The author's own gradient of sum(v * f(X, W, b)) by b, against which autograd is proved."""
    return torch.stack([column.sum() for column in v.T])


def answers():
    X = torch.linspace(-1.0, 1.0, 15).reshape(5, 3)
    W = torch.linspace(2.0, -1.0, 6).reshape(2, 3)
    b = torch.zeros(2, requires_grad=True)
    f(X, W, b).sum().backward()
    return {"b_grad": b.grad}
