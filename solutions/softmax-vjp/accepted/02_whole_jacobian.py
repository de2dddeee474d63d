#: score = 10
# 先把整个雅可比矩阵写出来，再左乘 v
import torch


def f(x):
    e = torch.exp(x)
    return e / e.sum()


def jacobian(x):
    s = f(x)
    return torch.diag(s) - torch.outer(s, s)


def vjp_f(x, v):
    return v @ jacobian(x)


PREDICTIONS = {"x_grad": torch.tensor([3 / 4, -1 / 4, -1 / 4, -1 / 4])}
