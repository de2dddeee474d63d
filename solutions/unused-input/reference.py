"""A loss that never touches b: autograd has None for it, not zeros."""

import torch


def loss(w, b, x):
    scaled = w * x
    return (scaled**2).sum()


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x), (w, b))


def closed_form(w, b, x):
    """The author's own gradient of the loss by w, against which autograd is proved."""
    return 2 * w * x * x


def answers():
    w = torch.tensor([1.0, 3.0], requires_grad=True)
    b = torch.tensor([5.0, -2.0], requires_grad=True)
    x = torch.tensor([2.0, 1.0])
    loss(w, b, x).backward()
    untouched = b.grad
    filled = torch.autograd.grad(loss(w, b, x), (w, b), materialize_grads=True)[1]
    ((w * x + 0 * b) ** 2).sum().backward()
    return {"b_grad": untouched, "b_filled": filled, "b_times_zero": b.grad}
