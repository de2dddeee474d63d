#: score = 7
#: prediction = "failed"
# 把系数也一起排了序
import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def grad_f(x, c):
    rank = torch.argsort(torch.argsort(x))
    return torch.sort(c).values[rank]


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [30, 10, 20]}
