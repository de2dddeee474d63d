"""Section 2.5.1: f(x) = 2 xᵀx, and what x.grad holds along the course's sequence of steps."""

import torch


def f(x):
    return 2 * torch.dot(x, x)


def closed_form(x):
    """The author's own gradient of f by x, against which autograd is proved."""
    return 4 * x


def answers(numbers):
    x = numbers.clone().requires_grad_()
    truths = {"grad_before": x.grad}
    y = 2 * torch.dot(x, x)
    truths["y"] = y.detach()
    y.backward()
    truths["x_grad"] = x.grad.clone()
    x.grad.zero_()
    truths["after_zero"] = x.grad.clone()
    x.sum().backward()
    truths["sum_grad"] = x.grad.clone()

    x = numbers.clone().requires_grad_()
    (2 * torch.dot(x, x)).backward()
    x.sum().backward()
    truths["sum_grad_without_zero"] = x.grad.clone()
    return truths
