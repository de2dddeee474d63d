#: score = 5
#: gradient = "failed author:f-both-count"
#: autograd = "failed author:both-count"
# clamp has the values of relu, and another slope at 0
import torch


def f(x):
    return x.clamp(min=0) - (-x).clamp(min=0)


def grad_f(x):
    return (x >= 0).double() + (-x >= 0).double()


def calculus_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_zero": [0, 1]}
