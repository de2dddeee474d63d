#: score = 8
#: first-grad = "failed sign"
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    return torch.zeros_like(x)


PREDICTIONS = {"first_grad": [-0.25, 0.25], "sum_grad": [0, 0]}
