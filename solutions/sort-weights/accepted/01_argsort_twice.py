#: score = 10
import torch


def f(x, c):
    s, order = torch.sort(x)
    return (s * c).sum()


def grad_f(x, c):
    rank = torch.argsort(torch.argsort(x))
    return c[rank]


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [30, 10, 20]}
