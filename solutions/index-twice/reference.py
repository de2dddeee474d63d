"""The sum of w[idx]: the gradient by w counts how often idx picks each entry."""

import torch


def f(w, idx):
    return w[idx].sum()


def branch(w, idx):
    if len(idx.unique()) < len(idx):
        return "repeated"
    return "left-out" if len(idx) < len(w) else "each-once"


def closed_form(w, idx):
    """The author's own gradient of f by w, against which autograd is proved."""
    return torch.bincount(idx, minlength=len(w)).to(w.dtype)


def answers():
    w = torch.tensor([0.5, -1.0, 3.0], dtype=torch.float64, requires_grad=True)
    idx = torch.tensor([0, 0, 1])
    y = f(w, idx)
    y.backward()
    moved = f(torch.tensor([0.6, -1.0, 3.0], dtype=torch.float64), idx)
    return {"growth": (moved - y).detach(), "w_grad": w.grad}
