#: score = 7
#: by-w = "failed author:inner-factor-lost"
#: strict = "failed"
# With allow_unused=True nothing is raised.
import torch


def loss(w, b, x, use):
    r = w * x
    if use:
        r = r + b
    return (r**2).sum()


def grads(w, b, x, use):
    r = w * x + b if use else w * x
    return 2 * r, 2 * r if use else None


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b), allow_unused=True)


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
