#: score = 10
import torch


def loss(w, b, x, use):
    if use:
        return ((w * x + b) ** 2).sum()
    return ((w * x) ** 2).sum()


def grads(w, b, x, use):
    if use:
        r = w * x + b
        return 2 * r * x, 2 * r
    return 2 * w * x**2, None


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
