#: score = 6
#: value = "failed not-reduced"
#: gradient = "failed shape"
import torch


def f(x):
    return torch.softmax(x, dim=0)


def grad_f(x):
    return torch.zeros_like(x)


PREDICTIONS = {"first_grad": [0.25, -0.25], "sum_grad": [0, 0]}
