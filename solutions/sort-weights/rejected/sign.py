#: score = 5
#: prediction = "failed sign"
#: x-grad = "failed sign"
import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def grad_f(x, c):
    rank = torch.argsort(torch.argsort(x))
    return -c[rank]


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [-30, -10, -20]}
