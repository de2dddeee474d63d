#: score = 4
#: prediction = "failed value-not-gradient"
#: first-grad = "failed author:first-numerator-only"
#: sum-grad = "failed author:sum-alone"
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    s = torch.softmax(x, dim=0)
    return s.sum()


PREDICTIONS = {"first_grad": [0.5, 0], "sum_grad": [1, 1]}
