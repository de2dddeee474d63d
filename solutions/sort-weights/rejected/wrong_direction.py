#: score = 5
#: prediction = "failed author:wrong-direction"
#: x-grad = "failed author:wrong-direction"
import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def grad_f(x, c):
    s, order = torch.sort(x)
    return c[order]


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [20, 30, 10]}
