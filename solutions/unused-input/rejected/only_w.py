#: score = 4
#: by-w = "failed"
#: by-b = "failed"
#: strict = "failed"
# 只返回了 w 的梯度；w 和 b 也没有变成叶子
import torch


def loss(w, b, x):
    return ((w * x) ** 2).sum()


def grads(w, b, x):
    return 2 * w * x * x


def strict(w, b, x):
    return torch.autograd.grad(loss(w, b, x), (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
