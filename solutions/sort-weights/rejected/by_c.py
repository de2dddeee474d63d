#: score = 4
#: prediction = "failed author:by-c"
#: order = "failed author:numbers-instead"
#: x-grad = "failed author:by-c"
import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def grad_f(x, c):
    return torch.sort(x).values


PREDICTIONS = {"order": [1, 2, 3], "x_grad": [1, 2, 3]}
