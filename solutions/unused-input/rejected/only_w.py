#: score = 4
#: value = "failed author:never-added"
#: through-b = "failed cut-graph"
#: by-b = "failed"
#: strict = "failed"
# 从没用过 b，只返回了 w 的梯度；w 和 b 也没有变成叶子
import torch


def loss(w, b, x, use):
    return ((w * x) ** 2).sum()


def grads(w, b, x, use):
    return 2 * x * (w * x + b) if use else 2 * w * x * x


def strict(w, b, x):
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
