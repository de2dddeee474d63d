#: score = 6
#: by-b = "failed"
#: b-filled = "failed author:none-materialized"
#: b-times-zero = "failed author:none-in-spite-of-path"
# 以为 b 从来没有梯度
import torch


def loss(w, b, x, use):
    r = w * x
    if use:
        r = r + b
    return (r**2).sum()


def grads(w, b, x, use):
    if use:
        return 2 * x * (w * x + b), None
    return 2 * w * x * x, None


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": None, "b_times_zero": None}
