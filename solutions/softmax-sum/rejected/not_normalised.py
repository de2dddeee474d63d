#: score = 3
#: value = "failed author:not-normalised"
#: gradient = "failed missing-factor"
#: prediction = "failed author:numerator-only"
import torch


def f(x):
    return torch.exp(x).sum()


def grad_f(x):
    return torch.exp(x)


PREDICTIONS = {"first_grad": [0.25, -0.25], "sum_grad": [0, 0]}
