#: score = 0
#: value = "failed author:always-added"
#: through-b = "failed"
#: by-w = "failed author:as-if-always-added"
#: by-b = "failed"
#: strict = "failed"
#: b-grad = "failed author:ones-left-behind"
#: b-filled = "failed"
#: b-times-zero = "failed author:zero-factor-lost"
import torch


def loss(w, b, x, use):
    return ((w * x + b) ** 2).sum()


def grads(w, b, x, use):
    r = w * x + b
    return 2 * r * x, 2 * r


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


PREDICTIONS = {"b_grad": [1, 1], "b_filled": [1, 1], "b_times_zero": [4, 6]}
