#: score = 8
#: b-filled = "failed author:none-materialized"
#: b-times-zero = "failed author:none-in-spite-of-path"
# 以为凡是 b 都没有梯度
import torch


def loss(w, b, x):
    return ((w * x) ** 2).sum()


def grads(w, b, x):
    return 2 * w * x * x, None


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x), (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": None, "b_times_zero": None}
