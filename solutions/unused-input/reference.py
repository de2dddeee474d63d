"""A loss that touches b only where it is told to: elsewhere autograd has None for b, not zeros."""

import torch


def loss(w, b, x, use):
    r = w * x
    if use:
        r = r + b
    return (r**2).sum()


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


def branch(w, b, x, use=False):
    return "on" if use else "off"


def closed_form(w, b, x, use):
    """The author's own gradient of the loss by b, where there is one."""
    return 2 * (w * x + b) if use else None


def closed_form_by_w(w, b, x, use):
    """The author's own gradient of the loss by w."""
    return 2 * x * (w * x + b) if use else 2 * x * w * x


def answers():
    w = torch.tensor([1.0, 3.0], requires_grad=True)
    b = torch.tensor([5.0, -2.0], requires_grad=True)
    x = torch.tensor([2.0, 1.0])
    loss(w, b, x, False).backward()
    untouched = b.grad
    filled = torch.autograd.grad(loss(w, b, x, False), (w, b), materialize_grads=True)[1]
    ((w * x + 0 * b) ** 2).sum().backward()
    return {"b_grad": untouched, "b_filled": filled, "b_times_zero": b.grad}
