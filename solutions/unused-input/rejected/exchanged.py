#: score = 7
#: by-w = "failed"
#: by-b = "failed"
# 两个梯度的顺序反了
import torch


def loss(w, b, x, use):
    r = w * x
    if use:
        r = r + b
    return (r**2).sum()


def grads(w, b, x, use):
    if use:
        r = w * x + b
        return 2 * r, 2 * r * x
    return None, 2 * w * x * x


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
