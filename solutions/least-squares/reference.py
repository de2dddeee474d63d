"""Least squares: 2r by the residual, and Xᵀ on the way from the residual to the weights."""

import torch


def f(w, X, y):
    r = X @ w - y
    return (r**2).sum()


def closed_form(w, X, y):
    """The author's own gradient of f by w, against which autograd is proved."""
    return 2 * X.T @ (X @ w - y)


def answers():
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y = torch.tensor([1.0, 0.0, 2.0])
    w = torch.tensor([1.0, -1.0], requires_grad=True)
    f(w, X, y).backward()
    truths = {"w_grad": w.grad}
    w.grad = None
    f(w, X, (X @ w).detach()).backward()
    truths["fitted_grad"] = w.grad
    return truths
