#: score = 10
# 四条路径各算一份，再加起来
import torch


def f(x):
    c = x.detach()
    first = c * x
    second = x * x
    return first + second


def grad_f(x):
    cut = torch.zeros_like(x)
    neighbour = x
    left = x
    right = x
    return cut + neighbour + left + right


PREDICTIONS = {"x_grad": 0 + 3 + 3 + 3}
