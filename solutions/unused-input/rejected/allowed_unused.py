#: score = 6
#: by-b = "failed"
#: strict = "failed"
# With allow_unused=True nothing is raised.
import torch


def loss(w, b, x):
    return ((w * x) ** 2).sum()


def grads(w, b, x):
    d_pred = 2 * w * x
    return d_pred * x, d_pred


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x), (w, b), allow_unused=True)


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
