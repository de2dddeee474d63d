#: score = 4
#: vjp = "failed shape"
#: x-grad = "failed author:outer-s-lost"
# 返回了整个雅可比矩阵，还没有和 v 相乘
import torch


def f(x):
    return torch.softmax(x, dim=0)


def vjp_f(x, v):
    s = f(x)
    return torch.diag(s) - torch.outer(s, s)


PREDICTIONS = {"x_grad": [3, -1, -1, -1]}
