"""xᵀAx: one term from the x on the left, one from the x on the right, (A + Aᵀ)x."""

import torch


def f(x, A):
    Ax = A @ x
    return x @ Ax


def branch(x, A):
    return "symmetric" if torch.equal(A, A.T) else "not-symmetric"


def closed_form(x, A):
    """The author's own gradient of f by x, against which autograd is proved."""
    return (A + A.T) @ x


def answers():
    x = torch.tensor([1.0, -1.0], requires_grad=True)
    f(x, torch.tensor([[1.0, 2.0], [3.0, 4.0]])).backward()
    truths = {"x_grad": x.grad}
    x.grad = None
    f(x, torch.tensor([[0.0, 2.0], [-2.0, 0.0]])).backward()
    truths["skew_grad"] = x.grad
    return truths
