#: score = 10
# 排序时从哪里来，就放回哪里去
import torch


def f(x, c):
    return torch.dot(x[x.argsort()], c)


def grad_f(x, c):
    order = x.argsort()
    g = torch.empty_like(x)
    g[order] = c
    return g


PREDICTIONS = {"order": torch.tensor([1, 2, 0]), "x_grad": torch.tensor([30.0, 10.0, 20.0])}
