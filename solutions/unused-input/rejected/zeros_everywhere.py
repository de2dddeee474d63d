#: score = 7
#: by-b = "failed zero-for-none"
#: b-grad = "failed author:zeros-left-behind"
import torch


def loss(w, b, x, use):
    r = w * x
    if use:
        r = r + b
    return (r**2).sum()


def grads(w, b, x, use):
    if use:
        r = w * x + b
        return 2 * r * x, 2 * r
    return 2 * w * x * x, torch.zeros_like(b)


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


PREDICTIONS = {"b_grad": [0, 0], "b_filled": [0, 0], "b_times_zero": [0, 0]}
