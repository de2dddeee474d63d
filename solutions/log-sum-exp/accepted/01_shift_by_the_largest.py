#: score = 10
import torch


def f(x):
    m = x.max()
    return m + torch.log(torch.exp(x - m).sum())


def grad_f(x):
    e = torch.exp(x - x.max())
    return e / e.sum()


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), 0]}
