"""Control flow on a tensor: one common factor multiplies all entries, and is the gradient of the sum."""

import torch


def f(a):
    # The first line has a name of its own, so that what it brings by itself can be told.
    start = a * 2
    b = start
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def branch(a):
    return "positive" if a.sum() > 0 else "other"


def closed_form(a):
    """The author's own gradient of sum(f(a)) by a, against which autograd is proved."""
    return f(a) / a


def answers():
    a = torch.tensor([300.0, -100.0], dtype=torch.float64, requires_grad=True)
    f(a).sum().backward()
    plain = a.grad.clone()
    a.grad.zero_()
    d = f(a)
    d.backward(d.detach())
    return {"a_grad": plain, "a_grad_weighted": a.grad.clone()}
