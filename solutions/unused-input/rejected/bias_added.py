#: score = 1
#: value = "failed author:bias-added"
#: by-w = "failed author:inner-factor-lost"
#: by-b = "failed"
#: strict = "failed"
#: b-grad = "failed author:ones-left-behind"
#: b-times-zero = "failed author:zero-factor-lost"
import torch


def loss(w, b, x):
    return ((w * x + b) ** 2).sum()


def grads(w, b, x):
    return 2 * w * x, 2 * (w * x + b)


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x), (w, b))


PREDICTIONS = {"b_grad": [1, 1], "b_filled": [0, 0], "b_times_zero": [4, 6]}
